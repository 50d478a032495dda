"""How sentences name things: times, numbers, files, and text of unknown origin."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from worker.core.characters import CONTROLS, DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

_ERROR: Final = 300  # characters of an error in a sentence

_UNPLAIN: Final = dict.fromkeys(map(ord, DIRECTIONS + CONTROLS), "\ufffd")
_MINUTE: Final = 60
_UNITS: Final = (("d", 86_400, "h", 3_600), ("h", 3_600, "min", _MINUTE), ("min", _MINUTE, "s", 1))


def when(moment: datetime) -> str:
    """A point in time, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(span: timedelta) -> str:
    """A length of time in the two units that matter: ``12 ms``, ``3.4 s``, ``2 h 5 min``."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    for unit, length, smaller, part in _UNITS:
        if seconds >= length:
            rest = int(seconds % length) // part
            return f"{int(seconds) // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    raise AssertionError(span)  # pragma: no cover - a minute is the smallest unit


def plain(text: str) -> str:
    """Text of unknown origin as one line that neither steers a terminal nor turns its writing."""
    return " ".join(text.translate(_UNPLAIN).split())


def one_line(text: str, most: int = _ERROR) -> str:
    """The first line that says something, as `plain` text of at most so many characters."""
    line = next(filter(None, map(plain, text.splitlines())), "")
    return line if len(line) <= most else f"{line[: most - 1]}…"


def count(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def listed(items: Sequence[str]) -> str:
    """``1, 2 and 3``."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def named(feed: str | None, file: str) -> str:
    """A file by the path at which it lay below the inbox."""
    return f"{feed}/{file}" if feed else file
