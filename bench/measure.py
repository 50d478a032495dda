"""Running chain and loop by turns, and timing both alike. Needs the services' addresses set."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

import psutil
from sqlalchemy import func, select

from bench import corpus, limit
from bench.figures import Method, Run
from models import Delivery
from worker import db, intake, pipeline, stack
from worker.app import app
from worker.show import deliveries as report
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.overhead import Options
    from worker.config import Settings

Batches = list[list[int]]
"""Deliveries' ids, as they travel or are worked on together."""

DELIVER_AT_A_TIME: Final = 512
WARM_UP: Final = 16  # articles for each process
LOOK_SECONDS: Final = 0.2
START_SECONDS: Final = 120
STALL_SECONDS: Final = 60


class Bench:
    """Runs of the chain and of the plain loop, in one database, each on new articles."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self._options = options
        self._settings = settings
        self._articles = enumerate(corpus.articles("overhead"))
        self._services = psutil.Process().children()

    def runs(self) -> Iterator[Run]:
        """Chain and loop by turns, for each size of batch, in each round."""
        options = self._options
        with (
            self._worker() as worker,
            limit.loop(options.processes, options.recogniser, self._warm_up()) as loop,
        ):
            for _ in range(options.rounds):
                for batch in options.batches:
                    yield self._chain(batch, worker)
                    yield self._loop(batch, loop)

    @contextmanager
    def _worker(self) -> Iterator[stack.Child]:
        """A worker that has done some work in every process."""
        child = stack.Child("worker", self._settings.home / "worker.log")
        child.start()
        try:
            deadline = time.monotonic() + START_SECONDS
            while not app.control.ping(timeout=1.0):
                if child.died() or time.monotonic() > deadline:
                    raise SystemExit("The worker did not start.")
            _submit_and_wait(self._warm_up(), child)
            yield child
        finally:
            stack.stop([child])

    def _warm_up(self) -> Batches:
        return self._deliver(WARM_UP * self._options.processes, 1)

    def _chain(self, batch: int, worker: stack.Child) -> Run:
        if worker.process is None:
            raise RuntimeError("the worker is to be started first")
        batches = self._deliver(self._options.articles_at(batch), batch)
        processes = [psutil.Process(worker.process.pid)]
        return self._time("chain", batches, processes, lambda: _submit_and_wait(batches, worker))

    def _loop(self, batch: int, loop: limit.Loop) -> Run:
        batches = self._deliver(self._options.articles_at(batch), batch)
        processes = [psutil.Process(child.pid) for child in multiprocessing.active_children()]
        return self._time("loop", batches, processes, lambda: loop.run(batches))

    def _deliver(self, articles: int, batch: int) -> Batches:
        """Take new articles in as intake does, but for the messages."""
        ids: list[int] = []
        while len(ids) < articles:
            arrived = [
                intake.Arrived(f"bench:{number}", "bench", f"{number}.txt", len(data), data)
                for number, data in islice(
                    self._articles, min(DELIVER_AT_A_TIME, articles - len(ids))
                )
            ]
            with db.transaction() as connection:
                delivered = intake.deliver(connection, arrived, self._settings.max_bytes)
            ids += [delivery.id for delivery in delivered]
        return [ids[start : start + batch] for start in range(0, len(ids), batch)]

    def _time(
        self,
        method: Method,
        batches: Batches,
        processes: Sequence[psutil.Process],
        work: Callable[[], None],
    ) -> Run:
        """Both methods are timed alike, by the database, which knows when a delivery ended."""
        worker_cpu, services_cpu = _cpu_seconds(processes), _cpu_seconds(self._services)
        with db.transaction() as connection:
            start = connection.scalars(select(func.clock_timestamp())).one()
        work()
        ids = [i for batch in batches for i in batch]
        with db.transaction() as connection:
            counts = Counter(report.ended(connection, ids).values())
            last = select(func.max(Delivery.ended_at)).where(Delivery.id == among("ids"))
            end = connection.scalars(last, {"ids": ids}).one()
        if counts["stored"] < len(ids):
            raise SystemExit(f"Not all articles were stored by the {method}: {dict(counts)}.")
        return Run(
            method=method,
            batch=len(batches[0]),
            articles=len(ids),
            seconds=(end - start).total_seconds(),
            worker_cpu=_cpu_seconds(processes) - worker_cpu,
            services_cpu=_cpu_seconds(self._services) - services_cpu,
        )


def _submit_and_wait(batches: Batches, worker: stack.Child) -> None:
    for batch in batches:
        pipeline.submit(batch)
    ids = [i for batch in batches for i in batch]
    left, changed = len(ids), time.monotonic()
    while left:
        time.sleep(LOOK_SECONDS)
        with db.transaction() as connection:
            now = len(ids) - len(report.ended(connection, ids))
        if now != left:
            left, changed = now, time.monotonic()
        if worker.died() or time.monotonic() > changed + STALL_SECONDS:
            raise SystemExit(f"The chain stands still with {left} articles to go.")


def _cpu_seconds(roots: Sequence[psutil.Process]) -> float:
    """Processor time of these processes and all below them, those that have ended included."""
    total = 0.0
    for root in roots:
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:4])  # user, system, and both of ended children
    return total
