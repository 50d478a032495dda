"""The reconciler: what Postgres says is pending, and no message carries, is handed over again.

Redis may lose every message, a worker may die between two steps: the delivery stays pending in
Postgres. Once it has been so for `ROTATIVE_STRANDED_SECONDS` without a start of any step, or for
some seconds while Redis has no message at all, it is enqueued again. Should its message be alive
after all, the step that comes second finds nothing left to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func, select, update

from models import Attempt, Delivery
from worker import broker, metrics, pipeline
from worker.sql import among

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger()

INSTANT_SECONDS = 5
AT_MOST = 1_000  # deliveries at a time; the next round finds the rest


def stranded(connection: Connection, seconds: float) -> list[int]:
    """Take note of deliveries that nothing has happened to for so long, and return their ids.

    Several reconcilers share the work: a row that another one holds is skipped.
    """
    long_ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    recent = select(Attempt.id).where(
        Attempt.delivery_id == Delivery.id, Attempt.started_at > long_ago
    )
    ids = list(
        connection.scalars(
            select(Delivery.id)
            .where(
                Delivery.disposition == "pending", Delivery.queued_at < long_ago, ~recent.exists()
            )
            .order_by(Delivery.queued_at)
            .limit(AT_MOST)
            .with_for_update(skip_locked=True, key_share=True)
        )
    )
    connection.execute(
        update(Delivery).where(Delivery.id == among("ids")).values(queued_at=func.now()),
        {"ids": ids},
    )
    return ids


def hand_over(connection: Connection, seconds: float, batch: int) -> list[int]:
    """Enqueue what nothing has happened to for so long, in batches; returns the deliveries.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    ids = stranded(connection, seconds)
    for start in range(0, len(ids), batch):
        pipeline.submit(ids[start : start + batch])
    if ids:
        log.warning("stranded_deliveries_resubmitted", deliveries=len(ids))
        metrics.stranded(len(ids))
    return ids


def reconcile(connection: Connection, seconds: float, batch: int) -> list[int]:
    """Hand stranded deliveries over again, unless messages wait: they are among those then.

    Where no worker has a message either, Redis has forgotten what is pending; there is nothing to
    wait for but the instant between a commit and its message.

    Raises:
        redis.RedisError, kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    if broker.waiting():
        return []
    return hand_over(connection, seconds if broker.unacknowledged() else INSTANT_SECONDS, batch)
