"""The reconciler hands over what no message carries any more, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from models import Attempt, Delivery
from tests.factories import deliver
from tests.tasks.conftest import wait_until_ended
from worker import broker, db, ledger, pipeline
from worker.reconcile import INSTANT_SECONDS, reconcile, stranded

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection

STRANDED_SECONDS = 60


def age(connection: Connection, seconds: float) -> None:
    """Make all deliveries and attempts so much older."""
    ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    connection.execute(update(Delivery).values(queued_at=ago))
    connection.execute(update(Attempt).values(started_at=ago))


def test_lost_messages_are_sent_again(worker: None) -> None:
    """Redis forgot everything; Postgres did not."""
    with db.transaction() as connection:
        ids = deliver(connection, None, None, None)
        age(connection, STRANDED_SECONDS + 1)
    with db.transaction() as connection:
        assert reconcile(connection, STRANDED_SECONDS, batch=2) == list(ids)
    wait_until_ended(ids)
    with db.transaction() as connection:
        assert connection.scalars(select(Delivery.disposition)).all() == ["stored"] * 3


def test_recent_deliveries_are_left_to_their_messages(connection: Connection) -> None:
    """They have not been waiting for long."""
    deliver(connection, None)
    assert stranded(connection, STRANDED_SECONDS) == []


def test_a_running_step_is_left_to_run(connection: Connection) -> None:
    """Somebody began on it a moment ago."""
    ids = deliver(connection, None)
    age(connection, STRANDED_SECONDS + 1)
    ledger.begin(connection, "enrich", ids, "task", 0)
    assert stranded(connection, STRANDED_SECONDS) == []
    age(connection, STRANDED_SECONDS + 1)
    assert list(ids) == stranded(connection, STRANDED_SECONDS)


def test_an_empty_redis_is_not_waited_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no message at all, what is pending has lost its own; seconds are enough."""
    ids = deliver(connection, None)
    age(connection, INSTANT_SECONDS + 1)
    monkeypatch.setattr(pipeline, "submit", lambda _ids: None)
    monkeypatch.setattr(broker, "unacknowledged", lambda: 1)
    assert reconcile(connection, STRANDED_SECONDS, batch=64) == []
    monkeypatch.setattr(broker, "unacknowledged", lambda: 0)
    assert reconcile(connection, STRANDED_SECONDS, batch=64) == list(ids)


def test_what_ended_is_left_alone(connection: Connection) -> None:
    """Quarantine is for an operator to open."""
    ids = deliver(connection, None)
    age(connection, STRANDED_SECONDS + 1)
    ledger.dispose(connection, "quarantined", "enrich", dict.fromkeys(ids, "why"))
    assert stranded(connection, STRANDED_SECONDS) == []


def test_noted_once(connection: Connection) -> None:
    """The next round does not send the same again."""
    ids = deliver(connection, None)
    age(connection, STRANDED_SECONDS + 1)
    assert list(ids) == stranded(connection, STRANDED_SECONDS)
    assert stranded(connection, STRANDED_SECONDS) == []


def test_a_backlog_is_not_doubled(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """While messages wait, what is pending is among them."""
    deliver(connection, None)
    age(connection, STRANDED_SECONDS + 1)
    monkeypatch.setattr(broker, "waiting", lambda: 1)
    assert reconcile(connection, STRANDED_SECONDS, batch=64) == []
