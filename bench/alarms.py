"""False alarms and delays of simulated feeds.

It needs no services: arrivals are drawn, what `worker.alarms.feeds` would gather of them is
computed here, and `worker.alarms.habits` decides, as in intake. The same seeds each time, so
two versions of the rules are compared on the same feeds.

False alarms are those of a healthy feed, in a month. Delays: hours from the last file of a feed
that dies until it is called quiet (median, and nine in ten), and files from when six in ten lose
their body, or all are cut to four tenths of their length, until that is noticed.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from worker.alarms import habits
from worker.alarms.habits import EARLIER, WINDOW, Open, Silence, Stretch, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Times = NDArray[np.float64]  # days since the start, a Monday, in order
    Judge = Callable[..., Verdict | None]

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
HOUR: Final = 1 / 24
MINUTE: Final = HOUR / 60
LEAD: Final = 100  # days before a fault
LOST: Final = 0.6  # of the bodies, where a template changes
WEEKDAYS: Final = 5
DEATHS: Final = 8  # times of dying in one simulated stretch of arrivals


def _thinned(
    rng: np.random.Generator, days: int, a_day: float, weight: Callable[[Times], Times]
) -> Times:
    """A Poisson process whose rate follows the hour and the day, with about so many a day."""
    often = a_day / float(np.mean(weight(np.arange(0, 7, MINUTE))))
    times = np.sort(rng.random(rng.poisson(often * days)) * days)
    return times[rng.random(len(times)) < weight(times)]


def _day(times: Times) -> Times:
    return np.where((times % 1 > 6 * HOUR) & (times % 1 < 23 * HOUR), 1, 0.05)


def _office(times: Times) -> Times:
    return np.where(
        (times % 7 < WEEKDAYS) & (times % 1 > 8 * HOUR) & (times % 1 < 19 * HOUR), 1.0, 0.0
    )


def _flat(times: Times) -> Times:
    return np.ones_like(times)


def _daily(rng: np.random.Generator, days: int) -> Times:
    return np.sort(np.arange(days) + 0.5 + rng.normal(0, HOUR, days))


def _scraper(rng: np.random.Generator, days: int) -> Times:
    """Four times a day, give or take half an hour, some fifty files in a quarter of an hour."""
    starts = np.arange(0, days, 0.25) + rng.normal(0, HOUR / 2, 4 * days)
    bursts = [start + rng.random(rng.poisson(50)) * 15 * MINUTE for start in starts]
    return np.sort(np.concatenate(bursts))


def _backfill(rng: np.random.Generator, days: int) -> Times:
    """Forty a day, and five thousand old ones in half an hour of one day."""
    usual = _thinned(rng, days, 40, _day)
    return np.sort(np.concatenate([usual, days / 2 + rng.random(5_000) * HOUR / 2]))


FEEDS: Final[dict[str, Callable[[np.random.Generator, int], Times]]] = {
    "busy agency, 400 a day": lambda rng, days: _thinned(rng, days, 400, _day),
    "weekdays only, 20 a day": lambda rng, days: _thinned(rng, days, 20 * 5 / 7, _office),
    "at random, 30 a day": lambda rng, days: _thinned(rng, days, 30, _flat),
    "at random, 3 a day": lambda rng, days: _thinned(rng, days, 3, _flat),
    "one a day": _daily,
    "scraper, 4 bursts of 50": _scraper,
    "40 a day with a backfill": _backfill,
}


# --- silence --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrivals:
    """When a feed's files came."""

    times: Times

    @cached_property
    def dates(self) -> list[datetime]:
        """The same as dates."""
        return [_date(time) for time in self.times]

    def missed(self, number: int, end: float) -> float | None:
        """How many days after this arrival an alarm says that nothing came; None if none does.

        Looked at every ten minutes, later more rarely, until ``end``.
        """
        last = self.times[number]
        silent = HOUR
        while last + silent < end:
            silence = self._silence(number, min(silent, 7))
            at = _date(last + silent)
            for judge in (habits.quiet, habits.paused):
                verdict = judge(silence, at)
                if verdict and verdict.alarm:
                    return silent
            silent += max(10 * MINUTE, silent / 50)
        return None

    def _silence(self, number: int, length: float) -> Silence:
        return Silence(
            self.dates[0],
            self.dates[number],
            weeks=[self._stretch(number, length, 7 * week) for week in range(1, habits.WEEKS + 1)],
            days=[self._stretch(number, length, day) for day in range(1, habits.DAYS + 1)],
            recent=self.dates[max(0, number + 1 - habits.RECENT) : number + 1],
        )

    def _stretch(self, number: int, length: float, shift: int) -> Stretch:
        start = self.times[number] - shift
        low, high = np.searchsorted(self.times[: number + 1], [start, start + length])
        slots = ((self.times[low:high] - start) / length * habits.SLOTS).astype(int)
        return Stretch(int(high - low), len(set(slots.tolist())))


