"""Which workers are alive: each beats in Postgres, and is missed when it no longer does.

Redis does not say whose a message was that nobody acknowledged, and gives it back after minutes. An
attempt says which worker began it, so what a dead worker left behind is known within seconds.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from models import Attempt, Delivery, Worker
from models.delivery import LOST
from worker import db
from worker.sql import among, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.orm import InstrumentedAttribute

log = structlog.get_logger()

BEAT_SECONDS = 2
LATE_SECONDS = 6
"""A worker whose last beat is older than this is suspect."""
SUSPECT_SECONDS = 4
"""Without a beat for so long after that, it is dead. Had only Postgres been away, it would beat."""

_name: str | None = None


def name() -> str | None:
    """The name of the worker that this process belongs to, if it is one that beats."""
    return _name


@contextmanager
def beating() -> Iterator[None]:
    """Beat for as long as the context lasts, and say goodbye at its end.

    Children that are forked inside belong to the same worker.
    """
    global _name  # noqa: PLW0603 - a process belongs to one worker
    _name = f"worker@{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    stop = threading.Event()
    _beat(_name)  # before any fork: what it imports and connects is there
    thread = threading.Thread(target=_beat_until, args=(stop, _name), name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        _say_goodbye(_name)
        _name = None


def _beat_until(stop: threading.Event, worker: str) -> None:
    while not stop.wait(BEAT_SECONDS):
        _beat(worker)


_BEAT = insert(Worker).on_conflict_do_update(
    index_elements=["name"], set_={"beat_at": func.clock_timestamp(), "suspected_at": None}
)


def _beat(worker: str) -> None:
    try:
        with db.transaction() as connection:
            connection.execute(_BEAT, {"name": worker})
    except SQLAlchemyError as fault:
        log.warning("beat_missed", error=type(fault).__name__)


def _say_goodbye(worker: str) -> None:
    try:
        with db.transaction() as connection:
            connection.execute(delete(Worker).where(Worker.name == worker))
    except SQLAlchemyError as fault:
        log.warning("goodbye_missed", error=type(fault).__name__)  # it will be missed instead


def _older(column: InstrumentedAttribute[Any], age: float) -> ColumnElement[bool]:
    return column < func.clock_timestamp() - seconds(age)


_SUSPECT = (
    update(Worker)
    .where(Worker.suspected_at.is_(None), _older(Worker.beat_at, LATE_SECONDS))
    .values(suspected_at=func.clock_timestamp())
)
_BURY = delete(Worker).where(_older(Worker.suspected_at, SUSPECT_SECONDS)).returning(Worker.name)
# Those of a worker that said goodbye, too; of workers without a name only age tells.
_LEFT_BEHIND = (
    select(Attempt.id)
    .where(
        Attempt.outcome.is_(None),
        Attempt.worker.is_not(None),
        ~select(Worker.name).where(Worker.name == Attempt.worker).exists(),
    )
    .with_for_update(skip_locked=True)
)
_CLOSE = (
    update(Attempt)
    .where(Attempt.id.in_(_LEFT_BEHIND))
    .values(outcome="died", ended_at=func.clock_timestamp())
    .returning(Attempt.delivery_id)
)

_LOSE = (
    update(Delivery)
    .where(Delivery.id == among("ids"), Delivery.disposition == "pending")
    .values(queued_at=LOST)
)


def bury(connection: Connection) -> None:
    """Find workers that are dead; the deliveries that they were at are in no message any more."""
    connection.execute(_SUSPECT)
    for dead in connection.scalars(_BURY):
        log.warning("worker_died", worker=dead)
    left = list(connection.scalars(_CLOSE))
    if left:
        connection.execute(_LOSE, {"ids": left})
