"""Which entity each name of an article means, whatever its spelling there.

A name leads to an entity by what its own article says (the full name of a person, the long form of
an acronym) and by the names that are known (``aliases``); else it is its own entity, under a key
made of its folded letters. Nothing depends on other articles, so that an article has the same keys
at any time and on any machine.

Two people of one name are one entity: only people can tell them apart, by a judgement. So are the
ministries that two countries call alike. Names of peoples (``les Vietnamiens``) are never led to a
country.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.aliases import Entity, known
from worker.core.enrich.definitions import definitions, initials, is_acronym, resembles, stands_for
from worker.core.enrich.folding import entity_key, fold, join_initials
from worker.core.enrich.people import fullest
from worker.core.enrich.spelling import barer, best, own_name, person, shown, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.core.article import FieldName, Label
    from worker.core.enrich.aliases import Known
    from worker.core.enrich.people import Words

_Distinct = tuple[str, "Label"]  # a surface with its label

_OPENING: Final = re.compile(r"\s*[(\[]\s*(?:ou\s+|en abrégé\s+)?[\"«“]?\s*")
_CLOSING: Final = re.compile(r"\s*[\"»”]?\s*[)\],;]")
_WORD_BEFORE: Final = re.compile(r"(\w[\w-]*)\s+$")
_FAR: Final = 30  # characters before a name in which a title stands
_SHORTEST_ACRONYM: Final = 3  # letters that two long forms do not share by chance
_SHORTEST_PLURAL: Final = 5
_SHORTEST_WORD: Final = 3  # letters; "us" and "un" are known in capitals only


class Name(NamedTuple):
    """A name found in a field: ``field[start:end] == surface``, with a letter or a digit in it."""

    field: FieldName
    start: int
    end: int
    surface: str
    label: Label
    """PER, ORG, LOC or MISC."""


class Link(NamedTuple):
    """The entity that a name means."""

    canonical: str
    """Its name in French."""
    entity: str
    """Its stable key: ``per:le-hoai-trung``, ``org:union-europeenne``, ``loc:KR``."""


def link(names: Sequence[Name], texts: Mapping[FieldName, str], language: str | None) -> list[Link]:
    """The entity of each name of an article; ``names`` in reading order, over all fields.

    ``texts`` are the fields, ``language`` is the article's (ISO 639-1). The time is linear in the
    number of names and the length of the texts.
    """
    entities = known(language)
    people = [i for i, name in enumerate(names) if name.label == "PER"]
    things = [i for i, name in enumerate(names) if name.label != "PER"]
    links = dict(zip(people, _people([names[i] for i in people], texts, entities), strict=True))
    links |= zip(things, _Things([names[i] for i in things], texts, entities).links(), strict=True)
    return [links[i] for i in range(len(names))]


def _people(
    names: Sequence[Name], texts: Mapping[FieldName, str], entities: Known
) -> Iterator[Link]:
    bare = {surface: person(surface) for surface in {name.surface for name in names}}
    alone = {surface: _words(surface, name, entities) for surface, name in bare.items()}
    short = [_with_title(name, alone[name.surface], texts, entities) for name in names]
    full = fullest(short, lambda words: _known_names(words, entities))
    spellings: defaultdict[Words, dict[str, None]] = defaultdict(dict)  # in order, each once
    for name, words, meant in zip(names, short, full, strict=True):
        if words == meant:
            spellings[meant][bare[name.surface]] = None
    found = {
        words: _known_person(words, entities)
        or Link(shown(best(spelt), "PER"), entity_key("-".join(words), "PER"))
        for words, spelt in spellings.items()
    }
    return (found[words] for words in full)


def _words(surface: str, bare: str, entities: Known) -> Words:
    """The words of a person's name, with the title if the person is known under it."""
    titled = trimmed(surface)
    return _split(titled if entities.people(fold(titled)) else bare)


def _with_title(name: Name, words: Words, texts: Mapping[FieldName, str], entities: Known) -> Words:
    """The words after the one in the text if the person is known under it: ``pape François``."""
    if len(words) == 1 and not entities.people(words[0]):
        before = texts.get(name.field, "")[max(name.start - _FAR, 0) : name.start]
        title = _WORD_BEFORE.search(before)
        if title and entities.people(f"{fold(title[1])}-{words[0]}"):
            return fold(title[1]), *words
    return words


def _split(name: str) -> Words:
    return tuple(filter(None, map(fold, join_initials(name).split())))


def _known_names(words: Words, entities: Known) -> list[Words]:
    """All names of the person that a name is known to mean."""
    people = entities.people("-".join(words))
    return [_split(name) for each in people for name in entities.names(each)]


def _known_person(words: Words, entities: Known) -> Link | None:
    """The known person of a name, also where the name has initials that are left out elsewhere."""
    inner = tuple(word for word in words[1:-1] if len(word) > 1)
    for form in (words, (words[0], *inner, *words[1:][-1:])):
        for person_meant in entities.people("-".join(form)):
            return Link(person_meant.canonical, person_meant.key)
    if len(words) > 1 and len(words[0]) == 1:
        for person_meant in entities.people("-".join(words[1:])):
            if fold(person_meant.canonical).startswith(words[0]):
                return Link(person_meant.canonical, person_meant.key)
    return None


