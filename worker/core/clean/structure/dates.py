"""Days as news files print them, in French, English and Vietnamese; what leaves doubt is no day."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "février fevrier févr fév fevr fev feb february",
            "mars mar march",
            "avril avr apr april",
            "mai may",
            "juin jun june",
            "juillet juil jul july",
            "août aout aug august",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "décembre decembre déc dec december",
        ),
        start=1,
    )
    for name in names.split()
}
"""Number of a month by its French or English name or abbreviation, in lower case."""

MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
"""The names, for a pattern with ``re.IGNORECASE``."""
_YEAR: Final = r"(?:19|20)[0-9]{2}"
_DAY: Final = r"[0-9]{1,2}"

DAY: Final = rf"""
    (?<![\w/.-])
    (?:
      (?P<iso>{_YEAR}[-/.]{_DAY}[-/.]{_DAY})
    | (?P<figures>{_DAY}\s?[-/.]\s?{_DAY}\s?[-/.]\s?{_YEAR})
    | (?P<day_first>{_DAY}(?:er|st|nd|rd|th)?\s(?:{MONTH})\.?,?\s{_YEAR})
    | (?P<month_first>(?:{MONTH})\.?\s{_DAY}(?:st|nd|rd|th)?,?\s{_YEAR})
    | (?:ngày\s)?(?P<vietnamese>{_DAY}\stháng\s{_DAY},?\s(?:năm\s)?{_YEAR})
    )
    (?![0-9/-]|(?-i:[a-zß-ÿ_]))
"""
"""A complete day, for a pattern with ``re.VERBOSE | re.IGNORECASE``; ``read_day`` reads it."""

_COMPLETE: Final = re.compile(DAY, re.VERBOSE | re.IGNORECASE)
_FIGURES: Final = re.compile(r"[0-9]+")
_LETTERS: Final = re.compile(r"[^\W\d_]{3,}")
_MONTHS_IN_A_YEAR: Final = 12


def stated_day(text: str, start: int, end: int) -> date | None:
    """The first complete day in the range, where it is one of the calendar."""
    found = _COMPLETE.search(text, start, end)
    return read_day(found) if found else None


def read_day(found: re.Match[str], *, english: bool = False) -> date | None:
    """The day of a match of ``DAY``; None where there is no such day.

    Figures are read as day and month, or the other way round where only that is a day. ``english``
    text has them in either order: where both readings are days, none is chosen.
    """
    if found["iso"]:
        year, month, day = map(int, _FIGURES.findall(found["iso"]))
    elif found["figures"] or found["vietnamese"]:
        day, month, year = map(int, _FIGURES.findall(found["figures"] or found["vietnamese"]))
        if month > _MONTHS_IN_A_YEAR:
            day, month = month, day
        elif english and found["figures"] and day <= _MONTHS_IN_A_YEAR and day != month:
            return None
    else:
        written = found["day_first"] or found["month_first"]
        day, year = map(int, _FIGURES.findall(written))
        names = (MONTHS.get(name, 0) for name in _LETTERS.findall(written.casefold()))
        month = next(filter(None, names), 0)  # 0: Turkish letters pass for ours
    try:
        return date(year, month, day)
    except ValueError:
        return None
