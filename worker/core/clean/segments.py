"""A text cut into labelled segments: fields and what was removed both derive from them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeGuard, get_args

from worker.core.article import RemovedKind
from worker.core.characters import BLANKS, IN_SILENT, SILENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FieldPart = Literal["title", "lead", "body", "published", "dateline", "byline", "signature"]
Part = FieldPart | RemovedKind
_SILENT: Final = re.compile(f"[{IN_SILENT}]")
_REMOVED_KINDS: Final = get_args(RemovedKind)


class Stretch(NamedTuple):
    """A half-open range of the text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """What stands there."""
        return text[self.start : self.end]

    def trimmed(self, text: str) -> Stretch | None:
        """The range without the blanks at its ends; None where it shows nothing."""
        here = self.of(text)
        start = self.end - len(here.lstrip(BLANKS))
        end = self.start + len(here.rstrip(BLANKS))
        return Stretch(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the text and which part of a file it is.

    ``value`` is the piece of it that is worth keeping by itself: the headline in a link or a
    teaser, whose picture it is in a caption or a credit, the name in a signature or a byline.
    """

    part: Part
    stretch: Stretch
    value: Stretch | None = None


class Shown:
    """A text without the characters that show nothing, and where in it everything stood."""

    def __init__(self, text: str) -> None:
        silent = [found.start() for found in _SILENT.finditer(text)]
        self.text = text.translate(SILENT) if silent else text
        self._silent = [at - before for before, at in enumerate(silent)]
        """For each that was taken out, the offset of what is shown behind it."""

    def filed(self, segment: Segment) -> Segment:
        """A segment of what is shown, where it stands in the text."""
        if not self._silent:
            return segment
        value = self._filed(segment.value) if segment.value else None
        return Segment(segment.part, self._filed(segment.stretch), value)

    def _filed(self, stretch: Stretch) -> Stretch:
        return Stretch(self._at(stretch.start), self._at(stretch.end - 1) + 1)

    def _at(self, offset: int) -> int:
        return offset + bisect_right(self._silent, offset)


def is_removed(part: Part) -> TypeGuard[RemovedKind]:
    """Whether the part is in no field."""
    return part in _REMOVED_KINDS


def tile(text: str, segments: Iterable[Segment]) -> list[Segment]:
    """The segments in order, the blanks between them labelled too, so that they cover the text.

    The segments must not overlap, and nothing but blanks may stand between them.
    """
    return list(_tiles(segments, len(text)))


def _tiles(segments: Iterable[Segment], length: int) -> Iterator[Segment]:
    done = 0
    for segment in sorted(segments, key=lambda segment: segment.stretch):
        if done < segment.stretch.start:
            yield Segment("whitespace", Stretch(done, segment.stretch.start))
        yield segment
        done = segment.stretch.end
    if done < length:
        yield Segment("whitespace", Stretch(done, length))
