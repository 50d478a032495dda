"""The reconciler hands over what no message carries any more, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update

from models import Attempt, Delivery
from tests.factories import deliver
from tests.tasks.conftest import wait_until_ended
from worker import broker, db, ledger, pipeline
from worker.app import settings
from worker.reconcile import (
    _STRANDED,
    INSTANT_SECONDS,
    reconcile,
    stranded,
    take_over,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

AGO = INSTANT_SECONDS + 1


def age(connection: Connection, seconds: float, ids: Sequence[int] | None = None) -> None:
    """Make deliveries, and all attempts on them, so much older."""
    ago = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    deliveries = update(Delivery).values(queued_at=Delivery.queued_at - ago)
    attempts = update(Attempt).values(
        started_at=Attempt.started_at - ago, ended_at=Attempt.ended_at - ago
    )
    if ids is not None:
        deliveries = deliveries.where(Delivery.id.in_(ids))
        attempts = attempts.where(Attempt.delivery_id.in_(ids))
    connection.execute(deliveries)
    connection.execute(attempts)


def test_lost_messages_are_sent_again(worker: None) -> None:
    """Redis forgot everything; Postgres did not."""
    with db.transaction() as connection:
        ids = deliver(connection, None, None, None)
        age(connection, AGO)
    with db.transaction() as connection:
        assert reconcile(connection, batch=2) == list(ids)
    wait_until_ended(ids)
    with db.transaction() as connection:
        assert connection.scalars(select(Delivery.disposition)).all() == ["stored"] * 3


def test_what_was_just_committed_is_left_to_its_message(connection: Connection) -> None:
    """It is about to be sent."""
    deliver(connection, None)
    assert stranded(connection, idle=True) == []


def test_a_running_step_is_left_to_run(connection: Connection) -> None:
    """For as long as a step may take, and its worker needs to end it and send it again."""
    ids = deliver(connection, None)
    age(connection, settings.hard_limit_seconds)
    ledger.begin(connection, "enrich", ids, "task", 0)
    age(connection, AGO)
    assert stranded(connection, idle=True) == []
    age(connection, settings.hard_limit_seconds - AGO + 1)
    assert stranded(connection, idle=True) == []
    age(connection, AGO)
    assert list(ids) == stranded(connection, idle=True)


def test_between_two_steps_a_message_is_on_its_way(connection: Connection) -> None:
    """A step that ended a moment ago has sent it."""
    ids = deliver(connection, None)
    age(connection, AGO)
    attempts = ledger.begin(connection, "enrich", ids, "task", 0)
    ledger.end(connection, attempts.values())
    assert stranded(connection, idle=True) == []
    age(connection, AGO)
    assert list(ids) == stranded(connection, idle=True)


def test_a_pause_before_a_retry_is_waited_out(connection: Connection) -> None:
    """Its message is held by a worker until it is due."""
    ids = deliver(connection, None)
    ledger.postpone(connection, dict.fromkeys(ids, 60))
    age(connection, 60)
    assert stranded(connection, idle=True) == []
    age(connection, AGO)
    assert list(ids) == stranded(connection, idle=True)


def test_what_waits_in_a_backlog_is_not_sent_again(connection: Connection) -> None:
    """However long it waits: none that was sent later has had its turn."""
    ids = deliver(connection, None, None)
    age(connection, 3_600)
    assert stranded(connection, idle=False) == []
    ledger.begin(connection, "dedupe", ids[:1], "task", 0)
    assert stranded(connection, idle=False) == []


@pytest.mark.parametrize("idle", [True, False])
def test_a_backlog_is_not_searched(connection: Connection, *, idle: bool) -> None:
    """Whatever Postgres counted last: attempts of a delivery that has none are not looked for."""
    done = list(deliver(connection, *[None] * 200))
    for some in done[:20], done[20:]:
        for step in pipeline.STEPS:
            attempts = ledger.begin(connection, step, some, "task", 0)
            ledger.end(connection, attempts.values())
        if len(some) == 20:
            connection.execute(text("ANALYZE attempts"))  # autovacuum does no sooner
    ledger.dispose(connection, "rejected", "clean", dict.fromkeys(done, "no-body: nothing"))
    waiting = deliver(connection, *[None] * 200)
    age(connection, 60, waiting)
    looked_at = attempts_looked_at(connection, idle=idle)
    assert looked_at <= 2 * len(done) * len(pipeline.STEPS)  # each is read twice at most
    assert sorted(stranded(connection, idle=True)) == list(waiting)


def attempts_looked_at(connection: Connection, *, idle: bool) -> float:
    """How many rows of attempts Postgres reads to say what is stranded."""
    statement = _STRANDED.compile(dialect=connection.dialect)
    values = {"idle": idle, "instant": INSTANT_SECONDS, "longest": 60, "in_bulk": False}
    explained = connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", statement.construct_params(values)
    )
    nodes = [explained.scalar_one()[0]["Plan"]]
    read = 0.0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        if node.get("Relation Name") == "attempts":
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            read += rows * node["Actual Loops"]
    return read


def test_what_was_overtaken_is_sent_again(connection: Connection) -> None:
    """Messages are taken in the order in which they were sent: its own is gone."""
    lost, at_work, later = deliver(connection, None, None, None)
    age(connection, 60)
    ledger.begin(connection, "dedupe", [at_work], "task", 0)
    age(connection, AGO)
    age(connection, -60, [later])
    assert stranded(connection, idle=False) == []
    ledger.begin(connection, "dedupe", [later], "another", 0)
    assert [lost] == stranded(connection, idle=False)


def test_a_busy_queue_is_believed(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits there is asked of Redis."""
    ids = deliver(connection, None)
    age(connection, AGO)
    monkeypatch.setattr(pipeline, "submit", lambda _ids, **_: None)
    monkeypatch.setattr(broker, "waiting", lambda _queue: 1)
    assert reconcile(connection, batch=64) == []
    monkeypatch.setattr(broker, "waiting", lambda _queue: 0)
    assert list(ids) == reconcile(connection, batch=64)


def test_what_ended_is_left_alone(connection: Connection) -> None:
    """Quarantine is for an operator to open."""
    ids = deliver(connection, None)
    age(connection, AGO)
    ledger.dispose(connection, "quarantined", "enrich", dict.fromkeys(ids, "why"))
    assert stranded(connection, idle=True) == []


def test_noted_once(connection: Connection) -> None:
    """The next round does not send the same again."""
    ids = deliver(connection, None)
    age(connection, AGO)
    assert list(ids) == stranded(connection, idle=True)
    assert stranded(connection, idle=True) == []


@pytest.mark.parametrize("seconds", [0, 3_600])
def test_where_nobody_works_all_is_taken_over(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """A run that was stopped left it behind, just now or long ago."""
    sent: list[Sequence[int]] = []
    monkeypatch.setattr(pipeline, "submit", lambda ids, **_: sent.append(ids))
    ids = deliver(connection, None, None, None)
    age(connection, seconds)
    assert list(ids) == take_over(connection, batch=2)
    assert [list(ids[:2]), list(ids[2:])] == sent
