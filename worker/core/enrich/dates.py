"""Dates and periods in running text, by rule: French and English.

A text is read as the tokens of ``almanac``. A rule is a pattern over their kinds and a function
that reads what it matched; rules are tried from the most to the least complete, and what one has
taken is ``#`` for those after it. In all, 0 stands for a year, month or day that is not printed.

Libraries such as dateparser read a date that has been cut out; searching a text, they take numbers
and short words for dates and fill what is missing from today's.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.almanac import LANGUAGES, tokens
from worker.core.enrich.values import Value

if TYPE_CHECKING:
    from worker.core.enrich.values import Context

_MONTHS: Final = 12
_WEEK: Final = 7
_MID_MONTH: Final = 15
_LEAP_YEAR: Final = 2000


class _Found(NamedTuple):
    """Tokens from ``first`` to before ``last``, and what they come to."""

    first: int
    last: int
    canonical: str


class _Day(NamedTuple):
    """A day, month or year, as far as it is printed or known."""

    year: int
    month: int
    day: int

    def exists(self) -> bool:
        """Whether the calendar has it; in an unknown year the 29th of February exists."""
        return _date(self.year or _LEAP_YEAR, self.month or 1, self.day or 1) is not None

    def iso(self) -> str:
        """ISO 8601, with ``XXXX`` for an unknown year (ISO 8601-2)."""
        year = f"{self.year:04}" if self.year else "XXXX"
        return "-".join([year, *(f"{part:02}" for part in (self.month, self.day) if part)])


def find_dates(text: str, language: str, context: Context) -> list[Value]:
    """The dates and periods of a text, in order; none overlap.

    Weekdays, articles and prepositions beside a date are not part of it, those that hold a period
    together are (``du 3 au 5 mai``). What is printed without a year gets the one that brings it
    nearest to ``context.published``, else ``context.year``, else ``XXXX``. What is relative
    (``mardi dernier``) is found only where the day of publication is known. In other languages than
    French and English nothing is found.
    """
    return _Reading(text, language, context).values() if language in LANGUAGES else []


class _Reading:
    """One text being read."""

    def __init__(self, text: str, language: str, context: Context) -> None:
        self.text = text
        self.language = language
        self.context = context
        self.tokens = tokens(text, language)
        self.kinds = "".join(token.kind for token in self.tokens)

    def values(self) -> list[Value]:
        """What the rules find, in the order of the text."""
        found: list[_Found] = []
        for pattern, read in _RULES[self.language]:
            new = [each for match in pattern.finditer(self.kinds) for each in read(self, match)]
            if new:
                kinds = list(self.kinds)
                for first, last, _ in new:
                    kinds[first:last] = "#" * (last - first)
                self.kinds = "".join(kinds)
            found += new
        return [
            Value(self.tokens[first].start, self.tokens[last - 1].end, canonical)
            for first, last, canonical in sorted(found)
        ]

    def word(self, nth: int) -> str:
        """A token in lower case; empty where there is none."""
        if not 0 <= nth < len(self.tokens):
            return ""
        token = self.tokens[nth]
        return self.text[token.start : token.end].lower()

    def value(self, match: re.Match[str], group: str) -> int:
        """The value of the token that a group matched; 0 where it matched none."""
        return self.tokens[match.start(group)].value if self.has(match, group) else 0

    def has(self, match: re.Match[str], group: str) -> bool:
        """Whether a pattern has the group and it matched."""
        return group in match.re.groupindex and match.start(group) >= 0

    def this_year(self) -> int:
        """The year of the story; 0 where nothing tells it."""
        published, year = self.context
        return published.year if published else year or 0

    def printed(self, match: re.Match[str], which: str = "") -> _Day:
        """Year, month and day that the groups ``y``, ``m`` and ``d`` matched."""
        return _Day(*(self.value(match, part + which) for part in "ymd"))

    def year_of(self, month: int, day: int, span: tuple[int, int] = (0, 0)) -> int:
        """The year of a date that is printed without one; 0 where nothing tells it.

        The day of publication tells: the nearest such date is meant. A weekday printed before
        the tokens ``span``, and ``dernier``, ``prochain`` or ``depuis`` beside them, restrict the
        choice.
        """
        published, middle = self.context.published, self.this_year()
        if not middle:
            return 0
        years = (middle, middle - 1, middle + 1)
        days = [each for year in years if (each := _date(year, month, day))]
        weekday, direction = self._beside(*span)
        days = [each for each in days if each.weekday() == weekday] or days
        if not published:
            return days[0].year if days else 0
        ahead = [each for each in days if direction * (each - published).days >= 0]
        nearest = min(ahead or days, key=lambda each: abs(each - published), default=None)
        return nearest.year if nearest else 0

    def _beside(self, first: int, last: int) -> tuple[int | None, int]:
        """The weekday before the tokens; and -1 where they lie in the past, 1 in the future."""
        before = first - (2 if self.kinds[first - 1 : first] == "," else 1)
        beside = last if self.language == "fr" else first - 1
        weekday = self.tokens[before].value if self.kinds[before : before + 1] == "W" else None
        direction = self.tokens[beside].value if self.kinds[beside : beside + 1] == "r" else 0
        return weekday, direction or -(self.word(first - 1) in _SINCE)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- what rules read ---


def _figures(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """A day in figures. In English, day and month may stand in either order: in doubt, the year."""
    numbers = [int(part) for part in re.findall("[0-9]+", reading.word(match.start()))]
    year_first = numbers[0] > numbers[2]
    year, month, day = numbers if year_first else reversed(numbers)
    if month > _MONTHS:
        month, day = day, month
    if _date(year, month, day):
        in_doubt = reading.language == "en" and not year_first and month != day <= _MONTHS
        found = _Day(year, 0, 0) if in_doubt else _Day(year, month, day)
        yield _Found(*match.span(), found.iso())


def _single(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """A day or a month, with or without its year."""
    span = match.span("span")
    year, month, day = reading.printed(match)
    if day and reading.word(span[0] - 1) == "in":
        return  # In March 12 people
    found = _Day(year or reading.year_of(month, day or _MID_MONTH, span), month, day)
    if found.exists():
        yield _Found(*span, found.iso())


def _bare_month(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """A month alone; in French ``Mars`` may be the planet."""
    first = match.start("m")
    capital = reading.text[reading.tokens[first].start].isupper()
    if reading.language == "en" or not capital or reading.word(first - 1) == "en":
        yield from _single(reading, match)


def _range(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """From a day, month or year to another; what one lacks the other tells."""
    first, last = reading.printed(match, "1"), reading.printed(match, "2")
    first = first._replace(month=first.month or last.month)
    last = last._replace(month=last.month or first.month)
    new_year = first[1:] > last[1:]
    if not last.year:
        year = first.year + new_year if first.year else reading.year_of(last.month, last.day or 1)
        last = last._replace(year=year)
    if not first.year and last.year:
        first = first._replace(year=last.year - new_year)
    if first.exists() and last.exists() and (first < last or not last.year):
        yield _Found(*match.span("span"), f"{first.iso()}/{last.iso()}")


def _short_range(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """``2023-24``: two years that follow each other."""
    first = reading.value(match, "y")
    if (first + 1) % 100 == reading.value(match, "next"):
        yield _Found(*match.span(), f"{first}/{first + 1}")


def _list(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """Several days of a month: one period where they follow each other, else each by itself."""
    year, month, _ = reading.printed(match)
    places = [n for n in range(*match.span("days")) if reading.kinds[n] in "DE"]
    numbers = [reading.tokens[n].value for n in places]
    year = year or reading.year_of(month, numbers[-1], match.span("span"))
    days = [_Day(year, month, number) for number in numbers]
    steps = {b - a for a, b in pairwise(numbers)}
    if min(steps) < 1 or not all(day.exists() for day in days):
        return
    if steps == {1}:
        yield _Found(*match.span("span"), f"{days[0].iso()}/{days[-1].iso()}")
        return
    first, last = match.span("span")
    for day, start, end in zip(
        days,
        [first, *places[1:]],
        [*(place + 1 for place in places[:-1]), last],
        strict=True,
    ):
        yield _Found(start, end, day.iso())


def _month_list(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """Several months, of which the last may have a year."""
    first, last = match.span("span")
    places = [n for n in range(first, last) if reading.kinds[n] == "M"]
    for place in places:
        month = reading.tokens[place].value
        year = reading.value(match, "y") or reading.year_of(month, _MID_MONTH)
        yield _Found(place, last if place == places[-1] else place + 1, _Day(year, month, 0).iso())


def _year(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    yield _Found(*match.span(), _Day(reading.value(match, "y"), 0, 0).iso())


def _decades(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """``années 1990 et 2000``, ``années 60``: each ten years."""
    start = match.start()
    for place in range(*match.span()):
        kind, value = reading.kinds[place], reading.tokens[place].value
        if kind in "YXTD":
            value += 0 if kind in "YX" else 1900
            if value % 10 == 0:
                yield _Found(start, place + 1, f"{value}/{value + 9}")
            start = place + 1
        elif kind in ",e":
            start = place + 1


def _part(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """A quarter or half of a year, or its first or last months."""
    length = reading.value(match, "unit") or (3 if "U" in match[0] else 6)
    months = length * (reading.value(match, "n") or 1)
    first = 1 + length * (max(1, reading.value(match, "nth")) - 1)
    if reading.has(match, "last"):
        first = _MONTHS + 1 - months
    end = first + months - 1
    if not 1 <= first <= end <= _MONTHS:
        return
    year = reading.value(match, "y")
    if not year and reading.has(match, "this"):
        year = reading.this_year()
        year += (reading.value(match, "off") or reading.value(match, "off_before")) if year else 0
    elif not year:
        year = reading.year_of(end, monthrange(_LEAP_YEAR + 1, end)[1])
    # In English such words are more often those of sports.
    if year or (reading.language == "fr" and not reading.has(match, "this")):
        start, stop = _Day(year, first, 0).iso(), _Day(year, end, 0).iso()
        yield _Found(*match.span(), f"{start}/{stop}" if months > 1 else start)


def _season(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """The three months of meteorologists, north of the equator; winter ends in the next year."""
    year, first = reading.value(match, "y"), reading.value(match, "season")
    years, last = divmod(first + 1, _MONTHS)
    start, end = _Day(year, first, 0), _Day(year + years, last + 1, 0)
    yield _Found(*match.span(), f"{start.iso()}/{end.iso()}")


def _relative_day(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    published = reading.context.published
    if published:
        days = reading.value(match, "days") * (2 if reading.has(match, "twice") else 1)
        yield _Found(*match.span(), (published + timedelta(days)).isoformat())


def _weekday(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """The nearest such day that is not in the future; the next only if it is called so."""
    published = reading.context.published
    first, last = match.span()
    if (
        not published
        or {reading.word(first - 1), reading.word(last)} & _NO_WEEKDAY[reading.language]
    ):
        return
    ahead = (reading.value(match, "day") - published.weekday()) % _WEEK
    direction = reading.value(match, "off")
    if direction > 0:
        days = ahead or _WEEK
    elif direction < 0:
        days = ahead - _WEEK
    else:
        days = ahead - _WEEK if ahead else 0
    yield _Found(first, last, (published + timedelta(days)).isoformat())


def _day_of_week(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """``mardi 10``: the nearest day of that number, if it was such a weekday."""
    published = reading.context.published
    number = reading.value(match, "d")
    if not published or reading.word(match.end()) in _HOUR:
        return
    for off in sorted(range(-_NEAR, _NEAR + 1), key=abs):
        day = published + timedelta(off)
        if day.day == number and day.weekday() == reading.value(match, "day"):
            yield _Found(*match.span("d"), day.isoformat())
            return


def _relative_period(reading: _Reading, match: re.Match[str]) -> Iterator[_Found]:
    """This, the last or the next week, month or year."""
    published = reading.context.published
    if not published:
        return
    off = reading.value(match, "off")
    if match["unit"] == "y":
        canonical = _Day(published.year + off, 0, 0).iso()
    elif match["unit"] == "z":
        years, month = divmod(published.month - 1 + off, _MONTHS)
        canonical = _Day(published.year + years, month + 1, 0).iso()
    else:
        monday = published + timedelta(off * _WEEK - published.weekday())
        canonical = f"{monday}/{monday + timedelta(_WEEK - 1)}"
    yield _Found(*match.span(), canonical)


# --- the rules ---

_NEAR: Final = 40
"""Days between which a weekday bears the same number twice at most."""
_NO_WEEKDAY: Final = {
    "fr": frozenset(("le", "les", "du", "au", "un", "chaque", "tous", "saint", "gras", "noir")),
    "en": frozenset(("black", "good", "ash", "every", "each", "a")),
}
_SINCE: Final = frozenset({"depuis", "since"})
_HOUR: Final = frozenset(["h", "heure", "heures", "am", "pm", "a", "p", "o"])
_Reader = Callable[[_Reading, "re.Match[str]"], Iterator[_Found]]
_Rules = list[tuple[str, _Reader]]


def _month(which: str = "") -> str:
    return rf"(?P<m{which}>M|A)(?:\.(?=[DEY,]))?"


def _ranges(first: str, last: str) -> _Rules:
    """The shapes of a period between two points, which are patterns."""
    return [
        (rf"(?P<span>[df]l?(?:p|i-)?W?,?{first}tl?(?:p|i-)?W?,?{last})", _range),
        (rf"(?P<span>bl?(?:p|i-)?W?,?{first}el?(?:p|i-)?W?,?{last})", _range),
        (rf"(?P<span>{first}[-–t](?:p|i-)?W?{last})", _range),
    ]


_Y: Final = "(?P<y>Y)"
_D: Final = "(?P<d>[DE])"
_DAYS: Final = "(?P<days>[DE](?:,[DE]){0,6},?el?[DE])"
_OF_YEAR: Final = (
    rf"(?:,?[do]?(?:[lc]y)?{_Y}|(?P<this>[do]?(?:[lc]y(?P<off>r)?|(?P<off_before>r)y)))"
)
"""The year of a part of it: ``de 2024``, ``de l'année dernière``, ``of last year``."""
_PART: Final = rf"(?:{_OF_YEAR}|(?![dop]))"

