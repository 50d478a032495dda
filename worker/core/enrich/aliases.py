"""The entities that are known by name: ``data/aliases.csv``, and CLDR's countries and cities.

``data/README.md`` says what stands in the table and where it comes from.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.countries import LANGUAGES, cities, country_codes, country_names
from worker.core.enrich.folding import content_words, entity_key, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from worker.core.article import Label

_SHORTEST_FOREIGN: Final = 5  # letters; shorter names of other languages are also other words
# Countries in Spanish or German, but other places in French and English, or a people in French:
# "Italien", "Algerien".
_NO_FOREIGN: Final = re.compile("granada|guadalupe|island|san-martin|santa-elena|.*[iy]en")
_FEWEST_WORDS: Final = 3  # of a name that is known without its articles and prepositions


class Entity(NamedTuple):
    """An entity under its stable key, with its name in French."""

    key: str
    canonical: str


class _Line(NamedTuple):
    entity: Entity
    names: tuple[str, ...]
    wikidata: str | None


class Known:
    """The known entities by name, as an article of one language means them."""

    def __init__(self, language: str) -> None:
        """``language`` is one of ``countries.LANGUAGES``."""
        self._names: dict[tuple[str, str], tuple[Entity, ...]] = {}
        self._loose: dict[str, Entity | None] = {}
        # What comes first wins: "Mexico" is a city in French, and a country in English.
        self._add_countries(country_codes(language))
        self._add_lines(_table())
        self._add_cities()
        self._add_countries(country_codes("fr"))
        self._add_countries(country_codes("en"))
        for foreign in LANGUAGES:
            self._add_countries(
                {
                    name: code
                    for name, code in country_codes(foreign).items()
                    if len(name) >= _SHORTEST_FOREIGN and not _NO_FOREIGN.fullmatch(name)
                }
            )

    def people(self, folded: str) -> tuple[Entity, ...]:
        """The person of this folded name; none where it is not known."""
        return self._names.get(("per", folded), ())

    def names(self, entity: Entity) -> Sequence[str]:
        """The names under which an entity stands in the table."""
        return _names().get(entity.key, ())

    def things(self, folded: str, label: Label) -> tuple[Entity, ...]:
        """The places, organisations and others of this folded name, first those of the label.

        Recognisers differ on what the EU is: a name that is known with another label only is
        that entity. More than one means that the name alone does not tell.
        """
        return self._names.get((label.lower(), folded)) or self._names.get(("", folded), ())

    def thing_without_small_words(self, folded: str) -> Entity | None:
        """The organisation, treaty … whose name differs in articles and prepositions only."""
        return self._loose.get(content_words(folded))

    def _add_countries(self, codes: Mapping[str, str]) -> None:
        names = country_names(LANGUAGES[0])
        lines = _by_key()
        self._add(
            (name, lines.get(key := f"loc:{code}") or Entity(key, names[code]))
            for name, code in codes.items()
        )

    def _add_lines(self, lines: Iterable[_Line]) -> None:
        self._add((fold(name), line.entity) for line in lines for name in line.names)
        for line in lines:
            for name in line.names:
                words = content_words(fold(name))
                if line.entity.key.startswith("per:") or words.count("-") + 1 < _FEWEST_WORDS:
                    continue
                # Two entities that differ in small words only are not told apart without them.
                same = self._loose.setdefault(words, line.entity) == line.entity
                self._loose[words] = line.entity if same else None

    def _add_cities(self) -> None:
        countries = country_codes("fr").keys() | country_codes("en").keys()
        for city in cities():
            names = {fold(name): None for name in city.names}
            if len(names) == 1 and city.canonical.isascii():
                continue  # written alike everywhere: nothing to know
            same = [each for name in names for each in self._names.get(("loc", name), ())]
            place = next((each for each in same if each.key.islower()), None)
            if place is None and (same or not countries.isdisjoint(names)):
                continue  # the zone of a whole country, which is no city
            entity = place or Entity(entity_key(city.canonical, "LOC"), city.canonical)
            self._add((name, entity) for name in names if name not in countries)

    def _add(self, named: Iterable[tuple[str, Entity]]) -> None:
        """Add names that no earlier call has added."""
        new: defaultdict[tuple[str, str], dict[Entity, None]] = defaultdict(dict)
        for name, entity in named:
            label = entity.key.partition(":")[0]
            new[label, name][entity] = None
            if label != "per":
                new["", name][entity] = None
        for at, entities in new.items():
            self._names.setdefault(at, tuple(entities))


@cache
def known(language: str | None) -> Known:
    """The known entities for articles of a language; French where it is not one of ours.

    The first call for a language takes a tenth of a second.
    """
    return _known(language if language in LANGUAGES else LANGUAGES[0])


def wikidata(key: str) -> str | None:
    """The entity's Wikidata id, ``Q881`` for ``loc:VN``; None where we are not certain of one."""
    return _ids().get(key)


def name(key: str) -> str | None:
    """The French name of a known entity, ``Vietnam`` for ``loc:VN``; None of any other key."""
    if entity := _by_key().get(key):
        return entity.canonical
    return country_names(LANGUAGES[0]).get(key.removeprefix("loc:"))


@cache
def _known(language: str) -> Known:
    return Known(language)


@cache
def _by_key() -> Mapping[str, Entity]:
    return {line.entity.key: line.entity for line in _table()}


@cache
def _names() -> Mapping[str, Sequence[str]]:
    return {line.entity.key: line.names for line in _table()}


@cache
def _ids() -> Mapping[str, str]:
    return {line.entity.key: line.wikidata for line in _table() if line.wikidata}


@cache
def _table() -> tuple[_Line, ...]:
    return tuple(_lines())


def _lines() -> Iterator[_Line]:
    path = resources.files("worker.core.enrich") / "data" / "aliases.csv"
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names = (row["canonical"], *filter(None, row["aliases"].split("|")))
            yield _Line(Entity(row["key"], row["canonical"]), names, row["wikidata"] or None)
