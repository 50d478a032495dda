"""Finding names in texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.enrich import recognise
from worker.core.enrich.names import RuleRecogniser
from worker.core.enrich.recognise import (
    ANY_LANGUAGE,
    NullRecogniser,
    SpacyRecogniser,
    load_recogniser,
    recogniser_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from worker.core.enrich.recognise import Recogniser


@pytest.fixture(scope="module")
def recognisers() -> Mapping[str, Recogniser]:
    return load_recogniser("spacy")


@pytest.fixture(scope="module")
def french(recognisers: Mapping[str, Recogniser]) -> Recogniser:
    return recognisers["fr"]


def test_null() -> None:
    """The recogniser that does nothing answers for each text, and says that it is none."""
    null = NullRecogniser()
    assert null.recognise(["Paris", ""]) == [[], []]
    assert (null.name, null.kind) == ("none", "none")


# Languages


def test_each_language_has_its_recogniser(recognisers: Mapping[str, Recogniser]) -> None:
    """French has a model; all others, and what is no known language, have rules."""
    assert {language: each.kind for language, each in recognisers.items()} == {
        "fr": "model",
        **dict.fromkeys(("en", "vi", "es", "de", ANY_LANGUAGE), "rules"),
    }


@pytest.mark.parametrize("language", ["fr", "en", "vi", "it", None])
def test_no_recogniser_is_loaded_in_vain(language: str | None) -> None:
    """What finds nothing finds nothing in any language."""
    assert recogniser_of(language, load_recogniser("null")).kind == "none"


@pytest.mark.parametrize(
    ("language", "key"),
    [("fr", "fr"), ("en", "en"), ("vi", "vi"), ("it", ANY_LANGUAGE), (None, ANY_LANGUAGE)],
)
def test_a_language_goes_to_its_own(
    language: str | None, key: str, recognisers: Mapping[str, Recogniser]
) -> None:
    """Another language, or an unknown one, goes to the rules for any; never to a model."""
    assert recogniser_of(language, recognisers) is recognisers[key]


def test_without_any() -> None:
    """Where no recogniser is for a language, nothing is found."""
    assert recogniser_of("it", {"fr": RuleRecogniser("fr")}).kind == "none"


# The French model


def test_name_says_model_and_version(french: Recogniser) -> None:
    """What found a name can be told for ever after."""
    model = recognise.french()
    assert french.name == f"rotative-fr-{model.meta['version']}"
    assert model.pipe_names == ["ner"]


def test_names_stand_where_they_are_said_to(french: Recogniser) -> None:
    """Offsets are those of each text, in the order of the texts."""
    texts = ["Aminata Touré est arrivée à Dakar.", "", "Il pleut.\n\nElle part pour Berlin."]
    found = [
        [(text[span.start : span.end], span.label) for span in spans]
        for text, spans in zip(texts, french.recognise(texts), strict=True)
    ]
    assert found[0] == [("Aminata Touré", "PER"), ("Dakar", "LOC")]
    assert found[1:] == [[], [("Berlin", "LOC")]]


def test_a_text_is_read_by_itself(french: Recogniser) -> None:
    """What is found in a text does not hang on the texts beside it."""
    texts = [
        "Aminata Touré est à Dakar.",
        "Il pleut.",
        "L’Union européenne siège à Bruxelles.",
    ]
    assert french.recognise(texts) == [french.recognise([text])[0] for text in texts]


def test_no_name_spans_paragraphs(french: Recogniser) -> None:
    """The end of one paragraph and the start of the next make no name."""
    text = "Le train part de Berlin\n\nAngela Merkel est à bord"
    surfaces = [text[span.start : span.end] for span in french.recognise([text])[0]]
    assert surfaces == ["Berlin", "Angela Merkel"]


def test_pieces() -> None:
    """The model sees paragraphs without what parts them; long ones in pieces, cut at a blank."""
    text = f"Un.\n\n\nDeux\ntrois.\n\n{'mot ' * 1_000}fin\n"
    pieces = [text[start:end] for start, end in recognise._pieces(text)]
    assert pieces[:2] == ["Un.", "Deux\ntrois."]
    assert "".join(pieces[2:]) == f"{'mot ' * 1_000}fin"
    assert len(pieces) > 3
    assert all(len(piece) <= 2_500 and piece.endswith("mot") for piece in pieces[2:-1])


def test_signs_alone_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds neither letter nor figure costs the model no time."""
    model = recognise.french()
    read: list[str] = []

    def pipe(pieces: Iterable[tuple[str, object]], **_: object) -> list[object]:
        read.extend(text for text, _ in pieces)
        return []

    monkeypatch.setattr(model, "pipe", pipe)
    SpacyRecogniser(model).recognise(["Le port.\n\n* * *\n\n7", "<" * 10_000])
    assert read == ["Le port.", "7"]


def test_long_texts(french: Recogniser) -> None:
    """A paragraph longer than the model takes at once is read to its end."""
    text = "Il pleut sur la ville. " * 300 + "Elle habite à Dakar."
    span = french.recognise([text])[0][-1]
    assert text[span.start : span.end] == "Dakar"


def test_text_without_blanks(french: Recogniser) -> None:
    """Where there is no blank to cut at, the text is cut all the same."""
    assert len(french.recognise(["a" * 6_000])) == 1


@pytest.mark.parametrize("text", ["X" * 2_000, f"{'Jean-' * 500}Paul est à Dakar."])
def test_what_is_too_long_is_no_name(french: Recogniser, text: str) -> None:
    """Whatever the model believes: an index would not hold it."""
    assert all(span.end - span.start <= 200 for span in french.recognise([text])[0])


PIECES = [
    "Aminata Touré",
    " à ",
    "Dakar",
    "\n\n",
    "\n",
    " ",
    "\u200b",
    "«\xa0",
    "M. ",
    ". ",
    "2026",
]


@pytest.mark.parametrize("language", ["fr", "en", "vi", "es", "de", ANY_LANGUAGE])
@settings(max_examples=50)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_any_text(recognisers: Mapping[str, Recogniser], language: str, text: str) -> None:
    """Names are in order, inside a paragraph, and without blanks around them."""
    last = 0
    for start, end, _ in recognisers[language].recognise([text])[0]:
        surface = text[start:end]
        assert last <= start < end <= len(text)
        assert surface == surface.strip()
        assert any(map(str.isalnum, surface))
        assert "\n\n" not in surface
        last = end


def test_a_missing_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are not there are an error, not a recogniser that finds nothing."""
    monkeypatch.setattr(recognise, "_FRENCH", str(tmp_path))
    with pytest.raises(FileNotFoundError):
        recognise.french.__wrapped__()


def test_a_model_is_loaded_once(french: Recogniser) -> None:
    """All recognisers of a process share the weights."""
    assert recognise.french() is recognise.french()