def _date(time: float) -> datetime:
    return START + timedelta(days=float(time))


def silences(arrivals: Arrivals) -> int:
    """False alarms: arrivals after which one was raised before the next."""
    return sum(
        arrivals.missed(number, later) is not None
        for number, (time, later) in enumerate(pairwise(arrivals.times))
        if later - time > HOUR
    )


# --- windows --------------------------------------------------------------------------------


def alarms(
    times: Times, figures: Sequence[float], judge: Judge, start: int = WINDOW
) -> Iterator[int]:
    """Files after which an alarm is raised; ``figures[n]`` is that of the window from file n."""
    before: Open | None = None
    for last in range(start, len(times)):
        if last + 1 < len(times) and times[last + 1] - times[last] < MINUTE:
            continue  # the next look sees that one too
        ends = [last + 1]
        while len(ends) <= EARLIER:
            day = np.searchsorted(times, times[last] - len(ends))
            ends.append(min(int(day), ends[-1] - WINDOW))
            if ends[-1] < WINDOW:
                ends.pop()
                break
        now, *earlier = (figures[end - WINDOW] for end in ends)
        verdict = judge(now, earlier, _date(times[last]), before)
        if verdict is None or not verdict.alarm:
            before = None
        elif before is None:
            before = Open(verdict.usual, _date(times[last]))
            yield last


def _windows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.lib.stride_tricks.sliding_window_view(values, WINDOW)


def _counts(values: NDArray[np.float64]) -> list[float]:
    return [int(count) for count in _windows(values).sum(axis=1)]


def _medians(values: NDArray[np.float64]) -> list[float]:
    return [float(value) for value in np.median(_windows(values), axis=1)]


def _bodiless(rng: np.random.Generator, times: Times) -> NDArray[np.float64]:
    """Two in a hundred; six in ten of what comes late in the afternoon, such as tables."""
    late = (times % 1 > 18 * HOUR) & (times % 1 < 19 * HOUR)
    return (rng.random(len(times)) < np.where(late, 0.6, 0.02)).astype(float)


def _words(rng: np.random.Generator, times: Times) -> NDArray[np.float64]:
    """Log-normal, and a third as long late in the afternoon."""
    late = (times % 1 > 18 * HOUR) & (times % 1 < 19 * HOUR)
    return np.where(late, 120, 350) * np.exp(rng.normal(0, 0.6, len(times)))


# --- all of it ------------------------------------------------------------------------------


def simulate(name: str, rounds: int, days: int) -> list[str]:
    """A row of the table: false alarms a month by kind, delays by fault."""
    false = {"quiet": 0, "share": 0, "length": 0}
    dead: list[float] = []
    noticed: dict[str, list[float]] = {"share": [], "length": []}
    for number in range(rounds):
        rng = np.random.default_rng([number, *name.encode()])
        arrivals = Arrivals(FEEDS[name](rng, days))
        times = arrivals.times
        false["quiet"] += silences(arrivals)
        deaths = rng.integers(np.searchsorted(times, LEAD), len(times), DEATHS)
        missed = [arrivals.missed(int(death), times[death] + 35) for death in deaths]
        dead += [math.inf if silent is None else 24 * silent for silent in missed]
        for kind, judge, series, figures, fault in (
            ("share", habits.rising, _bodiless(rng, times), _counts, _losing_bodies),
            ("length", habits.changed, _words(rng, times), _medians, _cut),
        ):
            false[kind] += sum(1 for _ in alarms(times, figures(series), judge))
            broken = int(np.searchsorted(times, days * 0.7))
            changed = np.concatenate([series[:broken], fault(rng, series[broken:])])
            first = next(alarms(times, figures(changed), judge, broken), None)
            noticed[kind].append(math.inf if first is None else first - broken + 1)
    months = rounds * days / 30
    return [
        name,
        *(f"{count / months:.2f}" for count in false.values()),
        f"{median(dead):.0f} h",
        f"{sorted(dead)[int(len(dead) * 0.9)]:.0f} h",
        *(f"{median(files):.0f}" for files in noticed.values()),
    ]


def _losing_bodies(rng: np.random.Generator, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(values, rng.random(len(values)) < LOST)


def _cut(_rng: np.random.Generator, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values * 0.4


def main() -> None:
    """Simulate every feed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--days", type=int, default=210)
    options = parser.parse_args()
    table = Table("feed", title="False alarms a month, and delays")
    for column in ("quiet", "no body", "length", "dead: half", "nine tenths", "no body", "cut"):
        table.add_column(column, justify="right")
    for name in FEEDS:
        table.add_row(*simulate(name, options.rounds, options.days))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
