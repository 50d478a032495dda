"""Running chain and loop by turns, and timing both alike. Needs the services' addresses set."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import func, select

from bench import corpus, limit, running
from bench.calibration import Pace
from bench.figures import per_article
from bench.meter import Meter
from models import Delivery
from worker import db, intake, pipeline
from worker.show import deliveries as report
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bench.calibration import Calibration
    from bench.limit import RecogniserName
    from worker.config import Settings

Batches = list[list[int]]
"""Deliveries' ids, as they travel or are worked on together."""

DELIVER_AT_A_TIME: Final = 512
WARM_UP: Final = 16  # articles for each process
LOOK_SECONDS: Final = 0.2
STALL_SECONDS: Final = 300  # nothing ends before all is enriched


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured."""

    recogniser: RecogniserName
    processes: int
    batch: int
    """Articles in a message."""


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement."""

    case: Case
    method: Literal["chain", "loop"]
    articles: int
    figures: dict[str, float]
    """See `bench.figures.per_article` and `bench.meter.Meter.memory`."""


class Bench:
    """Runs of the chain and of the plain loop, in one database, each on new articles."""

    def __init__(self, settings: Settings, calibration: Calibration) -> None:
        self._settings = settings
        self._calibration = calibration
        self._articles = enumerate(corpus.articles("overhead"))

    def runs(self, cases: Mapping[Case, int], rounds: int) -> Iterator[Run]:
        """Chain and loop by turns, for each case with its number of articles, in each round."""
        for recogniser, processes in dict.fromkeys((c.recogniser, c.processes) for c in cases):
            warm_up = self._deliver(2 * WARM_UP * processes, 1)
            half = len(warm_up) // 2
            with (
                running.worker(self._settings, recogniser, processes) as worker,
                limit.loop(processes, recogniser, warm_up[:half]) as loop,
            ):
                submit_and_wait(warm_up[half:], worker)
                for _ in range(rounds):
                    for case, articles in cases.items():
                        if (case.recogniser, case.processes) == (recogniser, processes):
                            yield self._chain(case, articles, worker)
                            yield self._loop(case, articles, loop)

    def _chain(self, case: Case, articles: int, worker: running.Worker) -> Run:
        batches = self._deliver(articles, case.batch)
        processes = {"worker": [running.process_of(worker)]}
        meter = Meter(self._settings, processes, worker.times)
        figures = self._time(case, batches, meter, lambda: submit_and_wait(batches, worker))
        return Run(case, "chain", articles, figures)

    def _loop(self, case: Case, articles: int, loop: limit.Loop) -> Run:
        batches = self._deliver(articles, case.batch)
        meter = Meter(self._settings, {"loop": loop.processes})
        figures = self._time(case, batches, meter, lambda: loop.run(batches))
        return Run(case, "loop", articles, figures)

    def _deliver(self, articles: int, batch: int) -> Batches:
        """Take new articles in as intake does, but for the messages."""
        ids: list[int] = []
        while len(ids) < articles:
            some = islice(self._articles, min(DELIVER_AT_A_TIME, articles - len(ids)))
            arrived = [
                intake.Arrived(f"bench:{number}", "bench", f"{number}.txt", len(data), data)
                for number, data in some
            ]
            with db.transaction() as connection:
                delivered = intake.deliver(connection, arrived, self._settings.max_bytes)
            ids += [delivery.id for delivery in delivered]
        return [ids[start : start + batch] for start in range(0, len(ids), batch)]

    def _time(
        self, case: Case, batches: Batches, meter: Meter, work: Callable[[], None]
    ) -> dict[str, float]:
        """Both methods are timed alike, by the database, which knows when a delivery ended."""
        pace = self._calibration.pace(case.processes)
        before = meter.read()
        with db.transaction() as connection:
            start = connection.scalars(select(func.clock_timestamp())).one()
        work()
        used = meter.since(before)
        pace = Pace.between(pace, self._calibration.pace(case.processes))
        ids = [i for batch in batches for i in batch]
        with db.transaction() as connection:
            counts = Counter(report.ended(connection, ids).values())
            last = select(func.max(Delivery.ended_at)).where(Delivery.id == among("ids"))
            end = connection.scalars(last, {"ids": ids}).one()
        if counts["stored"] < len(ids):
            raise SystemExit(f"Not all articles were stored: {dict(counts)}.")
        seconds = (end - start).total_seconds()
        return per_article(used, len(ids), seconds, pace) | meter.memory()


def submit_and_wait(batches: Batches, worker: running.Worker) -> None:
    """Hand the deliveries over and wait until each has its disposition."""
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