class _Things:
    """The places, organisations and others of an article."""

    def __init__(
        self, names: Sequence[Name], texts: Mapping[FieldName, str], entities: Known
    ) -> None:
        self._names = names
        self._texts = texts
        self._entities = entities
        self._distinct = dict.fromkeys((name.surface, name.label) for name in names)
        self._own = {each: own_name(*each) for each in self._distinct}

    def links(self) -> Iterator[Link]:
        found: dict[_Distinct, Entity] = {}
        explained = self._explained()
        unclear = {}
        for each in self._distinct:
            candidates = self._candidates(*each)
            entity = explained.get(fold(self._own[each]))
            if entity is None and len(candidates) == 1:
                entity = candidates[0]
            if entity is None:
                unclear[each] = candidates
            else:
                found[each] = entity
        named = set(found.values())
        for each, candidates in unclear.items():
            # An ambiguous name means what the article also names otherwise.
            meant = named.intersection(candidates)
            if len(meant) == 1:
                found[each] = meant.pop()
        found |= self._own_entities([each for each in unclear if each not in found], found)
        return (
            Link(entity.canonical, entity.key)
            for entity in (found[name.surface, name.label] for name in self._names)
        )

    def _candidates(self, surface: str, label: Label) -> Sequence[Entity]:
        """The known entities of a name, more than one if it is ambiguous."""
        folded = ""
        for name in barer(surface, label):
            folded = fold(name)
            if len(folded) < _SHORTEST_WORD and name.isascii() and not name.isupper():
                continue
            if candidates := self._entities.things(folded, label):
                return candidates
        plural = label != "LOC" and folded.endswith("s") and len(folded) >= _SHORTEST_PLURAL
        if plural and (candidates := self._entities.things(folded[:-1], label)):
            return candidates
        entity = self._entities.thing_without_small_words(folded)
        return (entity,) if entity else ()

    def _explained(self) -> Mapping[str, Entity]:
        """What acronyms and their long forms mean by the article's own words, by folded name."""
        explained: dict[str, Entity] = {}
        for acronym, long, label in self._definitions():
            by_long, by_acronym = self._candidates(long, label), self._candidates(acronym, label)
            name = own_name(long, label)
            if len(by_long) == 1:
                entity = by_long[0]
            elif len(by_acronym) == 1 and not stands_for(acronym, long):
                entity = by_acronym[0]
            else:
                entity = Entity(entity_key(name, label), shown(name, label))
            explained.setdefault(fold(acronym), entity)
            explained.setdefault(fold(name), entity)
        return explained

    def _definitions(self) -> Iterator[tuple[str, str, Label]]:
        """Acronyms with their long forms, as the article explains them."""
        labels = {fold(name): label for (_, label), name in reversed(self._own.items())}
        for one, other in zip(self._names, self._names[1:], strict=False):
            if one.field != other.field or not self._brackets(one, other):
                continue
            for acronym, explaining in ((other.surface, one), (one.surface, other)):
                if _may_explain(explaining, acronym):
                    yield acronym, explaining.surface, explaining.label
        for text in self._texts.values():
            for acronym, long in definitions(text):
                label = labels.get(fold(long)) or labels.get(fold(acronym))
                if label:
                    yield acronym, long, label

    def _brackets(self, one: Name, other: Name) -> bool:
        """Whether the second name stands in brackets behind the first."""
        text = self._texts.get(one.field, "")
        return bool(
            other.start - one.end <= _FAR
            and _OPENING.fullmatch(text, one.end, other.start)
            and _CLOSING.match(text, other.end)
        )

    def _own_entities(
        self, unknown: Sequence[_Distinct], found: Mapping[_Distinct, Entity]
    ) -> Mapping[_Distinct, Entity]:
        """Entities for names that nothing is known of, one for all spellings."""
        keys = {each: entity_key(self._own[each], each[1]) for each in unknown}
        present = set(keys.values())
        spellings: defaultdict[str, list[_Distinct]] = defaultdict(list)
        for each, key in keys.items():
            spellings[key[:-1] if key.endswith("s") and key[:-1] in present else key].append(each)
        own = {
            each: Entity(key, shown(best(self._own[one] for one in same), same[0][1]))
            for key, same in spellings.items()
            for each in same
        }
        long_forms: defaultdict[str, set[Entity]] = defaultdict(set)
        for each, entity in (*found.items(), *own.items()):
            if each[1] != "LOC":
                long_forms[initials(self._own[each])].add(entity)
        for each in unknown:
            folded = fold(each[0])
            meant = long_forms[folded]
            if is_acronym(each[0]) and len(folded) >= _SHORTEST_ACRONYM and len(meant) == 1:
                own[each] = next(iter(meant))
        return own


def _may_explain(name: Name, acronym: str) -> bool:
    """Whether a name beside an acronym in brackets is its long form.

    Half of the letters are enough for an organisation, since French names stand before English
    acronyms, but not for the place of an agency: ``Addis-Abeba (AP)``.
    """
    if not is_acronym(acronym) or is_acronym(name.surface):
        return False
    exact = name.label == "LOC" or len(fold(acronym)) < _SHORTEST_ACRONYM
    return (stands_for if exact else resembles)(acronym, name.surface)
