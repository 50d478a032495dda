"""Messages: small, versioned, JSON, and silent about what they carry."""

from __future__ import annotations

import json

import pytest
from celery.utils.saferepr import saferepr
from kombu.utils.json import dumps, loads

from worker.core.article import CleanArticle, Dateline, EnrichedArticle, Mention, Removed
from worker.messages import Message, UnknownMessage

CLEAN = CleanArticle(
    title="Un titre",
    lead=None,
    body="Le corps de l’article.",
    published="2026-03-10",
    dateline=Dateline("Lomé", None),
    byline=None,
    signature="ATOP",
    credits=(),
    related=("Une autre",),
    removed=(Removed("whitespace", 0, 2),),
    repairs=(),
    encoding="utf-8",
    cleaner="1",
)
ENRICHED = EnrichedArticle(
    CLEAN, "fr", (Mention("title", 0, 2, "Un", "MISC", "Un", "misc:un"),), "none"
)


def over_the_wire(message: Message) -> object:
    return loads(dumps(message))


def test_ids_come_through() -> None:
    """As JSON that says its version."""
    wire = over_the_wire(Message((17, 18)))
    assert wire == {"v": 1, "deliveries": [17, 18], "articles": None}
    assert Message((17, 18)) == Message.from_wire(wire)


def test_clean_articles_come_through() -> None:
    """Those that are asked for."""
    message = Message.from_wire(over_the_wire(Message.with_clean({1: CLEAN, 2: CLEAN})))
    assert message.clean([2]) == {2: CLEAN}


def test_enriched_articles_come_through() -> None:
    """With all that is in them."""
    message = Message.from_wire(over_the_wire(Message.with_enriched({1: ENRICHED})))
    assert message.enriched([1]) == {1: ENRICHED}


@pytest.mark.parametrize(
    "wire",
    [
        {"v": 2, "deliveries": [1], "articles": None},
        {"v": 1, "deliveries": ["1; DROP TABLE"], "articles": None},
        {"v": 1, "deliveries": [True], "articles": None},
        {"v": 1, "deliveries": [1], "articles": {"a": "b"}},
        {"v": 1},
        {},
        [1, 2],
        None,
    ],
)
def test_what_is_not_ours_is_refused(wire: object) -> None:
    """Another version, another shape, another sender."""
    with pytest.raises(UnknownMessage):
        Message.from_wire(wire)


def test_flower_and_the_logs_see_ids_and_no_text() -> None:
    """Celery shows arguments and results by this very function."""
    message = Message.with_clean(dict.fromkeys(range(1, 65), CLEAN))
    shown = saferepr((message,), 1024)
    assert shown == "(deliveries 1, 2, 3, 4, 5, … (64),)"
    assert message.articles is not None
    assert message.articles[:8] not in shown


def test_articles_travel_compressed() -> None:
    """A batch of like articles takes a fraction of its JSON."""
    message = Message.with_clean(dict.fromkeys(range(64), CLEAN))
    plain = 64 * len(json.dumps({"body": CLEAN.body, "title": CLEAN.title}))
    assert len(dumps(message)) < plain / 4
