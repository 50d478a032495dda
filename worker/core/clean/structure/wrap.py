"""Lines that were broken at a margin, put together again."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.furniture import furniture
from worker.core.clean.structure.headers import find_header
from worker.core.clean.structure.lines import Line, find_credit, find_link, find_number, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NARROWEST, _WIDEST = 40, 120  # characters of a line; wider ones are whole paragraphs
_MIN_BREAKS: Final = 4  # that tell where the margin is
_NEARLY_ALL: Final = 0.9  # of the broken lines keep to the margin; a long title may not
_MOST: Final = 0.6  # of the breaks are at the margin, and go on in the middle of a sentence
_LONGEST_WORD: Final = 40


def unwrap(text: str) -> Iterator[Line]:
    """The lines of the text that show something, those that a margin cut in pieces whole again.

    A break was the margin's where the next word had no more room on the line above it; then it
    makes no difference how the line ends or the next begins.
    """
    lines = list(split_lines(text))
    margin = _margin(text, lines)
    if margin is None:
        yield from lines
        return
    whole = lines[0]
    for above, below in pairwise(lines):
        joins = below.follows and _is_full(text, above, below, margin)
        if joins and not (_is_last(text, above) or _is_own(text, below)):
            whole = Line(Stretch(whole.stretch.start, below.stretch.end), follows=whole.follows)
        else:
            yield whole
            whole = below
    yield whole


def _margin(text: str, lines: Sequence[Line]) -> int | None:
    """The width that the lines were broken at, in characters; None where they were not."""
    breaks = [(above, below) for above, below in pairwise(lines) if below.follows]
    if len(breaks) < _MIN_BREAKS:
        return None
    widths = sorted(_width(above) for above, _ in breaks)
    margin = widths[int(_NEARLY_ALL * (len(widths) - 1))]
    if not _NARROWEST <= margin <= _WIDEST:
        return None
    full = [below for above, below in breaks if _is_full(text, above, below, margin)]
    inside = sum(not text[below.stretch.start].isupper() for below in full)
    prose = full and len(full) >= _MOST * len(breaks) and inside >= _MOST * len(full)
    return margin if prose else None


def _width(line: Line) -> int:
    return line.stretch.end - line.stretch.start


def _is_full(text: str, above: Line, below: Line, margin: int) -> bool:
    start, end = below.stretch
    word = text[start : min(end, start + _LONGEST_WORD)].split(maxsplit=1)[0]
    return _width(above) + 1 + len(word) > margin


def _is_last(text: str, line: Line) -> bool:
    """Whether the line closes a caption."""
    return find_credit(text, line.stretch) is not None


def _is_own(text: str, line: Line) -> bool:
    """Whether the line says by itself that it goes on with nothing."""
    credit = find_credit(text, line.stretch)
    return bool(
        (credit and credit.stretch == line.stretch)
        or find_link(text, line.stretch)
        or find_number(text, line.stretch)
        or furniture(text, line.stretch)
        or find_header(text, line.stretch, opening=True)
    )
