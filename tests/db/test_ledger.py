"""The ledger: attempts are counted before the work, dispositions are written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from models import Attempt, Delivery
from tests.factories import deliver
from worker import ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection


def disposition(connection: Connection, delivery: int) -> tuple[str, str | None]:
    row = connection.execute(
        select(Delivery.disposition, Delivery.reason).where(Delivery.id == delivery)
    ).one()
    return row[0], row[1]


def failed(
    connection: Connection, step: str, deliveries: list[int], task: str = "task"
) -> dict[int, int]:
    return ledger.failed_attempts(connection, step, deliveries, task, longest=60)


def test_another_tasks_young_attempt_may_be_running(connection: Connection) -> None:
    """A delivery with two messages is not held against it; an attempt that is too old is."""
    (delivery,) = deliver(connection, None)
    ledger.begin(connection, "clean", [delivery], "another task", 0)
    assert failed(connection, "clean", [delivery]) == {delivery: 0}
    ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 61)
    connection.execute(update(Attempt).values(started_at=ago))
    assert failed(connection, "clean", [delivery]) == {delivery: 1}


def test_an_attempt_without_end_counts_as_failed(connection: Connection) -> None:
    """A worker that died leaves a trace that the next one sees."""
    (delivery,) = deliver(connection, None)
    ledger.begin(connection, "clean", [delivery], "task", 0)
    assert {delivery: 1} == failed(connection, "clean", [delivery])
    assert {delivery: 0} == failed(connection, "enrich", [delivery])


def test_an_attempt_that_ended_well_does_not_count(connection: Connection) -> None:
    """Redelivered messages wear no file out."""
    (delivery,) = deliver(connection, None)
    attempts = ledger.begin(connection, "clean", [delivery], "task", 0)
    ledger.end(connection, attempts.values())
    assert {delivery: 0} == failed(connection, "clean", [delivery])


def test_an_error_is_kept_with_its_traceback(connection: Connection) -> None:
    """The operator reads what went wrong, even where Postgres could not store the raw text."""
    (delivery,) = deliver(connection, None)
    attempts = ledger.begin(connection, "clean", [delivery], "task", 0)
    ledger.fail(connection, attempts[delivery], "ValueError: NUL \0 and \ud800", "line 1\nline 2")
    row = connection.execute(select(Attempt.outcome, Attempt.error, Attempt.traceback)).one()
    assert tuple(row) == ("failed", "ValueError: NUL \\0 and \\ud800", "line 1\nline 2")
    assert {delivery: 1} == failed(connection, "clean", [delivery])


def test_faults_of_the_services_count_against_nobody(connection: Connection) -> None:
    """What a task left open before it went back to the broker is excused."""
    (delivery,) = deliver(connection, None)
    ledger.begin(connection, "clean", [delivery], "task", 0)
    ledger.excuse(connection, "clean", "task", 1)
    assert {delivery: 0} == failed(connection, "clean", [delivery])


def test_a_crash_after_a_retry_still_counts(connection: Connection) -> None:
    """A redelivered message has as many retries as before: nothing is excused."""
    (delivery,) = deliver(connection, None)
    ledger.begin(connection, "clean", [delivery], "task", 1)
    ledger.excuse(connection, "clean", "task", 1)
    assert {delivery: 1} == failed(connection, "clean", [delivery])


def begun(
    connection: Connection, deliveries: list[int], task: str = "task"
) -> tuple[dict[int, int], set[int]]:
    counted, attempts = ledger.begin_unfailed(connection, "clean", deliveries, task, 0, longest=60)
    return counted, set(attempts)


def test_what_has_not_failed_is_begun_at_once(connection: Connection) -> None:
    """What has, or ended, is left for whoever decides; the attempts are those of `begin`."""
    ended, failing, fresh, other = deliver(connection, None, None, None, None)
    ledger.dispose(connection, "rejected", "clean", {ended: "no-body: nothing"})
    ledger.begin(connection, "clean", [failing], "task", 0)
    everyone = [ended, failing, fresh, other]
    assert begun(connection, everyone) == ({failing: 1, fresh: 0, other: 0}, {fresh, other})
    assert failed(connection, "clean", everyone) == {failing: 1, fresh: 1, other: 1}
    same = select(func.count(Attempt.step.distinct()), func.count(Attempt.id))
    assert tuple(connection.execute(same).one()) == (1, 3)
    assert begun(connection, [ended]) == ({}, set())


def test_only_what_has_not_failed_may_be_lost_with_the_machine(connection: Connection) -> None:
    """Such attempts are no proof of anything yet; whatever else is written is on disk first."""
    fresh, failing = deliver(connection, None, None)
    ledger.begin(connection, "clean", [failing], "task", 0)
    connection.execute(text("SET LOCAL synchronous_commit = on"))
    begun(connection, [fresh, failing])
    assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    begun(connection, [fresh], "another")
    assert connection.scalar(text("SHOW synchronous_commit")) == "off"


def test_a_disposition_is_final(connection: Connection) -> None:
    """Whoever comes second changes nothing."""
    (delivery,) = deliver(connection, None)
    ledger.dispose(connection, "rejected", "clean", {delivery: "no-body: nothing"})
    ledger.dispose(connection, "quarantined", "enrich", {delivery: "too late"})
    assert disposition(connection, delivery) == ("rejected", "no-body: nothing")


def test_ended_deliveries_are_not_pending(connection: Connection) -> None:
    """A step works on what has no disposition, and on nothing else."""
    ended, open_ = deliver(connection, None, None)
    ledger.dispose(connection, "rejected", "clean", {ended: "no-body: nothing"})
    assert {open_: None} == ledger.pending(connection, [ended, open_])
    assert {open_: 0} == failed(connection, "clean", [ended, open_])


@pytest.mark.parametrize(
    "values",
    [
        {"disposition": "stored"},  # without an end, without a content hash
        {"disposition": "duplicate"},  # of nothing
        {"disposition": "lost"},  # no such word
        {"duplicate_of": 1},  # but still pending
    ],
)
def test_the_database_refuses_half_truths(
    connection: Connection, values: dict[str, object]
) -> None:
    """The promises hold whatever the code does: they are constraints."""
    (delivery,) = deliver(connection, None)
    statement = update(Delivery).where(Delivery.id == delivery).values(values)
    with pytest.raises(IntegrityError):
        connection.execute(statement)
