"""Alarms of every kind on the real tables: raised, kept, cleared."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql

from models import Alarm, Article, Delivery, Entity, Mention, RawContent, Retry
from worker import alarms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

NOW = datetime(2026, 11, 20, 14, 10, tzinfo=UTC)  # a Friday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMIT = 15 * MINUTE
RAW = {"sha256": "x", "data": b"the same each time"}
_number = itertools.count(1)


def bring(
    connection: Connection,
    times: Iterable[datetime],
    feed: str | None = "vna",
    *,
    disposition: str = "stored",
    reason: str | None = None,
) -> list[int]:
    """Deliveries that came, and ended, at these times; returns their ids."""
    connection.execute(postgresql.insert(RawContent).values(RAW).on_conflict_do_nothing())
    rows = [
        {
            "feed": feed,
            "file": "a.txt",
            "arrival": f"test:{next(_number)}",
            "raw_sha256": "x",
            "size": 1,
            "received_at": time,
            "disposition": disposition,
            "reason": reason,
            "step": "clean",
            "content_hash": "x",
            "ended_at": None if disposition == "pending" else time,
        }
        for time in times
    ]
    return list(connection.scalars(insert(Delivery).returning(Delivery.id), rows))


def publish(
    connection: Connection,
    times: Iterable[datetime],
    *,
    words: int = 300,
    encoding: str = "utf-8",
    named: bool = True,
) -> None:
    """Articles of feed vna that were first seen at these times."""
    at = list(times)
    place = connection.scalar(
        postgresql.insert(Entity)
        .values(key="loc:test", label="LOC", named="Lomé", named_by="text")
        .on_conflict_do_update(index_elements=["key"], set_={"named": "Lomé"})
        .returning(Entity.id)
    )
    rows = [
        {
            "delivery_id": delivery,
            "content_hash": f"test:{delivery}",
            "feed": "vna",
            "first_seen": time,
            "body": "Lomé",
            "credits": [],
            "related": [],
            "removed": [],
            "repairs": [],
            "words": words,
            "encoding": encoding,
            "cleaner": "1",
            "recogniser": "1",
            "enricher": "1",
            "entities_by": "model",
        }
        for delivery, time in zip(bring(connection, at), at, strict=True)
    ]
    articles = connection.scalars(insert(Article).returning(Article.id), rows).all()
    mention = {"field": "body", "start_offset": 0, "end_offset": 4, "surface": "Lomé"}
    what = (
        {"label": "LOC", "found": "loc:test", "entity_id": place, "canonical": None}
        if named
        else {"label": "DATE", "found": None, "entity_id": None, "canonical": "2026"}
    )
    connection.execute(
        insert(Mention), [{"article_id": each, **mention, **what} for each in articles]
    )


def before(end: datetime, count: int, apart: timedelta = HOUR) -> list[datetime]:
    """So many times, the last one ``apart`` before the end."""
    return [end - apart * n for n in range(count, 0, -1)]


def look(connection: Connection, at: datetime = NOW, *, taking: bool = True) -> list[str]:
    """What was raised and cleared, as kind and event."""
    changed = alarms.look(connection, at, LIMIT, taking=taking)
    return [f"{notice.kind} {notice.event}" for notice in changed]


def sentences(connection: Connection) -> Sequence[str]:
    statement = select(Alarm.sentence).where(Alarm.cleared_at.is_(None)).order_by(Alarm.id)
    return connection.scalars(statement).all()


# --- quiet ----------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["vna", None])
def test_a_feed_that_falls_silent(connection: Connection, feed: str | None) -> None:
    """It is named with the files it usually brings; the next file ends it."""
    bring(connection, before(NOW, 2_000, 30 * MINUTE), feed)
    assert look(connection, NOW + 2 * HOUR) == []
    assert look(connection, NOW + 6 * HOUR) == ["feed-quiet raised"]
    name = "Feed vna" if feed else "The inbox itself"
    (said,) = sentences(connection)
    assert said == (
        f"{name} has brought nothing since Friday 20 November 13:40 UTC; until Friday 20:10 it "
        "usually brings 13 files."
    )
    assert look(connection, NOW + 9 * DAY) == []
    bring(connection, [NOW + 9 * DAY], feed)
    assert look(connection, NOW + 9 * DAY + MINUTE) == ["feed-quiet cleared"]
    assert sentences(connection) == []


def test_nights_and_weekends_are_silent(connection: Connection) -> None:
    """A feed of office hours is missed when the next ones come."""
    hours = [
        time
        for time in before(NOW.replace(hour=18, minute=0), 24 * 60 * 6, 10 * MINUTE)
        if time.weekday() < 5 and 8 <= time.hour < 18
    ]
    bring(connection, hours)
    monday = NOW.replace(hour=8, minute=0) + 3 * DAY
    assert [look(connection, monday - hour * HOUR) for hour in range(0, 60, 6)] == [[]] * 10
    later = [look(connection, monday + n * HOUR) for n in range(1, 36, 4)]
    assert ["feed-quiet raised"] in later


def test_a_slow_feed_says_its_pauses(connection: Connection) -> None:
    """It brings too little for ranges of files."""
    bring(connection, before(NOW, 40, DAY))
    look(connection, NOW + 30 * HOUR)
    (said,) = sentences(connection)
    assert said == (
        "Feed vna has brought nothing since Thursday 19 November 14:10 UTC, for 54 hours; "
        "its pauses usually last 24 hours at most."
    )


def test_a_bulk_load_is_no_habit(connection: Connection) -> None:
    """Thousands of old files in a minute raise nothing, then or a week later."""
    bring(connection, before(NOW - 28 * DAY, 600, 2 * HOUR))
    bring(connection, [NOW - 21 * DAY] * 2_000)
    bring(connection, before(NOW, 28, DAY))
    assert look(connection, NOW - 21 * DAY + 3 * HOUR) == []
    assert look(connection, NOW - 14 * DAY + 3 * HOUR) == []


def test_nothing_is_quiet_while_intake_waits(connection: Connection) -> None:
    """What has come lies in the inbox; what was said before stays."""
    bring(connection, before(NOW, 2_000, 30 * MINUTE))
    assert look(connection, NOW + 6 * HOUR, taking=False) == []
    look(connection, NOW + 6 * HOUR)
    assert look(connection, NOW + 7 * HOUR, taking=False) == []
    assert len(sentences(connection)) == 1


def test_a_feed_that_is_gone_is_no_alarm_for_ever(connection: Connection) -> None:
    """After 35 days it is none any more."""
    bring(connection, before(NOW, 2_000, 30 * MINUTE))
    look(connection, NOW + 6 * HOUR)
    assert look(connection, NOW + 34 * DAY) == []
    assert look(connection, NOW + 36 * DAY) == ["feed-quiet cleared"]
    assert look(connection, NOW + 37 * DAY) == []


# --- files and articles ---------------------------------------------------------------------


def test_files_without_body(connection: Connection) -> None:
    """Other reasons do not count, nor does what is pending."""
    bring(connection, before(NOW, 300))
    bring(connection, before(NOW + 9 * HOUR, 9), disposition="rejected", reason="no-body: none")
    bring(connection, [NOW + 9 * HOUR] * 5, disposition="pending")
    later = NOW + 9 * HOUR
    assert look(connection, later) == ["without-body raised"]
    assert sentences(connection) == ["Feed vna: 9 of its last 30 files had no body (usually 0)."]
    bring(connection, before(later + 2 * HOUR, 2), disposition="rejected", reason="no-body: none")
    later += 2 * HOUR
    connection.execute(
        update(Delivery)
        .where(Delivery.disposition == "pending")
        .values(disposition="stored", ended_at=later)
    )
    assert look(connection, later) == []
    assert sentences(connection) == ["Feed vna: 11 of its last 30 files had no body (usually 0)."]
    bring(connection, before(later + 30 * HOUR, 30))
    assert look(connection, later + 30 * HOUR) == ["without-body cleared"]


def test_files_rejected_for_something_else(connection: Connection) -> None:
    """An empty file says nothing about a template."""
    bring(connection, before(NOW, 300))
    bring(connection, before(NOW + DAY, 24), disposition="rejected", reason="empty: no-body: no")
    assert look(connection, NOW + DAY) == []


def test_articles_that_name_nobody(connection: Connection) -> None:
    """A date is no name."""
    publish(connection, before(NOW, 300))
    publish(connection, before(NOW + DAY, 24), named=False)
    assert look(connection, NOW + DAY) == ["without-entities raised"]
    assert sentences(connection) == [
        "Feed vna: 24 of its last 30 articles name nobody and nothing (usually 0)."
    ]
    publish(connection, before(NOW + 3 * DAY, 48))
    assert look(connection, NOW + 3 * DAY) == ["without-entities cleared"]


def test_articles_of_another_length(connection: Connection) -> None:
    """It is the median that counts; the alarm ends when it is back."""
    publish(connection, before(NOW, 300))
    publish(connection, before(NOW + 10 * HOUR, 10), words=40)
    assert look(connection, NOW + 10 * HOUR) == []
    publish(connection, before(NOW + 20 * HOUR, 10), words=40)
    assert look(connection, NOW + 20 * HOUR) == ["length raised"]
    assert sentences(connection) == [
        "Feed vna: the median length of its last 30 articles is 40 words (usually 300)."
    ]
    publish(connection, before(NOW + 3 * DAY, 48))
    assert look(connection, NOW + 3 * DAY) == ["length cleared"]


def test_a_new_template_becomes_the_habit(connection: Connection) -> None:
    """Nobody puts it back; after two weeks the alarm ends, and says why."""
    publish(connection, before(NOW, 300))
    publish(connection, before(NOW + 30 * HOUR, 30), words=40)
    assert look(connection, NOW + 30 * HOUR) == ["length raised"]
    publish(connection, before(NOW + 20 * DAY, 450), words=40)
    assert look(connection, NOW + 10 * DAY) == []
    assert look(connection, NOW + 20 * DAY) == ["length cleared"]
    said = connection.scalars(select(Alarm.sentence)).one()
    assert said.endswith("so for 14 days, and counts as usual from now on.")
    assert look(connection, NOW + 20 * DAY + HOUR) == []


def test_articles_in_another_encoding(connection: Connection) -> None:
    """Usual is what most of the earlier ones are in."""
    publish(connection, before(NOW, 300))
    publish(connection, before(NOW + DAY, 24), encoding="tcvn3")
    assert look(connection, NOW + DAY) == ["encoding raised"]
    assert sentences(connection) == [
        "Feed vna: 24 of its last 30 articles were not text in utf-8 (usually 0)."
    ]


def test_a_new_feed_has_no_habit(connection: Connection) -> None:
    """Eight windows are needed, of whatever kind."""
    publish(connection, before(NOW, 200))
    publish(connection, before(NOW + 60 * HOUR, 60), encoding="tcvn3", words=9, named=False)
    assert look(connection, NOW + 60 * HOUR) == []


def test_many_feeds_take_turns(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look goes through some of them, and leaves the alarms of the others."""
    monkeypatch.setattr(alarms, "FEEDS_AT_A_TIME", 1)
    for feed in ("atop", "vna"):
        bring(connection, before(NOW, 300), feed)
        bring(connection, before(NOW + DAY, 24), feed, disposition="rejected", reason="no-body: -")
    feeds = []
    for turn in range(4):
        changed = alarms.look(connection, NOW + DAY, LIMIT, taking=True, turn=turn)
        feeds.append([notice.feed for notice in changed])
    assert feeds == [["atop"], ["vna"], [], []]
    assert len(sentences(connection)) == 2


