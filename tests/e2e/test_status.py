"""`rotative status`, as an operator and as a program see it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.e2e.conftest import ENVIRONMENT, Command
from tests.factories import deliver
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import db

STATUS = [sys.executable, "-m", "worker.cli", "status", "--watch"]
INVISIBLE = b"\x1b[?1049"  # a terminal's second screen: h there, l back


@pytest.fixture
def waiting(corpus: None) -> None:
    """Three deliveries that no message knows."""
    with db.transaction() as connection:
        deliver(connection, None, None, None)


def test_status_adds_up(waiting: None, worker: None, rotative: Command) -> None:
    """And says so; it names the worker that answers."""
    run = rotative("status")
    assert run.returncode == 0, run.stderr
    assert "All 3 deliveries are accounted for." in run.stdout
    assert "messages wait" in run.stdout
    wait_for(lambda: "has nothing to do" in rotative("status").stdout, "the worker to answer")


def test_status_without_redis(waiting: None, rotative: Command) -> None:
    """What Postgres knows is told, and that Redis is away."""
    run = rotative("status", REDIS_URL="redis://127.0.0.1:1/0")
    assert run.returncode == 0, run.stderr
    assert "All 3 deliveries are accounted for." in run.stdout
    assert "Redis cannot be reached" in run.stdout


def test_status_for_programs(waiting: None, rotative: Command) -> None:
    """One JSON object, on one line."""
    run = rotative("status", "--json")
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("\n") == 1
    found = json.loads(run.stdout)
    assert (found["in_all"]["pending"], found["deliveries"], found["adds_up"]) == (3, 3, True)


def test_watching_in_a_pipe(waiting: None) -> None:
    """Object after object, until Ctrl-C, which is no failure."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [*STATUS, "--json"], stdout=subprocess.PIPE, text=True, env=os.environ | ENVIRONMENT
    ) as process:
        assert process.stdout
        for _ in range(2):
            assert json.loads(process.stdout.readline())["deliveries"] == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_watching_on_a_terminal(waiting: None) -> None:
    """It is drawn in its place; after Ctrl-C the last of it stays below what was there before."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own module
        STATUS,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "80", "LINES": "40"},
    ) as process:
        os.close(theirs)
        drawn = bytearray()
        try:
            wait_for(
                lambda: _more(ours, drawn) and drawn.count(b"accounted for") > 1, "two drawings"
            )
            assert INVISIBLE + b"h" in drawn
            assert INVISIBLE + b"l" not in drawn
            process.send_signal(signal.SIGINT)
            wait_for(lambda: not _more(ours, drawn), "the last drawing")
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()
    os.close(ours)
    kept = bytes(drawn).partition(INVISIBLE + b"l")[2]
    assert b"All 3 deliveries are accounted for." in kept
    assert b"Traceback" not in drawn


def _more(terminal: int, drawn: bytearray) -> bool:
    """Read what was drawn meanwhile; False once nobody draws any more."""
    try:
        found = os.read(terminal, 65_536)
    except OSError:  # how Linux tells the end of a pseudo-terminal
        return False
    drawn += found
    return bool(found)
