"""Languages and mentions of articles."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.article import ENRICHER, FIELDS, VALUES
from worker.core.clean import clean
from worker.core.clean.decode import Decoded
from worker.core.enrich import apart, enrich
from worker.core.enrich.names import RuleRecogniser
from worker.core.enrich.recognise import ANY_LANGUAGE, NullRecogniser, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.article import CleanArticle, EnrichedArticle, EntitiesBy, Label

FRENCH: Final = "Le phare de Kribi\n\nLe phare de Kribi accueille de nouveau le public.\n"
ENGLISH: Final = (
    "The lighthouse of Kribi\n\nThe lighthouse has been open to the public at Kribi, in Cameroon.\n"
)
VIETNAMESE: Final = "Ngọn hải đăng\n\nHôm qua ông Nguyễn Văn An đã đến thăm hải đăng ở Hà Nội.\n"


class Names:
    """Takes each of these for a name, wherever it stands, and remembers what it was asked."""

    name: str = "names-1"
    kind: EntitiesBy = "model"

    def __init__(self, labels: dict[str, Label]) -> None:
        self.asked: list[Sequence[str]] = []
        self._labels = labels

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, the longest first."""
        self.asked.append(texts)
        pattern = "|".join(map(re.escape, sorted(self._labels, key=len, reverse=True)))
        return [
            [Span(*found.span(), self._labels[found[0]]) for found in re.finditer(pattern, text)]
            for text in texts
        ]


def capitals() -> Names:
    return Names({"Kribi": "LOC"})


def article(text: str) -> CleanArticle:
    return clean(Decoded(text, "utf-8"))


def found(body: str, labels: dict[str, Label]) -> list[tuple[str, str, str | None]]:
    """Surface, label and canonical form of each mention of a French story with this body."""
    story = replace(
        article(FRENCH),
        body=f"{body} Le phare accueille de nouveau le public.",
        published="2031-05-04",
    )
    [enriched] = enrich([story], {"fr": Names(labels) if labels else NullRecogniser()})
    return [
        (mention.surface, mention.label, mention.canonical)
        for mention in enriched.mentions
        if mention.field == "body"
    ]


def test_mentions() -> None:
    """A mention stands in its field where it says, with its name and key."""
    [enriched] = enrich([article(FRENCH)], {"fr": capitals()})
    assert [(mention.field, mention.surface, mention.entity) for mention in enriched.mentions] == [
        ("title", "Kribi", "loc:kribi"),
        ("body", "Kribi", "loc:kribi"),
    ]
    for mention in enriched.mentions:
        field = enriched.clean.field(mention.field)
        assert mention.surface == field[mention.start : mention.end]


def test_what_made_it() -> None:
    """An article says which recogniser found its names, of what kind, and by which rules."""
    [enriched] = enrich([article(FRENCH)], {"fr": capitals()})
    assert (enriched.language, enriched.recogniser) == ("fr", "names-1")
    assert (enriched.entities_by, enriched.enricher) == ("model", ENRICHER)


# Languages


def test_each_language_goes_to_its_own() -> None:
    """No language's model is asked about another's text; the order of articles is kept."""
    model = capitals()
    rules = {language: RuleRecogniser(language) for language in ("en", "vi", ANY_LANGUAGE)}
    articles = [article(FRENCH), article(ENGLISH), article(VIETNAMESE), article(FRENCH)]
    enriched = enrich(articles, {"fr": model, **rules})
    assert articles == [each.clean for each in enriched]
    assert [each.language for each in enriched] == ["fr", "en", "vi", "fr"]
    assert [each.entities_by for each in enriched] == ["model", "rules", "rules", "model"]
    assert {each.recogniser for each in enriched[1:3]} == {RuleRecogniser("en").name}
    asked = [text for texts in model.asked for text in texts if text]
    assert asked == [articles[0].title, articles[0].body] * 2
    assert [mention.surface for mention in enriched[1].mentions] == ["Cameroon"]
    assert [mention.surface for mention in enriched[2].mentions] == ["Nguyễn Văn An", "Hà Nội"]


