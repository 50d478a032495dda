"""Health: proof that work can be done, not that a process answers.

A message is sent, and must be consumed and end in a row of Postgres: through a worker's own queue
where that worker is asked about, through the common queue where the stack is. Intake is healthy if
its loop wrote a row lately; Flower, if it serves a page that reaches Postgres.
"""

from __future__ import annotations

import signal
import socket
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from celery.utils.nodenames import WORKER_DIRECT_EXCHANGE, worker_direct
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from models import Attempt, Heartbeat
from worker import db
from worker.errors import UserError, last_words
from worker.sql import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

Answer = TypeVar("Answer")

LATE_SECONDS = 60
"""An intake that has not written for so long is not healthy."""
GONE_SECONDS = 3_600
"""A worker that has not written for so long has no need of its own queue."""
FORGET_DAYS = 7
ASKING_SECONDS = 5
"""How long a worker may take to say which queues it consumes."""


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


def check_stack(within_seconds: float) -> Iterator[str]:
    """Send a message to the common queue and wait for what a worker writes; look at intake.

    Yields a sentence for each thing that is well.

    Raises:
        UserError: what is not, within the time.
    """
    from worker import broker  # noqa: PLC0415 - needs the broker's address
    from worker.app import app, settings  # noqa: PLC0415

    started = time.monotonic()
    deadline = started + within_seconds
    with _asking("Postgres", deadline):
        since = _now()
        intakes = _beating("intake@", LATE_SECONDS)
    sign = f"check:{uuid.uuid4().hex}:"
    with _asking("Redis", deadline):
        sent = app.send_task("rotative.beat", (sign,), expires=within_seconds, retry=False)
    with _asking("Postgres", deadline):
        found = _wait_for(lambda: _collect(sign), deadline)
        busy = not found and _began(since)
    if found:
        took = time.monotonic() - started
        yield (
            f"{found.removeprefix(sign)} consumed a message of the queue {settings.queue} and "
            f"wrote to Postgres, {took:.1f} s after it was asked to."
        )
    else:
        with _asking("Redis", deadline):
            # Workers discard it once it has expired, but where there is none it would stay.
            broker.withdraw(str(sent.id))
            waiting = broker.waiting()
        if not busy:
            raise UserError(
                f"No worker consumed a message of the queue {settings.queue} and wrote to "
                f"Postgres within {within_seconds:g} s. `rotative status` shows the workers."
            )
        yield (
            f"The workers are busy: in {within_seconds:g} s they took other messages of the queue "
            f"{settings.queue}, in which {waiting} wait."
        )
    if not intakes:
        raise UserError(f"No intake has written to Postgres for {LATE_SECONDS} s.")
    yield f"{' and '.join(intakes)} wrote to Postgres less than {LATE_SECONDS} s ago."


def check_worker(within_seconds: float) -> None:
    """Send this machine's worker a message and wait for what it writes.

    Raises:
        UserError: nothing came within the time, or the worker takes nothing from the common queue.
    """
    from worker.app import app, settings  # noqa: PLC0415 - needs the broker's address

    name = name_of("worker")
    queue: Any = worker_direct(name)  # the types of send_task know names only
    deadline = time.monotonic() + within_seconds
    with _asking("Postgres", deadline):
        before = _last_beat(name)
    with _asking("Redis", deadline):
        _purge(name)  # what earlier checks of a busy worker have left
        app.send_task("rotative.beat", (name,), queue=queue, expires=within_seconds, retry=False)
    with _asking("Postgres", deadline):
        if not _wait_for(lambda: _last_beat(name) != before, deadline):
            raise UserError(
                f"{name} did not consume a message and write to Postgres "
                f"within {within_seconds:g} s."
            )
        alive = _beating("worker@", GONE_SECONDS)
    with _asking("Redis", deadline + ASKING_SECONDS):
        consumed = app.control.inspect([name], timeout=ASKING_SECONDS).active_queues() or {}
        forget_gone(alive)
    # A worker that does not answer this has shown already that it works.
    if name in consumed and settings.queue not in {each["name"] for each in consumed[name]}:
        raise UserError(
            f"{name} takes nothing from the queue {settings.queue}: it was told not to. Restart it."
        )


