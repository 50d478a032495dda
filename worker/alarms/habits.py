"""What is usual, and what is beyond it: decisions over plain values.

A feed is compared with itself only. Each decision gets the figure of now, the same figure of
earlier, and how the alarm stands; it returns the figure with its usual range, and whether there
is an alarm. An alarm that is open keeps the range that it was raised with, so it does not learn the
fault, and ends only once the figure is back in it. `bench/alarms.py` shows what the constants
below cost in false alarms and delay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, stdev
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCEPTED = timedelta(days=14)
"""What a feed has been like for so long is its habit."""

SILENCE = timedelta(hours=1)
"""No shorter one is worth an alarm."""
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WEEKS = 6
WEEKS_NEEDED = 3
DAYS = 7
SLOTS = 24
"""Parts of a silence: files that arrive in the same part of it count as one event."""
EVENTS = 8
"""So many must usually lie in the silence: fewer, and chance explains that there were none."""
RECENT = 100
"""Latest arrivals that the pauses of a slow feed are taken from."""
PAUSES = timedelta(days=28)
LONGER = 2
"""How many times its longest pause a slow feed may be silent."""
SLOW = timedelta(hours=12)
"""No slow feed is missed sooner."""

WINDOW = 30
"""Files or articles whose share or median is one figure."""
EARLIER = 14
"""Earlier windows that are looked at; and how many there must be at least:"""
EARLIER_NEEDED = 8
CHANCE = 1e-3
"""An alarm needs a figure that chance brings more rarely than this, were the worst the rule."""
FACTOR = 1.5
"""A median is beyond the range by this much, and by this many standard deviations:"""
SPREADS = 5

FEW = 5
"""Fewer that are quarantined in a day are no alarm."""


class Usual(NamedTuple):
    """A range, with both ends."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Open:
    """An alarm that is open."""

    usual: Usual
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure beside its habit."""

    figure: float
    usual: Usual
    alarm: bool
    accepted: bool = False
    """The alarm ends because this has been so for long enough to be the habit."""


class Stretch(NamedTuple):
    """What came in a stretch of time."""

    files: int
    events: int
    """In how many of its `SLOTS` equal parts something came."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What a feed brought before it fell silent."""

    first: datetime
    """Its first file."""
    last: datetime
    """Its last."""
    weeks: Sequence[Stretch]
    """The same stretch, from ``last`` until now, of each of `WEEKS` weeks before, latest first."""
    days: Sequence[Stretch]
    """The same of each of `DAYS` days before."""
    recent: Sequence[datetime]
    """Its latest arrivals, at most `RECENT`, in order; none if it fell silent a short time ago."""


def until(last: datetime, at: datetime) -> datetime:
    """Where the stretch ends that a silence is judged by: beyond a week it would meet itself."""
    return min(at, last + WEEK)


def quiet(silence: Silence, at: datetime) -> Verdict | None:
    """Whether a feed has brought nothing where it usually does; None if it has no habit yet.

    The silence is compared with the same stretch of earlier weeks, which follows nights and
    weekends by itself; of four weeks or more the emptiest may be out of line. A younger feed
    must have brought files in this stretch of each of the last seven days.
    The figure is the number of files, which is 0.
    """
    length = at - silence.last
    known = (silence.last - silence.first) // WEEK
    if length < SILENCE or not known:
        return None
    if known >= WEEKS_NEEDED:
        by_events = sorted(silence.weeks[:known], key=lambda stretch: stretch.events)
        held = by_events[1:] if known > WEEKS_NEEDED else by_events
    elif length <= DAY:
        held = list(silence.days)
    else:
        return None
    files = [stretch.files for stretch in held]
    beyond = min(stretch.events for stretch in held) >= EVENTS
    return Verdict(0, Usual(min(files), max(files)), alarm=beyond)


