"""A stack of its own on real processes, kept up as a supervisor would, that faults are done to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import psutil
import psycopg
import redis

from tests.factories import story
from worker import db, embedded

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 180
WORKERS = ("worker one", "worker two")
INTAKE = "intake"
FLOWER = "flower"
COMMANDS = {INTAKE: "watch", FLOWER: "flower", **dict.fromkeys(WORKERS, "worker")}


class Account(NamedTuple):
    """What became of the files that were dropped."""

    files: int
    stored: int
    duplicates: int
    rejected: int
    quarantined: int
    lost: int
    """Files without a final disposition, or still in the inbox, and stories without an article."""
    doubled: int
    """Deliveries beyond one a file, articles beyond one a story."""


@dataclass
class Plant:
    """The stack, and what was dropped into it."""

    home: Path
    services: embedded.Services
    random: random.Random
    module: str = "worker.cli"
    """What is run; a module of the tests may do harm first."""
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    files: int = 0
    stories: set[str] = field(default_factory=set)
    refused: int = 0

    # --- running ------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What our processes are told."""
        return {
            **os.environ,
            "DATABASE_URL": self.services.database_url,
            "REDIS_URL": self.services.redis_url,
            "ROTATIVE_HOME": str(self.home),
            "ROTATIVE_QUEUE": "rotative",
            "ROTATIVE_RECOGNISER": "null",
            "ROTATIVE_CONCURRENCY": "2",
            "ROTATIVE_RECONCILE_SECONDS": "1",
            "ROTATIVE_RESCAN_SECONDS": "2",
            "ROTATIVE_BACKOFF_SECONDS": "0.2",
            "ROTATIVE_FLOWER_PORT": "0",
            "ROTATIVE_LOG_LEVEL": "warning",
            **self.settings,
        }

    def start(self, name: str) -> None:
        """Start one of our processes, in a session of its own."""
        log = self.home / "logs" / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as output:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", self.module, COMMANDS[name]],
                env=self.environment | {"HOSTNAME": name},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def keep_up(self) -> None:
        """Start again what has died, as Compose and `rotative up` do."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                self.start(name)

    def stop(self) -> None:
        """End it all."""
        for process in self.processes.values():
            kill_group(process)

    # --- dropping -----------------------------------------------------------------------------

    def drop(self, files: int) -> None:
        """Drop files: six of ten are new stories, three repeat one, one is no article."""
        inbox = self.home / "inbox" / "feed"
        inbox.mkdir(parents=True, exist_ok=True)
        for _ in range(files):
            self.files += 1
            kind = self.random.random()
            if kind < 0.1:
                text = ""
                self.refused += 1
            elif kind < 0.4 and self.stories:
                text = self.random.choice(sorted(self.stories))
            else:
                text = story()
                self.stories.add(text)
            unfinished = inbox / f"{self.files}.part"
            unfinished.write_text(text)
            unfinished.rename(inbox / f"{self.files}.txt")

    # --- faults -------------------------------------------------------------------------------

    def kill(self, *names: str) -> None:
        """Kill some of our processes, with their children."""
        for name in names:
            kill_group(self.processes[name])

    def kill_child(self) -> None:
        """Kill a child of a worker, as the system does that is short of memory."""
        with suppress(psutil.NoSuchProcess):
            worker = psutil.Process(self.processes[self.random.choice(WORKERS)].pid)
            if children := worker.children(recursive=True):
                self.random.choice(children).kill()

    def kill_redis(self, *, forget: bool) -> None:
        """Kill Redis, and start it again, having forgotten everything or not."""
        redis_server = self._redis()
        redis_server.kill()
        self._reap(redis_server)
        folder = self.home / "embedded" / "redis"
        if forget:
            for file in (folder / "appendonlydir").iterdir():
                file.unlink()
        self.servers.append(embedded._start_redis(folder, self.services))

    def freeze_redis(self, seconds: float) -> None:
        """Stop Redis from doing anything for a while, its connections staying open."""
        self._freeze([self._redis()], seconds)

    def freeze_postgres(self, seconds: float) -> None:
        """Stop Postgres and its sessions from doing anything for a while."""
        postmaster = self._postmaster()
        self._freeze([postmaster, *postmaster.children(recursive=True)], seconds)

    def stop_postgres(self, number: int) -> None:
        """Stop Postgres, ``SIGINT`` for fast, ``SIGQUIT`` for immediate, and start it again."""
        postmaster = self._postmaster()
        postmaster.send_signal(number)
        self._reap(postmaster)
        self._start_postgres()

    def cut_power(self) -> None:
        """Kill everything at once, and start it again."""
        names = list(self.processes)
        postmaster = self._postmaster()
        doomed = [self._redis(), postmaster, *postmaster.children(recursive=True)]
        for process in self.processes.values():
            kill_group(process)
        for each in doomed:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        for each in doomed:
            self._reap(each)
        (self.home / "embedded" / "postgres" / "data" / "postmaster.pid").unlink()
        self.servers.append(embedded._start_redis(self.home / "embedded" / "redis", self.services))
        self._start_postgres()
        for name in names:
            self.start(name)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, while what dies is started again."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.keep_up()
            time.sleep(LOOK_SECONDS)

    def _freeze(self, processes: list[psutil.Process], seconds: float) -> None:
        try:
            for process in processes:
                with suppress(psutil.NoSuchProcess):  # a session that has just ended
                    process.suspend()
            self.pass_time(seconds)
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def _redis(self) -> psutil.Process:
        with redis.Redis.from_url(self.services.redis_url) as client:
            return psutil.Process(client.info()["process_id"])

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(embedded._postmaster(self.home / "embedded" / "postgres"))

    def _start_postgres(self) -> None:
        folder = self.home / "embedded" / "postgres"
        self.servers.append(embedded._start_postgres(folder, self.services, durable=True))

    def _reap(self, process: psutil.Process) -> None:
        with suppress(ChildProcessError):
            os.waitpid(process.pid, 0)
        psutil.wait_procs([process], timeout=PATIENCE_SECONDS)

    # --- looking ------------------------------------------------------------------------------

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Ask Postgres; nothing while it is away."""
        try:
            with psycopg.connect(self.services.database_url, connect_timeout=10) as connection:
                return connection.execute(statement.encode()).fetchall()
        except psycopg.OperationalError:
            return []

    def ended(self) -> int:
        """How many deliveries have their disposition."""
        rows = self.query("SELECT count(*) FROM deliveries WHERE disposition <> 'pending'")
        return int(str(rows[0][0])) if rows else 0

    def wait_until_ended(self) -> float:
        """Wait until every file has its disposition; returns the seconds that it took."""
        began = time.monotonic()
        while self.ended() < self.files or self.left():
            if time.monotonic() > began + PATIENCE_SECONDS:
                break  # the account tells what is lost
            self.pass_time(LOOK_SECONDS)
        return time.monotonic() - began

    def wait_for_work(self) -> float:
        """Wait until one more delivery ends, or all have; returns the seconds that it took."""
        began = time.monotonic()
        before = self.ended()
        while before <= self.ended() == before < self.files:
            if time.monotonic() > began + PATIENCE_SECONDS:
                break
            self.pass_time(LOOK_SECONDS)
        return time.monotonic() - began

    def left(self) -> list[Path]:
        """Files that are still in the inbox."""
        return [path for path in (self.home / "inbox").rglob("*") if path.is_file()]

    def account(self) -> Account:
        """Count everything."""
        counts = self.query("SELECT disposition, count(*) FROM deliveries GROUP BY 1")
        by = {str(name): int(str(count)) for name, count in counts}
        [(articles,)] = self.query("SELECT count(*) FROM articles")
        missing = max(0, len(self.stories) - int(str(articles)))
        final = sum(by.values()) - by.get("pending", 0)
        return Account(
            files=self.files,
            stored=by.get("stored", 0),
            duplicates=by.get("duplicate", 0),
            rejected=by.get("rejected", 0),
            quarantined=by.get("quarantined", 0),
            lost=max(0, self.files - final) + missing + len(self.left()),
            doubled=max(0, sum(by.values()) - self.files)
            + max(0, int(str(articles)) - len(self.stories)),
        )


@contextmanager
def running(
    home: Path,
    randomness: random.Random,
    module: str = "worker.cli",
    settings: dict[str, str] | None = None,
) -> Iterator[Plant]:
    """A stack that runs: services, intake, two workers."""
    with embedded.running(home) as services:
        engine = db.make_engine(db.with_driver(services.database_url))
        db.migrate(engine)
        engine.dispose()
        plant = Plant(home, services, randomness, module, settings or {})
        try:
            for name in COMMANDS:
                if name != FLOWER:
                    plant.start(name)
            plant.drop(1)
            plant.wait_until_ended()
            yield plant
        finally:
            plant.stop()
    for server in plant.servers:
        server.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
