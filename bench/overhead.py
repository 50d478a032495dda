"""Articles per second through the chain, beside the limit. `bench/README.md` says how to read it.

Everything is real: a worker as `rotative worker` starts it, Postgres and Redis with their data on
disk, in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import corpus
import limit
import psutil  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, text

from models import Delivery
from worker import config, db, embedded, intake, stack
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

Method = Literal["chain", "loop"]
METHODS: Final[tuple[Method, ...]] = ("chain", "loop")

RESULTS: Final = Path(__file__).with_name("results.json")
# As many articles as the chain does in about ten seconds on two cores.
ARTICLES: Final = {"null": {1: 400, 16: 1_600, 64: 2_560}, "spacy": {1: 256, 16: 384, 64: 512}}
DELIVER_AT_A_TIME: Final = 512
LOOK_SECONDS: Final = 0.2
START_SECONDS: Final = 120
STALL_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure."""

    batches: Sequence[int]
    articles: int | None
    rounds: int
    processes: int
    recogniser: limit.RecogniserName
    output: Path

    def articles_at(self, batch: int) -> int:
        """Articles of one run with batches of this size."""
        usual = ARTICLES[self.recogniser]
        return self.articles or usual.get(batch) or usual[16]


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: so many articles, from the first start to the last disposition."""

    method: Method
    batch: int
    articles: int
    seconds: float
    worker_cpu: float
    """Seconds of the processes that do the steps, the worker's parent included."""
    services_cpu: float
    """Seconds of Postgres and Redis."""

    @property
    def rate(self) -> float:
        """Articles per second."""
        return self.articles / self.seconds


class Bench:
    """The same articles a second by either method, over and over, in one database."""

    def __init__(self, options: Options, settings: config.Settings) -> None:
        self._options = options
        self._settings = settings
        self._articles = corpus.articles("overhead")

    def runs(self) -> Iterator[Run]:
        """Chain and loop by turns, for each size of batch, for each round."""
        options = self._options
        with self._worker() as worker:
            warm_up = self._batches(8 * options.processes, 1)
            with limit.loop(options.processes, options.recogniser, warm_up) as loop:
                for _ in range(options.rounds):
                    for batch in options.batches:
                        yield self._chain(batch, worker)
                        yield self._loop(batch, loop)

    @contextmanager
    def _worker(self) -> Iterator[stack.Child]:
        """A worker that has done some work in every process."""
        from worker.app import app  # noqa: PLC0415 - needs the broker's address

        child = stack.Child("worker", self._settings.home / "worker.log")
        child.start()
        try:
            deadline = time.monotonic() + START_SECONDS
            while not app.control.ping(timeout=1.0):
                if child.died() or time.monotonic() > deadline:
                    raise SystemExit("The worker did not start.")
            self._submit_and_wait(self._batches(16 * self._options.processes, 1), child)
            yield child
        finally:
            stack.stop([child])

    def _chain(self, batch: int, worker: stack.Child) -> Run:
        batches = self._batches(self._options.articles_at(batch), batch)
        processes = _family(worker)
        with _Clock("chain", batch, batches, processes) as clock:
            self._submit_and_wait(batches, worker)
        return clock.run()

    def _loop(self, batch: int, loop: limit.Loop) -> Run:
        batches = self._batches(self._options.articles_at(batch), batch)
        processes = [psutil.Process(child.pid) for child in multiprocessing.active_children()]
        with _Clock("loop", batch, batches, processes) as clock:
            loop.run(batches)
        return clock.run()

    def _batches(self, articles: int, batch: int) -> list[list[int]]:
        """New articles, delivered and pending, as lists of their deliveries' ids."""
        ids: list[int] = []
        while len(ids) < articles:
            count = min(DELIVER_AT_A_TIME, articles - len(ids))
            arrived = [
                intake.Arrived(f"bench:{data[:40]!r}:{time.monotonic_ns()}", "bench", "a.txt",
                               len(data), data)
                for data in islice(self._articles, count)
            ]
            with db.transaction() as connection:
                delivered = intake.deliver(connection, arrived, self._settings.max_bytes)
            ids += [delivery.id for delivery in delivered]
        return [ids[start : start + batch] for start in range(0, len(ids), batch)]

    def _submit_and_wait(self, batches: Sequence[Sequence[int]], worker: stack.Child) -> None:
        from worker import pipeline  # noqa: PLC0415 - needs the broker's address

        for batch in batches:
            pipeline.submit(batch)
        ids = [i for batch in batches for i in batch]
        left, changed = len(ids), time.monotonic()
        while left:
            time.sleep(LOOK_SECONDS)
            with db.transaction() as connection:
                now = _count(connection, ids, "pending")
            if now != left:
                left, changed = now, time.monotonic()
            if worker.died() or time.monotonic() > changed + STALL_SECONDS:
                raise SystemExit(f"The chain stands still with {left} articles to go.")


class _Clock:
    """Wall clock and processor time of one run; both methods are timed by the database's clock."""
