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
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from models import Attempt, Claim, Delivery
from worker.sql import among, array, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from models.delivery import Disposition


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
_LONG_AGO = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, bindparam("longest", type_=Float))
_DIED = Attempt.outcome.is_(None) & ((Attempt.task_id == _TASK) | (Attempt.started_at < _LONG_AGO))
_FAILED_ATTEMPTS = (
    select(Delivery.id, func.count(Attempt.id))
    .outerjoin(
        Attempt,
        (Attempt.delivery_id == Delivery.id)
        & (Attempt.step == _STEP)
        & (Attempt.started_at > func.coalesce(Delivery.retried_at, text("'-infinity'")))
        & (_DIED | (Attempt.outcome == "failed")),
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


_BEGIN = (
    insert(Attempt)
    .from_select(
        ["delivery_id", "step", "task_id", "retries"],
        select(
            func.unnest(array("ids")), _STEP, _TASK, bindparam("retry_number", type_=SmallInteger)
        ),
    )
    .returning(Attempt.delivery_id, Attempt.id)
)


def begin(
    connection: Connection, step: str, ids: Collection[int], task_id: str, retries: int
) -> dict[int, int]:
    """Write an attempt for each delivery; returns the attempts' ids by delivery."""
    if not ids:
        return {}
    values = {"step_name": step, "ids": list(ids), "task": task_id, "retry_number": retries}
    return dict(connection.execute(_BEGIN, values).all())


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
_DISPOSE_DUPLICATES = (
    update(Delivery)
    .where(Delivery.id == _OWNED.c.delivery, Delivery.disposition == "pending")
    .values(
        disposition="duplicate",
        duplicate_of=_OWNED.c.owner,
        step=_STEP,
        ended_at=func.clock_timestamp(),
    )
)


def dispose_duplicates(connection: Connection, step: str, owners: Mapping[int, int]) -> None:
    """Mark each delivery as a duplicate of the one that owns its content."""
    if owners:
        values = {"step_name": step, **by_column(_OWNED, owners.items())}
        connection.execute(_DISPOSE_DUPLICATES, values)


def storable(text: str) -> str:
    """Text of unknown origin in a form that Postgres takes: no NUL, no lone surrogate."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
