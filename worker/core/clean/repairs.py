"""What reads otherwise in a field than in the file: odd blanks, words that lost the blank between.

A ``Passage`` is a stretch of the file as it reads in a field. First its characters are put right,
each passage by itself; then the words of the whole story are looked at together, because the names
and the line ends of one paragraph tell about the next.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final
from unicodedata import is_normalized

from worker.core.article import Repair
from worker.core.characters import BLANKS, IN_SILENT, SILENT
from worker.core.clean.glue import missing_spaces, spaced
from worker.core.clean.segments import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ODD: Final = re.compile(rf"[\s{IN_SILENT}]{{2,}}|[^\S ]|[{IN_SILENT}]")
_LINE_END: Final = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SOFT_HYPHEN: Final = "\u00ad"
_NEAR: Final = 8  # characters that a hyphen and what shows nothing may take
_HYPHENATED: Final = re.compile(r"\w[-‐‑]\Z")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the text as it reads in a field, and the repairs that make it so."""

    stretch: Stretch
    text: str
    repairs: tuple[Repair, ...]
    """In order and without overlap, inside the stretch."""


def read(text: str, stretch: Stretch) -> Passage:
    """The stretch with every run of blanks one space, and nothing in it that shows nothing.

    The stretch begins and ends with something that shows.
    """
    repairs = tuple(_odd_characters(text, stretch))
    return Passage(stretch, _applied(text, stretch, repairs), repairs)


def unglue(text: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages of one story with the blanks put back that were lost between words."""
    splits = missing_spaces([passage.text for passage in passages])
    return [
        _unglued(text, passage, offsets) if offsets else passage
        for passage, offsets in zip(passages, splits, strict=True)
    ]


def _odd_characters(text: str, stretch: Stretch) -> Iterator[Repair]:
    for run in _ODD.finditer(text, *stretch):
        start, end = run.span()
        before = run[0]
        broken = _LINE_END.search(before)
        if broken and _goes_on(text, Stretch(stretch.start, start + broken.start())):
            yield Repair(start, end, before, "", "line-break")
        elif broken:
            yield Repair(start, end, before, " ", "line-break")
        elif any(map(str.isspace, before)):
            yield Repair(start, end, before, " ", "space")
        elif is_normalized("NFC", text[start - 1] + text[end : end + 1]):
            yield Repair(start, end, before, "", "invisible")


def _goes_on(text: str, line: Stretch) -> bool:
    """Whether a word goes on in the next line: it ends in a hyphen, be it a soft one."""
    end = text[max(line.start, line.end - _NEAR) : line.end]
    shown = end.rstrip(BLANKS)
    soft = _SOFT_HYPHEN in end[len(shown) :]
    return soft or _HYPHENATED.search(shown.translate(SILENT)) is not None


def _applied(text: str, stretch: Stretch, repairs: Sequence[Repair]) -> str:
    pieces: list[str] = []
    done = stretch.start
    for repair in repairs:
        pieces += (text[done : repair.start], repair.after)
        done = repair.end
    return "".join((*pieces, text[done : stretch.end]))


def _unglued(text: str, passage: Passage, offsets: Sequence[int]) -> Passage:
    """The passage with a space before each of the offsets into its text, a repair for each word."""
    origins = _Origins(passage)
    words: list[Repair] = []
    for (start, end), splits in groupby(offsets, lambda offset: _word(passage.text, offset)):
        after = spaced(passage.text[start:end], [split - start for split in splits])
        first, last = origins.of(start), origins.of(end - 1) + 1
        words.append(Repair(first, last, text[first:last], after, "glue"))
    starts = [word.start for word in words]
    outside = [
        repair
        for repair in passage.repairs
        if not (nth := bisect_right(starts, repair.start)) or words[nth - 1].end <= repair.start
    ]
    repairs = tuple(sorted((*outside, *words), key=lambda repair: repair.start))
    return replace(passage, text=_applied(text, passage.stretch, repairs), repairs=repairs)


def _word(text: str, offset: int) -> tuple[int, int]:
    """Where the word begins and ends that the offset lies in."""
    end = text.find(" ", offset)
    return text.rfind(" ", 0, offset) + 1, len(text) if end < 0 else end


class _Origins:
    """Where in the file a character of a passage stands."""

    def __init__(self, passage: Passage) -> None:
        self._read = [0]
        self._filed = [passage.stretch.start]
        for repair in passage.repairs:
            kept = repair.start - self._filed[-1]
            self._read.append(self._read[-1] + kept + len(repair.after))
            self._filed.append(repair.end)

    def of(self, offset: int) -> int:
        """The offset into the file of a character that no repair has changed."""
        nearest = bisect_right(self._read, offset) - 1
        return self._filed[nearest] + offset - self._read[nearest]
