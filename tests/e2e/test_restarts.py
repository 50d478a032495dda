"""Postgres and Redis go away under load and come back: everything carries on by itself."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis

from tests.e2e.conftest import running
from tests.factories import story
from tests.waiting import wait_for
from worker import embedded

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

FILES = 40


class Stack:
    """Services of its own, with an intake and a worker on them."""

    def __init__(self, home: Path, services: embedded.Services) -> None:
        self.home = home
        self.services = services
        self.started_again: list[subprocess.Popen[bytes]] = []
        self._dropped = 0

    def drop(self, files: int) -> None:
        """Drop so many new stories."""
        inbox = self.home / "inbox"
        for _ in range(files):
            self._dropped += 1
            unfinished = inbox / f"{self._dropped}.part"
            unfinished.write_text(story())
            unfinished.rename(inbox / f"{self._dropped}.txt")

    def taken(self) -> bool:
        """Whether every file has its delivery."""
        return sum(self._dispositions().values()) == self._dropped

    def stored(self) -> bool:
        """Whether every file has become an article, each once."""
        return self._dispositions() == {"stored": self._dropped}

    def _dispositions(self) -> dict[str, int]:
        statement = "SELECT disposition, count(*) FROM deliveries GROUP BY 1"
        with psycopg.connect(self.services.database_url) as connection:
            return dict(connection.execute(statement).fetchall())


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack that has shown that it works."""
    with ExitStack() as parts:
        services = parts.enter_context(embedded.running(tmp_path))
        environment = {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "ROTATIVE_HOME": str(tmp_path),
            "ROTATIVE_RECOGNISER": "null",
            "ROTATIVE_CONCURRENCY": "2",
            "ROTATIVE_RECONCILE_SECONDS": "1",
        }
        with running("migrate", environment=environment) as migration:
            migration.wait()
        parts.enter_context(running("worker", environment=environment))
        parts.enter_context(running("watch", environment=environment))
        wait_for((tmp_path / "inbox").is_dir, "the inbox")
        stack = Stack(tmp_path, services)
        stack.drop(1)
        wait_for(stack.stored, "the first article")
        yield stack
    for server in stack.started_again:
        server.wait()


def test_postgres_crashes(stack: Stack) -> None:
    """What was in flight is tried again, and counts against no file."""
    stack.drop(FILES)
    wait_for(stack.taken, "all deliveries")
    folder = stack.home / "embedded/postgres"
    pid = int((folder / "data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)  # "immediate": no goodbye to anybody, nothing written
    os.waitpid(pid, 0)
    server = embedded._start_postgres(folder, stack.services, durable=True)
    stack.started_again.append(server)
    wait_for(stack.stored, "all articles")
    stack.drop(1)
    wait_for(stack.stored, "one more")


def test_redis_crashes_and_forgets(stack: Stack) -> None:
    """Deliveries whose messages are gone are handed over again, within seconds."""
    stack.drop(FILES)
    wait_for(stack.taken, "all deliveries")
    with redis.Redis.from_url(stack.services.redis_url) as client:
        pid = client.info()["process_id"]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    folder = stack.home / "embedded/redis"
    for file in (folder / "appendonlydir").iterdir():
        file.unlink()
    stack.started_again.append(embedded._start_redis(folder, stack.services))
    wait_for(stack.stored, "all articles")
    stack.drop(1)
    wait_for(stack.stored, "one more")


def test_a_redis_that_refuses_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk it answers nothing but errors; no second one is started on its files."""
    with embedded.running(tmp_path, durable=False) as services:

        def refuse(_: redis.Redis) -> None:
            raise redis.ResponseError("MISCONF Errors writing to the AOF file")

        with monkeypatch.context() as patched:
            patched.setattr(redis.Redis, "ping", refuse)
            with embedded.running(tmp_path, durable=False) as found:
                assert found == services
