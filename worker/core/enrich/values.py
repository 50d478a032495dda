"""What dates and amounts of money come to, and what is known of the time of an article."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.almanac import LANGUAGES, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.core.enrich.almanac import Token

# Patterns over the kinds of tokens.
_FIRST_MONTHS: Final = re.compile("(?:(?P<n>[CD])Sz|[OE](?P<n_en>[CD])z)[do]?(?P<y>Y)")
_DAY: Final = re.compile(
    r"(?:(?P<w>W),?)?(?:(?P<d>[DE])o?(?P<m>[MA])\.?|(?P<m_en>[MA])\.?(?P<d_en>[DE])(?![MA])),?(?P<y>Y)?"
)

_MANY: Final = 2


class Value(NamedTuple):
    """A date or an amount at ``text[start:end]``, and what it comes to."""

    start: int
    end: int
    canonical: str
    """ISO 8601 of a date (``2024-03``, ``2021/2025``, ``XXXX-03-10`` where the year is unknown);
    number and ISO 4217 code of an amount (``4100000000 USD``)."""


class Context(NamedTuple):
    """What is known of the time of an article."""

    published: date | None
    year: int | None
    """The year of dates that are printed without one."""


def context(published: str | None, texts: Iterable[str], language: str | None) -> Context:
    """What is known of the time of an article, from its ISO 8601 date or else from its texts.

    That a year is stated tells little: in 533 of the dated French Wikinews stories of 2016 and 2017
    the latest stated year was the story's own in a third. Two things tell:

    * the first months of a year (``neuf premiers mois 2020``) are reported in that year or soon
      after it, so that a date after them is one of that year;
    * weekdays of dates without a year that fit one only of the latest stated year and the next, if
      there are two such dates, or if that year is stated twice or in a complete date (19 of 20 such
      stories).

    Else the year is unknown; it is never that of today.
    """
    if published:
        day = date.fromisoformat(published)
        return Context(day, day.year)
    if language not in LANGUAGES:
        return Context(None, None)
    return Context(None, _stated_year(texts, language))


def _stated_year(texts: Iterable[str], language: str) -> int | None:
    """The year that the texts tell, by the rules of ``context``."""
    years: list[int] = []
    complete: set[int] = set()
    reported: list[tuple[int, int]] = []  # year, and the last of its first months
    days: list[tuple[int, int, int | None]] = []  # without a year: month, day, weekday
    for text in texts:
        read = tokens(text, language)
        kinds = "".join(token.kind for token in read)
        years += [token.value for token in read if token.kind == "Y"]
        for match in _FIRST_MONTHS.finditer(kinds):
            value = _values(read, match)
            reported.append((value["y"], value.get("n") or value["n_en"]))
        for match in _DAY.finditer(kinds):
            value = _values(read, match)
            if "y" in value:
                complete.add(value["y"])
            else:
                month, day = value.get("m") or value["m_en"], value.get("d") or value["d_en"]
                days.append((month, day, value.get("w")))
    if reported and days:
        year, last = max(reported)
        return year if days[0][0] > last else None
    weekdays = {each for each in days if each[2] is not None}
    latest = max(years, default=0)
    if len(weekdays) < _MANY and years.count(latest) < _MANY and latest not in complete:
        return None
    fitting = [year for year in (latest, latest + 1) if weekdays and _fit(weekdays, year)]
    return fitting[0] if len(fitting) == 1 else None


def _values(read: list[Token], match: re.Match[str]) -> dict[str, int]:
    """The values of the tokens that the groups of a pattern matched."""
    return {
        group: read[match.start(group)].value for group, kind in match.groupdict().items() if kind
    }


def _fit(weekdays: set[tuple[int, int, int | None]], year: int) -> bool:
    """Whether all days of a year are the weekdays that are printed with them."""
    try:
        return all(date(year, month, day).weekday() == weekday for month, day, weekday in weekdays)
    except ValueError:
        return False
