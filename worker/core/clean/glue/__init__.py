"""Spaces that were lost where lines ended.

Wire copy was wrapped at some 75 characters, and its newlines were lost with nothing in their place:
``une croissance de13% en variation``. Words show it (``candidates``), and so does where it happens:
about one line after the place before (``wrapping``).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.clean.glue import affinity, letters, lexicon
from worker.core.clean.glue.candidates import LONGEST, Reader, Split
from worker.core.clean.glue.wrapping import Break, Line, Width, estimate, line_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

_STRAY: Final = 2e-3
"""Odds that a space is lost elsewhere than at a line's end, in a story that lost some there."""
_FIRST_GUESS: Final = 1e-4
"""Odds that a space of a document is lost, before it is looked at."""
_ROUNDS: Final = 4
"""Of expectation maximisation; more change nothing."""
_PRIOR: Final = (0.02, 200.0)
"""Lost spaces and words that every document is taken to have had before it began."""
_SURE: Final = 2.0
"""Nats ahead that make a place good enough to measure lines by."""
_FEWEST: Final = 3
"""Sure places that make it worth asking for line ends."""
_LINES: Final = range(40, 110)
"""Lengths, in characters, of what may be one line between two lost spaces."""
_MOST_LOST: Final = 0.9
"""Share of line ends; a space at one of the others is always possible."""
_ACCEPTED: Final = 0.6
"""Probability from which on a space is put."""
_PASSES: Final = 4
_NEAR: Final = 6
"""Characters; two lines do not end as close together."""
_LEAST_FRENCH: Final = 0.6
"""Share of words in a French dictionary: news has 0.8, other tongues half of that."""
_BORROWED: Final = 6
"""Words of the document's language that each paragraph is taken to have besides its own."""
_ACCENTED: Final = re.compile("[À-ÖØ-öø-ÿŒœ]")
_LEAST_ACCENTED: Final = 0.005
"""Share of characters; French has 0.03."""
_TOO_SHORT: Final = 400
"""Characters that may do without any accent."""
_HYPHEN: Final = re.compile(r"(?<=\w-)(?=\w)")


class _Token(NamedTuple):
    start: int
    splits: tuple[Split, ...]


def warm_up() -> None:
    """Read the tables, so that the first story does not wait for them."""
    lexicon.frequencies()
    lexicon.dictionary()
    letters.table()
    affinity.table()


def missing_spaces(paragraphs: Sequence[str]) -> list[list[int]]:
    """For each paragraph of one document, the offsets before which a space was lost, ascending.

    The repaired paragraph is made by inserting one space before each offset. Paragraphs of a
    language other than French are left alone, and so is French without its accents. Takes time in
    proportion to the length of the text.
    """
    lost: list[list[int]] = [[] for _ in paragraphs]
    # A space that is put makes words whole, which may show that one is missing beside it. Once
    # more is nearly always enough, and costs little: most words are known by then.
    for _ in range(_PASSES):
        found = _missing([spaced(*each) for each in zip(paragraphs, lost, strict=True)])
        if not any(found):
            break
        lost = [sorted((*old, *_before(old, new))) for old, new in zip(lost, found, strict=True)]
    return lost


def spaced(text: str, offsets: Sequence[int]) -> str:
    """The text with a space put before each of the offsets, which ascend."""
    return " ".join(text[a:b] for a, b in pairwise((0, *offsets, len(text))))


def _before(lost: Sequence[int], found: Sequence[int]) -> list[int]:
    """Offsets into a repaired paragraph as offsets into the one before the repair."""
    spaces = [offset + nth for nth, offset in enumerate(lost)]
    return [offset - bisect_left(spaces, offset) for offset in found]


def _missing(paragraphs: Sequence[str]) -> list[list[int]]:
    if not _has_accents(paragraphs):
        return [[] for _ in paragraphs]
    texts = [paragraph.split(" ") for paragraph in paragraphs]
    reader = Reader(paragraphs)
    doubtful = [
        _doubtful(text, reader) if french else []
        for text, french in zip(texts, _french(texts, reader), strict=True)
    ]
    odds = _log_odds(doubtful, sum(map(len, texts)))
    sure = [_likelier(candidates, odds - _SURE) for candidates in doubtful]
    if sum(map(len, sure)) < _FEWEST:
        return [_likelier(candidates, odds) for candidates in doubtful]
    width = _width(paragraphs, sure)
    lines = sum(len(paragraph) / width.mean for paragraph in paragraphs)
    lost = min(_MOST_LOST, sum(map(len, sure)) / lines)
    return [
        _at_line_ends(text, candidates, width, lost) if candidates else []
        for text, candidates in zip(texts, doubtful, strict=True)
    ]


