"""The rows that stand for an article."""

from __future__ import annotations

from datetime import date

from worker.core.article import CleanArticle, Dateline, EnrichedArticle, Mention, Removed
from worker.core.persist import AliasRow, EntityRow, rows

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
        "recogniser": "none",
    } == rows(EnrichedArticle(CLEAN, "fr", (), "none")).article


def test_entities_and_aliases_are_distinct_and_sorted() -> None:
    """An entity and each of its spellings come once, by key; the usual name is the entity's."""
    mentions = (
        mention("Kribi", "loc:kribi", "Kribi"),
        mention("KRIBI", "loc:kribi", "KRIBI"),
        mention("Kribi", "loc:kribi", "Kribi"),
        mention("Douala\n", "loc:douala", "Douala"),
        mention("4 mai", None, "2031-05-04"),
    )
    found = rows(EnrichedArticle(CLEAN, "fr", mentions, "none"))
    assert (
        EntityRow("loc:douala", "LOC", "Douala"),
        EntityRow("loc:kribi", "LOC", "Kribi"),
    ) == found.entities
    assert (
        AliasRow("loc:douala", "Douala"),
        AliasRow("loc:kribi", "KRIBI"),
        AliasRow("loc:kribi", "Kribi"),
    ) == found.aliases
    assert len(found.mentions) == 5
    assert found.mentions[-1] == mention("4 mai", None, "2031-05-04")
