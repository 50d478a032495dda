"""Datelines: where a paragraph says that it was filed, and by whom."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from worker.core.characters import CAPITAL
from worker.core.clean.segments import Stretch
from worker.core.clean.structure.agencies import has_shape, is_known

_LONGEST: Final = 150  # characters; longer before the dash is a sentence
_DATELINE: Final = re.compile(
    r"(?:(?P<place>[^\W\d_][^(),\n]{0,59}?(?:\s\([^\W\d_][^()\n]{1,30}\)(?=,|\s\())?)"
    r"(?:,\s{0,2}(?P<day>[^()\n]{1,40}?))?(?:\s{1,2}[-–—])?\s{0,3})?"
    r"(?:\((?P<agency>[^\W\d_][^()\n]{1,39})\)\.?\s{0,3}(?:[-–—]{1,2}|"
    rf"(?P<open>(?={CAPITAL}|[«“\"])))"
    r"|\.?\s/(?P<slashed>[^\W\d_][^()/\n]{1,39})/\.?)"
)
_UNSIGNED: Final = re.compile(
    r"(?P<place>[^\W\d_][^()\n.:;!?–—]{1,49}?)(?:,\s{0,2}(?P<day>(?:le\s|ngày\s)?[^()\n,.:;–—-]{0,12}[0-9]"
    rf"[^()\n.:;–—-]{{0,24}}?))?(?:\s{{1,2}}[–—-]{{1,2}}|[–—]{{1,2}})(?=\s{{1,2}}(?:{CAPITAL}|[«“\"]))"
)
_BARE: Final = re.compile(
    r"(?P<agency>[A-ZĐ]{3,12}(?:\.VN)?)\s{1,2}[-–—]{1,2}(?=\s[^\W\d_]|\s[«“\"])"
)
_INNER: Final = re.compile(
    r"(?:[.!?…»”\")\]]\s{0,2}|(?<=[A-Z]{3})(?=[A-ZÀ-Ý][a-zà-ÿ]))(?=[^\W\d_][^.!?()\n]{0,80}\([^\W\d_][^()\n]{1,39}\)\s{0,3}[-–—])"
)
_PARTICLES: Final = frozenset(
    {"and", "de", "des", "du", "el", "en", "et", "la", "le", "les", "of", "sur", "the"}
)
_DAYS: Final = frozenset(
    {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}
    | {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)
_ELISIONS: Final = ("d'", "d’", "l'", "l’")
_MAX_PLACE_WORDS: Final = 4  # where no agency says that it is one
_SHORTEST_UNKNOWN: Final = 3  # letters: two are a country or a union more often than an agency


class Filed(NamedTuple):
    """A dateline as it stands at the head of a paragraph."""

    stretch: Stretch
    place: str | None
    agency: str | None


def find_dateline(text: str, paragraph: Stretch) -> Filed | None:
    """The dateline that opens the paragraph.

    ``Hanoï (VNA) –``, ``Séoul, 3 mai (VNA) -``, ``(VOVWORLD) -``, ``LONDON (Reuters) —``; of a
    known agency without brackets too: ``NDEL –``.
    """
    end = min(paragraph.end, paragraph.start + _LONGEST)
    found = _DATELINE.match(text, paragraph.start, end)
    if found and _is_place(found["place"]) and _is_day(found["day"]):
        agency = found["agency"] or found["slashed"]
        # Behind a person's or a body's name, capitals in brackets are a party or an acronym.
        alone = found["day"] is not None or " " not in (found["place"] or "")
        if is_known(agency) or (alone and _is_agency(agency) and found["open"] is None):
            return Filed(Stretch(*found.span()), _whole_place(text, found), agency)
    bare = _BARE.match(text, paragraph.start, end)
    if bare and is_known(bare["agency"]):
        return Filed(Stretch(*bare.span()), None, bare["agency"])
    return None


def find_unsigned_dateline(text: str, paragraph: Stretch, *, signed: bool) -> Filed | None:
    """A dateline without an agency, which only the head of a story may have.

    ``ALGER -``, ``Tunis, 3 mai 2026 —``; where a known agency has ``signed`` the story at its foot
    ``Casablanca –`` too, which else may open any sentence.
    """
    end = min(paragraph.end, paragraph.start + _LONGEST)
    found = _UNSIGNED.match(text, paragraph.start, end)
    if (
        found
        and _is_place(found["place"])
        and len(found["place"].split()) <= _MAX_PLACE_WORDS
        and len(found["place"]) >= _SHORTEST_UNKNOWN
        and (signed or found["day"] is not None or found["place"].isupper())
    ):
        return Filed(Stretch(*found.span()), found["place"], None)
    return None


def find_inner_datelines(text: str, paragraph: Stretch) -> list[int]:
    """Where datelines begin that something was glued to: ``… de la région.Séoul (VNA) – …``."""
    return [
        found.end()
        for found in _INNER.finditer(text, *paragraph)
        if found.end() > paragraph.start
        and (filed := find_dateline(text, Stretch(found.end(), paragraph.end)))
        and is_known(filed.agency or "")
    ]


def _whole_place(text: str, found: re.Match[str]) -> str | None:
    """The place with its country, where no day stands behind the comma: ``Siem Reap, Cambodge``."""
    behind = found["day"]
    if behind is None or any(map(str.isdigit, behind)) or behind.casefold() in _DAYS:
        return found["place"]
    return text[found.start("place") : found.end("day")]


def _is_place(place: str | None) -> bool:
    return place is None or (place[0].isupper() and _is_name(place))


def _is_day(day: str | None) -> bool:
    return (
        day is None
        or any(map(str.isdigit, day))
        or day.casefold().removeprefix("ce ") in _DAYS
        or _is_name(day)
    )


def _is_agency(agency: str) -> bool:
    return is_known(agency) or (len(agency) >= _SHORTEST_UNKNOWN and has_shape(agency))


def _is_name(words: str) -> bool:
    return all(
        word.lstrip("(")[:1].isupper()
        or word in _PARTICLES
        or (word.startswith(_ELISIONS) and word[2:3].isupper())
        for word in words.split()
    )
