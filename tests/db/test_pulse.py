"""A worker that no longer beats is dead, and what it was at is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from models import Attempt, Delivery, Worker
from models.delivery import LOST
from tests.factories import deliver
from worker import db, ledger, pulse
from worker.reconcile import stranded

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection


def at_work(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> int:
    """A delivery that a worker is at which beats."""
    connection.execute(insert(Worker).values(name="ours"))
    monkeypatch.setattr(pulse, "_name", "ours")
    ids = deliver(connection, None)
    ledger.begin(connection, "enrich", ids, "task", 0)
    return ids[0]


def age(connection: Connection, seconds: float) -> None:
    """Let so much time pass without a beat."""
    ago = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    values = {"beat_at": Worker.beat_at - ago, "suspected_at": Worker.suspected_at - ago}
    connection.execute(update(Worker).values(values))


def outcomes(connection: Connection) -> list[str | None]:
    return list(connection.scalars(select(Attempt.outcome).order_by(Attempt.id)))


def test_what_a_dead_worker_was_at_is_handed_over(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, whatever waits in the queue."""
    delivery = at_work(connection, monkeypatch)
    age(connection, pulse.LATE_SECONDS + 1)
    pulse.bury(connection)
    assert outcomes(connection) == [None]
    age(connection, pulse.SUSPECT_SECONDS + 1)
    pulse.bury(connection)
    assert outcomes(connection) == ["died"]
    assert connection.scalars(select(Delivery.queued_at)).all() == [LOST]
    assert [delivery] == stranded(connection, idle=False)
    assert stranded(connection, idle=False) == []


def test_a_late_beat_is_in_time(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postgres was away, or the machine asleep: who beats after it is alive."""
    at_work(connection, monkeypatch)
    age(connection, 3_600)
    pulse.bury(connection)
    connection.execute(pulse._BEAT, {"name": "ours"})
    age(connection, pulse.SUSPECT_SECONDS)
    pulse.bury(connection)
    assert outcomes(connection) == [None]


def test_a_goodbye_is_believed(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker that stopped did not finish is not waited for."""
    at_work(connection, monkeypatch)
    connection.execute(delete(Worker))
    pulse.bury(connection)
    assert outcomes(connection) == ["died"]


def test_a_worker_without_a_name_is_left_alone(connection: Connection) -> None:
    """One of a version that does not beat: only age tells."""
    ids = deliver(connection, None)
    ledger.begin(connection, "enrich", ids, "task", 0)
    pulse.bury(connection)
    assert outcomes(connection) == [None]


def test_who_was_believed_dead_may_finish(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was only frozen, and nothing is lost by that."""
    delivery = at_work(connection, monkeypatch)
    connection.execute(delete(Worker))
    pulse.bury(connection)
    attempt = connection.scalars(select(Attempt.id)).one()
    ledger.end(connection, [attempt])
    assert outcomes(connection) == ["done"]
    assert ledger.failed_attempts(connection, "enrich", [delivery], "task", 60) == {delivery: 0}


def test_a_file_is_seldom_what_kills_a_worker(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one that is at hand at many deaths is suspected."""
    delivery = at_work(connection, monkeypatch)
    counted: list[int] = []
    for number in range(2 * ledger.DEATHS_LIKE_A_FAILURE):
        ledger.begin(connection, "clean", [delivery], f"task {number}", 0)
        connection.execute(delete(Worker))
        pulse.bury(connection)
        counted += ledger.failed_attempts(connection, "clean", [delivery], "", 60).values()
    assert counted == [0, 0, 0, 1, 1, 1, 1, 2]


def test_beats_come_and_end(corpus: None) -> None:
    """A worker is there while it runs, and its children know whose they are."""
    names = select(Worker.name)
    with pulse.beating(), db.transaction() as connection:
        assert connection.scalars(names).all() == [pulse.name()]
    with db.transaction() as connection:
        assert connection.scalars(names).all() == []
