"""The words that names of a language are told by, from the lists in ``data`` and from CLDR."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from worker.core.characters import nfc
from worker.core.enrich.countries import LANGUAGES, cities, country_names
from worker.core.enrich.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.core.article import Label

WORD: Final = re.compile(
    r"""(?:[^\W\d_]\.){2,}                    # U.S.
    | (?: (?:People|Women|Children)[’']s | (?:Farmers|Teachers|Veterans|Workers)[’'] ) (?=\s[A-Z])
    | [^\W\d_]+
      (?: (?<![lLdD])[’'][^\W\d_]{2,}        # O'Brien, but not l'Avana
        | -[^\W\d_]+
        | (?<=[A-ZĐ])\.(?=[A-ZĐ])[^\W\d_]+   # TP.HCM
      )* \d{0,2}
    | &""",
    re.VERBOSE,
)
"""What counts as one word of a text, or of a name on a list."""

_WRITTEN: Final = ("de", "en", "es", "vi")  # languages with lists of their own
_ANYWHERE: Final = ("fr", "en")  # spellings of countries that stories in any language may use
_CONTINENTS: Final = ("002", "003", "005", "009", "013", "029", "035", "142", "143", "150", "419")
_AREAS: Final = frozenset({"Africa", "America", "Asia", "Australia", "Europe"})
# Zones of CLDR that are also words, and territories' names that are hardly ever meant.
_NO_PLACES: Final = frozenset(
    (
        *("Adak", "Casey", "Center", "Chatham", "Creston", "Currie", "Davis", "Dawson", "Easter"),
        *("Knox", "Lindeman", "Macquarie", "Man", "Mawson", "Midway", "Nome", "Norfolk", "Oral"),
        *("Palmer", "Resolute", "Thule", "Troll", "Wake", "Wallis"),
    )
)


class Phrase(NamedTuple):
    """A name that is known whole."""

    label: Label
    capitals: tuple[bool, ...]
    """Which of its words have a capital, all of which must have one in the text."""
    first: str
    """Its first word, folded."""


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of a language; words are in small letters where their case does not matter."""

    titles: frozenset[str]
    title_endings: tuple[str, ...]
    bodies: frozenset[str]
    body_endings: tuple[str, ...]
    named_after_places: frozenset[str]
    company_endings: frozenset[str]
    links: frozenset[str]
    conjunctions: frozenset[str]
    particles: frozenset[str]
    compounds: frozenset[str]
    before_places: frozenset[str]
    after_places: frozenset[str]
    inside_places: frozenset[str]
    place_beginnings: frozenset[str]
    no_places_after: frozenset[str]
    no_names: frozenset[str]
    given_names: frozenset[str]
    families: frozenset[str]
    doubtful_families: frozenset[str]
    acronyms: dict[str, Label | None]
    """Those with a label, and None for those that are no names."""
    phrases: dict[str, Phrase]
    """By their folded words, one word alone by its exact spelling."""
    longest: dict[str, int]
    """The most words of a phrase, by its first word, folded."""


@cache
def load(language: str) -> Words:
    """The lists for a language (ISO 639-1): its own, if there are any, and the common ones."""
    common = _read("common")
    own = _read(language) if language in _WRITTEN else {}

    def union(key: str) -> frozenset[str]:
        return frozenset((*common.get(key, ()), *own.get(key, ())))

    def either(key: str) -> frozenset[str]:
        return frozenset(own.get(key, common.get(key, ())))

    phrases: dict[str, Phrase] = {}
    for key, phrase in _phrases(language, common, own):
        before = phrases.get(key)
        if before and before.label == phrase.label:  # spelt in two ways
            capitals = tuple(map(min, before.capitals, phrase.capitals))
            phrases[key] = phrase._replace(capitals=capitals)
        else:
            phrases[key] = phrase
    longest: dict[str, int] = {}
    for phrase in phrases.values():
        longest[phrase.first] = max(longest.get(phrase.first, 0), len(phrase.capitals))
    return Words(
        titles=union("titles"),
        title_endings=tuple(own.get("title_endings", ())),
        bodies=union("bodies"),
        body_endings=tuple(own.get("body_endings", ())),
        named_after_places=union("named_after_places"),
        company_endings=union("company_endings"),
        links=either("links"),
        conjunctions=either("conjunctions"),
        particles=either("particles"),
        compounds=union("compounds"),
        before_places=union("before_places"),
        after_places=union("after_places"),
        inside_places=union("inside_places"),
        place_beginnings=union("place_beginnings"),
        no_places_after=union("no_places_after"),
        no_names=union("no_names") | _calendar(language),
        given_names=frozenset(common["given_names"].split()),
        families=frozenset(common["vietnamese_families"].split()),
        doubtful_families=frozenset(common["vietnamese_families_doubtful"].split()),
        acronyms=_acronyms(common),
        phrases=phrases,
        longest=longest,
    )


def _read(name: str) -> dict[str, Any]:
    path = resources.files(__package__).joinpath("data", f"{name}.toml")
    return tomllib.loads(nfc(path.read_text(encoding="utf-8")))


def _phrases(
    language: str, common: dict[str, Any], own: dict[str, Any]
) -> Iterator[tuple[str, Phrase]]:
    branches = (f"{each} {of}" for each in own.get("branched", ()) for of in own["branches"])
    # A later list overrides an earlier one.
    yield from _entries(_known_places(language), "LOC")
    for lists in (common, own):
        yield from _entries(lists.get("places", ()), "LOC")
        yield from _entries(lists.get("organisations", ()), "ORG")
        yield from _entries(lists.get("matters", ()), "MISC")
    yield from _entries(branches, "ORG")


def _entries(names: Iterable[str], label: Label) -> Iterator[tuple[str, Phrase]]:
    for name in names:
        words = WORD.findall(name)
        if len(words) == 1:
            yield words[0], Phrase(label, (words[0][0].isupper(),), fold(words[0]))
        elif words:
            capitals = tuple(word[0].isupper() for word in words)
            yield "-".join(map(fold, words)), Phrase(label, capitals, fold(words[0]))


def _known_places(language: str) -> Iterator[str]:
    for each in dict.fromkeys((*_ANYWHERE, *({language} & set(LANGUAGES)))):
        yield from (name for name in country_names(each).values() if name not in _NO_PLACES)
        yield from _continents(each)
    for city in cities():
        yield from (name for name in city.names if name not in _NO_PLACES and name[0].isupper())
    yield from _zones()


def _zones() -> Iterator[str]:
    """The cities of time zones under the zones' own names, which no locale repeats."""
    from babel.core import get_global  # noqa: PLC0415

    for zone in get_global("zone_territories"):
        area, _, name = zone.partition("/")
        if area in _AREAS and "/" not in name and name not in _NO_PLACES:
            yield name.replace("_", " ")


def _continents(language: str) -> Iterator[str]:
    from babel import Locale  # noqa: PLC0415 - as in ``countries``

    territories = Locale.parse(language).territories
    return (territories[code] for code in _CONTINENTS)


def _calendar(language: str) -> frozenset[str]:
    """The names of months and days, which some languages write with a capital."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return frozenset()
    tables = (locale.months["format"], locale.days["format"])
    return frozenset(
        name
        for table in tables
        for width in ("wide", "abbreviated")
        for name in table[width].values()
    )


def _acronyms(common: dict[str, Any]) -> dict[str, Label | None]:
    from babel import Locale  # noqa: PLC0415

    found: dict[str, Label | None] = dict.fromkeys(Locale.parse("en").currencies)
    found |= dict.fromkeys(common["acronyms_none"])
    found |= dict.fromkeys(common["acronyms_loc"], "LOC")
    found |= dict.fromkeys(common["acronyms_org"], "ORG")
    return found | dict.fromkeys(common["acronyms_misc"], "MISC")
