"""An inbox with intake and a worker at it. Needs the services' addresses set."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from bench import running
from bench.calibration import Pace
from bench.figures import per_article
from bench.meter import Meter
from models import Delivery
from worker import db

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from bench.calibration import Calibration
    from bench.limit import RecogniserName
    from worker.config import Settings
    from worker.stack import Child

LOOK_SECONDS: Final = 0.5
STALL_SECONDS: Final = 300  # nothing ends before all is enriched
WARM_UP: Final = 192
"""Files: they come in bulk, and every process has its batches."""


def stage(settings: Settings, name: str, articles: Iterable[bytes]) -> list[Path]:
    """Write articles to files beside the inbox, on the same file system."""
    folder = settings.home / "staged" / name
    folder.mkdir(parents=True)
    files = []
    for number, data in enumerate(articles):
        file = folder / f"{number:06}.txt"
        file.write_bytes(data)
        files.append(file)
    return files


def move_in(settings: Settings, files: Sequence[Path], feed: str) -> None:
    """Move files into a feed, one after the other."""
    folder = settings.inbox / feed
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.rename(folder / file.name)


@dataclass(frozen=True, slots=True)
class Ended:
    """What has become of a feed's files so far."""

    dispositions: Counter[str]
    first: datetime | None
    last: datetime | None
    taken: datetime | None
    """When the last was taken."""

    @property
    def files(self) -> int:
        """How many have their disposition."""
        return self.dispositions.total() - self.dispositions["pending"]


_ENDED = (
    select(
        Delivery.disposition,
        func.count(),
        func.min(Delivery.ended_at),
        func.max(Delivery.ended_at),
        func.max(Delivery.received_at),
    )
    .group_by(Delivery.disposition)
    .order_by(Delivery.disposition)
)


def ended(feed: str) -> Ended:
    """What has become of the files of this feed."""
    with db.transaction() as connection:
        rows = connection.execute(_ENDED.where(Delivery.feed == feed)).all()
    return Ended(
        Counter({row[0]: row[1] for row in rows}),
        min((row[2] for row in rows if row[2]), default=None),
        max((row[3] for row in rows if row[3]), default=None),
        max((row[4] for row in rows), default=None),
    )


def now() -> datetime:
    """The database's clock."""
    with db.transaction() as connection:
        clock: datetime = connection.scalars(select(func.clock_timestamp())).one()
    return clock


@dataclass(frozen=True, slots=True)
class Load:
    """What became of some files that came at once."""

    dispositions: Counter[str]
    figures: dict[str, float]
    """Those of `bench.figures.per_article`; and seconds until the ``first`` had its disposition,
    and until the last was ``taken``."""


class Stack:
    """Intake and a worker that run."""

    def __init__(
        self, settings: Settings, intake: Child, worker: running.Worker, processes: int
    ) -> None:
        self._settings = settings
        self._children = (intake, worker)
        self._processes = processes
        at_work = {
            "intake": [running.process_of(intake)],
            "worker": [running.process_of(worker)],
        }
        self.meter = Meter(settings, at_work, worker.times)

    def drop(self, files: Sequence[Path], feed: str, calibration: Calibration) -> Load:
        """Move files in, wait until each has its disposition, and tell what it took."""
        pace = calibration.pace(self._processes)
        before, start = self.meter.read(), now()
        move_in(self._settings, files, feed)
        found = self.wait(feed, len(files))
        used = self.meter.since(before)
        pace = Pace.between(pace, calibration.pace(self._processes))
        if not (found.first and found.last and found.taken):
            raise ValueError("there were no files")
        seconds = (found.last - start).total_seconds()
        return Load(
            found.dispositions,
            per_article(used, len(files), seconds, pace)
            | self.meter.memory()
            | {
                "first": (found.first - start).total_seconds(),
                "taken": (found.taken - start).total_seconds(),
            },
        )

    def wait(self, feed: str, files: int) -> Ended:
        """Wait until so many files of a feed have their disposition."""
        found, changed = ended(feed), time.monotonic()
        while found.files < files:
            time.sleep(LOOK_SECONDS)
            before, found = found, ended(feed)
            if found != before:
                changed = time.monotonic()
            if time.monotonic() > changed + STALL_SECONDS or any(
                child.died() for child in self._children
            ):
                raise SystemExit(f"The stack stands still with {files - found.files} files to go.")
        return found


@contextmanager
def stack(
    settings: Settings,
    recogniser: RecogniserName,
    processes: int,
    articles: Iterable[bytes],
    name: str | None = None,
) -> Iterator[Stack]:
    """Intake and a worker that have worked on some articles, in feed ``warm-<name>``."""
    with (
        running.worker(settings, recogniser, processes) as worker,
        running.intake(settings) as intake,
    ):
        both = Stack(settings, intake, worker, processes)
        feed = f"warm-{name or recogniser}"
        files = stage(settings, feed, articles)
        move_in(settings, files, feed)
        both.wait(feed, len(files))
        yield both
