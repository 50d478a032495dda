"""How the French recogniser is made: texts, their variations, weights, and what is shipped."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Adam, Linear

from training.ner import export, train
from training.ner.augment import Augmenter, Rates, without_diacritics
from training.ner.corpus import Article, Gold, Paragraph, marked, names, winer
from worker.core.characters import BLANKS
from worker.core.enrich import recognise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from spacy.language import Language
    from thinc.api import Model

FILES: Final = sorted(train.DATA.glob("*.txt"))


def surfaces(paragraph: Paragraph) -> list[str]:
    return [paragraph.text[each.start : each.end] for each in paragraph.mentions]


def gaps(paragraph: Paragraph) -> list[str]:
    """What stands before, between and after the mentions."""
    bounds = [0, *(x for each in paragraph.mentions for x in each[:2]), len(paragraph.text)]
    return [paragraph.text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


def written(paragraph: Paragraph) -> str:
    """The paragraph in the form that ``annotating.md`` tells."""
    marks = [
        f"[{surface}]({gold.label}{'?' * gold.optional}"
        f"{'' if gold.canonical is None else f' {gold.canonical}'})"
        for surface, gold in zip(surfaces(paragraph), paragraph.mentions, strict=True)
    ]
    first, *others = gaps(paragraph)
    return first + "".join(mark + gap for mark, gap in zip(marks, others, strict=True))


def read(line: str, folder: Path) -> Paragraph:
    path = folder / "a.txt"
    path.write_text(f"=== a\n\n{line}\n", "utf-8")
    [article] = marked(path)
    [paragraph] = article.paragraphs
    return paragraph


# Texts


def test_marks(tmp_path: Path) -> None:
    """A mark says what a mention is, whether it counts, and whom or what it names."""
    line = "L’[UE](ORG Union européenne), [mardi](DATE? 2025-12-06) : le [Tết](MISC?) à [Huế](LOC)."
    paragraph = read(line, tmp_path)
    assert paragraph.text == "L’UE, mardi : le Tết à Huế."
    assert surfaces(paragraph) == ["UE", "mardi", "Tết", "Huế"]
    assert [each[2:] for each in paragraph.mentions] == [
        ("ORG", False, "Union européenne"),
        ("DATE", True, "2025-12-06"),
        ("MISC", True, None),
        ("LOC", False, None),
    ]
    assert written(paragraph) == line


@pytest.mark.parametrize(
    "line", ["[1] note", "[Huế]", "[Huế](VILLE)", "[Huế] (LOC)", "Huế (LOC)", "[Huế](loc)"]
)
def test_what_is_no_mark(line: str, tmp_path: Path) -> None:
    """Brackets without a label beside them are text."""
    assert read(line, tmp_path) == Paragraph(line, ())


def test_articles(tmp_path: Path) -> None:
    """A line with a name begins an article, each other line is a paragraph of a field."""
    path = tmp_path / "a.txt"
    path.write_text(
        "=== un\n\ntitle: Le [Laos](LOC)\n\nlead: Chapeau.\n\nUn.\n\nbody: Deux : trois.\n\n"
        "=== deux\n\nTrois.\n",
        "utf-8",
    )
    laos = Paragraph("Le Laos", (Gold(3, 7, "LOC"),), "title")
    chapeau = Paragraph("Chapeau.", (), "lead")
    assert marked(path) == [
        Article("un", (laos, chapeau, Paragraph("Un.", ()), Paragraph("Deux : trois.", ()))),
        Article("deux", (Paragraph("Trois.", ()),)),
    ]


def test_winer(tmp_path: Path) -> None:
    """WiNER's types become ours, its dates go, and so do the blanks that its links left."""
    text = "L’ ONU ( Genève ) dit.\n\nMardi , à l' Olympia , le Tour 2004 ."
    found = [
        *((text.index(each), label) for each, label in (("ONU", "ORG"), ("Genève", "LOC"))),
        *((text.index(each), label) for each, label in (("Mardi", "DATE"), ("Olympia", "LOC"))),
        (text.index("Tour"), "EVENT"),
    ]
    lengths = (3, 6, 5, 7, 9)
    marks = [[at, at + n, label] for (at, label), n in zip(found, lengths, strict=True)]
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": 7, "text": text, "ents": marks}) + "\n", "utf-8")
    [article] = winer(path)
    first, second = article.paragraphs
    assert article.name == "7"
    assert written(first) == "L’[ONU](ORG) ([Genève](LOC)) dit."
    assert written(second).lstrip() == "Mardi, à l'[Olympia](LOC), le [Tour 2004](MISC)."


