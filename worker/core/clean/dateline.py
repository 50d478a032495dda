"""Datelines: where a paragraph says that it was filed, and by whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.core.clean.agencies import has_shape, is_known

if TYPE_CHECKING:
    from worker.core.clean.segments import Stretch

_LONGEST: Final = 150  # characters; longer before the dash is a sentence
_DATELINE: Final = re.compile(
    r"(?:(?P<place>[^\W\d_][^(),\n]{0,59}?)(?:,\s{0,2}(?P<day>[^()\n]{1,40}?))?\s{0,3})?"
    r"\((?P<agency>[^\W\d_][^()\n]{1,39})\)\s{0,3}[-–—]{1,2}"
)
_PARTICLES: Final = frozenset(
    {"and", "de", "des", "du", "el", "en", "et", "la", "le", "les", "of", "sur", "the"}
)
_ELISIONS: Final = ("d'", "d’", "l'", "l’")
_SHORTEST_UNKNOWN: Final = 3  # letters: two are a country or a union more often than an agency


def find_dateline(text: str, paragraph: Stretch) -> re.Match[str] | None:
    """The dateline that opens the paragraph, with groups ``place`` (may be None) and ``agency``.

    ``Hanoï (VNA) –``, ``Séoul, 3 mai (VNA) -``, ``(VOVWORLD) -``, ``LONDON (Reuters) —``.
    """
    end = min(paragraph.end, paragraph.start + _LONGEST)
    found = _DATELINE.match(text, paragraph.start, end)
    if (
        found
        and _is_place(found["place"])
        and _is_day(found["day"])
        and _is_agency(found["agency"])
    ):
        return found
    return None


def _is_place(place: str | None) -> bool:
    return place is None or (place[0].isupper() and _is_name(place))


def _is_day(day: str | None) -> bool:
    return day is None or any(map(str.isdigit, day)) or _is_name(day)


def _is_agency(agency: str) -> bool:
    return is_known(agency) or (len(agency) >= _SHORTEST_UNKNOWN and has_shape(agency))


def _is_name(words: str) -> bool:
    return all(
        word[0].isupper() or word in _PARTICLES or word.startswith(_ELISIONS)
        for word in words.split()
    )