def test_a_language_without_a_recogniser() -> None:
    """It goes to the one for any language, and where there is none its names are not looked for."""
    model, other = capitals(), Names({"lighthouse": "LOC"})
    [enriched] = enrich([article(ENGLISH)], {"fr": model, ANY_LANGUAGE: other})
    assert (model.asked, len(other.asked), enriched.recogniser) == ([], 1, "names-1")
    [enriched] = enrich([article(ENGLISH)], {"fr": model})
    assert (model.asked, enriched.recogniser, enriched.entities_by) == ([], "none", "none")
    assert enriched.mentions == ()


def test_stated_language() -> None:
    """What the markup states holds where the text does not tell."""
    unclear = replace(article(FRENCH), title=None, lead=None, body="1234")
    stated = replace(unclear, stated_language="fr")
    wrong = replace(article(FRENCH), stated_language="en")
    enriched = enrich([unclear, stated, wrong], {"fr": capitals()})
    assert [each.language for each in enriched] == [None, "fr", "fr"]
    assert [each.entities_by for each in enriched] == ["none", "model", "model"]


def test_one_batch_for_a_language() -> None:
    """All texts of a language go to its recogniser at once."""
    recogniser = capitals()
    enrich([article(FRENCH)] * 3, {"fr": recogniser})
    assert list(map(len, recogniser.asked)) == [9]


def test_nothing_to_enrich() -> None:
    """No articles give no articles."""
    assert enrich([], {}) == []


# Names, dates and amounts


def test_dates_and_amounts() -> None:
    """They are found by rule, whatever finds the names, and mean no entity."""
    [enriched] = enrich(
        [replace(article(FRENCH), lead="Le 10 mars 2024, le port a reçu 4 milliards de dollars.")],
        {"fr": NullRecogniser()},
    )
    assert [
        (mention.field, mention.surface, mention.label, mention.canonical, mention.entity)
        for mention in enriched.mentions
    ] == [
        ("lead", "10 mars 2024", "DATE", "2024-03-10", None),
        ("lead", "4 milliards de dollars", "MONEY", "4000000000 USD", None),
    ]


def test_a_date_inside_a_name_is_none() -> None:
    """The longer is the mention: ``Coupe 2026`` holds no year of its own."""
    assert found("La Coupe verte 2026 et le 10 mars.", {"Coupe verte 2026": "MISC"}) == [
        ("Coupe verte 2026", "MISC", "Coupe verte 2026"),
        ("10 mars", "DATE", "2031-03-10"),
    ]


def test_a_name_inside_a_date_or_an_amount_is_none() -> None:
    """Nor is ``mars`` a planet where it is a month."""
    body = "Le 10 mars 2031, le port de Mars paie 3 millions de dollars."
    assert found(body, {"mars": "LOC", "Mars": "LOC", "dollars": "ORG"}) == [
        ("10 mars 2031", "DATE", "2031-03-10"),
        ("Mars", "LOC", "Mars"),
        ("3 millions de dollars", "MONEY", "3000000 USD"),
    ]


def test_a_name_that_is_a_date() -> None:
    """What the recogniser calls a name, and is as long, is one."""
    assert found("La rue du 10 mars.", {"10 mars": "LOC"}) == [("10 mars", "LOC", "10 mars")]


def test_rules_see_the_whole_article() -> None:
    """A title's name is found by what the body says."""

    class InBody(Names):
        def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
            spans = super().recognise(texts)
            return [[], *spans[1:]]

    [enriched] = enrich([article(FRENCH)], {"fr": InBody({"Kribi": "LOC"})})
    assert [mention.field for mention in enriched.mentions] == ["title", "body"]


def test_no_date_crosses_a_paragraph() -> None:
    """Nor does an amount."""
    assert found("Vendu le 10\n\nmars 2024 pour 3 millions\n\nde dollars.", {}) == [
        ("mars 2024", "DATE", "2024-03")
    ]


# apart


def spans(*bounds: tuple[int, int]) -> list[Span]:
    return [Span(start, end, "LOC") for start, end in bounds]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([(0, 3), (3, 5)], [(0, 3), (3, 5)]),
        ([(3, 5), (0, 3)], [(0, 3), (3, 5)]),
        ([(0, 3), (1, 9)], [(1, 9)]),
        ([(0, 9), (3, 5), (8, 12)], [(0, 9)]),
        ([(0, 3), (2, 5)], [(0, 3)]),
        ([(0, 3), (0, 3)], [(0, 3)]),
        ([(0, 4), (3, 8), (7, 10)], [(3, 8)]),
        ([], []),
    ],
)
def test_apart(given: list[tuple[int, int]], kept: list[tuple[int, int]]) -> None:
    """Of those that overlap the longest is kept, of equals the first; neighbours do not overlap."""
    assert apart(spans(*given)) == spans(*kept)