def test_names_of_a_label() -> None:
    """The names of a type, as often as they are met, but not the optional ones."""
    text = "Huế Huế Tết"
    golds = (Gold(0, 3, "LOC"), Gold(4, 7, "LOC"), Gold(8, 11, "LOC", optional=True))
    assert list(names([Paragraph(text, golds)], "LOC")) == ["Huế", "Huế"]
    assert list(names([Paragraph(text, golds)], "PER")) == []


def test_there_are_texts() -> None:
    """Their folder is found."""
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_own_texts(path: Path) -> None:
    """Every mark is read, every mention is trimmed, and no article is empty or there twice."""
    articles = marked(path)
    assert len({article.name for article in articles}) == len(articles)
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[:4] != "=== "]
    paragraphs = train.paragraphs_of(articles)
    fields = re.compile(r"^(?:title|lead|body): ")
    assert [fields.sub("", line) for line in lines] == list(map(written, paragraphs))
    for article in articles:
        assert article.paragraphs
    for paragraph in paragraphs:
        assert not re.search(r"[\[\]]|\((?:PER|ORG|LOC|MISC|DATE|MONEY)\b", paragraph.text), path
        for surface in surfaces(paragraph):
            assert surface == surface.strip(BLANKS + ",;")
            assert any(map(str.isalnum, surface))


def test_names_of_texts_are_unique() -> None:
    """No article stands in two files."""
    found = [article.name for path in FILES for article in marked(path)]
    assert len(set(found)) == len(found)


# Variations

NEVER: Final = Rates(paragraph=0, typography=0, capitals=0, plain=0)


def own() -> list[Paragraph]:
    return [
        paragraph
        for path in FILES
        for paragraph in train.paragraphs_of(marked(path))
        if paragraph.mentions
    ]


@pytest.fixture(scope="module")
def paragraphs() -> Sequence[Paragraph]:
    return own()


def varied(paragraphs: Sequence[Paragraph], seed: int, rates: Rates) -> list[Paragraph]:
    return list(map(Augmenter(paragraphs, seed, rates), paragraphs))


@pytest.mark.parametrize("seed", range(10))
def test_variations_keep_their_mentions(paragraphs: Sequence[Paragraph], seed: int) -> None:
    """Whatever is done to a paragraph, each mention holds a name, of the same type and field."""
    rates = Rates(0.8, 0.8, 0.5, 0.5, 0.3, 0.3, 0.5)
    changed = 0
    for before, after in zip(paragraphs, varied(paragraphs, seed, rates), strict=True):
        assert (before.field, labels(before)) == (after.field, labels(after))
        bounds = [x for each in after.mentions for x in each[:2]]
        assert bounds == sorted(bounds)
        for surface in surfaces(after):
            assert surface == surface.strip(BLANKS)
            assert any(map(str.isalnum, surface))
        changed += before != after
    assert changed > len(paragraphs) / 2


def labels(paragraph: Paragraph) -> list[tuple[str, bool]]:
    return [(each.label, each.optional) for each in paragraph.mentions]


def test_variations_are_those_of_the_seed(paragraphs: Sequence[Paragraph]) -> None:
    """The same seed gives the same paragraphs, another one others."""
    first, again, other = (varied(paragraphs, seed, Rates()) for seed in (1, 1, 2))
    assert first == again != other


def test_no_variation(paragraphs: Sequence[Paragraph]) -> None:
    """Where nothing is to be done a paragraph is itself."""
    assert varied(paragraphs, 1, NEVER) == paragraphs


