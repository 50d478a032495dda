"""Countries and cities in the languages of the corpus, from Unicode's CLDR as babel carries it.

Countries are those of ISO 3166-1 and Kosovo, by their codes of two letters. Cities are those that
CLDR names time zones after, capitals and other large ones.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from babel import Locale

LANGUAGES: Final = ("fr", "en", "vi", "es", "de")
"""ISO 639-1 codes; the first is the language of canonical names."""

# Codes that CLDR has beyond ISO 3166-1: reserved, private or no country at all.
_NO_COUNTRIES: Final = frozenset(
    "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split()  # noqa: SIM905 - a list would be a page long
)
_CODE: Final = re.compile("[A-Z]{2}")
_IN_BRACKETS: Final = re.compile(r"\s*[\[(][^\])]*[\])]")
# Zones that are no cities, small places told apart by their state, islands of saints whom many
# places are named after, and one that CLDR moved.
_NO_CITIES: Final = re.compile(
    "Etc/|Antarctica/|America/(?:Indiana/|Kentucky/|North_Dakota/|St_|Coral_Harbour)"
)


class City(NamedTuple):
    """A city that a time zone is named after."""

    canonical: str
    """Its name in French."""
    names: tuple[str, ...]
    """Its names in all languages."""


@cache
def country_names(language: str) -> Mapping[str, str]:
    """The usual name of each country in one of ``LANGUAGES``, by its ISO 3166-1 code."""
    return {
        code: _plain(name)
        for code, name in _locale(language).territories.items()
        if _CODE.fullmatch(code) and code not in _NO_COUNTRIES
    }


@cache
def country_codes(language: str) -> Mapping[str, str]:
    """The code of each country by its folded name in a language."""
    codes: dict[str, str] = {}
    for code, name in country_names(language).items():
        for spelling in _spellings(name):
            codes.setdefault(fold(spelling), code)
    return codes


@cache
def cities() -> tuple[City, ...]:
    """The cities of CLDR's time zones, in the order of the zones' names."""
    zones = {language: _locale(language).time_zones for language in LANGUAGES}
    found = []
    for zone in sorted(set().union(*zones.values())):
        if _NO_CITIES.match(zone):
            continue
        # CLDR leaves a name out where it is the zone's own.
        own = zone.rpartition("/")[2].replace("_", " ")
        names = [_plain(zones[each].get(zone, {}).get("city") or own) for each in LANGUAGES]
        found.append(City(names[0], tuple(dict.fromkeys((*names, own)))))
    return tuple(found)


def _locale(language: str) -> Locale:
    # Its data take a moment to load, which nothing but this step should wait for.
    from babel import Locale  # noqa: PLC0415

    return Locale(language)


def _plain(name: str) -> str:
    return _IN_BRACKETS.sub("", name).replace("’", "'").replace("\u00ad", "")


def _spellings(name: str) -> Iterator[str]:
    yield name
    if "&" in name:
        yield name.replace("&", "and")
    if name.startswith("St. "):
        yield name.replace("St.", "Saint")