def paused(silence: Silence, at: datetime) -> Verdict | None:
    """Whether a slow feed is silent for far longer than it ever was in four weeks, but for once.

    The figure is the silence in hours. None where there are too many files, or too few, to tell.
    """
    start = silence.last - PAUSES
    times = [time for time in silence.recent if time >= start]
    whole = len(times) < len(silence.recent) or len(times) < RECENT
    if silence.first > start or not whole or len(times) < EVENTS:
        return None
    longest = sorted(later - earlier for earlier, later in pairwise(times))[-2]
    length = at - silence.last
    hour = timedelta(hours=1)
    beyond = length > max(LONGER * longest, SLOW)
    return Verdict(length / hour, Usual(0, longest / hour), alarm=beyond)


def rising(
    count: int, earlier: Sequence[int], at: datetime, before: Open | None = None
) -> Verdict | None:
    """Whether more of the last `WINDOW` are so than of each earlier `WINDOW`; None without a habit.

    The worst of the earlier ones is taken for the rule, and must not explain this one.
    """
    if len(earlier) < EARLIER_NEEDED:
        return None
    usual = Usual(min(earlier), max(earlier))
    chance = _at_least(count, WINDOW, (usual.high + 1) / (WINDOW + 2))
    return _verdict(count, usual, at, before, beyond=chance < CHANCE)


def changed(
    median: float, earlier: Sequence[float], at: datetime, before: Open | None = None
) -> Verdict | None:
    """Whether the median of the last `WINDOW` is far off those of earlier ones, either way.

    None without a habit. Far is half as much again as the range, and beyond its own scatter.
    """
    if len(earlier) < EARLIER_NEEDED:
        return None
    usual = Usual(min(earlier), max(earlier))
    logs = [math.log(max(one, 1)) for one in earlier]
    off = abs(math.log(max(median, 1)) - fmean(logs))
    outside = median > usual.high * FACTOR or median < usual.low / FACTOR
    beyond = outside and off > SPREADS * stdev(logs)
    return _verdict(median, usual, at, before, beyond=beyond)


def growing(count: int, days: Sequence[int], at: datetime, before: Open | None = None) -> Verdict:
    """Whether more were quarantined within a day than within earlier ones, and not just a few.

    The worst tenth of the days is left out: one disaster is no habit.
    """
    usual = Usual(min(days, default=0), _but_the_worst(days))
    # As of a Poisson process with one more than usual a day.
    beyond = count >= FEW and _poisson_at_least(count, usual.high + 1) < CHANCE
    return _verdict(count, usual, at, before, beyond=beyond)


def overdue(age: timedelta, limit: timedelta, before: Open | None = None) -> Verdict:
    """Whether the oldest pending delivery has waited for too long; over once below half of that.

    The figure is in seconds.
    """
    beyond = age > (limit / 2 if before else limit)
    return Verdict(age.total_seconds(), Usual(0, limit.total_seconds()), alarm=beyond)


def _verdict(
    figure: float, usual: Usual, at: datetime, before: Open | None, *, beyond: bool
) -> Verdict:
    """With hysteresis: what is open stays so until it is back, or has become the habit."""
    if before is None:
        return Verdict(figure, usual, alarm=beyond)
    back = before.usual.low <= figure <= before.usual.high
    accepted = not beyond and not back and at - before.raised_at >= ACCEPTED
    return Verdict(figure, before.usual, alarm=beyond or not (back or accepted), accepted=accepted)


def _but_the_worst(days: Sequence[int]) -> int:
    return sorted(days)[-1 - len(days) // 10] if days else 0


def _at_least(count: int, of: int, probability: float) -> float:
    """The chance of at least so many of ``of`` where each is so with this probability."""
    return sum(
        math.comb(of, n) * probability**n * (1 - probability) ** (of - n)
        for n in range(count, of + 1)
    )


def _poisson_at_least(count: int, mean: float) -> float:
    """The chance of at least so many where ``mean`` are expected."""
    return 1 - sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count))
