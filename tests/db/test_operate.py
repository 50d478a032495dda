"""Retry: who is taken, once whoever asks, and what becomes of the messages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from celery.signals import before_task_publish
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import func, select, text, update

from models import Delivery, Retry
from tests.factories import MAX_BYTES, deliver
from tests.waiting import wait_for
from worker import broker, db, ledger, operate, pipeline, reconcile
from worker.app import app
from worker.operate import Failed, Retried
from worker.tasks import operate as tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sqlalchemy import Connection

pytestmark = pytest.mark.usefixtures("corpus")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The deliveries that are handed to the workers, of whom there are none here."""
    handed: list[int] = []
    monkeypatch.setattr(pipeline, "submit", lambda ids, **_: handed.extend(ids))
    return handed


def quarantined(
    count: int = 1, *, step: str = "enrich", reason: str = "KeyError: 'x'", feed: str | None = None
) -> Sequence[int]:
    with db.transaction() as connection:
        ids = deliver(connection, *[None] * count)
        ledger.dispose(connection, "quarantined", step, dict.fromkeys(ids, reason))
        connection.execute(update(Delivery).where(Delivery.id.in_(ids)).values(feed=feed))
    return ids


def dispositions(ids: Collection[int]) -> list[str]:
    with db.transaction() as connection:
        statement = select(Delivery.disposition).where(Delivery.id.in_(ids)).order_by(Delivery.id)
        return list(connection.scalars(statement))


def retries() -> list[tuple[int, str]]:
    with db.transaction() as connection:
        rows = connection.execute(select(Retry.delivery_id, Retry.made_by).order_by(Retry.id))
        return [(row[0], row[1]) for row in rows]


def test_a_retry_makes_it_pending_and_is_written_down(sent: list[int]) -> None:
    """Who wanted it, and how the delivery stood before."""
    (delivery,) = quarantined(reason="KeyError: 'x'")
    assert operate.retry([delivery, delivery], "ana\0") == Retried((delivery,), 0, queued=True)
    assert sent == [delivery]
    with db.transaction() as connection:
        now = connection.execute(
            select(Delivery.disposition, Delivery.reason, Delivery.step, Delivery.cause)
        ).one()
        noted = connection.execute(
            select(Retry.made_by, Retry.disposition, Retry.step, Retry.reason)
        ).one()
    assert tuple(now) == ("pending", None, None, None)
    assert tuple(noted) == ("ana\\0", "quarantined", "enrich", "KeyError: 'x'")


def together(act: Callable[[], Retried]) -> list[Retried]:
    """What two come to who act at the same time."""
    barrier = Barrier(2)

    def wait_and_act(_: int) -> Retried:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(wait_and_act, range(2)))


@pytest.mark.parametrize("by_filter", [False, True])
def test_two_operators_at_once_cause_one_run(
    sent: list[int],
    monkeypatch: pytest.MonkeyPatch,
    by_filter: bool,  # noqa: FBT001 - which way they ask
) -> None:
    """Each delivery is taken by one of them, in whatever pieces the two go about it."""
    monkeypatch.setattr(operate, "AT_A_TIME", 7)
    ids = quarantined(30)
    if by_filter:
        done = together(lambda: operate.retry_failed(Failed(), 100, "both"))
    else:
        done = together(lambda: operate.retry(ids, "both"))
    assert sorted([*done[0].deliveries, *done[1].deliveries]) == list(ids)
    assert sorted(sent) == list(ids)
    assert sorted(delivery for delivery, _ in retries()) == list(ids)
    assert dispositions(ids) == ["pending"] * 30


def somebody_waits() -> bool:
    with db.transaction() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_the_second_operator_waits_for_the_first(sent: list[int]) -> None:
    """And then finds nothing left to do."""
    (delivery,) = quarantined()
    with ThreadPoolExecutor(1) as pool:
        with db.transaction() as connection:
            assert operate._take(connection, [delivery], operate._RETRIABLE, "first", bulk=False)
            second = pool.submit(operate.retry, [delivery], "second")
            wait_for(somebody_waits, "the second operator")
        assert second.result() == Retried((), 1, queued=True)
    assert retries() == [(delivery, "first")]


