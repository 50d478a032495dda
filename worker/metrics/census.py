"""How the whole system stands: Postgres and Redis are asked when Prometheus asks intake.

By a few statements that indexes answer and that are cut off soon, and kept for some seconds:
whoever can scrape cannot load the database.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import redis
import structlog
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from models import Alarm, Delivery, Retry
from worker import broker, db
from worker.metrics.gauges import Corpus, Queue, families
from worker.pipeline import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric
    from sqlalchemy import Connection

    from worker.metrics import Feeds

log = structlog.get_logger()

KEPT_SECONDS = 5
_IMPATIENT = text("SET LOCAL statement_timeout = '2s'")
_SINCE = func.coalesce(Delivery.retried_at, Delivery.received_at)
_PENDING = select(
    func.count(),
    func.coalesce(func.extract("epoch", func.now() - func.min(_SINCE)), 0),
).where(Delivery.disposition == "pending")
_QUARANTINED = (
    select(Delivery.step, func.count())
    .where(Delivery.disposition == "quarantined")
    .group_by(Delivery.step)
)
_RETRIED = select(func.count()).select_from(Retry)
_ALARMS = select(Alarm.kind, Alarm.feed).where(Alarm.cleared_at.is_(None))


def corpus(connection: Connection) -> Corpus:
    """Ask Postgres.

    Raises:
        sqlalchemy.exc.OperationalError: among others, where it takes longer than 2 s to answer.
    """
    connection.execute(_IMPATIENT)
    pending, oldest = connection.execute(_PENDING).one()
    quarantined = {step: count for step, count in connection.execute(_QUARANTINED) if step}
    return Corpus(
        pending=pending,
        oldest_seconds=max(0.0, float(oldest)),
        quarantined={**dict.fromkeys(STEPS, 0), **quarantined},
        retried=connection.scalar(_RETRIED) or 0,
        alarms=[(kind, feed) for kind, feed in connection.execute(_ALARMS)],
    )


class Census(Collector):
    """Asks Postgres and Redis when it is scraped, at most once in `KEPT_SECONDS`."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        """The metrics, not older than `KEPT_SECONDS`."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = list(families(_corpus(), _queue(), self._feeds))
                self._until = time.monotonic() + KEPT_SECONDS
            return self._kept


def _corpus() -> Corpus | None:
    try:
        with db.transaction() as connection:
            return corpus(connection)
    except SQLAlchemyError as fault:
        log.warning("metrics_incomplete", without="postgres", error=type(fault).__name__)
        return None


def _queue() -> Queue | None:
    try:
        return Queue(broker.waiting(), broker.unacknowledged())
    except redis.RedisError as fault:
        log.warning("metrics_incomplete", without="redis", error=type(fault).__name__)
        return None
