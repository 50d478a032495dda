"""Days as news files print them, and figures that are none."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.structure.dates import DAY, MONTH, MONTHS, read_day, stated_day

COMPLETE = re.compile(DAY, re.VERBOSE | re.IGNORECASE)


def stated(text: str) -> date | None:
    return stated_day(text, 0, len(text))


def in_english(text: str) -> date | None:
    found = COMPLETE.search(text)
    assert found is not None
    return read_day(found, english=True)


@pytest.mark.parametrize(
    "printed",
    [
        "2026-03-10",
        "2026/3/10",
        "2026.03.10",
        "2026-03-10T08:00:00Z",
        "10/03/2026",
        "10/3/2026",
        "10-03-2026",
        "10.03.2026",
        "10 / 03 / 2026",
        "10 mars 2026",
        "10 MARS 2026",
        "10\u00a0mars\u00a02026",
        "10 mars 2026Le phare",
        "mardi 10 mars 2026, 08h30",
        "10th March 2026",
        "10 Mar. 2026",
        "March 10, 2026",
        "March 10th, 2026",
        "Mar. 10 2026",
        "ngày 10 tháng 3 năm 2026",
        "10 tháng 3, 2026",
        "Ngày 10/3/2026",
    ],
)
def test_forms(printed: str) -> None:
    """One day in French, English and Vietnamese, in words and in figures."""
    assert date(2026, 3, 10) == stated(printed)


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("1er juin 2026", date(2026, 6, 1)),
        ("3 févr. 2026", date(2026, 2, 3)),
        ("3 août 1999", date(1999, 8, 3)),
        ("le 29 février 2028", date(2028, 2, 29)),
        ("Sept. 3, 2026", date(2026, 9, 3)),
        ("du 3 au 5 mai 2026", date(2026, 5, 5)),
        ("3 juin 2026 et 4 juillet 2027", date(2026, 6, 3)),
        ("03/25/2026", date(2026, 3, 25)),
    ],
)
def test_days(printed: str, day: date) -> None:
    """Abbreviated months, leap days, the first of several, the month first where it must be."""
    assert day == stated(printed)


@pytest.mark.parametrize(
    "printed",
    [
        "31/02/2026",
        "2026-13-45",
        "45/45/2026",
        "29 février 2027",
        "00 mars 2026",
        "0/0/2026",
        "31 tháng 2 năm 2026",
        "13 tháng 13 năm 2026",
        "February 30, 2026",
    ],
)
def test_days_of_no_calendar(printed: str) -> None:
    """A day that is no day is printed as one, and states none."""
    assert COMPLETE.search(printed)
    assert stated(printed) is None


@pytest.mark.parametrize(
    "text",
    [
        "10 mars",
        "mars 2026",
        "March 2026",
        "10/03/26",
        "110/03/2026",
        "10/03/20261",
        "v10.03.2026",
        "12/10/03/2026",
        "10/03/2026-11",
        "3 mars 1850",
        "10 marsouins 2026",
        "10 tháng 3",
        "08h30",
        "10 bateaux en 2026",
        "",
        "2026",
    ],
)
def test_no_days(text: str) -> None:
    """Without a year, or as part of something longer, there is no day."""
    assert COMPLETE.search(text) is None
    assert stated(text) is None


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("03/10/2026", None),
        ("3-10-2026", None),
        ("10/10/2026", date(2026, 10, 10)),
        ("25/03/2026", date(2026, 3, 25)),
        ("03/25/2026", date(2026, 3, 25)),
        ("2026-03-10", date(2026, 3, 10)),
        ("March 10, 2026", date(2026, 3, 10)),
        ("10 tháng 3 năm 2026", date(2026, 3, 10)),
    ],
)
def test_english_figures(printed: str, day: date | None) -> None:
    """In English text, figures that are a day in either order are none."""
    assert day == in_english(printed)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(MONTHS)))
def test_every_day_is_read(day: date, month: str) -> None:
    """Every day of two centuries is read from figures; every month from its name."""
    assert day == stated(day.isoformat()) == stated(day.strftime("%d/%m/%Y"))
    assert date(day.year, MONTHS[month], 7) == stated(f"7 {month} {day.year}")


def test_longest_months_first() -> None:
    """A month's whole name is tried before its abbreviation."""
    names = MONTH.split("|")
    assert set(MONTHS) == set(names)
    assert sorted(map(len, names), reverse=True) == list(map(len, names))
