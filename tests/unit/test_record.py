"""The public JSON object."""

from __future__ import annotations

import json

from worker.core.article import CleanArticle, Dateline, EnrichedArticle, Mention, Removed, Repair
from worker.core.record import record

FIELDS = (
    *("file", "feed", "disposition", "reason", "content_hash", "title", "lead", "body"),
    *("published", "dateline", "byline", "signature", "credits", "language", "related"),
    *("removed", "repairs", "mentions", "format", "encoding", "flags", "cleaner", "recogniser"),
    *("enricher", "entities_by"),
)
ARTICLE = EnrichedArticle(
    CleanArticle(
        title=None,
        lead=None,
        body="Kribi rouvre.",
        published=None,
        dateline=Dateline(None, "ACAP"),
        byline=None,
        signature=None,
        credits=("ACAP",),
        related=(),
        removed=(Removed("credit", 0, 4),),
        repairs=(Repair(0, 2, "ab", "a b", "split"),),
        encoding="utf-8",
        cleaner="1",
    ),
    "fr",
    (Mention("body", 0, 5, "Kribi", "LOC", "Kribi", "loc:kribi"),),
    "none",
)


def recorded(article: EnrichedArticle | None) -> dict[str, object]:
    return record(
        file="a.txt",
        feed=None,
        disposition="stored",
        reason=None,
        content_hash=None,
        article=article,
    )


def test_fields_are_always_there() -> None:
    """With an article or without, all fields come, in their order."""
    assert FIELDS == tuple(recorded(None)) == tuple(recorded(ARTICLE))


def test_unknown_is_null() -> None:
    """Without an article, nothing of one is claimed."""
    assert {"a.txt", "stored", None} == set(recorded(None).values())


def test_json() -> None:
    """The object survives JSON unchanged, nested parts under their own names."""
    found = recorded(ARTICLE)
    assert found == json.loads(json.dumps(found))
    assert found["dateline"] == {"place": None, "agency": "ACAP"}
    assert found["removed"] == [{"kind": "credit", "start": 0, "end": 4}]
    assert found["repairs"] == [
        {"start": 0, "end": 2, "before": "ab", "after": "a b", "rule": "split"}
    ]
    assert [key for mention in ARTICLE.mentions for key in _keys(found, mention.surface)] == [
        "field",
        "start",
        "end",
        "surface",
        "label",
        "canonical",
        "entity",
    ]


def _keys(found: dict[str, object], surface: str) -> list[str]:
    mentions = found["mentions"]
    assert isinstance(mentions, list)
    return next(list(each) for each in mentions if each["surface"] == surface)
