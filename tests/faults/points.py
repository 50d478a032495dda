"""Our processes, dying by themselves at chosen points between two writes.

`python -m tests.faults.points watch` (or `worker`, `retry ID...`) runs as in production, but for
this: before and after each write (a commit, a file moved, a message sent, a message acknowledged)
the process tells the folder that the environment's ``POINTS`` names where it is. If the test has
armed that point it kills itself there, with SIGKILL, once; a delivery is made to suffer once only.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from celery.worker.request import Request
from kombu import Producer
from sqlalchemy.engine.default import DefaultDialect

from worker import cli, pipeline
from worker.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = "POINTS"
EVENTS = "celeryev"  # the exchange of what Flower listens to

STEP = ("commit", "work", "next commit", "message", "acknowledgement")
WRITES: dict[str, tuple[str, ...]] = {
    "intake": ("commit", "move", "next move", "message", "next message"),
    "reconciler": ("commit", "message", "next message", "next commit"),
    "retry": ("commit", "message"),
    **dict.fromkeys(pipeline.STEPS, STEP),
    pipeline.STEPS[-1]: tuple(write for write in STEP if write != "message"),
}
"""Who writes what, a step's work among it. Of writes of a kind only the first is told apart."""
POINTS = tuple(
    f"{who}, {when} {write}"
    for who, writes in WRITES.items()
    for write in writes
    for when in ("before", "after")
)


class Way:
    """How far this process is in what it does now."""

    def __init__(self, who: str, deliveries: list[int]) -> None:
        self._who = who
        self._deliveries = deliveries
        self._written: set[str] = set()

    @contextmanager
    def write(self, kind: str) -> Iterator[None]:
        """A write of a kind, with a point before and after it."""
        name = f"next {kind}" if kind in self._written else kind
        self._written.add(kind)
        visit(f"{self._who}, before {name}", self._deliveries)
        yield
        visit(f"{self._who}, after {name}", self._deliveries)


_way: Way | None = None


@contextmanager
def _on_way(who: str, deliveries: list[int]) -> Iterator[None]:
    global _way  # noqa: PLW0603 - a process does one thing at a time
    before, _way = _way, Way(who, deliveries)
    try:
        yield
    finally:
        _way = before


@contextmanager
def _write(kind: str) -> Iterator[None]:
    if _way is None:
        yield
    else:
        with _way.write(kind):
            yield


def visit(point: str, deliveries: list[int]) -> None:
    """Tell that this point is reached, and die if it is armed."""
    folder = Path(os.environ[FOLDER])
    (folder / "seen" / point).touch()
    suffered = folder / "suffered"
    if any((suffered / str(delivery)).exists() for delivery in deliveries):
        return
    try:
        (folder / "armed" / point).rename(folder / "dying" / point)
    except FileNotFoundError:
        return
    for delivery in deliveries:
        (suffered / str(delivery)).touch()
    # Complete or not there: another process of ours may die meanwhile, and take this one with it.
    unfinished = folder / f"{os.getpid()}.json"
    unfinished.write_text(json.dumps({"deliveries": deliveries, "at": time.time()}))
    unfinished.rename(folder / "died" / point)
    whole = (folder / "dying" / point).read_text() == "whole"
    os.kill(0 if whole else os.getpid(), signal.SIGKILL)


def _wrap(target: object, name: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """Replace a function for as long as the process lives."""
    patch.object(target, name, make(getattr(target, name))).start()


def _writing(kind: str) -> Callable[[Any], Callable[..., Any]]:
    def make(original: Any) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with _write(kind):
                return original(*args, **kwargs)

        return wrapped

    return make


def _sending(original: Any) -> Callable[..., Any]:
    def publish(self: Producer, *args: Any, **kwargs: Any) -> Any:
        exchange = signature(original).bind(self, *args, **kwargs).arguments["exchange"]
        if getattr(exchange, "name", exchange) == EVENTS or _way is None:
            return original(self, *args, **kwargs)
        with _way.write("message"):
            return original(self, *args, **kwargs)

    return publish


def _acknowledging(original: Any) -> Callable[..., Any]:
    def acknowledge(self: Any) -> Any:
        step = self.name.rpartition(".")[2]
        if step not in pipeline.STEPS or self.acknowledged:
            return original(self)
        with Way(step, list(self.args[0]["deliveries"])).write("acknowledgement"):
            return original(self)

    return acknowledge


def _watch() -> None:
    from worker.taking import Taking  # noqa: PLC0415 - reads the environment
    from worker.watch import Watch  # noqa: PLC0415 - reads the environment

    def on_way(who: str) -> Callable[[Any], Callable[..., Any]]:
        def make(original: Any) -> Callable[..., Any]:
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                with _on_way(who, []):
                    return original(*args, **kwargs)

            return wrapped

        return make

    _wrap(Taking, "take", on_way("intake"))
    _wrap(Watch, "_tend", on_way("reconciler"))
    _wrap(Inbox, "file_away", _writing("move"))


def _worker() -> None:
    from worker.tasks.base import Step  # noqa: PLC0415 - reads the environment

    def run(original: Any) -> Callable[..., Any]:
        def wrapped(self: Any, task: Any, message: Any) -> Any:
            global _way  # noqa: PLW0603 - the message to the next step is sent after the return
            _way = Way(self.name, list(message.deliveries))
            return original(self, task, message)

        return wrapped

    _wrap(Step, "_run", run)
    _wrap(Step, "_work", _writing("work"))
    _wrap(Request, "acknowledge", _acknowledging)


def main() -> None:
    """Run the command with points between its writes."""
    _wrap(DefaultDialect, "do_commit", _writing("commit"))
    _wrap(Producer, "_publish", _sending)
    match sys.argv[1:]:
        case ["watch"]:
            _watch()
        case ["worker"]:
            _worker()
        case ["retry", *ids]:
            from worker import operate  # noqa: PLC0415 - reads the environment

            with _on_way("retry", []):
                operate.retry([int(each) for each in ids], "a test")
            return
    cli.main()


if __name__ == "__main__":
    main()
