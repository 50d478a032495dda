"""The reconciler: what Postgres says is pending, and no message carries, is handed over again.

Redis may lose every message, a worker may die with those that it holds: the delivery stays pending
in Postgres. Three things prove that its message is gone, each within seconds:

* the worker that was at it is dead (`worker.pulse`);
* no message waits in its queue, and no step is at it;
* it was overtaken: a queue's messages are taken in the order in which they were sent, and a later
  one was.

Should its message be alive after all, the step that comes second finds nothing left to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import (
    Boolean,
    Float,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    update,
)

from models import Attempt, Delivery
from models.delivery import LOST
from worker import broker, metrics, pipeline, pulse
from worker.app import settings
from worker.sql import among, seconds

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger()

INSTANT_SECONDS = 5
"""Something happened to a delivery so short ago: it may be between a commit and its message."""
AT_MOST = 1_000  # deliveries at a time; the next round finds the rest
LATEST_STARTS = 200  # attempts that are looked at for one that overtook


_INSTANT = seconds(bindparam("instant", type_=Float))
_LONGEST = seconds(bindparam("longest", type_=Float))
_BULK = bindparam("in_bulk", type_=Boolean)
_LATEST = select(Attempt).order_by(Attempt.id.desc()).limit(LATEST_STARTS).subquery()
# When the last of the deliveries was sent whose first step has begun: all earlier had their turn.
_OVERTOOK = (
    select(func.max(Delivery.queued_at))
    .join(_LATEST, _LATEST.c.delivery_id == Delivery.id)
    .where(
        _LATEST.c.step == pipeline.STEPS[0],
        _LATEST.c.started_at >= Delivery.queued_at,
        Delivery.bulk == _BULK,
    )
    .scalar_subquery()
)
_SENT_BEFORE = (
    case((bindparam("idle", type_=Boolean), func.now()), else_=_OVERTOOK) - _INSTANT
).label("sent_before")
_LAST = (
    select(Attempt.outcome, func.greatest(Attempt.started_at, Attempt.ended_at).label("at"))
    .where(Attempt.delivery_id == Delivery.id)
    # By id alone, Postgres may look through all attempts for those of a delivery that has none.
    .order_by(Attempt.started_at.desc(), Attempt.id.desc())
    .limit(1)
    .lateral("last")
)
_AT_WORK = _LAST.c.outcome.is_(None) & (_LAST.c.at > func.now() - _LONGEST)
_STRANDED = (
    select(Delivery.id)
    .outerjoin(_LAST, true())
    .where(
        Delivery.disposition == "pending",
        Delivery.bulk == _BULK,
        # By itself, so that of nearly all the attempts need not be looked at.
        or_(Delivery.queued_at == LOST, Delivery.queued_at < _SENT_BEFORE.element),
        or_(
            Delivery.queued_at == LOST,
            and_(
                func.coalesce(_LAST.c.at, Delivery.queued_at) < _SENT_BEFORE.element,
                func.coalesce(~_AT_WORK, true()),
            ),
        ),
    )
    .order_by(Delivery.queued_at)
    .limit(AT_MOST)
    .with_for_update(of=Delivery, skip_locked=True, key_share=True)
)
_LEFT = (
    select(Delivery.id)
    .where(Delivery.disposition == "pending")
    .order_by(Delivery.id)
    .with_for_update(skip_locked=True, key_share=True)
)
_SENT = update(Delivery).where(Delivery.id == among("ids")).values(queued_at=func.now(), bulk=_BULK)


def stranded(connection: Connection, *, idle: bool, bulk: bool = False) -> list[int]:
    """Take note of deliveries whose message is gone as sent again, and return their ids.

    Several reconcilers share the work: a row that another one holds is skipped.

    Args:
        connection: the caller's transaction.
        idle: no message waits in the queue.
        bulk: whose messages are looked for: of what comes in bulk, or of what is fresh.
    """
    # Who runs into the hard limit is killed, noted and sent again a moment after it.
    longest = settings.hard_limit_seconds + INSTANT_SECONDS
    values = {"idle": idle, "instant": INSTANT_SECONDS, "longest": longest}
    ids = list(connection.scalars(_STRANDED, {**values, "in_bulk": bulk}))
    connection.execute(_SENT, {"ids": ids, "in_bulk": pipeline.in_bulk(len(ids))})
    return ids


def reconcile(connection: Connection, batch: int) -> list[int]:
    """Hand stranded deliveries over again, in batches; returns them.

    Raises:
        redis.RedisError, kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    pulse.bury(connection)
    found: list[int] = []
    for bulk in (False, True):
        ids = stranded(connection, idle=not broker.waiting(pipeline.queue(bulk=bulk)), bulk=bulk)
        found += _hand_over(ids, batch)
    if found:
        log.warning("stranded_deliveries_resubmitted", deliveries=len(found))
        metrics.stranded(len(found))
    return found


def take_over(connection: Connection, batch: int) -> list[int]:
    """Hand over all that is pending, where nobody is at it: no worker runs.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    ids = list(connection.scalars(_LEFT))
    connection.execute(_SENT, {"ids": ids, "in_bulk": pipeline.in_bulk(len(ids))})
    return _hand_over(ids, batch)


def _hand_over(ids: list[int], batch: int) -> list[int]:
    for start in range(0, len(ids), batch):
        pipeline.submit(ids[start : start + batch], bulk=pipeline.in_bulk(len(ids)))
    return ids
