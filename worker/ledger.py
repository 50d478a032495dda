"""The book of deliveries: attempts begun and ended, dispositions written exactly once.

Everything here runs inside the caller's transaction. Rows are locked in the order of their ids,
so that steps that meet on the same deliveries wait for each other instead of deadlocking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Float,
    SmallInteger,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from models import Attempt, Claim, Delivery
from worker import pulse
from worker.sql import among, array, by_column, seconds, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.dml import ReturningInsert

    from models.delivery import Disposition


DEATHS_LIKE_A_FAILURE = 4
"""So many deaths of a whole worker count as one failure: seldom is it a file that kills more than
the process that works on it, and what is in flight when a machine fails is there by chance."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a step does with the deliveries of a message, judged by their failed attempts."""

    run: tuple[int, ...]
    """Work on these now."""
    alone: tuple[int, ...]
    """Send these on one by one: one of a batch may have been what killed its worker."""
    give_up: tuple[int, ...]
    """Quarantine these: their attempts are used up."""


def plan(failed: Mapping[int, int], limit: int) -> Plan:
    """Decide from the number of failed attempts of each pending delivery at this step."""
    give_up = tuple(i for i, n in failed.items() if n >= limit)
    rest = [i for i in failed if i not in give_up]
    alone = tuple(i for i in rest if failed[i] > 0) if len(rest) > 1 else ()
    return Plan(tuple(i for i in rest if i not in alone), alone, give_up)


_PENDING = (
    select(Delivery.id, Delivery.feed)
    .where(Delivery.id == among("ids"), Delivery.disposition == "pending")
    .order_by(Delivery.id)
    .with_for_update(key_share=True)
)


def pending(connection: Connection, ids: Collection[int]) -> dict[int, str | None]:
    """Lock those of the deliveries that have no disposition yet; returns their feeds, in order."""
    return dict(connection.execute(_PENDING, {"ids": list(ids)}).all())


