"""Fixed work that needs nothing but the processor: what all figures are held against.

Machines differ, and one machine is not the same from one minute to the next. So before and after
each run as many processes as it has do this work for a moment, and the run's figures are divided
by theirs.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
import time
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.pool import Pool

SECONDS: Final = 0.4

_STORY: Final = " ".join(
    f"Le {day} mai, à Hanoï, la ministre Nguyễn Thị Hồng a reçu {day * 7} entreprises de la "
    f"Banque mondiale ; « l’accord n° {day} » vaut {day},5 milliards de dollars."
    for day in range(1, 31)
)
_WORD: Final = re.compile(r"\w+")


def unit() -> int:
    """What is counted: strings, expressions, tables, JSON and bytes, as the steps have them."""
    words = Counter(word.casefold() for word in _WORD.findall(_STORY))
    rows = [{"word": word, "times": times} for word, times in sorted(words.items())]
    text = json.dumps(json.loads(json.dumps(rows, ensure_ascii=False)))
    packed = zlib.compress(_STORY.encode() + text.encode(), level=1)
    return int(hashlib.sha256(packed).hexdigest(), 16) % len(words)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the machine is."""

    units_per_second: float
    """Of all processes together, by the clock."""
    cpu_ms: float
    """Processor time of one unit."""

    @classmethod
    def between(cls, *paces: Self) -> Self:
        """The mean of some paces."""
        return cls(
            fmean(pace.units_per_second for pace in paces), fmean(pace.cpu_ms for pace in paces)
        )


@contextmanager
def calibration(most: int) -> Iterator[Calibration]:
    """Processes, up to so many, that are ready to be timed."""
    with multiprocessing.get_context("spawn").Pool(most) as pool:
        ready = Calibration(pool)
        ready.pace(most)  # the first is slower
        yield ready


class Calibration:
    """Processes that do the fixed work when asked to."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def pace(self, processes: int) -> Pace:
        """How fast so many processes are at once, now."""
        done: Sequence[tuple[float, float]] = self._pool.map(
            _work, [SECONDS] * processes, chunksize=1
        )
        return Pace(sum(rate for rate, _ in done), fmean(cpu_ms for _, cpu_ms in done))


def _work(seconds: float) -> tuple[float, float]:
    """Units a second, and milliseconds of processor time for each, of this process."""
    units = 0
    start, cpu = time.perf_counter(), time.process_time()
    while (passed := time.perf_counter() - start) < seconds:
        unit()
        units += 1
    return units / passed, 1_000 * (time.process_time() - cpu) / units
