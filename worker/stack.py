"""The processes of a stack on one machine: services found or started, ours supervised."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from worker import config, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from worker.config import Settings

log = structlog.get_logger()

STOP_SECONDS = 40  # a worker finishes the steps that it is at; then it is killed
RESTART_SECONDS = 2


@contextmanager
def services() -> Iterator[Settings]:
    """Settings with a Postgres and a Redis: those of the environment, or embedded ones.

    Embedded ones are put into the environment, where this process and its children read them.

    Raises:
        UserError: a setting is wrong, or a server does not start.
    """
    settings = config.load()
    if settings.database_url and settings.redis_url:
        yield settings
        return
    with embedded.running(settings.home) as found:
        os.environ.setdefault("DATABASE_URL", found.database_url)
        os.environ.setdefault("REDIS_URL", found.redis_url)
        yield config.load()


@dataclass(slots=True)
class Child:
    """A command of ours that runs as a process of its own."""

    command: str
    log: Path | None = None
    """Where its output goes; ours if None."""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: a Ctrl-C reaches it through us, once."""
        with ExitStack() as stack:
            output = None
            if self.log:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                output = stack.enter_context(self.log.open("ab"))
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "worker.cli", self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def died(self) -> bool:
        """Whether it was started and runs no longer."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to stop; see `wait`."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self) -> None:
        """Wait for its end, and bring that about for it and its own children if it takes long."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop(children: Sequence[Child]) -> None:
    """Stop all, in their order, and wait for them."""
    for child in children:
        child.stop()
    for child in children:
        child.wait()


def supervise(commands: Sequence[str]) -> None:
    """Run our commands side by side until interrupted; start again what dies."""
    children = [Child(command) for command in commands]
    stopped = False

    def _interrupt(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    for child in children:
        child.start()
    try:
        while not stopped:
            time.sleep(0.2)
            for child in children:
                if child.died() and not stopped:
                    log.error(
                        "process_died", command=child.command, starts_again_in=RESTART_SECONDS
                    )
                    time.sleep(RESTART_SECONDS)
                    child.start()
    finally:
        stop(children)