_TASK = bindparam("task", type_=Text)
_STEP = bindparam("step_name", type_=Text)
_LONG_AGO = func.now() - seconds(bindparam("longest", type_=Float))
_DIED = Attempt.outcome.is_(None) & ((Attempt.task_id == _TASK) | (Attempt.started_at < _LONG_AGO))
_FAILURES = func.count(Attempt.id).filter(func.coalesce(Attempt.outcome, "") != "died")
_DEATHS = func.count(Attempt.id).filter(Attempt.outcome == "died")
_FAILED_ATTEMPTS = (
    select(Delivery.id, (_FAILURES + _DEATHS // DEATHS_LIKE_A_FAILURE).label("failures"))
    .outerjoin(
        Attempt,
        (Attempt.delivery_id == Delivery.id)
        & (Attempt.step == _STEP)
        & (Attempt.started_at > func.coalesce(Delivery.retried_at, text("'-infinity'")))
        & (_DIED | Attempt.outcome.in_(("failed", "died"))),
    )
    .where(Delivery.id == among("ids"), Delivery.disposition == "pending")
    .group_by(Delivery.id)
    .order_by(Delivery.id)
)


def failed_attempts(
    connection: Connection, step: str, ids: Collection[int], task_id: str, longest: float
) -> dict[int, int]:
    """How often ``step`` was begun for each pending delivery without coming to a good end.

    An attempt without an outcome has failed if it was this very task's, which is back because its
    worker died, or if it began more than ``longest`` seconds ago, which no step may take. A younger
    one may be running: then the same delivery has two messages, and it is nobody's fault.
    Nor do attempts count that an operator's retry has left behind.
    Deliveries that have their disposition are left out.
    """
    values = {"step_name": step, "ids": list(ids), "task": task_id, "longest": longest}
    return dict(connection.execute(_FAILED_ATTEMPTS, values).all())


DIED = "its worker died"
_CLOSE_FAILED = (
    update(Attempt)
    .where(Attempt.delivery_id == among("ids"), Attempt.step == _STEP, _DIED)
    .values(ended_at=func.clock_timestamp(), outcome="failed", error=DIED)
)


def close_failed(
    connection: Connection, step: str, ids: Collection[int], task_id: str, longest: float
) -> None:
    """Write down what became of attempts that `failed_attempts` counts and nobody has closed."""
    values = {"step_name": step, "ids": list(ids), "task": task_id, "longest": longest}
    connection.execute(_CLOSE_FAILED, values)


_CLOSE_TIMED_OUT = (
    update(Attempt)
    .where(Attempt.task_id == _TASK, Attempt.outcome.is_(None))
    .values(
        ended_at=func.clock_timestamp(), outcome="failed", error=bindparam("too_long", type_=Text)
    )
)


def close_timed_out(connection: Connection, task_id: str, longest: float) -> None:
    """Write down that a task was killed because it took longer than so many seconds."""
    connection.execute(_CLOSE_TIMED_OUT, {"task": task_id, "too_long": too_long(longest)})


def too_long(seconds: float) -> str:
    """What is said of an attempt that ran into a time limit."""
    return f"took longer than {seconds:g} s"


_WHAT = func.coalesce(Attempt.error, DIED)
_FAILED = (
    select(Attempt.delivery_id, _WHAT, func.count())
    .join(Delivery, Delivery.id == Attempt.delivery_id)
    .where(
        Attempt.delivery_id == among("ids"),
        Attempt.step == _STEP,
        Attempt.started_at > func.coalesce(Delivery.retried_at, text("'-infinity'")),
        Attempt.outcome.in_(("failed", "died")),
    )
    .group_by(Attempt.delivery_id, _WHAT)
    .order_by(func.min(Attempt.id))
)


def reasons(connection: Connection, step: str, ids: Collection[int]) -> dict[int, str]:
    """In words, what each of these deliveries' failed attempts at a step came to."""
    said: dict[int, list[str]] = {delivery: [] for delivery in ids}
    if said:
        for delivery, what, times in connection.execute(
            _FAILED, {"step_name": step, "ids": list(ids)}
        ):
            said[delivery].append(f"{DIED} {times} times" if what == DIED else what)
    return {delivery: "; ".join(whats) for delivery, whats in said.items()}


_PAUSED = values_table(delivery=BigInteger, pause=Float)
_POSTPONE = (
    update(Delivery)
    .where(Delivery.id == _PAUSED.c.delivery)
    .values(queued_at=func.clock_timestamp() + seconds(_PAUSED.c.pause))
)


def postpone(connection: Connection, pauses: Mapping[int, float]) -> None:
    """Note that deliveries are sent again, each after so many seconds: till then none is missed."""
    if pauses:
        connection.execute(_POSTPONE, by_column(_PAUSED, pauses.items()))


def _insert_attempts(ids: Select[int]) -> ReturningInsert[int, int]:
    """The statement that writes an attempt for each of these deliveries."""
    columns = ids.add_columns(
        _STEP,
        _TASK,
        bindparam("worker", type_=Text),
        bindparam("retry_number", type_=SmallInteger),
    )
    return (
        insert(Attempt)
        .from_select(["delivery_id", "step", "task_id", "worker", "retries"], columns)
        .returning(Attempt.delivery_id, Attempt.id)
    )


_BEGIN = _insert_attempts(select(func.unnest(array("ids"))))


def begin(
    connection: Connection, step: str, ids: Collection[int], task_id: str, retries: int
) -> dict[int, int]:
    """Write an attempt for each delivery; returns the attempts' ids by delivery."""
    if not ids:
        return {}
    values = _attempt(step, ids, task_id, retries)
    return dict(connection.execute(_BEGIN, values).all())


_COUNTED = _FAILED_ATTEMPTS.cte("counted")
_BEGUN = _insert_attempts(select(_COUNTED.c.id).where(_COUNTED.c.failures == 0)).cte("begun")
# Not on disk when the work begins, if it is nothing but this: why that does, see decision 0003.
_WITHOUT_WAITING = case(
    (
        func.bool_and(_COUNTED.c.failures == 0).over(),
        func.set_config("synchronous_commit", "off", True),  # noqa: FBT003 - for this transaction
    )
)
_BEGIN_UNFAILED = (
    select(_COUNTED.c.id, _COUNTED.c.failures, _BEGUN.c.id, _WITHOUT_WAITING)
    .outerjoin(_BEGUN, _BEGUN.c.delivery_id == _COUNTED.c.id)
    .order_by(_COUNTED.c.id)
)


def begin_unfailed(  # noqa: PLR0913 - what both need that it does in one
    connection: Connection,
    step: str,
    ids: Collection[int],
    task_id: str,
    retries: int,
    *,
    longest: float,
) -> tuple[dict[int, int], dict[int, int]]:
    """Count what `failed_attempts` counts, and `begin` those that have none: nearly always all.

    If it is all, the commit of this transaction does not wait for the disk.
    Returns the counts of all pending deliveries, and the attempts' ids of those begun.
    """
    values = _attempt(step, ids, task_id, retries) | {"longest": longest}
    rows = connection.execute(_BEGIN_UNFAILED, values).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows if row[2]}


def _attempt(step: str, ids: Collection[int], task_id: str, retries: int) -> dict[str, object]:
    return {
        "step_name": step,
        "ids": list(ids),
        "task": task_id,
        "worker": pulse.name(),
        "retry_number": retries,
    }


def excuse(connection: Connection, step: str, task_id: str, retries: int) -> None:
    """Close the attempts that this same task left open when it went back to the broker.

    It was the services that failed it, not a file: those attempts count against nobody. A worker
    that died comes back with the same number of retries, so its attempts stay open, and count.
    """
    if retries:
        connection.execute(
            update(Attempt)
            .where(
                Attempt.task_id == task_id,
                Attempt.step == step,
                Attempt.retries < retries,
                Attempt.outcome.is_(None),
            )
            .values(ended_at=func.clock_timestamp(), outcome="interrupted")
        )


_END = (
    update(Attempt)
    .where(Attempt.id == among("ids"))
    .values(ended_at=func.clock_timestamp(), outcome="done")
)


def end(connection: Connection, attempts: Collection[int]) -> None:
    """These attempts came to a good end, be it a disposition or the next step."""
    if attempts:
        connection.execute(_END, {"ids": list(attempts)})


def fail(connection: Connection, attempt: int, error: str, traceback: str) -> None:
    """This attempt raised ``error``."""
    connection.execute(
        update(Attempt)
        .where(Attempt.id == attempt)
        .values(
            ended_at=func.clock_timestamp(),
            outcome="failed",
            error=storable(error),
            traceback=storable(traceback),
        )
    )


_GIVEN = values_table(delivery=BigInteger, why=Text)
_DISPOSE = (
    update(Delivery)
    .where(Delivery.id == _GIVEN.c.delivery, Delivery.disposition == "pending")
    .values(
        disposition=bindparam("ending", type_=Text),
        reason=_GIVEN.c.why,
        step=_STEP,
        ended_at=func.clock_timestamp(),
    )
)
_GIVE_UP_CLAIMS = delete(Claim).where(Claim.delivery_id == among("ids"))


def dispose(
    connection: Connection,
    disposition: Disposition,
    step: str,
    reasons: Mapping[int, str | None],
) -> None:
    """Give deliveries that are still pending their disposition.

    A rejected delivery gives up its claim: with better rules the same content may pass.
    """
    if not reasons:
        return
    rows = [(delivery, why and storable(why)) for delivery, why in reasons.items()]
    values = {"ending": disposition, "step_name": step, **by_column(_GIVEN, rows)}
    connection.execute(_DISPOSE, values)
    if disposition == "rejected":
        connection.execute(_GIVE_UP_CLAIMS, {"ids": list(reasons)})


_OWNED = values_table(delivery=BigInteger, owner=BigInteger)
_Owner = aliased(Delivery)
_DISPOSE_DUPLICATES = (
    update(Delivery)
    .where(
        Delivery.id == _OWNED.c.delivery,
        Delivery.disposition == "pending",
        _Owner.id == _OWNED.c.owner,
    )
    .values(
        disposition="duplicate",
        duplicate_of=_OWNED.c.owner,
        level=case(
            (Delivery.raw_sha256 == _Owner.raw_sha256, "bytes"),
            (Delivery.content_hash == _Owner.content_hash, "text"),
            else_="body",
        ),
        step=_STEP,
        ended_at=func.clock_timestamp(),
    )
    .returning(Delivery.id, Delivery.duplicate_of, Delivery.level)
)


def dispose_duplicates(
    connection: Connection, step: str, owners: Mapping[int, int]
) -> dict[int, dict[str, object]]:
    """Mark each delivery as a duplicate of the one that owns its content.

    Returns what the log says of those that were pending.
    """
    if not owners:
        return {}
    values = {"step_name": step, **by_column(_OWNED, owners.items())}
    return {
        row.id: {
            "disposition": "duplicate",
            "duplicate_of": row.duplicate_of,
            "by": row.level,
        }
        for row in connection.execute(_DISPOSE_DUPLICATES, values)
    }


def storable(text: str) -> str:
    """Text of unknown origin in a form that Postgres takes: no NUL, no lone surrogate."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