_FRENCH: Final[_Rules] = [
    *_ranges(rf"(?P<d1>[DE])(?:{_month('1')}(?P<y1>Y)?)?", rf"(?P<d2>[DE]){_month('2')}(?P<y2>Y)?"),
    (rf"(?P<span>{_DAYS}{_month()}{_Y}?)", _list),
    (rf"(?P<span>{_D}{_month()}(?:(?:dly)?{_Y})?)", _single),
    *_ranges(rf"{_month('1')}(?P<y1>Y)?", rf"{_month('2')}(?P<y2>Y)?"),
    (rf"(?P<span>M(?:,M){{0,9}}e[dp]?M{_Y})", _month_list),
    (r"(?<=[pd])(?P<span>M(?:,M){0,9}e[dp]?M)", _month_list),
    (rf"(?P<span>{_month()}(?:d|dly)?{_Y})", _single),
    (r"(?:(?<=[pdt])|(?<=i-)|(?=Mr))(?P<span>(?P<m>M))", _bare_month),
    (rf"(?P<n>[CD])S(?P<unit>[zQ]){_PART}", _part),
    (rf"(?P<n>[CD])(?P<last>L)(?P<unit>[zQ]){_OF_YEAR}", _part),
    (rf"(?P<nth>[OE])(?P<unit>[QH]){_PART}", _part),
]
_ENGLISH: Final[_Rules] = [
    *_ranges(
        rf"(?P<d1>[DE])(?:o?{_month('1')}(?:,?(?P<y1>Y))?)?",
        rf"(?P<d2>[DE])o?{_month('2')}(?:,?(?P<y2>Y))?",
    ),
    *_ranges(
        rf"{_month('1')}(?P<d1>[DE])(?:,?(?P<y1>Y),?)?",
        rf"(?:{_month('2')})?(?P<d2>[DE])(?:,?(?P<y2>Y))?",
    ),
    (rf"(?P<span>{_DAYS}o?{_month()}(?:,?{_Y})?)", _list),
    (rf"(?P<span>{_month()}{_DAYS}(?:,?{_Y})?)", _list),
    (rf"(?P<span>{_month()}{_D}(?:,?{_Y})?)", _single),
    (rf"(?P<span>{_D}o?{_month()}(?:,?{_Y})?)", _single),
    *_ranges(rf"{_month('1')}(?P<y1>Y)?", rf"{_month('2')}(?P<y2>Y)?"),
    (rf"(?P<span>M(?:,M){{0,9}},?e[op]?M{_Y})", _month_list),
    (r"(?<=[pof])(?P<span>M(?:,M){0,9},?e[op]?M)", _month_list),
    (rf"(?P<span>{_month()}[o,]?{_Y})", _single),
    (r"(?:(?<=[pofcrt])|(?<=i-))(?P<span>(?P<m>M))", _bare_month),
    (rf"[OE](?P<n>[CD])(?P<unit>[zQ]){_PART}", _part),
    (rf"(?P<last>r)(?P<n>[CD])(?P<unit>[zQ]){_OF_YEAR}", _part),
    (rf"(?P<nth>[OE])(?P<unit>Q){_PART}", _part),
    (rf"(?P<nth>[OE])(?P<unit>H){_OF_YEAR}", _part),
]
_BOTH: Final[_Rules] = [
    (rf"(?P<last>r)(?P<unit>[QH])[do]?{_Y}", _part),
    (rf"(?P<nth>[UV])[-/]?[do]?{_Y}", _part),
    (rf"(?P<season>N)[do]?{_Y}", _season),
    (r"aY(?:[,e-]Y){0,9}", _decades),
    (r"a[TD]|X", _decades),
    *_ranges("(?P<y1>Y)", "(?P<y2>Y)"),
    (r"(?P<span>(?P<y1>Y)/(?P<y2>Y))", _range),
    (r"(?P<y>Y)[-/](?P<next>[DT])", _short_range),
    ("(?P<y>Y)", _year),
    (r"(?P<day>W)\(?(?P<d>[DE])", _day_of_week),
]
# Weekdays first: they may stand beside what is relative, but not beside a date.
_FRENCH_RELATIVE: Final[_Rules] = [
    (r"(?<!#)(?<!#[,(])(?P<day>W)(?P<off>r)?(?![,(]?#)", _weekday),
    (r"(?P<twice>p-)?(?P<days>R)", _relative_day),
    (r"(?P<unit>[szy])(?P<off>r)", _relative_period),
    (r"c(?P<unit>[szy])(?:-g|(?!-))(?![do]?#)", _relative_period),
]
_ENGLISH_RELATIVE: Final[_Rules] = [
    (r"(?<!#)(?<!#[,(])(?P<off>r)?(?P<day>W)(?![,(]?#)", _weekday),
    (r"(?P<days>R)", _relative_day),
    (r"(?:c|(?P<off>r))(?P<unit>[szy])(?![,o]?#)", _relative_period),
]
_RULES: Final = {
    language: [(re.compile(pattern), read) for pattern, read in rules]
    for language, rules in {
        "fr": [("F", _figures), *_FRENCH, *_BOTH, *_FRENCH_RELATIVE],
        "en": [("F", _figures), *_ENGLISH, *_BOTH, *_ENGLISH_RELATIVE],
    }.items()
}