def test_other_names(paragraphs: Sequence[Paragraph]) -> None:
    """Names are swapped, what stands around them is not; a name for the same name everywhere."""
    rates = NEVER._replace(paragraph=1, name=1)
    swapped = 0
    for before, after in zip(paragraphs, varied(paragraphs, 1, rates), strict=True):
        assert gaps(before) == gaps(after)
        others: dict[tuple[str, str], str] = {}
        for surface, gold, other in zip(
            surfaces(before), before.mentions, surfaces(after), strict=True
        ):
            assert others.setdefault((surface, gold.label), other) == other
            swapped += other != surface
    assert swapped > len(paragraphs)


def test_optional_names_stay() -> None:
    """What need not be found is not swapped; nor are events, dates and amounts."""
    text = "Tết Huế mardi"
    golds = (Gold(0, 3, "MISC"), Gold(4, 7, "LOC", optional=True), Gold(8, 13, "DATE"))
    paragraph = Paragraph(text, golds)
    known = [paragraph, Paragraph("Laos", (Gold(0, 4, "LOC"),))]
    for seed in range(20):
        assert Augmenter(known, seed, NEVER._replace(paragraph=1, name=1))(paragraph) == paragraph


def test_plain_letters(paragraphs: Sequence[Paragraph]) -> None:
    """Without diacritics a text is as long, and its mentions are where they were."""
    for before, after in zip(
        paragraphs, varied(paragraphs, 1, NEVER._replace(plain=1)), strict=True
    ):
        assert after == before._replace(text=without_diacritics(before.text))


def test_capitals() -> None:
    """In capitals a text may be longer; mentions move along. Only short texts are."""
    paragraph = Paragraph("Straße à Ruß", (Gold(0, 6, "LOC"), Gold(9, 12, "LOC")))
    augment = Augmenter([paragraph], 1, NEVER._replace(capitals=1))
    assert written(augment(paragraph)) == "[STRASSE](LOC) À [RUSS](LOC)"
    long = paragraph._replace(text=paragraph.text + " et là" * 30)
    assert augment(long) == long


@given(st.text())
def test_without_diacritics_is_as_long(text: str) -> None:
    """Each letter becomes one."""
    assert len(without_diacritics(text)) == len(text)


def test_without_diacritics() -> None:
    """French and Vietnamese letters lose their marks."""
    assert without_diacritics("Đặng Thị Ngọc Thịnh, Huế, œuvre où") == (
        "Dang Thi Ngoc Thinh, Hue, œuvre ou"
    )


# Learning


@pytest.fixture(scope="module")
def blank() -> Language:
    return spacy.blank("fr")


def test_example(blank: Language) -> None:
    """Names are learnt; what is optional is neither a name nor none, the rest is none."""
    text = "Mme Awa Mbarga est à Kribi mardi pour la Coupe verte."
    golds = [
        Gold(text.index(surface), text.index(surface) + len(surface), label, optional)
        for surface, label, optional in (
            ("Awa Mbarga", "PER", False),
            ("Kribi", "LOC", True),
            ("mardi", "DATE", False),
            ("Coupe verte", "MISC", True),
        )
    ]
    example = train.example(blank, Paragraph(text, tuple(golds)))
    assert list(
        zip([token.text for token in example.x], example.get_aligned_ner(), strict=True)
    ) == [
        ("Mme", "O"),
        ("Awa", "B-PER"),
        ("Mbarga", "L-PER"),
        ("est", "O"),
        ("à", "O"),
        ("Kribi", None),
        ("mardi", "O"),
        ("pour", "O"),
        ("la", "O"),
        ("Coupe", None),
        ("verte", None),
        (".", "O"),
    ]


def test_batches(blank: Language) -> None:
    """All examples in their order; each batch but the last has just enough words."""
    examples = [
        train.example(blank, Paragraph("mot " * words, ())) for words in (3, 4, 5, 1, 9, 2, 1)
    ]
    found = list(train.batches(examples, 7))
    assert [each for batch in found for each in batch] == examples
    assert [[len(each) for each in batch] for batch in found] == [[3, 4], [5, 1, 9], [2, 1]]
    assert list(train.batches([], 7)) == []


