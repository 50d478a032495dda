"""Health: proof that work can be done, not that a process answers.

A worker is healthy if a message, sent to its own queue, is consumed and ends in a row in
Postgres; intake, if its loop wrote one lately; Flower, if it serves a page.
"""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models import Heartbeat
from worker import db
from worker.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

LATE_SECONDS = 60
"""An intake that has not written for so long is not healthy."""
FORGET_DAYS = 7


def name_of(role: str) -> str:
    """The name under which this machine's process of that role writes its heartbeat."""
    return f"{role}@{socket.gethostname()}"


def beat(name: str) -> None:
    """Write a heartbeat, and forget those of containers that are long gone."""
    values = {"name": name, "beat_at": func.clock_timestamp()}
    long_ago = func.now() - func.make_interval(0, 0, 0, FORGET_DAYS)
    with db.transaction() as connection:
        connection.execute(delete(Heartbeat).where(Heartbeat.beat_at < long_ago))
        connection.execute(
            insert(Heartbeat)
            .values(values)
            .on_conflict_do_update(index_elements=["name"], set_={"beat_at": values["beat_at"]})
        )


def check_worker(within_seconds: float) -> None:
    """Send this machine's worker a message and wait for what it writes.

    Raises:
        UserError: nothing came within the time.
    """
    from worker.app import app  # noqa: PLC0415 - needs the broker's address

    name = name_of("worker")
    before = _last_beat(name)
    app.send_task(
        "rotative.beat", args=(name,), queue=f"{name}.dq2", expires=within_seconds, retry=False
    )
    deadline = time.monotonic() + within_seconds
    while _last_beat(name) == before:
        if time.monotonic() > deadline:
            raise UserError(f"{name} did not consume a message and write to Postgres in time.")
        time.sleep(0.1)


def check_intake() -> None:
    """Look at how long ago this machine's intake wrote.

    Raises:
        UserError: it is too long ago.
    """
    name = name_of("intake")
    recent = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, LATE_SECONDS)
    statement = select(Heartbeat.name).where(Heartbeat.name == name, Heartbeat.beat_at > recent)
    with db.transaction() as connection:
        if connection.scalar(statement) is None:
            raise UserError(f"{name} has not written to Postgres for {LATE_SECONDS} s.")


def check_flower(port: int) -> None:
    """Ask Flower for its health page.

    Raises:
        UserError: it does not serve it.
    """
    url = f"http://127.0.0.1:{port}/healthcheck"
    try:
        with urllib.request.urlopen(url, timeout=5):
            pass
    except urllib.error.URLError as error:
        raise UserError(f"Flower does not answer at {url}: {error.reason}.") from error


def _last_beat(name: str) -> datetime | None:
    with db.transaction() as connection:
        return connection.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == name))
