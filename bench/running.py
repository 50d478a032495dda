"""Services and processes of our own, whatever the environment names: benchmarks fill databases.

Postgres counts the statements that it is given (``pg_stat_statements``), but for those of the
benchmark itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import psycopg
from sqlalchemy import event

from bench import timed
from worker import config, db, embedded, stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.limit import RecogniserName
    from worker.config import Settings

START_SECONDS: Final = 120


@contextmanager
def services(filled: Path | None = None, database: str | None = None) -> Iterator[Settings]:
    """Servers in a temporary folder, and settings that name them, in the environment too.

    Args:
        filled: a folder whose servers are taken instead; all other files are still temporary.
        database: one of theirs, which may be filled already.
    """
    with tempfile.TemporaryDirectory(prefix="rotative-bench-") as home:
        servers = filled or Path(home)
        with (
            embedded.running(servers) as found,
            psycopg.connect(found.database_url, autocommit=True) as connection,
        ):
            # It is loaded at the next start.
            connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        with embedded.running(servers) as found:
            url = found.database_url
            os.environ |= {
                "ROTATIVE_HOME": home,
                "DATABASE_URL": f"{url.rpartition('/')[0]}/{database}" if database else url,
                "REDIS_URL": found.redis_url,
            }
            engine = db.engine()
            event.listen(engine, "connect", _be_silent)
            db.migrate(engine)
            yield config.load()
            engine.dispose()


def _be_silent(connection: psycopg.Connection, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        cursor.execute("SET pg_stat_statements.track = 'none'")
    connection.commit()


@dataclass(slots=True)
class Worker(stack.Child):
    """A worker whose steps are timed, see `bench.timed`."""

    times: Path = Path()

    def start(self) -> None:
        """Start it as `rotative worker` is, in a session of its own."""
        if self.log is None:
            raise ValueError("a worker that is measured writes a log")
        self.times.mkdir(parents=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", timed.__name__, self.times, self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


@contextmanager
def worker(settings: Settings, recogniser: RecogniserName, processes: int) -> Iterator[Worker]:
    """A worker that consumes; it has not worked yet."""
    from worker.app import app  # noqa: PLC0415 - needs the services' addresses

    os.environ |= {"ROTATIVE_RECOGNISER": recogniser, "ROTATIVE_CONCURRENCY": str(processes)}
    child = Worker(
        "worker",
        settings.home / "worker.log",
        times=Path(tempfile.mkdtemp(dir=settings.home)) / "times",
    )
    child.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not app.control.ping(timeout=1.0):
            if child.died() or time.monotonic() > deadline:
                raise SystemExit(f"The worker did not start; its log is {child.log}.")
        yield child
    finally:
        stack.stop([child])


@contextmanager
def intake(settings: Settings) -> Iterator[stack.Child]:
    """An intake that watches the inbox."""
    settings.inbox.mkdir(parents=True, exist_ok=True)
    child = stack.Child("watch", settings.home / "watch.log")
    child.start()
    try:
        yield child
    finally:
        stack.stop([child])


def process_of(child: stack.Child) -> psutil.Process:
    """The process that a child runs as."""
    if child.process is None:
        raise ValueError(f"{child.command} is to be started first")
    return psutil.Process(child.process.pid)
