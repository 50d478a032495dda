"""Retry: what an operator sends again goes from its raw bytes through all steps.

Whoever asks, a page of Flower, its API or the shell, comes through here. The row decides: only the
update that finds a delivery quarantined (or rejected) makes it pending, so two operators cause one
run. Its messages are sent once that is committed; where they cannot be, or Redis loses them, the
reconciler finds the delivery pending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import Boolean, Text, and_, bindparam, func, insert, select, update

from models import Delivery, Retry
from worker import db, pipeline
from worker.ledger import storable
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

log = structlog.get_logger()

AT_A_TIME = 1_000  # deliveries in one transaction


@dataclass(frozen=True, slots=True)
class Failed:
    """Which quarantined deliveries are meant: those that all of these are true of."""

    step: str | None = None
    error: str | None = None
    """Part of the reason, in any case: ``KeyError``, ``died``."""
    cause: str | None = None
    """Exactly this cause, see `models.Delivery.cause`."""
    feed: str | None = None
    since: datetime | None = None
    """Quarantined at or after this."""
    until: datetime | None = None
    """Quarantined at or before this."""

    def condition(self) -> ColumnElement[bool]:
        """What selects them."""
        condition = Delivery.disposition == "quarantined"
        if self.step is not None:
            condition &= Delivery.step == storable(self.step)
        if self.error is not None:
            condition &= Delivery.reason.icontains(storable(self.error), autoescape=True)
        if self.cause is not None:
            condition &= Delivery.cause == storable(self.cause)
        if self.feed is not None:
            condition &= Delivery.feed == storable(self.feed)
        if self.since is not None:
            condition &= Delivery.ended_at >= self.since
        if self.until is not None:
            condition &= Delivery.ended_at <= self.until
        return condition

    def count(self, connection: Connection) -> int:
        """How many there are."""
        statement = select(func.count()).select_from(Delivery).where(self.condition())
        return connection.scalar(statement) or 0

    def ids(self, connection: Connection, limit: int) -> list[int]:
        """The first of them, in the order in which they arrived."""
        statement = select(Delivery.id).where(self.condition()).order_by(Delivery.id)
        return list(connection.scalars(statement.limit(limit)))


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry came to."""

    deliveries: tuple[int, ...]
    """Those that run again."""
    left: int
    """How many of those that were meant were left alone: unknown, not failed, beyond the limit, or
    sent again by somebody else just now."""
    queued: bool
    """False: Redis could not be reached, and the reconciler sends them when it can be."""


def retry(ids: Collection[int], by: str) -> Retried:
    """Send quarantined or rejected deliveries again; ``by`` is who wants it.

    What was rejected without its bytes being kept, being too large, cannot run again.
    """
    wanted = sorted(set(ids))
    return _retry(wanted, len(wanted), _RETRIABLE, by)


def retry_failed(failed: Failed, limit: int, by: str) -> Retried:
    """Send these quarantined deliveries again, at most so many, the oldest first."""
    with db.transaction() as connection:
        ids = failed.ids(connection, limit)
        meant = max(len(ids), failed.count(connection))
    return _retry(ids, meant, failed.condition(), by)


_STANDING = select(
    Delivery.id, Delivery.disposition, Delivery.duplicate_of, Delivery.raw_sha256
).where(Delivery.id == among("ids"))


def obstacles(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Why deliveries cannot be sent again: what a sentence says of each that cannot."""
    found = {row.id: row for row in connection.execute(_STANDING, {"ids": list(ids)})}
    reasons = {each: _obstacle(found.get(each)) for each in ids}
    return {each: reason for each, reason in reasons.items() if reason is not None}


def _obstacle(delivery: Row[*tuple[Any, ...]] | None) -> str | None:
    if delivery is None:
        return "is unknown"
    match delivery.disposition:
        case "stored":
            return "is stored already"
        case "duplicate":
            return f"is a duplicate of {delivery.duplicate_of}"
        case "pending":
            return "is pending: it runs already"
        case _ if delivery.raw_sha256 is None:
            return "was too large, and its bytes were not kept"
    return None


# --- Taking and sending ---------------------------------------------------------------------

_RETRIABLE = and_(
    Delivery.disposition.in_(("quarantined", "rejected")), Delivery.raw_sha256.is_not(None)
)
_LOCK = (
    select(Delivery.id)
    .where(Delivery.id == among("ids"))
    .order_by(Delivery.id)
    .with_for_update(key_share=True)
)
_NOTE = insert(Retry).from_select(
    ["delivery_id", "made_by", "disposition", "step", "reason"],
    select(
        Delivery.id,
        bindparam("made_by", type_=Text),
        Delivery.disposition,
        Delivery.step,
        Delivery.reason,
    ).where(Delivery.id == among("ids")),
)
_NOW = func.clock_timestamp()
_AGAIN = (
    update(Delivery)
    .where(Delivery.id == among("ids"))
    .values(
        disposition="pending",
        reason=None,
        step=None,
        ended_at=None,
        retried_at=_NOW,
        queued_at=_NOW,
        bulk=bindparam("in_bulk", type_=Boolean),
    )
    .returning(Delivery.id, Delivery.size)
)


def _retry(ids: list[int], meant: int, condition: ColumnElement[bool], by: str) -> Retried:
    """Send those again that the condition is true of by the time that they are locked."""
    taken: list[int] = []
    queued = True
    bulk = pipeline.in_bulk(len(ids))
    for start in range(0, len(ids), AT_A_TIME):
        with db.transaction() as connection:
            some = _take(connection, ids[start : start + AT_A_TIME], condition, by, bulk=bulk)
        # Without Redis, every try would take seconds: the reconciler sends the rest.
        queued = queued and _submit(some, bulk=bulk)
        taken += [delivery for delivery, _ in some]
    if taken:
        log.info("retried", deliveries=len(taken), first=taken[0], by=by, queued=queued)
    return Retried(tuple(taken), meant - len(taken), queued)


def _take(
    connection: Connection,
    ids: list[int],
    condition: ColumnElement[bool],
    by: str,
    *,
    bulk: bool,
) -> list[tuple[int, int]]:
    """Make those that failed pending; returns their ids and sizes."""
    # A second operator waits here for the first, and then finds them pending.
    held = {"ids": connection.scalars(_LOCK.where(condition), {"ids": ids}).all()}
    if not held["ids"]:
        return []
    connection.execute(_NOTE, {**held, "made_by": storable(by)})
    return sorted(
        (id_, size) for id_, size in connection.execute(_AGAIN, {**held, "in_bulk": bulk})
    )


def _submit(deliveries: list[tuple[int, int]], *, bulk: bool) -> bool:
    try:
        pipeline.submit_batches(deliveries, bulk=bulk)
    except BrokerError as fault:
        log.warning("retried_later", error=str(fault), deliveries=len(deliveries))
        return False
    return True
