"""Postgres and Redis go away under load and come back: everything carries on by itself."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
from psycopg import pq

from tests.e2e.conftest import running
from tests.factories import story
from tests.waiting import wait_for
from worker import embedded
from worker.errors import UserError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

FILES = 40


class Stack:
    """Services of its own, with an intake and a worker on them."""

    def __init__(
        self,
        home: Path,
        services: embedded.Services,
        environment: dict[str, str],
        worker: subprocess.Popen[bytes],
    ) -> None:
        self.home = home
        self.services = services
        self.environment = environment
        self.worker = worker
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
        worker = parts.enter_context(running("worker", environment=environment))
        parts.enter_context(running("watch", environment=environment))
        wait_for((tmp_path / "inbox").is_dir, "the inbox")
        stack = Stack(tmp_path, services, environment, worker)
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
    pid = embedded._postmaster(folder)
    os.kill(pid, signal.SIGQUIT)  # "immediate": no goodbye to anybody, nothing written
    os.waitpid(pid, 0)
    server = embedded._start_postgres(folder, stack.services, durable=True)
    stack.started_again.append(server)
    wait_for(stack.stored, "all articles")
    stack.drop(1)
    wait_for(stack.stored, "one more")


def test_a_worker_is_killed(stack: Stack) -> None:
    """With its children: what they were at goes to another worker, and counts against no file."""
    stack.drop(FILES)
    wait_for(stack.taken, "all deliveries")
    stack.worker.kill()
    with running("worker", environment=stack.environment):
        wait_for(stack.stored, "all articles")


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


def test_a_redis_that_reads_its_files_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers nothing else meanwhile; no second one is started on them."""
    loading = iter([True, True, False])
    ping = redis.Redis.ping

    def answer(client: redis.Redis) -> object:
        if next(loading):
            raise redis.BusyLoadingError
        return ping(client)

    with embedded.running(tmp_path, durable=False) as services, monkeypatch.context() as patched:
        patched.setattr(redis.Redis, "ping", answer)
        with embedded.running(tmp_path, durable=False) as found:
            assert found == services
    assert not any(loading)


def test_a_postgres_that_recovers_runs(tmp_path: Path) -> None:
    """No second one is started on its files."""
    with embedded.running(tmp_path, durable=False) as services:
        with psycopg.connect(services.database_url) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)  # and the others are ended with it
        with embedded.running(tmp_path, durable=False) as found:
            assert found == services


def test_a_postgres_that_says_nothing_runs_while_its_process_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that ends all its connections, to recover."""
    reached = iter([False, False, True])
    with embedded.running(tmp_path, durable=False) as services, monkeypatch.context() as patched:
        patched.setattr(embedded, "_postgres_answers", lambda _: next(reached))
        with embedded.running(tmp_path, durable=False) as found:
            assert found == services
    assert not any(reached)


def test_a_postgres_that_is_stuck_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is another started on its files: somebody has to look."""
    with embedded.running(tmp_path, durable=False), monkeypatch.context() as patched:
        patched.setattr(embedded, "START_SECONDS", 0)
        patched.setattr(embedded, "_postgres_answers", lambda _: False)
        with (
            pytest.raises(UserError, match="Postgres runs, but has not answered"),
            embedded.running(tmp_path, durable=False),
        ):
            pass


def test_a_postgres_whose_process_was_killed_is_started(tmp_path: Path) -> None:
    """Once its children are gone too, though its files say that it runs."""
    with embedded.running(tmp_path, durable=False):
        pid = embedded._postmaster(tmp_path / "embedded/postgres")
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    with (
        embedded.running(tmp_path, durable=False) as services,
        psycopg.connect(services.database_url) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_recovers_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes; one that only does not answer is given up, and ended."""
    command, log = ["sleep", "600"], tmp_path / "log"
    pings = iter([pq.Ping.REJECT, pq.Ping.REJECT, pq.Ping.OK])
    reached = iter([False, False, False, True])
    with embedded.running(tmp_path, durable=False) as services, monkeypatch.context() as patched:
        patched.setattr(embedded, "START_SECONDS", 0)
        asked = SimpleNamespace(ping=lambda _: next(pings))
        patched.setattr(embedded, "_reach", lambda _: next(reached))
        patched.setattr(embedded, "pq", SimpleNamespace(Ping=pq.Ping, PGconn=asked))
        server = embedded._start("It", command, log, lambda: embedded._postgres_answers(services))
        assert server.poll() is None
        server.kill()
        server.wait()
        with pytest.raises(UserError, match="It did not start"):
            embedded._start("It", command, log, lambda: False)
