"""Which person of an article a short name means: ``Blinken`` is ``Antony Blinken``."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from worker.core.enrich.folding import word_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Words = tuple[str, ...]
"""A person's name, each word folded: ``("jean-noel", "barrot")``."""

_MOST_WORDS: Final = 8  # of a name whose parts are looked for
_LONGEST_PARTICLE: Final = 4  # letters: "ould"
_GENERATION: Final = frozenset({"fils", "jr", "junior", "pere", "sr"})
_ARTICLE: Final = ("al-", "el-", "as-", "ash-", "d-")  # before Arabic and French surnames
# Family names that stand first in Vietnamese names and are never used alone.
VIETNAMESE: Final = word_set(
    "bui cao chau chu dam dang dao dinh do doan duong ha hoang ho huynh khuat kieu la lam "
    "le luong luu ly ma mac mai ngo nguyen nong pham phan phung quach ta thach thai to "
    "ton tong tran trieu trinh truong tu vo vu vuong"
)
"""Vietnam's most frequent family names, folded."""


def fullest(names: Sequence[Words], spellings: Callable[[Words], Sequence[Words]]) -> list[Words]:
    """For each mention of a person, in reading order, the name in full.

    A short name is one that ends the full one (``Blinken``; of Vietnamese names the given name:
    ``Trung``) or leaves out names between (``Joe Biden``, ``J. Biden``); if nobody's name ends
    so, one that begins it or stands within (``Xi``, ``Diomaye``). If it fits several people, the
    nearest named before is meant, or else the first named after. A short name that fits nobody
    stays as it is.

    ``spellings`` gives all names of a person who is known by a name, short ones too. A known name
    of several words is nobody's short name, and a single known one only if it ends a name.

    Nothing but the full name tells two people of an article apart. The time is linear in the
    number of mentions.
    """
    places: defaultdict[Words, list[int]] = defaultdict(list)
    for place, words in enumerate(names):
        places[words].append(place)
    index = _Index(places)
    # Fuller names first, so that "Hoài Trung" is found to be short for "Lê Hoài Trung" before it
    # could stand for "Trung".
    short: dict[Words, list[tuple[int, Words]]] = {}
    for words in sorted(places, key=_fullness):
        known = spellings(words)
        meant = index.find(words, within=not known) if len(words) == 1 or not known else []
        if meant:
            short[words] = meant
        else:
            index.add(words, known)
    for meant in short.values():
        meant.sort()
    return [
        _nearest(short[words], place) if words in short else words
        for place, words in enumerate(names)
    ]


class _Index:
    """People by the short forms of their names."""

    def __init__(self, places: Mapping[Words, Sequence[int]]) -> None:
        self._places = places
        self._ends: defaultdict[Words, list[Words]] = defaultdict(list)
        self._parts: defaultdict[Words, list[Words]] = defaultdict(list)

    def add(self, words: Words, known: Sequence[Words]) -> None:
        """Add a full name; ``known`` are all names of the person, if known."""
        if len(words) == 1:
            return
        full = [name for name in (words, *known) if 1 < len(name) <= _MOST_WORDS]
        for form in dict.fromkeys(form for name in full for form in _ends(name)):
            self._ends[form].append(words)
        for form in dict.fromkeys(form for name in full for form in _parts(name)):
            self._parts[form].append(words)

    def find(self, words: Words, *, within: bool) -> list[tuple[int, Words]]:
        """Where the people are named who may be meant; ``within``: also by other than the end."""
        people = self._ends.get(words) or (self._parts.get(words, []) if within else [])
        return [(place, person) for person in people for place in self._places[person]]


def _fullness(words: Words) -> tuple[int, int, Words]:
    return -len(words), -sum(map(len, words)), words


def _ends(words: Words) -> Iterator[Words]:
    with_generation = words[-1] in _GENERATION and len(words) > 2  # noqa: PLR2004 - first and last
    core = words[:-1] if with_generation else words
    first, last = core[0], core[-1]
    for start in range(1, len(core)):
        yield core[start:]
    if with_generation:
        yield core
    for article in _ARTICLE:
        if last.startswith(article):
            yield (last.removeprefix(article),)
            yield (*core[:-1], last.removeprefix(article))
    if first in VIETNAMESE:
        return  # "Lê Trung" is somebody else than "Lê Hoài Trung"
    yield (first, last)
    if len(first) > 1:
        initials = "-".join(part[0] for part in first.split("-"))
        for initial in (initials, initials.replace("-", ""), first[0]):
            yield (initial, *core[1:])
            yield (initial, last)


def _parts(words: Words) -> Iterator[Words]:
    """What begins a name, and longer single words within."""
    if words[0] in VIETNAMESE or words[-1] in _GENERATION:
        return
    for end in range(1, len(words)):
        yield words[:end]
    for word in words[1:-1]:
        if len(word) > _LONGEST_PARTICLE:
            yield (word,)


def _nearest(meant: Sequence[tuple[int, Words]], place: int) -> Words:
    """The last of those named before a place, or else the first."""
    after = bisect_right(meant, place, key=lambda each: each[0])
    return meant[max(after - 1, 0)][1]