def check_intake() -> None:
    """Look at how long ago this machine's intake wrote.

    Raises:
        UserError: it is too long ago, or cannot be known.
    """
    name = name_of("intake")
    with _asking("Postgres", time.monotonic() + ASKING_SECONDS):
        if name not in _beating(name, LATE_SECONDS):
            raise UserError(f"{name} has not written to Postgres for {LATE_SECONDS} s.")


def check_flower(port: int) -> None:
    """Ask Flower for a page that it serves only if it reaches Postgres.

    Raises:
        UserError: it does not serve it.
    """
    url = f"http://127.0.0.1:{port}/articles/health"
    try:
        with urllib.request.urlopen(url, timeout=2 * ASKING_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        raise UserError(f"Flower does not reach Postgres: {url} answers {error.code}.") from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise UserError(f"Flower does not answer at {url}: {reason}.") from error


def forget_gone(alive: Collection[str]) -> None:
    """Delete the own queues of all other workers, with what waits there for ever.

    A worker that lives without ever being asked for its health loses nothing by it: it goes on
    consuming its queue, which is made again by whoever sends to it.
    """
    from worker.app import app  # noqa: PLC0415 - needs the broker's address

    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        bound = channel.get_table(WORKER_DIRECT_EXCHANGE.name)
        for name in {routing_key for routing_key, *_ in bound}.difference(alive):
            queue = worker_direct(name)(channel)
            queue.declare()  # Kombu deletes only what it has declared
            queue.delete()


class _LateError(Exception):
    """No answer in time. Of no kind that the clients of Redis would take for a lost connection."""


@contextmanager
def _asking(service: str, deadline: float) -> Iterator[None]:
    """Turn what a service refuses, or does not do until then, into a sentence.

    A server that hangs may hold a client for minutes: the alarm clock interrupts it.
    """

    def interrupt(*_: object) -> None:
        raise _LateError

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(0.01, deadline + 1 - time.monotonic()))
    try:
        yield
    except _LateError:
        raise UserError(f"{service} did not answer in time.") from None
    except (OperationalError, BrokerError, RedisError) as error:
        raise UserError(f"{service} cannot be reached: {last_words(error)}") from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _wait_for(look: Callable[[], Answer], deadline: float) -> Answer:
    """Look again and again until there is something, or it is late; returns what was seen last."""
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen


def _now() -> datetime:
    """The time of Postgres."""
    with db.transaction() as connection:
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now


def _last_beat(name: str) -> datetime | None:
    with db.transaction() as connection:
        return connection.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == name))


def _beating(prefix: str, within: float) -> list[str]:
    """Who of these has written within so many seconds."""
    recent = func.clock_timestamp() - seconds(within)
    statement = (
        select(Heartbeat.name)
        .where(Heartbeat.name.startswith(prefix, autoescape=True), Heartbeat.beat_at > recent)
        .order_by(Heartbeat.name)
    )
    with db.transaction() as connection:
        return list(connection.scalars(statement))


def _collect(sign: str) -> str | None:
    """What was written under this sign, which is then no longer needed."""
    ours = Heartbeat.name.startswith(sign, autoescape=True)
    with db.transaction() as connection:
        return connection.scalar(delete(Heartbeat).where(ours).returning(Heartbeat.name))


def _began(since: datetime) -> bool:
    """Whether a step was begun since then, which only workers do."""
    statement = select(Attempt.started_at).order_by(Attempt.id.desc()).limit(1)
    with db.transaction() as connection:
        last = connection.scalar(statement)
    return last is not None and last > since


def _purge(name: str) -> None:
    """Forget what waits in a worker's own queue."""
    from worker.app import app  # noqa: PLC0415 - needs the broker's address

    with app.connection_for_write() as connection:
        worker_direct(name)(connection.default_channel).purge()
