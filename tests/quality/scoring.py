"""How well clean does on gold: fields, tokens, boilerplate, lost words and lost spaces."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.quality.articles import FIELDS, NEUTRAL
from worker.core.characters import squeeze
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.quality.articles import Gold
    from worker.core.article import CleanArticle

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ENTITY = re.compile(r"&(?:#[0-9]+|[a-z]+);")
EXACT = ("title", "lead", "published", "dateline", "byline", "signature", "related", "credits")


@dataclass(slots=True)
class Count:
    """Right, too many and missed."""

    hit: int = 0
    extra: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 where nothing was found."""
        return self.hit / (self.hit + self.extra) if self.hit + self.extra else 1.0

    @property
    def recall(self) -> float:
        """Share of what is right that was found; 1 where there is nothing to find."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.hit + self.extra + self.missed
        return 2 * self.hit / total if total else 1.0

    def __add__(self, other: Count) -> Count:
        return Count(self.hit + other.hit, self.extra + other.extra, self.missed + other.missed)


@dataclass(slots=True)
class Score:
    """The measures of an article, or of several together."""

    name: str
    exact: dict[str, Count] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    """What was found instead, by the field that is not as expected."""
    tokens: Count = field(default_factory=Count)
    boilerplate: Count = field(default_factory=Count)
    """Characters: removed, and left in."""
    story: Count = field(default_factory=Count)
    """Characters of title, lead and body: kept, and lost."""
    spaces: Count = field(default_factory=Count)
    """Lost spaces put back; ``extra`` are words that were split."""
    words: int = 0


def total(name: str, scores: Iterable[Score]) -> Score:
    """All articles as one."""
    result = Score(name)
    for score in scores:
        for measure, count in score.exact.items():
            result.exact[measure] = result.exact.get(measure, Count()) + count
        result.tokens += score.tokens
        result.boilerplate += score.boilerplate
        result.story += score.story
        result.spaces += score.spaces
        result.words += score.words
    return result


def score(gold: Gold) -> Score:
    """Clean the file and compare."""
    result = Score(gold.name)
    raw = gold.raw
    if _ENTITY.search(raw):
        gold = gold.unescaped()
    rejected = gold.expected.get("rejected")
    try:
        article = clean(decode(raw.encode()))
    except Permanent as error:
        _exact(result, "rejected", rejected, error.reason)
        _characters(result, gold, removed=bytearray(b"\1") * len(gold.raw))
        result.tokens.missed += len(_TOKEN.findall(" ".join(gold.body)))
        return result
    if rejected is not None:
        _exact(result, "rejected", rejected, None)
    _fields(result, gold, article)
    _characters(result, gold, _mask(gold, article))
    _spaces(result, gold, article)
    result.tokens += _overlap(_TOKEN.findall(" ".join(gold.body)), _TOKEN.findall(article.body))
    result.words = sum(len(paragraph.split()) for paragraph in gold.body)
    return result


def _fields(result: Score, gold: Gold, article: CleanArticle) -> None:
    found: dict[str, Any] = {
        "title": article.title,
        "lead": article.lead,
        "published": article.published,
        "dateline": article.dateline
        and {"place": article.dateline.place, "agency": article.dateline.agency},
        "byline": article.byline,
        "signature": article.signature,
        "related": list(article.related),
        "credits": list(article.credits),
    }
    for measure in EXACT:
        if measure in gold.expected:
            _exact(result, measure, gold.expected[measure], found[measure])


def _exact(result: Score, measure: str, expected: object, found: object) -> None:
    if _even(expected) == _even(found):
        result.exact[measure] = Count(hit=1)
    else:
        result.exact[measure] = Count(missed=1)
        result.wrong[measure] = found


def _even(value: object) -> object:
    match value:
        case str():
            return squeeze(value)
        case list():
            return [_even(each) for each in value]
        case dict():
            return {key: _even(each) for key, each in value.items()}
    return value


def _mask(gold: Gold, article: CleanArticle) -> bytearray:
    removed = bytearray(len(gold.raw))
    for span in article.removed:
        removed[span.start : span.end] = b"\1" * (span.end - span.start)
    return removed


def _characters(result: Score, gold: Gold, removed: bytearray) -> None:
    at = 0
    for piece in gold.pieces:
        for character, gone in zip(piece.text, removed[at : at + len(piece.text)], strict=True):
            if not character.strip() or piece.part in NEUTRAL:
                continue
            count = result.story if piece.part in FIELDS else result.boilerplate
            if (piece.part in FIELDS) == bool(gone):
                count.missed += 1
            else:
                count.hit += 1
        at += len(piece.text)


def _spaces(result: Score, gold: Gold, article: CleanArticle) -> None:
    found = {
        offset
        for repair in article.repairs
        if repair.rule == "glue"
        for offset in split_offsets(repair.start, repair.before, repair.after)
    }
    expected, at = set(), 0
    for piece in gold.pieces:
        expected |= {at + offset for offset in piece.lost if piece.part in FIELDS}
        at += len(piece.text)
    result.spaces = Count(len(found & expected), len(found - expected), len(expected - found))


def split_offsets(start: int, before: str, after: str) -> list[int]:
    """Where in the file a repair puts a space, ``before`` being its word as delivered."""
    shown = [n for n, character in enumerate(before) if squeeze(character)]
    offsets, letters = [], 0
    for character in after:
        if character == " ":
            offsets.append(start + shown[letters])
        else:
            letters += 1
    return offsets


def _overlap(expected: list[str], found: list[str]) -> Count:
    common = sum((Counter(expected) & Counter(found)).values())
    return Count(common, len(found) - common, len(expected) - common)
