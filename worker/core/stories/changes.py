"""What changed between two articles: the words, paragraph by paragraph, the figures, the names.

Words that lost the blank between are the words that they were, and typography that says the same
is no change: two words are the same if `fingerprint.evened` makes them so.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, groupby, pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from worker.core.characters import CAPITAL
from worker.core.stories.fingerprint import evened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from worker.core.article import EnrichedArticle, FieldName

RunKind = Literal["same", "gone", "new"]
PassageKind = Literal["same", "changed", "gone", "new"]

_BREAK: Final = "\n\n"
_WORD: Final = re.compile(r"\S*?\d{1,3}(?:[ \u00a0\u202f]\d{3}(?!\d))+\S*|\S+")  # 1 200 is one
_FIGURE: Final = re.compile(
    r"(?:(?<!\w)[-−+±])?\d(?:(?:[.,:/]|[ \u00a0\u202f](?=\d{3}(?!\d)))?\d)*(?:\s?[%‰])?"
)
_NAME: Final = re.compile(
    rf"""(?:(?<=[^.!?…:;«“"–—\s-]\s)|(?<=\w[’'-])){CAPITAL}\w+"""  # not what opens a sentence
)
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_MOST_COMPARED: Final = 2_000_000  # pairs of words; a passage beyond that has changed as a whole
_LEAST_PARAGRAPH: Final = 40  # characters; shorter ones are headings and leftovers
_MOSTLY: Final = 0.6  # of a paragraph's longer words: it is there, in other words
_STRAY: Final = 3  # words; fewer that stayed between longer changes did so by chance
_AROUND_STRAY: Final = 6  # times as many words that changed around them
_LONGEST_GLUED: Final = 200  # characters
_Opcode: TypeAlias = tuple[str, int, int, int, int]


class Telling(NamedTuple):
    """What is compared of an article."""

    title: str | None
    lead: str | None
    body: str
    entities: frozenset[str]
    """Names to show."""


def telling(article: EnrichedArticle) -> Telling:
    """What is compared of an article that is at hand, named as the machine names entities."""
    clean = article.clean
    names = (each.canonical or each.surface for each in article.mentions if each.entity)
    return Telling(clean.title, clean.lead, clean.body, frozenset(names))


class Run(NamedTuple):
    """Words in a row that stand in both, in the old one only or in the new one only."""

    kind: RunKind
    text: str


class Passage(NamedTuple):
    """A paragraph, or what became of it.

    Its runs without the new ones read as the old paragraph, those without the gone ones as the new.
    """

    field: FieldName
    kind: PassageKind
    runs: tuple[Run, ...]


class Differences(NamedTuple):
    """What only the old one has, and what only the new one has."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed, and what stayed around it."""

    passages: tuple[Passage, ...]
    """Title, lead and body in the order in which they are read."""
    words: tuple[int, int]
    """How many are gone, and how many new."""
    figures: Differences
    """As printed, once for each time that one has it more often than the other."""
    entities: Differences
    """In alphabetical order."""

    @property
    def any(self) -> bool:
        """Whether a reader would find a difference."""
        return any(passage.kind != "same" for passage in self.passages)


def compare(before: Telling, after: Telling) -> Changes:
    """What changed from one article to another."""
    edits = [*_edits(_titles(before), _titles(after)), *_edits(_told(before), _told(after))]
    figures = [_figures("\n".join(filter(None, telling[:3]))) for telling in (before, after)]
    kinds = Counter(edit.kind for edit in edits)
    return Changes(
        passages=tuple(_passages(edits)),
        words=(kinds["gone"], kinds["new"]),
        figures=_differences(*figures),
        entities=Differences(
            tuple(sorted(before.entities - after.entities)),
            tuple(sorted(after.entities - before.entities)),
        ),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a text must have changed for another one to be a version of it."""

    text: str
    """All of it, evened out."""
    figures: Counter[str]
    names: frozenset[str]
    """Words that begin with a capital inside a sentence."""
    words: frozenset[str]
    """The longer ones."""
    paragraphs: tuple[tuple[str, frozenset[str]], ...]
    """Those that say something: each evened out, and its longer words."""

    @classmethod
    def of(cls, text: str) -> Reading:
        """What there is of it in a text of paragraphs."""
        paragraphs = [
            (evened(paragraph), frozenset(_LONG_WORD.findall(paragraph.casefold())))
            for paragraph in text.split(_BREAK)
        ]
        return cls(
            text="".join(even for even, _ in paragraphs),
            figures=Counter(evened(figure) for figure in _FIGURE.findall(text)),
            names=frozenset(evened(name) for name in _NAME.findall(text)),
            words=frozenset().union(*(words for _, words in paragraphs)),
            paragraphs=tuple(each for each in paragraphs if len(each[0]) >= _LEAST_PARAGRAPH),
        )


def matters(one: Reading, other: Reading) -> bool:
    """Whether figures, names or paragraphs of two texts differ; other words may."""
    return one.text != other.text and (
        one.figures != other.figures or any(_lacks(*pair) for pair in ((one, other), (other, one)))
    )


def _lacks(one: Reading, other: Reading) -> bool:
    """Whether the one has no trace of a name or a paragraph of the other."""
    return any(name not in one.text for name in other.names - one.names) or any(
        even not in one.text and len(words & one.words) < _MOSTLY * len(words)
        for even, words in other.paragraphs
    )


def _figures(text: str) -> dict[str, tuple[str, int]]:
    """The figures of a text: as first printed, and how often, by what they are evened out."""
    found: dict[str, tuple[str, int]] = {}
    for printed in _FIGURE.findall(text):
        first, times = found.get(evened(printed), (printed, 0))
        found[evened(printed)] = (first, times + 1)
    return found


def _differences(
    before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]]
) -> Differences:
    def only(one: dict[str, tuple[str, int]], other: dict[str, tuple[str, int]]) -> tuple[str, ...]:
        return tuple(
            printed for key, (printed, times) in one.items() if times > other.get(key, ("", 0))[1]
        )

    return Differences(only(before, after), only(after, before))


class _Word(NamedTuple):
    """A word with the marks around it."""

    key: str
    text: str
    place: _Place


class _Place(NamedTuple):
    """A paragraph of one of the two articles."""

    field: FieldName
    number: int


class _Edit(NamedTuple):
    """A word that stayed, went or came: where it was, and where it is."""

    kind: RunKind
    text: str
    before: _Place | None
    after: _Place | None


def _titles(telling: Telling) -> list[list[_Word]]:
    return [_words(telling.title, _Place("title", 0))] if telling.title else []


def _told(telling: Telling) -> list[list[_Word]]:
    """The words of the lead and of each paragraph of the body."""
    body = enumerate(telling.body.split(_BREAK))
    return [
        *([_words(telling.lead, _Place("lead", 0))] if telling.lead else []),
        *(_words(paragraph, _Place("body", number)) for number, paragraph in body),
    ]


def _words(text: str, place: _Place) -> list[_Word]:
    """The words of a paragraph; a mark that stands by itself goes with the word before it."""
    words: list[_Word] = []
    for chunk in _WORD.findall(text):
        key = evened(chunk)
        if words and not (key and words[-1].key):
            above = words.pop()
            words.append(_Word(above.key + key, f"{above.text} {chunk}", place))
        else:
            words.append(_Word(key, chunk, place))
    return words


def _edits(before: list[list[_Word]], after: list[list[_Word]]) -> Iterator[_Edit]:
    """What became of each word, in the order of reading.

    Paragraphs that stayed as they were hold the others in their place.
    """
    keys = [["".join(word.key for word in words) for words in told] for told in (before, after)]
    for kind, i, j, k, m in _opcodes(*keys):
        old, new = list(chain.from_iterable(before[i:j])), list(chain.from_iterable(after[k:m]))
        if kind == "equal":
            yield from _same(old, new)
        else:
            yield from _rewritten(old, new)


def _rewritten(old: list[_Word], new: list[_Word]) -> Iterator[_Edit]:
    if len(old) * len(new) > _MOST_COMPARED:
        yield from _replaced(old, new)
        return
    opcodes = _opcodes(*([word.key for word in words] for words in (old, new)))
    for kind, i, j, k, m in _without_strays(opcodes):
        if kind == "equal":
            yield from _same(old[i:j], new[k:m])
        else:
            yield from _unglued(old[i:j], new[k:m])


def _opcodes(before: list[str], after: list[str]) -> list[_Opcode]:
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())


def _without_strays(opcodes: Sequence[_Opcode]) -> Iterator[_Opcode]:
    """The opcodes with a few words that stayed by chance between longer changes as changed."""
    sizes = [max(j - i, m - k) for _, i, j, k, m in opcodes]
    stray = {
        at
        for at in range(1, len(opcodes) - 1)
        if opcodes[at][0] == "equal"
        and sizes[at] < _STRAY
        and sizes[at - 1] + sizes[at + 1] > _AROUND_STRAY * sizes[at]
    }
    changed = (opcode[0] != "equal" or at in stray for at, opcode in enumerate(opcodes))
    for is_changed, run in groupby(zip(changed, opcodes, strict=True), key=lambda pair: pair[0]):
        ops = [opcode for _, opcode in run]
        first, last = ops[0], ops[-1]
        yield "replace" if is_changed else "equal", first[1], last[2], first[3], last[4]


def _unglued(old: list[_Word], new: list[_Word]) -> Iterator[_Edit]:
    """What changed between words that stayed, less what only lost or got a blank at its ends."""
    i, k = _in_step(*([word.key for word in words] for words in (old, new)))[-1]
    backwards = ([word.key[::-1] for word in reversed(words)] for words in (old[i:], new[k:]))
    j, m = _in_step(*backwards)[-1]
    back, fore = len(old) - j, len(new) - m
    yield from _same(old[:i], new[:k])
    yield from _replaced(old[i:back], new[k:fore])
    yield from _same(old[back:], new[fore:])


def _in_step(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Counts of keys, of the old and of the new, that have said the same up to there."""
    counts = [(0, 0)]
    i = k = 0
    while i < len(old) and k < len(new):
        one, other = old[i], new[k]
        i, k = i + 1, k + 1
        while one != other and max(len(one), len(other)) < _LONGEST_GLUED:
            if i < len(old) and other.startswith(one):
                one, i = one + old[i], i + 1
            elif k < len(new) and one.startswith(other):
                other, k = other + new[k], k + 1
            else:
                break
        if one != other:
            break
        counts.append((i, k))
    return counts


def _same(old: list[_Word], new: list[_Word]) -> Iterator[_Edit]:
    """Words that stayed, in the new one's spelling."""
    counts = _in_step(*([word.key for word in words] for words in (old, new)))
    if counts[-1] != (len(old), len(new)):
        counts.append((len(old), len(new)))
    for (i, k), (_, m) in pairwise(counts):
        for word in new[k:m]:
            # Marks alone, a dash, are the same as nothing.
            yield _Edit(
                "same", word.text, old[min(i, len(old) - 1)].place if old else None, word.place
            )


def _replaced(old: list[_Word], new: list[_Word]) -> Iterator[_Edit]:
    for word in old:
        yield _Edit("gone", word.text, word.place, None)
    for word in new:
        yield _Edit("new", word.text, None, word.place)


def _passages(edits: Sequence[_Edit]) -> Iterator[Passage]:
    """The edits by paragraph: those that are, and in their place those of which nothing is left."""
    stayed = {edit.before for edit in edits if edit.kind == "same"}
    kept = {edit.after for edit in edits if edit.kind == "same"}
    passages: dict[tuple[str, _Place | None], list[_Edit]] = {}
    held: list[_Edit] = []  # from the beginning of a paragraph whose rest is yet to come
    last = _Edit("same", "", None, None)
    for edit in edits:
        if edit.kind == "gone":
            if edit.before not in stayed:
                passages.setdefault(("old", edit.before), []).append(edit)
            elif edit.before == last.before:
                passages["new", last.after].append(edit)
            else:
                held.append(edit)
            continue
        passage = passages.setdefault(("new", edit.after), [])
        if edit.after in kept:
            passage += held
            held = []
        passage.append(edit)
        last = edit if edit.kind == "same" else last
    for (_, place), passage in passages.items():
        if place:
            yield _passage(place.field, passage)


def _passage(field: FieldName, edits: Iterable[_Edit]) -> Passage:
    runs = tuple(
        Run(kind, " ".join(edit.text for edit in run))
        for kind, run in groupby(edits, key=lambda edit: edit.kind)
    )
    return Passage(field, runs[0].kind if len(runs) == 1 else "changed", runs)