def test_what_failed_again_meanwhile_is_not_taken_for_what_was_seen(
    sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another operator was faster, and it failed once more: that is another failure."""
    (delivery,) = quarantined()
    find = Failed.ids

    def slow(failed: Failed, connection: Connection, limit: int) -> list[int]:
        ids = find(failed, connection, limit)
        operate.retry(ids, "faster")
        with db.transaction() as other:
            ledger.dispose(other, "quarantined", "enrich", dict.fromkeys(ids, "again"))
        return ids

    monkeypatch.setattr(Failed, "ids", slow)
    seen = Failed(until=datetime.now(UTC))
    assert operate.retry_failed(seen, 10, "slower").deliveries == ()
    assert retries() == [(delivery, "faster")]


def test_what_cannot_run_again_is_left_alone(sent: list[int]) -> None:
    """And it is said of each why."""
    (failed,) = quarantined()
    with db.transaction() as connection:
        pending, stored, twin, large = deliver(connection, None, None, None, "x" * (MAX_BYTES + 1))
        connection.execute(
            update(Delivery).where(Delivery.id == stored).values(content_hash="sha256:0")
        )
        ledger.dispose(connection, "stored", "persist", {stored: None})
        ledger.dispose_duplicates(connection, "dedupe", {twin: stored})
    ids = [failed, pending, stored, twin, large, large + 1]
    with db.transaction() as connection:
        left = operate.obstacles(connection, ids)
    assert left == {
        pending: "is pending: it runs already",
        stored: "is stored already",
        twin: f"is a duplicate of {stored}",
        large: "was too large, and its bytes were not kept",
        large + 1: "is unknown",
    }
    assert operate.retry(ids, "ana") == Retried((failed,), 5, queued=True)
    assert dispositions(ids) == ["pending", "pending", "stored", "duplicate", "rejected"]
    assert operate.retry([], "ana") == Retried((), 0, queued=True)


def test_what_is_meant(sent: list[int]) -> None:
    """All that is asked for must be true."""
    (lock,) = quarantined(step="dedupe", reason="its worker died 3 times", feed="vna")
    quoted, other = quarantined(2, reason="KeyError: '50%_a'")
    with db.transaction() as connection:
        an_hour_ago = func.now() - func.make_interval(0, 0, 0, 0, 1)
        connection.execute(
            update(Delivery).where(Delivery.id == quoted).values(ended_at=an_hour_ago)
        )
        rejected = deliver(connection, None)
        ledger.dispose(connection, "rejected", "enrich", dict.fromkeys(rejected, "KeyError"))
    now = datetime.now(UTC)
    ago = now - timedelta(minutes=30)
    for failed, meant in (
        (Failed(), [lock, quoted, other]),
        (Failed(step="enrich"), [quoted, other]),
        (Failed(error="keyerror"), [quoted, other]),
        (Failed(error="50%_A"), [quoted, other]),
        (Failed(error="5_"), []),
        (Failed(error="\0"), []),
        (Failed(cause="enrich: KeyError: …"), [quoted, other]),
        (Failed(feed="vna"), [lock]),
        (Failed(since=ago), [lock, other]),
        (Failed(until=ago), [quoted]),
        (Failed(step="enrich", since=ago), [other]),
        (Failed(step="enrich", feed="vna"), []),
    ):
        with db.transaction() as connection:
            assert (failed, failed.ids(connection, 10)) == (failed, meant)
            assert failed.count(connection) == len(meant)


def test_a_limit_takes_the_oldest(sent: list[int]) -> None:
    """And it is told how many are left."""
    ids = quarantined(5)
    assert operate.retry_failed(Failed(), 2, "ana") == Retried(tuple(ids[:2]), 3, queued=True)
    assert sent == list(ids[:2])
    assert operate.retry_failed(Failed(), 10, "ana") == Retried(tuple(ids[2:]), 0, queued=True)


def test_without_redis_the_reconciler_sends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator does not wait for one try after the other."""
    monkeypatch.setattr(operate, "AT_A_TIME", 2)
    ids = quarantined(6)
    tries = []

    def refuse(deliveries: Collection[int], **_: object) -> None:
        tries.append(deliveries)
        raise BrokerError("Connection refused")

    monkeypatch.setattr(pipeline, "submit", refuse)
    assert operate.retry(ids, "ana") == Retried(tuple(ids), 0, queued=False)
    assert len(tries) == 1
    monkeypatch.undo()
    later()
    with db.transaction() as connection:
        assert sorted(reconcile.reconcile(connection, batch=64)) == list(ids)
    assert broker.waiting() == 1


def test_an_emptied_redis_loses_no_retry() -> None:
    """The messages are gone, the deliveries are pending, and are handed over again."""
    ids = quarantined(3)
    assert operate.retry(ids, "ana").queued
    assert broker.waiting() == 3
    app.control.purge()
    later()
    with db.transaction() as connection:
        assert sorted(reconcile.reconcile(connection, batch=64)) == list(ids)


def later() -> None:
    """Let some seconds pass."""
    with db.transaction() as connection:
        ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, reconcile.INSTANT_SECONDS + 1)
        connection.execute(update(Delivery).values(queued_at=ago))


# --- As tasks -------------------------------------------------------------------------------


def test_the_tasks_count(sent: list[int]) -> None:
    """What ran again, and what was left."""
    first, *others = quarantined(5)
    assert tasks.retry(str(first)) == {"retried": 1, "left": 0}
    assert tasks.retry([first, others[0]], by="ana") == {"retried": 1, "left": 1}
    assert retries() == [(first, "API"), (others[0], "ana")]
    asked: dict[str, Any] = {"step": "enrich", "since": "2h", "limit": 2}
    assert tasks.retry_failed(**asked, dry_run=True) == {"would_be_retried": 2, "left": 1}
    assert dispositions(others[1:]) == ["quarantined"] * 3
    assert tasks.retry_failed(**asked) == {"retried": 2, "left": 1}
    assert tasks.retry_failed(until="2h") == {"retried": 0, "left": 0}


@pytest.fixture
def published() -> Iterator[list[tuple[str, str]]]:
    """The arguments of published tasks, as Flower shows them."""
    seen: list[tuple[str, str]] = []

    def see(headers: dict[str, str], **_: object) -> None:
        seen.append((headers["argsrepr"], headers["kwargsrepr"]))

    before_task_publish.connect(see)
    yield seen
    before_task_publish.disconnect(see)


def test_flower_shows_what_was_asked(published: list[tuple[str, str]]) -> None:
    """The first few of many deliveries, and how many there are; the filters by their names."""
    tasks.retry.delay(17)
    tasks.retry.apply_async(([17, 18],), {"by": "ana"})
    tasks.retry.apply_async((list(range(1, 9)),))
    tasks.retry_failed.delay(step="enrich", since="2h")
    assert published == [
        ("17", ""),
        ("17, 18", "by='ana'"),
        ("1, 2, 3, 4, 5, … (8)", ""),
        ("", "step='enrich', since='2h'"),
    ]
