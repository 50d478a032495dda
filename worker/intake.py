"""Intake: a file's bytes and its delivery go into Postgres in one transaction.

The order is what keeps files from being lost: commit, then move the file out, then enqueue. A
crash after the commit leaves a file in the inbox whose arrival is known, so it is only moved; a
crash before the message leaves a pending delivery, which the reconciler hands over.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import BigInteger, Boolean, LargeBinary, Text, case, func, select
from sqlalchemy.dialects.postgresql import insert

from models import Delivery, RawContent
from worker.errors import too_large
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from models.delivery import Folder


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that has arrived."""

    arrival: str
    """See `models.Delivery.arrival`."""
    feed: str | None
    file: str
    size: int
    data: bytes | None
    """None if it is too large to be kept."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The delivery of a file."""

    arrival: str
    id: int
    received_at: datetime
    pending: bool
    """Whether it is to be handed to the workers: new, and not rejected at the door."""
    new: bool
    """False: this arrival was known already."""
    kept: bool
    """Whether Postgres has its bytes."""
    feed: str | None
    file: str
    folder: Folder | None
    """Where its file is, or is to be put; see `models.Delivery.folder`."""


_RAW = values_table(sha256=Text, data=LargeBinary)
_INSERT_RAW = (
    insert(RawContent).from_select(["sha256", "data"], select(_RAW)).on_conflict_do_nothing()
)
_ARRIVED = values_table(
    arrival=Text,
    feed=Text,
    file=Text,
    size=BigInteger,
    raw_sha256=Text,
    disposition=Text,
    step=Text,
    reason=Text,
    folder=Text,
    bulk=Boolean,
)
_INSERT_DELIVERIES = (
    insert(Delivery)
    .from_select(
        [*(column.name for column in _ARRIVED.c), "ended_at"],
        select(_ARRIVED, case((_ARRIVED.c.disposition != "pending", func.now()))),
    )
    .on_conflict_do_nothing(index_elements=["arrival"])
)
_DELIVERED = select(
    Delivery.arrival,
    Delivery.id,
    Delivery.received_at,
    (Delivery.received_at == func.now()) & (Delivery.disposition == "pending"),
    Delivery.received_at == func.now(),
    Delivery.raw_sha256.is_not(None),
    Delivery.feed,
    Delivery.file,
    Delivery.folder,
).where(Delivery.arrival == among("arrivals", Text))


def deliver(
    connection: Connection,
    files: Sequence[Arrived],
    max_bytes: int,
    after: Literal["move", "delete"] | None = None,
    *,
    bulk: bool = False,
) -> list[Delivered]:
    """Store the bytes and a delivery of each file; returns the deliveries in the same order.

    A file without bytes ends at once, as rejected. An arrival that is known already, because a
    crash kept its file in the inbox, gets no second delivery. ``after`` is what is to become of the
    files, None if they stay where they are; ``bulk`` says which queue they are to be handed to.
    """
    contents = {_sha256(file.data): file.data for file in files if file.data is not None}
    connection.execute(_INSERT_RAW, by_column(_RAW, sorted(contents.items())))
    rows = [(*_row(file, max_bytes, after), bulk) for file in files]
    connection.execute(_INSERT_DELIVERIES, by_column(_ARRIVED, rows))
    known = connection.execute(_DELIVERED, {"arrivals": [file.arrival for file in files]})
    delivered = {row.arrival: Delivered(*row) for row in known}
    return [delivered[file.arrival] for file in files]


def batches(
    deliveries: Sequence[tuple[int, int]], most: int, most_bytes: int
) -> Iterator[list[int]]:
    """Divide deliveries, given with their sizes in bytes, into messages.

    A lone file travels alone, a backlog in batches: an eighth of what is at hand, so that several
    workers share even a small backlog, and at most ``most`` deliveries and ``most_bytes`` bytes
    (a single file may have more).
    """
    limit = min(most, max(1, len(deliveries) // 8))
    batch: list[int] = []
    weight = 0
    for delivery, size in deliveries:
        if batch and (len(batch) >= limit or weight + size > most_bytes):
            yield batch
            batch, weight = [], 0
        batch.append(delivery)
        weight += size
    if batch:
        yield batch


def _row(
    file: Arrived, max_bytes: int, after: Literal["move", "delete"] | None
) -> tuple[object, ...]:
    names = (file.arrival, file.feed, file.file, file.size)
    if file.data is None:
        reason = str(too_large(max_bytes))
        return (*names, None, "rejected", "intake", reason, after and "rejected")
    folder = {"move": "processed", "delete": "deleted", None: None}[after]
    return (*names, _sha256(file.data), "pending", None, None, folder)


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
