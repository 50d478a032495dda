"""What is usual and what is beyond it, over plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alarms import habits
from worker.alarms.habits import Open, Silence, Stretch, Usual, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

FRIDAY = datetime(2026, 11, 20, 14, 10, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
FULL = Stretch(files=20, events=12)
EMPTY = Stretch(files=0, events=0)


def silence(
    weeks: Sequence[Stretch] = (FULL,) * 6,
    days: Sequence[Stretch] = (FULL,) * 7,
    *,
    known: timedelta = 10 * WEEK,
    recent: Sequence[datetime] = (),
) -> Silence:
    """Of a feed known for so long, whose last file came on Friday."""
    return Silence(FRIDAY - known, FRIDAY, weeks, days, recent)


def alarmed(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.alarm


# --- silence --------------------------------------------------------------------------------


def test_silence_where_files_usually_come() -> None:
    """The range is that of the weeks before, in files."""
    weeks = [Stretch(12, 9), Stretch(31, 20), Stretch(20, 12), Stretch(20, 12), FULL, FULL]
    verdict = habits.quiet(silence(weeks), FRIDAY + 6 * HOUR)
    assert verdict == Verdict(0, Usual(20, 31), alarm=True)


def test_a_weekend_is_no_silence() -> None:
    """In this stretch no week brought anything either."""
    assert not alarmed(habits.quiet(silence([EMPTY] * 6), FRIDAY + 2 * DAY))


@pytest.mark.parametrize(("empty", "alarm"), [(1, True), (2, False)])
def test_one_week_may_be_out_of_line(empty: int, alarm: bool) -> None:  # noqa: FBT001
    """An outage last month hides nothing; two such weeks are a habit."""
    weeks = [EMPTY] * empty + [FULL] * (6 - empty)
    assert alarmed(habits.quiet(silence(weeks), FRIDAY + 6 * HOUR)) == alarm


def test_of_three_weeks_none_may_be_out_of_line() -> None:
    """That would be a third of what is known."""
    weeks = [EMPTY, FULL, FULL, EMPTY, EMPTY, EMPTY]
    assert not alarmed(habits.quiet(silence(weeks, known=3 * WEEK), FRIDAY + 6 * HOUR))
    whole = [FULL, FULL, FULL, EMPTY, EMPTY, EMPTY]
    assert alarmed(habits.quiet(silence(whole, known=3 * WEEK), FRIDAY + 6 * HOUR))


def test_one_burst_is_one_event() -> None:
    """Fifty files of one minute do not make a habit of the hour."""
    weeks = [Stretch(50, 1)] * 6
    assert not alarmed(habits.quiet(silence(weeks), FRIDAY + 6 * HOUR))


def test_short_silences_are_nothing() -> None:
    """However busy the feed."""
    assert habits.quiet(silence(), FRIDAY + 59 * timedelta(minutes=1)) is None


def test_a_new_feed_has_no_habit() -> None:
    """In its first week nobody knows what its weekend is like."""
    assert habits.quiet(silence(known=6 * DAY), FRIDAY + 6 * HOUR) is None


def test_a_young_feed_is_judged_by_days() -> None:
    """By each of the last seven, and by silences of a day at most."""
    young = 2 * WEEK
    assert alarmed(habits.quiet(silence([EMPTY] * 6, known=young), FRIDAY + 6 * HOUR))
    days = [FULL] * 6 + [EMPTY]
    assert not alarmed(habits.quiet(silence(days=days, known=young), FRIDAY + 6 * HOUR))
    assert habits.quiet(silence(known=young), FRIDAY + 25 * HOUR) is None


def test_a_silence_is_compared_with_a_week_at_most() -> None:
    """Longer stretches of earlier weeks would reach into the silence."""
    assert habits.until(FRIDAY, FRIDAY + DAY) == FRIDAY + DAY
    assert habits.until(FRIDAY, FRIDAY + 20 * DAY) == FRIDAY + WEEK


# --- pauses of slow feeds -------------------------------------------------------------------


def daily(pauses: Sequence[int] = (1,) * 28) -> list[datetime]:
    """Arrivals with so many days between, until Friday."""
    times = [FRIDAY]
    for days in pauses:
        times.append(times[-1] - days * DAY)
    return sorted(times)


def test_a_feed_of_one_file_a_day() -> None:
    """It is missed after two days, and says its pause in hours."""
    before = silence(recent=daily())
    assert not alarmed(habits.paused(before, FRIDAY + 47 * HOUR))
    assert habits.paused(before, FRIDAY + 49 * HOUR) == Verdict(49, Usual(0, 24), alarm=True)


def test_a_weekday_feed_is_not_missed_at_weekends() -> None:
    """Its pauses are of three days, once a week."""
    before = silence(recent=daily([1, 1, 1, 1, 3] * 4))
    assert not alarmed(habits.paused(before, FRIDAY + 5 * DAY))
    assert alarmed(habits.paused(before, FRIDAY + 7 * DAY))


def test_one_long_pause_is_forgiven() -> None:
    """It was an outage, not a habit."""
    before = silence(recent=daily([1, 1, 9, *[1] * 15]))
    assert alarmed(habits.paused(before, FRIDAY + 49 * HOUR))


@pytest.mark.parametrize(
    "before",
    [
        silence(recent=daily([4] * 6)),  # too few
        silence(recent=[FRIDAY - n * HOUR for n in range(habits.RECENT)][::-1]),  # too many
        silence(recent=daily(), known=27 * DAY),  # too young
        silence(),
    ],
)
def test_whose_pauses_cannot_be_known(before: Silence) -> None:
    """A feed that is no slow one, or hardly one, or new."""
    assert habits.paused(before, FRIDAY + 20 * DAY) is None


# --- shares ---------------------------------------------------------------------------------

USUAL = [0, 2, 1, 0, 1, 2, 0, 0]


def test_a_share_that_rises() -> None:
    """Chance explains some more, not many."""
    assert not alarmed(habits.rising(5, USUAL, FRIDAY))
    assert habits.rising(12, USUAL, FRIDAY) == Verdict(12, Usual(0, 2), alarm=True)


def test_shares_need_a_habit() -> None:
    """Seven windows are none."""
    assert habits.rising(30, USUAL[:7], FRIDAY) is None


@given(st.lists(st.integers(0, 30), min_size=8, max_size=14))
def test_what_was_there_before_is_no_alarm(earlier: list[int]) -> None:
    """Whatever the habit, no figure within it is beyond it."""
    for count in range(max(earlier) + 1):
        assert not alarmed(habits.rising(count, earlier, FRIDAY))


@given(st.lists(st.integers(0, 30), min_size=8, max_size=14))
def test_more_is_never_less_of_an_alarm(earlier: list[int]) -> None:
    """Once it is one, a higher count is one too."""
    alarms = [alarmed(habits.rising(count, earlier, FRIDAY)) for count in range(31)]
    assert alarms == sorted(alarms)


def test_an_open_alarm_does_not_flap() -> None:
    """It ends when the figure is back in the range that it was raised with."""
    before = Open(Usual(0, 2), FRIDAY)
    assert alarmed(habits.rising(4, USUAL, FRIDAY + DAY, before))
    assert habits.rising(2, USUAL, FRIDAY + DAY, before) == Verdict(2, Usual(0, 2), alarm=False)


def test_an_open_alarm_does_not_learn_the_fault() -> None:
    """Not until it has been so for two weeks: that is how the feed is now."""
    before = Open(Usual(0, 2), FRIDAY)
    learnt = [30] * 8
    assert alarmed(habits.rising(30, learnt, FRIDAY + 13 * DAY, before))
    accepted = Verdict(30, Usual(0, 2), alarm=False, accepted=True)
    assert habits.rising(30, learnt, FRIDAY + 14 * DAY, before) == accepted


def test_what_still_is_beyond_the_habit_stays_open() -> None:
    """A slow feed may need months to fill the earlier windows."""
    assert alarmed(habits.rising(30, USUAL, FRIDAY + 60 * DAY, Open(Usual(0, 2), FRIDAY)))


# --- medians --------------------------------------------------------------------------------

LENGTHS = [300, 340, 310, 360, 330, 320, 350, 340]


@pytest.mark.parametrize(
    ("median", "alarm"), [(330, False), (450, False), (650, True), (210, False), (120, True)]
)
def test_lengths_that_change(median: float, alarm: bool) -> None:  # noqa: FBT001
    """Either way, and by far."""
    assert alarmed(habits.changed(median, LENGTHS, FRIDAY)) == alarm


def test_lengths_that_always_change_are_a_habit() -> None:
    """Far beyond the range is not far where it scatters so."""
    assert not alarmed(habits.changed(1700, [100, 1000, 200, 700, 100, 900, 400, 150], FRIDAY))


@given(st.lists(st.floats(0, 5000), min_size=8, max_size=14), st.floats(0, 5000))
def test_any_lengths_can_be_judged(earlier: list[float], median: float) -> None:
    """Nought included; what lies within is no alarm."""
    verdict = habits.changed(median, earlier, FRIDAY)
    assert verdict is not None
    assert not (verdict.alarm and min(earlier) <= median <= max(earlier))


# --- the system -----------------------------------------------------------------------------


def test_quarantine_that_grows() -> None:
    """More than a few, and more than chance brings beside the habit."""
    assert not habits.growing(4, [0] * 28, FRIDAY).alarm
    assert habits.growing(6, [0] * 28, FRIDAY) == Verdict(6, Usual(0, 0), alarm=True)
    assert not habits.growing(30, [20, 25, 30] * 9, FRIDAY).alarm
    assert habits.growing(90, [20, 25, 30] * 9, FRIDAY).alarm


def test_one_disaster_is_no_habit() -> None:
    """The next one must be seen as well."""
    assert habits.growing(40, [500, 300, *[0] * 26], FRIDAY).alarm


def test_a_new_system_may_quarantine_too_much() -> None:
    """Its first day counts."""
    assert habits.growing(8, [], FRIDAY).alarm


def test_a_backlog_is_over_when_it_is_well_below_the_limit() -> None:
    """So that it does not flap about it."""
    limit = 15 * timedelta(minutes=1)
    before = Open(Usual(0, 900), FRIDAY)
    assert not habits.overdue(limit, limit).alarm
    assert habits.overdue(limit + HOUR, limit) == Verdict(4500, Usual(0, 900), alarm=True)
    assert habits.overdue(limit * 0.6, limit, before).alarm
    assert not habits.overdue(limit * 0.5, limit, before).alarm