def test_mean() -> None:
    """Each parameter is the mean of the runs by their shares, of the same shape and precision."""
    runs: list[tuple[train.Weights, float]] = [
        ({(0, "W"): np.full((2, 3), value, np.float32), (1, "b"): np.array([value, 0])}, share)
        for value, share in ((1, 0.5), (2, 0.25), (6, 0.25))
    ]
    found = train.mean(runs)
    assert found.keys() == {(0, "W"), (1, "b")}
    np.testing.assert_allclose(found[0, "W"], np.full((2, 3), 2.5))
    np.testing.assert_allclose(found[1, "b"], [2.5, 0])
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}


def linear() -> Model[Any, Any]:
    model = Linear(2, 3)
    model.initialize()
    return model


def test_weights_are_copies() -> None:
    """What was read out of a model is what is put back, whatever is done to the model between."""
    model = linear()
    before = train.weights(model)
    kept = {key: value.copy() for key, value in before.items()}
    train.put(model, {key: value + 1 for key, value in before.items()})
    for key, value in train.weights(model).items():
        np.testing.assert_array_equal(before[key], kept[key])
        np.testing.assert_array_equal(value, kept[key] + 1)


def test_averages() -> None:
    """Where an optimiser kept averages, they are the weights; else the parameters are."""
    model = linear()
    optimizer = Adam(0.1, use_averages=True)
    for _ in range(3):
        _, backprop = model.begin_update(np.ones((1, 3), dtype=np.float32))
        backprop(np.ones((1, 2), dtype=np.float32))
        model.finish_update(optimizer)
    last, averaged = train.weights(model), train.weights(model, optimizer.averages)
    assert averaged.keys() == last.keys() == {(0, "W"), (0, "b")}
    for (place, name), value in averaged.items():
        np.testing.assert_array_equal(value, optimizer.averages[model.id, name])
        assert not np.array_equal(value, last[place, name])


# Shipping

TEXTS: Final = [
    "Aminata Touré est arrivée à Dakar mardi.",
    "L’Union européenne et le Vietnam ont signé un accord à Hanoï, a dit Mme Nguyên Thi Huong.",
    "Angela Merkel a reçu Emmanuel Macron à Berlin, selon Le Monde.",
    "La Banque mondiale prête 3 millions de dollars au Sénégal.",
    "Il pleut.",
]


@pytest.fixture(scope="module")
def base() -> Language:
    return train.base()


@pytest.fixture(scope="module")
def small(base: Language) -> Language:
    return export.slim(base)


def found(model: Language, texts: Iterable[str]) -> list[list[tuple[str, str]]]:
    return [[(name.text, name.label_) for name in each.ents] for each in model.pipe(texts)]


def test_slim_finds_the_same(base: Language, small: Language) -> None:
    """The small model finds what the one does that it was made of, without its table of words."""
    expected = found(base, TEXTS)
    assert sum(map(len, expected)) >= 8
    assert found(small, TEXTS) == expected
    assert small.vocab.vectors.shape == (base.vocab.vectors.shape[0], 96)


def test_slim_leaves_its_model_alone(base: Language, small: Language) -> None:
    """The model that is made smaller can be trained on."""
    assert base.vocab.vectors.shape[1] == 300
    assert base.vocab is not small.vocab
    train.put(train.recogniser(small).model, train.weights(train.recogniser(small).model))
    assert found(base, TEXTS[:1]) == [[("Aminata Touré", "PER"), ("Dakar", "LOC")]]


def test_written_model(small: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is what the worker loads: the same names, weights and version."""
    folder = tmp_path / "fr"
    folder.mkdir()
    (folder / "old").touch()
    export.write(small, folder, train.META)
    assert {path.name for path in folder.iterdir()} == {
        *("ner", "ner.json", "vectors.npz", "meta.json"),
    }
    monkeypatch.setattr(recognise, "_FRENCH", str(folder))
    loaded = recognise.french.__wrapped__()
    assert found(loaded, TEXTS) == found(small, TEXTS)
    assert (loaded.meta["name"], loaded.meta["version"]) == (
        train.META["name"],
        train.META["version"],
    )
    np.testing.assert_array_equal(loaded.vocab.vectors.data, small.vocab.vectors.data)
    expected = train.weights(train.recogniser(small).model)
    weights = train.weights(train.recogniser(loaded).model)
    assert weights.keys() == expected.keys()
    for key, value in weights.items():
        np.testing.assert_array_equal(value, expected[key])
