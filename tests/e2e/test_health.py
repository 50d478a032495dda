"""Health: what is called healthy has just worked, and what cannot work is not called so."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
import redis
from celery import Celery
from celery.utils.nodenames import worker_direct

from tests.e2e.conftest import running
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import embedded
from worker.health import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

QUEUE = "health"
WORKER = name_of("worker")
OWN_QUEUE = f"{WORKER}.dq2"
NOT_FOR_LONG = ("--within", "2")


@dataclass(frozen=True, slots=True)
class Stack:
    """Services of their own, with an intake and a worker on them."""

    services: embedded.Services
    environment: Mapping[str, str]
    worker: int
    """Process of the worker that gives its children work."""
    postgres: int

    def check(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run `rotative health`; returns its exit status and what it said."""
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "worker.cli", "health", *arguments],
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def control(self) -> Celery:
        """An application that can give workers orders."""
        return Celery(broker=self.services.redis_url)

    def redis(self) -> redis.Redis:
        """A client of the broker."""
        return redis.Redis.from_url(self.services.redis_url, decode_responses=True)

    def bound(self) -> set[str]:
        """The workers that the broker keeps a queue for."""
        return {str(each).partition("\x06")[0] for each in self._bindings()}

    def _bindings(self) -> set[object]:
        with self.redis() as client:
            return set(client.smembers("_kombu.binding.C.dq2"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that works."""
    home = tmp_path_factory.mktemp("health")
    with ExitStack() as parts:
        services = parts.enter_context(embedded.running(home, durable=False))
        environment = {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "ROTATIVE_HOME": str(home),
            "ROTATIVE_QUEUE": QUEUE,
            "ROTATIVE_RECOGNISER": "null",
            "ROTATIVE_CONCURRENCY": "1",
            "ROTATIVE_RECONCILE_SECONDS": "1",
        }
        with running("migrate", environment=environment) as migration:
            migration.wait()
        worker = parts.enter_context(running("worker", environment=environment))
        parts.enter_context(running("watch", environment=environment))
        pid = embedded._postmaster(home / "embedded/postgres")
        stack = Stack(services, environment, worker.pid, pid)
        wait_for(lambda: stack.check("intake")[0] == 0, "intake")
        yield stack


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Processes that are there and do nothing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_stack_that_works(stack: Stack) -> None:
    """It says which worker showed it, and leaves nothing behind."""
    code, text = stack.check("--within", "50")
    assert code == 0, text
    assert f"{WORKER} consumed a message of the queue {QUEUE} and wrote to Postgres" in text
    assert f"{name_of('intake')} wrote to Postgres" in text
    assert stack.check("worker", "--within", "50") == (0, "worker is healthy.\n")
    with psycopg.connect(stack.services.database_url) as connection:
        names = connection.execute("SELECT name FROM heartbeats").fetchall()
    assert sorted(names) == [(name_of("intake"),), (WORKER,)]


def test_a_worker_that_answers_and_takes_nothing(stack: Stack) -> None:
    """Told to leave the common queue, it still answers a ping and consumes its own."""
    control = stack.control().control
    control.cancel_consumer(QUEUE, reply=True, timeout=PATIENCE_SECONDS, limit=1)
    try:
        assert control.ping([WORKER], timeout=PATIENCE_SECONDS, limit=1)
        code, text = stack.check(*NOT_FOR_LONG)
        assert code == 1
        assert f"No worker consumed a message of the queue {QUEUE}" in text
        code, text = stack.check("worker", "--within", "50")
        assert code == 1
        assert f"{WORKER} takes nothing from the queue {QUEUE}" in text
        with stack.redis() as client:
            assert client.llen(QUEUE) == 0  # the check took its message away with it
    finally:
        control.add_consumer(QUEUE, reply=True, timeout=PATIENCE_SECONDS, limit=1)


def test_a_worker_that_hangs(stack: Stack) -> None:
    """However often it is asked, no more than one message waits for it."""
    with stopped(stack.worker):
        for _ in range(2):
            code, text = stack.check("worker", *NOT_FOR_LONG)
            assert code == 1
            assert f"{WORKER} did not consume a message and write to Postgres" in text
        with stack.redis() as client:
            assert client.llen(OWN_QUEUE) <= 1
    code, text = stack.check("worker", "--within", "50")
    assert code == 0, text


def test_a_worker_that_was_killed(stack: Stack) -> None:
    """It was healthy a moment ago."""
    environment = {
        **stack.environment,
        "REDIS_URL": f"{stack.services.redis_url.removesuffix('0')}1",
    }
    with running("worker", environment=environment) as worker:
        code, text = stack.check("--within", "50", **environment)
        assert code == 0, text
        worker.kill()
        worker.wait()
        for arguments in (), ("worker",):
            code, text = stack.check(*arguments, *NOT_FOR_LONG, **environment)
            assert code == 1
            assert "consume" in text


@pytest.mark.parametrize("role", [(), ("worker",), ("intake",)])
def test_postgres_refuses(stack: Stack, role: tuple[str, ...]) -> None:
    """A sentence says so."""
    code, text = stack.check(*role, DATABASE_URL="postgresql://127.0.0.1:1/d")
    assert code == 1
    assert text.startswith("Not healthy: Postgres cannot be reached: ")


def test_postgres_hangs(stack: Stack) -> None:
    """It would take a connection and say nothing for ever."""
    with stopped(stack.postgres):
        code, text = stack.check(*NOT_FOR_LONG)
    assert (code, text) == (1, "Not healthy: Postgres did not answer in time.\n")


def test_redis_hangs(stack: Stack) -> None:
    """As Postgres does."""
    with stack.redis() as client:
        pid = client.info()["process_id"]
    with stopped(pid):
        code, text = stack.check(*NOT_FOR_LONG)
    assert (code, text) == (1, "Not healthy: Redis did not answer in time.\n")


def test_redis_refuses(stack: Stack) -> None:
    """It may come back within the bound, and is waited for so long."""
    code, text = stack.check("worker", *NOT_FOR_LONG, REDIS_URL="redis://127.0.0.1:1/0")
    assert (code, text) == (1, "Not healthy: Redis did not answer in time.\n")


def test_flower_without_postgres(stack: Stack, tmp_path: Path) -> None:
    """It serves a page all the same, and that is not enough."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**stack.environment, "ROTATIVE_FLOWER_PORT": port}
    own_memory = {**environment, "ROTATIVE_HOME": str(tmp_path)}
    code, text = stack.check("flower", **environment)
    assert code == 1
    assert text.startswith(f"Not healthy: Flower does not answer at http://127.0.0.1:{port}/")
    with running("flower", environment=own_memory):
        wait_for(lambda: stack.check("flower", **environment)[0] == 0, "Flower")
        # Also those that serve the connections that Flower has open.
        servers = psutil.Process(stack.postgres).children()
        with stopped(stack.postgres, *(server.pid for server in servers)):
            code, text = stack.check("flower", **environment)
    assert code == 1
    assert text.startswith("Not healthy: Flower does not reach Postgres")


def test_queues_of_workers_that_are_gone(stack: Stack) -> None:
    """They are deleted with what waits there; one that lives goes on consuming its own."""
    gone = "worker@gone"
    with stack.control().connection_for_write() as connection:
        queue = worker_direct(gone)(connection.default_channel)
        queue.declare()
        connection.Producer().publish({}, exchange=queue.exchange, routing_key=gone)
        mine = worker_direct(WORKER)(connection.default_channel)
        mine.declare()
        mine.delete()
    with stack.redis() as client:
        assert client.llen(f"{gone}.dq2") == 1
        code, text = stack.check("worker", "--within", "50")
        assert code == 0, text
        assert client.exists(f"{gone}.dq2") == 0
    assert stack.bound() == {WORKER}
