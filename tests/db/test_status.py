"""How things stand: everything is counted, and all of it adds up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import func, insert, update

from models import Alarm, Delivery, Heartbeat
from tests.factories import arrived, deliver, enriched, store
from worker import broker, config, db, intake, ledger, status
from worker.errors import UserError
from worker.health import LATE_SECONDS
from worker.show import refresh

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


def ago(**units: float) -> Any:
    """So long ago, by the clock that tests and code share."""
    return func.clock_timestamp() - timedelta(**units)


def put(connection: Connection, ids: Collection[int], **values: object) -> None:
    """Change columns of deliveries."""
    connection.execute(update(Delivery).where(Delivery.id.in_(ids)).values(values))


def quarantine(connection: Connection, reason: str, feed: str | None = None) -> int:
    """A delivery that failed at enrich."""
    (delivered,) = intake.deliver(connection, [arrived(feed=feed)], 100_000)
    ledger.dispose(connection, "quarantined", "enrich", {delivered.id: reason})
    return delivered.id


def test_nothing_yet(connection: Connection) -> None:
    """An empty corpus adds up, and has no backlog."""
    now = status.gather(connection)
    assert set(now.in_all.values()) == set(now.today.values()) == {now.deliveries} == {0}
    assert now.adds_up
    assert (now.pending_since, now.left, now.per_minute) == (None, timedelta(0), 0)
    assert [*now.causes, *now.alarms] == []


def test_every_delivery_is_accounted_for(connection: Connection) -> None:
    """The dispositions, today's and all, are those of the deliveries."""
    (stored,) = store(connection, enriched("Un corps.", {}))
    one, two, three, _ = deliver(connection, *[None] * 4)
    ledger.dispose(connection, "rejected", "clean", {one: "empty: nothing"})
    ledger.dispose_duplicates(connection, "dedupe", {two: three})
    quarantine(connection, "KeyError: x")
    put(connection, [one, three], received_at=ago(days=2))

    now = status.gather(connection)
    each = {"pending": 2, "stored": 1, "duplicate": 1, "rejected": 1, "quarantined": 1}
    assert now.in_all == each
    assert now.today == {**each, "pending": 1, "rejected": 0}
    assert (now.deliveries, now.articles, now.adds_up) == (6, 1, True)
    assert stored


def test_a_stored_delivery_without_its_article_does_not_add_up(connection: Connection) -> None:
    """It is what no constraint can rule out."""
    (delivery,) = deliver(connection, None)
    put(connection, [delivery], content_hash="sha256:x")
    ledger.dispose(connection, "stored", "persist", {delivery: None})
    assert not status.gather(connection).adds_up


def test_the_backlog(connection: Connection) -> None:
    """What was sent again waits since then; at so many a minute the backlog takes so long."""
    again, waiting = deliver(connection, None, None)
    put(connection, [again], received_at=ago(days=3), retried_at=ago(minutes=1))
    put(connection, [waiting], received_at=ago(minutes=2))
    now = status.gather(connection)
    assert now.pending_since is not None
    assert timedelta(minutes=2) <= now.at - now.pending_since < timedelta(minutes=3)
    assert now.left is None

    ended = deliver(connection, *[None] * 10)
    ledger.dispose(connection, "rejected", "clean", dict.fromkeys(ended, "empty: nothing"))
    now = status.gather(connection)
    assert (now.per_minute, now.left) == (2, timedelta(minutes=1))
    assert now.arriving == 11 / 5


def test_a_rate_that_the_last_minute_tells(connection: Connection) -> None:
    """Where work has just begun, the minutes before do not count."""
    ended = deliver(connection, *[None] * 60)
    ledger.dispose(connection, "rejected", "clean", dict.fromkeys(ended, "empty: nothing"))
    put(connection, ended, ended_at=ago(seconds=30), received_at=ago(minutes=10))
    now = status.gather(connection)
    assert now.per_minute == pytest.approx(120, rel=0.2)
    assert now.arriving == 0

    put(connection, ended, ended_at=ago(minutes=6))
    assert status.gather(connection).per_minute == 0


