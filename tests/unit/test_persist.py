"""The rows that stand for an article."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from worker.core.article import CleanArticle, Dateline, EnrichedArticle, Mention, Removed
from worker.core.persist import EntityRow, best_named, rows, unmet

CLEAN = CleanArticle(
    title="Le phare rouvre",
    lead=None,
    body="Le phare – fermé – rouvre : enfin !\n\nOui.",
    published="2031-05-04",
    dateline=Dateline("Kribi", "ACAP"),
    byline=None,
    signature="ACAP",
    credits=("ACAP",),
    related=("La pêche reprend",),
    removed=(Removed("whitespace", 15, 17),),
    repairs=(),
    encoding="utf-8",
    cleaner="1",
)


def mention(surface: str, entity: str | None, canonical: str) -> Mention:
    return Mention("body", 0, len(surface), surface, "LOC", canonical, entity)


def test_article_columns() -> None:
    """Columns hold what a database takes: dates, numbers, lists."""
    assert {
        "title": "Le phare rouvre",
        "lead": None,
        "body": CLEAN.body,
        "published": date(2031, 5, 4),
        "dateline_place": "Kribi",
        "dateline_agency": "ACAP",
        "byline": None,
        "signature": "ACAP",
        "credits": ["ACAP"],
        "related": ["La pêche reprend"],
        "removed": [{"kind": "whitespace", "start": 15, "end": 17}],
        "repairs": [],
        "language": "fr",
        "words": 6,
        "format": "text",
        "encoding": "utf-8",
        "flags": [],
        "cleaner": "1",
        "recogniser": "rotative-fr-1.0",
        "enricher": "3",
        "entities_by": "model",
    } == rows(EnrichedArticle(CLEAN, "fr", (), "rotative-fr-1.0", "3", "model")).article


def test_entities_are_distinct_and_sorted() -> None:
    """An entity comes once, by key; its label is its key's, whatever a mention was taken for."""
    mentions = (
        mention("Kribi", "loc:kribi", "Kribi"),
        mention("Kribi", "loc:kribi", "Kribi"),
        mention("ACAP", "org:acap", "ACAP"),
        mention("Zorba\n", "loc:zorba", "Zorba"),
        mention("4 mai", None, "2031-05-04"),
    )
    found = rows(EnrichedArticle(CLEAN, "fr", mentions, "none"))
    assert (
        EntityRow("loc:kribi", "LOC", "Kribi", "text", None),
        EntityRow("loc:zorba", "LOC", "Zorba", "text", None),
        EntityRow("org:acap", "ORG", "ACAP", "text", None),
    ) == found.entities
    assert mentions == found.mentions


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (("Le Hoai Trung", "Lê Hoài Trung", "Lê Hoai Trung"), "Lê Hoài Trung"),
        (("VIETNAM", "Vietnam"), "Vietnam"),
        (("Ministère de la Santé", "ministère de la Santé"), "ministère de la Santé"),
    ],
)
def test_the_fullest_name_is_the_entitys(names: tuple[str, ...], best: str) -> None:
    """Whatever the order in which they are met, in one article or in several."""
    for order in permutations(names):
        mentions = tuple(mention(name, "misc:x", name) for name in order)
        (entity,) = rows(EnrichedArticle(CLEAN, "fr", mentions, "none")).entities
        assert entity.named == best
        found = best_named(EntityRow("misc:x", "MISC", name, "text", None) for name in order)
        assert found == {"misc:x": entity}


def test_a_name_of_the_file_goes_before_any_met_in_texts() -> None:
    """And any of those before what can be read from a key."""
    key: EntityRow = unmet("org:banque-de-zorbatou")
    text = EntityRow("org:banque-de-zorbatou", "ORG", "Banque de Zorbàtou", "text", None)
    file = EntityRow("org:banque-de-zorbatou", "ORG", "Banque de Zorbatou", "file", "Q7164")
    assert EntityRow("org:banque-de-zorbatou", "ORG", "banque de zorbatou", "key", None) == key
    assert best_named([text, key]) == {"org:banque-de-zorbatou": text}
    assert best_named([file, text, key]) == {"org:banque-de-zorbatou": file}


def test_what_the_linkers_file_knows() -> None:
    """Its entities have their id in Wikidata, and their names from it."""
    mentions = (mention("VIÊT NAM", "loc:VN", "VIÊT NAM"), mention("Zorba", "loc:zorba", "Zorba"))
    assert rows(EnrichedArticle(CLEAN, "fr", mentions, "none")).entities == (
        EntityRow("loc:VN", "LOC", "Vietnam", "file", "Q881"),
        EntityRow("loc:zorba", "LOC", "Zorba", "text", None),
    )