# --- the system -----------------------------------------------------------------------------


def test_quarantine_grows_until_somebody_retries(connection: Connection) -> None:
    """What was retried is no longer there; it was part of that day's habit."""
    bring(connection, [NOW - 40 * DAY])
    ids = bring(connection, before(NOW, 8, MINUTE), disposition="quarantined", reason="KeyError")
    assert look(connection) == ["quarantine raised"]
    assert sentences(connection) == [
        "Deliveries quarantined within a day and not retried since: 8 (usually 0)."
    ]
    connection.execute(
        insert(Retry),
        [
            {"delivery_id": each, "made_by": "me", "made_at": NOW, "disposition": "quarantined"}
            for each in ids
        ],
    )
    connection.execute(
        update(Delivery).where(Delivery.id.in_(ids)).values(disposition="stored", reason=None)
    )
    assert look(connection, NOW + MINUTE) == ["quarantine cleared"]


def test_a_few_in_quarantine_are_no_alarm(connection: Connection) -> None:
    """They stand in the list."""
    bring(connection, before(NOW, 4, MINUTE), disposition="quarantined", reason="KeyError")
    assert look(connection) == []


def test_a_backlog(connection: Connection) -> None:
    """It counts from a retry, if there was one."""
    old, _ = bring(connection, [NOW - HOUR, NOW - 20 * MINUTE], disposition="pending")
    connection.execute(update(Delivery).where(Delivery.id == old).values(retried_at=NOW))
    assert look(connection) == ["backlog raised"]
    assert sentences(connection) == [
        "2 deliveries are pending, the oldest for 20 minutes (usually 15 at most)."
    ]
    connection.execute(update(Delivery).values(disposition="stored", ended_at=NOW))
    assert look(connection, NOW + MINUTE) == ["backlog cleared"]


# --- rows -----------------------------------------------------------------------------------


def test_an_empty_corpus_is_quiet(connection: Connection) -> None:
    """There is nothing to be missed."""
    assert look(connection) == []


def test_old_alarms_are_forgotten(connection: Connection) -> None:
    """Those that were over 90 days ago; what is open stays, however old."""
    bring(connection, [NOW - HOUR], disposition="pending")
    look(connection)
    rows = [
        {
            "kind": "length",
            "feed": "x",
            "figure": 1,
            "sentence": "Old.",
            "raised_at": NOW - 200 * DAY,
            "cleared_at": NOW - days * DAY,
        }
        for days in (89, 91)
    ]
    connection.execute(insert(Alarm), rows)
    look(connection)
    assert connection.scalars(select(Alarm.kind).order_by(Alarm.kind)).all() == [
        "backlog",
        "length",
    ]


def test_a_hostile_name_of_a_feed(connection: Connection) -> None:
    """It neither steers a terminal nor makes lines of its own."""
    bring(connection, before(NOW, 2_000, 30 * MINUTE), "a\x1b[31m\nb")
    look(connection, NOW + 6 * HOUR)
    (said,) = sentences(connection)
    assert said.isprintable()