def _has_accents(paragraphs: Sequence[str]) -> bool:
    """Whether the text is short or has accents: without them half of its words look unknown."""
    accented = sum(len(_ACCENTED.findall(paragraph)) for paragraph in paragraphs)
    return accented >= _LEAST_ACCENTED * (sum(map(len, paragraphs)) - _TOO_SHORT)


def _french(texts: Sequence[list[str]], reader: Reader) -> list[bool]:
    """Which paragraphs are French by their words; the shorter, the more the document decides."""
    counts = []
    for text in texts:
        known = [french for token in text if (french := reader.read(token).french) is not None]
        counts.append((sum(known), len(known)))
    total = sum(known for _, known in counts)
    share = sum(french for french, _ in counts) / total if total else 1.0
    return [
        french + share * _BORROWED >= _LEAST_FRENCH * (known + _BORROWED)
        for french, known in counts
    ]


def _doubtful(text: list[str], reader: Reader) -> list[_Token]:
    """The tokens that may have lost a space."""
    found, start = [], 0
    for token in text:
        splits = reader.read(token).splits
        if splits:
            found.append(_Token(start, splits))
        start += len(token) + 1
    return found


def _log_odds(doubtful: Sequence[list[_Token]], words: int) -> float:
    """Ln of the odds that a space of this document was lost, by expectation maximisation."""
    share = _FIRST_GUESS
    gains = [
        sum(math.exp(split.gain) for split in token.splits)
        for candidates in doubtful
        for token in candidates
    ]
    lost, all_words = _PRIOR
    for _ in range(_ROUNDS):
        expected = sum(share * gain / (1 + share * gain) for gain in gains)
        share = (expected + lost) / (words + all_words)
    return math.log(share)


def _likelier(candidates: list[_Token], odds: float) -> list[int]:
    """Each token's best split, where it outweighs the odds."""
    best = ((token, max(token.splits, key=lambda split: split.gain)) for token in candidates)
    return [token.start + split.at for token, split in best if split.gain + odds > 0]


def _width(paragraphs: Sequence[str], sure: Sequence[list[int]]) -> Width:
    """The width of the lines that end at places where a space was surely lost."""
    firsts, others = list[Line](), list[Line]()
    for paragraph, offsets in zip(paragraphs, sure, strict=True):
        for start, end in pairwise([0, *offsets]):
            blank = paragraph.find(" ", end)
            line = Line(end - start, (blank if blank > 0 else len(paragraph)) - end)
            if start == 0:
                firsts.append(line)
            elif line.length in _LINES:
                others.append(line)
    return estimate(firsts, others)


def _at_line_ends(
    text: list[str], candidates: list[_Token], width: Width, lost: float
) -> list[int]:
    """The offsets in one paragraph, ``lost`` being the share of line ends without a space."""
    breaks, gains = _breaks(text, candidates, lost)
    length = sum(map(len, text)) + len(text) - 1
    found: list[tuple[int, float]] = []
    for each, probability in zip(breaks, line_ends(length, breaks, width), strict=True):
        if each.end == each.start and each.end in gains:
            stray = _STRAY * math.exp(gains[each.end])
            likely = max(probability, stray / (1 + stray))
            if likely < _ACCEPTED:
                continue
            if found and each.end - found[-1][0] < _NEAR:  # both in one token: the likelier
                found[-1] = max(found[-1], (each.end, likely), key=itemgetter(1))
            else:
                found.append((each.end, likely))
    return [at for at, _ in found]


def _breaks(
    text: list[str], candidates: list[_Token], lost: float
) -> tuple[list[Break], dict[int, float]]:
    """Where lines may have ended: at spaces, behind hyphens, between words that are glued.

    The last with their gains, by their offsets.
    """
    splits = {token.start: token.splits for token in candidates}
    breaks: list[Break] = []
    gains: dict[int, float] = {}
    without, with_space = math.log(lost), math.log(1 - lost)
    start = 0
    for token in text:
        here: list[tuple[int, float]] = []
        if "-" in token and len(token) <= LONGEST:
            here += ((hyphen.start(), 0.0) for hyphen in _HYPHEN.finditer(token))
        for split in splits.get(start, ()):
            gains[start + split.at] = split.gain
            here.append((split.at, without + split.gain))
        breaks += (Break(start + at, start + at, weight) for at, weight in sorted(here))
        start += len(token) + 1
        breaks.append(Break(start - 1, start, with_space))
    breaks.pop()  # behind the last token is no space
    return breaks, gains