def test_causes(connection: Connection) -> None:
    """What failed alike is one cause, with its feeds and its time; the frequent come first."""
    quarantine(connection, "OSError: disk")
    first = quarantine(connection, "KeyError: '1'", "vna")
    quarantine(connection, "KeyError: '2'", "atop")
    quarantine(connection, "KeyError: '3'", "vna")
    put(connection, [first], ended_at=ago(hours=1))

    most, least = status.gather(connection).causes
    assert (most.cause, most.step, most.deliveries) == ("enrich: KeyError: …", "enrich", 3)
    assert most.feeds == ["atop", "vna"]
    assert most.last - most.first >= timedelta(minutes=59)
    assert (least.cause, least.deliveries, least.feeds) == ("enrich: OSError: disk", 1, [None])
    assert least.first == least.last


def test_alarms_that_are_open(connection: Connection) -> None:
    """What is over is told no longer."""
    sentences = {"It is quiet.": None, "It was quiet.": ago(hours=1)}
    for number, (sentence, cleared) in enumerate(sentences.items()):
        values = {"kind": "quiet", "feed": str(number), "figure": 1, "sentence": sentence}
        connection.execute(insert(Alarm).values(values | {"cleared_at": cleared}))
    (alarm,) = status.gather(connection).alarms
    assert (alarm.sentence, alarm.feed, alarm.usual_low) == ("It is quiet.", "0", None)


def test_heartbeats(connection: Connection) -> None:
    """An intake beats all the time; a worker only when it is asked."""
    long = ago(seconds=LATE_SECONDS + 1)
    rows = {
        "intake@a": ago(seconds=1),
        "intake@b": long,
        "worker@a": long,
        "check:1:worker@a": long,
    }
    for name, beat_at in rows.items():
        connection.execute(insert(Heartbeat).values(name=name, beat_at=beat_at))
    beats = {beat.name: beat.late for beat in status.gather(connection).beats}
    assert beats == {"intake@a": False, "intake@b": True, "worker@a": False}


def test_stories_that_name_nobody(connection: Connection) -> None:
    """Of the last day's, and long enough; a date or an amount is no name."""
    long = "Le maire a parlé du port. " * 20
    named = enriched(f"{long} À Lomé.", {"Lomé": "loc:lome"})
    store(connection, named, enriched(long, {}), enriched("Trop court.", {}))
    now = status.gather(connection)
    assert (now.stories, now.nameless) == (2, 1)


def test_redis_is_away(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Postgres knows is told all the same."""
    nowhere = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(broker, "_client", lambda: nowhere)
    deliver(connection, None)
    now = status.gather(connection)
    assert (now.waiting, now.worked_on) == (None, None)
    assert now.in_all["pending"] == 1


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("rotative.enrich", "(deliveries 7, 8, … (64),)", "enrich: deliveries 7, 8, … (64)"),
        ("rotative.clean", "(deliveries 7,)", "clean: deliveries 7"),
        ("operate.retry", "([7, 8],)", "operate.retry: [7, 8]"),
        ("rotative.beat", "()", "beat"),
    ],
)
def test_what_a_worker_does(name: str, arguments: str, words: str) -> None:
    """A task by its name and its arguments, as they were sent to be read."""
    assert status._doing({"name": name, "args": arguments}) == words


def test_a_look_is_one_snapshot(corpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is delivered while one looks does not make parts of it differ."""
    gather = status.gather

    def meanwhile(connection: Connection) -> status.Status:
        before = gather(connection)
        with db.transaction() as other:
            deliver(other, None)
        after = gather(connection)
        assert before.in_all == after.in_all
        return after

    monkeypatch.setattr(status, "gather", meanwhile)
    assert refresh.look()[0].deliveries == 0
    with db.transaction() as connection:
        assert gather(connection).deliveries == 1


def test_a_database_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said what to do."""
    bare = db.make_engine(db.database_url(config.load()).set(database="postgres"))
    monkeypatch.setattr(db, "engine", lambda: bare)
    with pytest.raises(UserError, match="rotative migrate"):
        refresh.look()
    bare.dispose()


def test_today_begins_at_this_machines_midnight(connection: Connection) -> None:
    """Not at that of Greenwich, nor of Postgres."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday, today = deliver(connection, None, None)
    put(connection, [yesterday], received_at=midnight - timedelta(microseconds=1))
    put(connection, [today], received_at=midnight)
    assert status.gather(connection).today["pending"] == 1