def test_apart_of_equals() -> None:
    """Of the same range, what was given first is kept."""
    name, date = Span(0, 4, "MISC"), Span(0, 4, "DATE")
    assert (apart([name], [date]), apart([date], [name])) == ([name], [date])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))))
def test_apart_of_any(given: list[tuple[int, int]]) -> None:
    """None of those kept overlap, and each one left out overlaps one that is as long."""
    ranges = spans(*((start, start + length) for start, length in given))
    kept = apart(ranges)
    assert kept == sorted(kept)
    for before, after in itertools.pairwise(kept):
        assert before.end <= after.start
    for span in ranges:
        assert any(
            each.start < span.end
            and span.start < each.end
            and each.end - each.start >= span.end - span.start
            for each in kept
        )


# Any names in any text


PIECES: Final = [
    *("Le phare de ", "Kribi", "Mme Awa Mbarga", "Mbarga", " a dit ", "l’", "Union européenne"),
    *("(UE)", "UE", "Vietnam", "-", "10 mars 2024", "du 3 au 5 mai", "mars", "2026", " en 2025"),
    *("4,1 milliards de dollars", "300 euros", "US$", ". ", ", ", " ", "\xa0", "\n\n", "«", "»"),
]
TEXTS: Final = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)
LABELS: Final[tuple[Label, ...]] = ("PER", "ORG", "LOC", "MISC")


class Drawn:
    """Takes for names whatever the test draws."""

    name: str = "drawn-1"
    kind: EntitiesBy = "rules"

    def __init__(self, data: st.DataObject, *, overlapping: bool) -> None:
        self._data, self._overlapping = data, overlapping

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """Names within paragraphs, in order."""
        return [
            sorted(
                Span(paragraph.start() + start, paragraph.start() + end, label)
                for paragraph in re.finditer(r"(?:[^\n]|\n(?!\n))+", text)
                for start, end, label in self._spans(len(paragraph[0]))
            )
            for text in texts
        ]

    def _spans(self, length: int) -> list[Span]:
        cuts = self._data.draw(st.sets(st.integers(0, length), max_size=8).map(sorted))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        if self._overlapping:
            pairs += zip(cuts, cuts[2:], strict=False)
        return [Span(*pair, self._data.draw(st.sampled_from(LABELS))) for pair in pairs]


def check(enriched: EnrichedArticle) -> None:
    """Whether the mentions are what the schema says of them."""
    last = (0, 0)
    for mention in enriched.mentions:
        text = enriched.clean.field(mention.field)
        place = FIELDS.index(mention.field)
        assert (place, mention.start) >= last
        last = (place, mention.end)
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.surface == text[mention.start : mention.end]
        assert any(map(str.isalnum, mention.surface))
        assert "\n\n" not in mention.surface
        assert mention.canonical
        assert (mention.entity is None) == (mention.label in VALUES)


@pytest.mark.parametrize("overlapping", [False, True])
@given(title=TEXTS, lead=TEXTS, body=TEXTS, data=st.data())
def test_any_mentions(
    *, overlapping: bool, title: str, lead: str, body: str, data: st.DataObject
) -> None:
    """Whatever a recogniser finds, mentions stand in order, hold text and do not overlap."""
    story = replace(article(FRENCH), title=title or None, lead=lead or None, body=body)
    [enriched] = enrich(
        [replace(story, stated_language="fr")],
        {ANY_LANGUAGE: Drawn(data, overlapping=overlapping)},
    )
    check(enriched)


@pytest.mark.parametrize("language", ["en", "vi", "es", "de", ANY_LANGUAGE])
@settings(max_examples=50)
@given(body=TEXTS)
def test_any_text_by_rules(language: str, body: str) -> None:
    """So they do where rules find them."""
    story = replace(article(FRENCH), title=None, lead=None, body=body)
    [enriched] = enrich([story], {ANY_LANGUAGE: RuleRecogniser(language)})
    check(enriched)
