"""Where the lines of the original ended, as the spaces that were lost there tell.

The text was wrapped at one width before its newlines were lost. A line ends where the next word
would not have fitted, so one line end foretells the next. A paragraph is read as a chain of lines:
all ways of wrapping it are summed by the forward-backward algorithm, each weighed by how well its
lines fit the width and how well the words around its breaks read.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDTHS: Final = range(58, 100)  # characters
_USUAL: Final = 77.5  # characters; so are all files wrapped that were seen
_USUAL_SPREAD: Final = 3.5
_RAGGED: Final = 2.2  # characters, standard deviation of a line's width: the font is proportional
_STRAY: Final = 0.05
"""Share of lines that end where they like."""
_BACK: Final = 26  # characters that a line may be shorter than the width
_OVER: Final = 10  # characters that it may be longer
_WORDS: Final = 14
"""Places where a line may end, about."""
_FULL: Final = 0.15
"""Probability from which on a line fits a width."""
_PRIOR_FIRSTS: Final = (1.0, 2.0)
"""First lines that every document is taken to have had: full ones, all."""
_TINY: Final = 1e-4
_MOST: Final = 12.0
"""Nats: no word's evidence outweighs more than this."""
_LONGEST: Final = 3_000
"""Characters that are read at once: some 40 lines of at most e^12 each are within a float."""


class Break(NamedTuple):
    """Where a line may have ended."""

    end: int
    """Offset behind the line's last character."""
    start: int
    """Offset of the next line's first character: ``end`` where nothing stands between them."""
    weight: float
    """ln of the weight of a break here, against none."""


class Line(NamedTuple):
    """A line, as far as it is known."""

    length: int
    following: int
    """Length of the word that came next and did not fit."""


class Width(NamedTuple):
    """How wide a document's lines were, in characters."""

    mean: float
    spread: float
    """Standard deviation of one line."""
    first: float
    """Share of paragraphs whose first line is as wide as the others, not indented by anything."""


def estimate(firsts: Iterable[Line], others: Iterable[Line]) -> Width:
    """The width that explains these lines, first ones of paragraphs and others."""
    beliefs = {width: -((width - _USUAL) ** 2) / (2 * _USUAL_SPREAD**2) for width in _WIDTHS}
    for length, following in others:
        for width in beliefs:
            beliefs[width] += math.log(_fit(length, following, width, _RAGGED))
    most = max(beliefs.values())
    weights = {width: math.exp(belief - most) for width, belief in beliefs.items()}
    total = sum(weights.values())
    mean = sum(width * weight for width, weight in weights.items()) / total
    variance = sum((width - mean) ** 2 * weight for width, weight in weights.items()) / total
    spread = math.sqrt(_RAGGED**2 + variance)
    fits = [_fit(length, following, mean, spread) > _FULL for length, following in firsts]
    first = (sum(fits) + _PRIOR_FIRSTS[0]) / (len(fits) + _PRIOR_FIRSTS[1])
    return Width(round(mean, 1), round(spread, 1), first)


def line_ends(length: int, breaks: Sequence[Break], width: Width) -> list[float]:
    """The probability of each break that a line ended there, in a paragraph of ``length``.

    ``breaks`` are in the order of their offsets. Takes time in proportion to their number.
    """
    if length <= _LONGEST:
        return _line_ends(length, breaks, width)
    # A longer one is read in parts, as if each were a paragraph: products stay in range.
    found: list[float] = []
    start, part = 0, list[Break]()
    for each in breaks:
        if each.end - start > _LONGEST:
            found += _line_ends(each.end - start, part, width)
            start, part = each.end, []
        part.append(Break(each.end - start, each.start - start, each.weight))
    return found + _line_ends(length - start, part, width)


def _line_ends(length: int, breaks: Sequence[Break], width: Width) -> list[float]:
    following = [after.end - at.start for at, after in pairwise(breaks)]
    following += [length - at.start for at in breaks[-1:]]
    weights = [math.exp(min(_MOST, at.weight)) for at in breaks]
    edges = _edges(breaks, following, width)
    longest = width.mean + _OVER
    firsts = [
        _first(at.end, after, width) if at.end <= longest else 0.0
        for at, after in zip(breaks, following, strict=True)
    ]

    forward: list[float] = []  # the weight of all ways to come to a break
    for into, first, weight in zip(edges, firsts, weights, strict=True):
        ways = first
        for before, fit in into:
            ways += forward[before] * fit
        forward.append(ways * weight)

    # The same, to go on from it to the paragraph's end.
    backward = [
        _last(length - at.start, width) if length - at.start <= longest else 0.0 for at in breaks
    ]
    for here in reversed(range(len(breaks))):
        onward = weights[here] * backward[here]
        for before, fit in edges[here]:
            backward[before] += fit * onward

    total = _last(length, width) if length <= longest else 0.0
    total += sum(map(math.prod, zip(firsts, weights, backward, strict=True)))
    if total == 0.0:  # no way to wrap it: somewhere nothing may be broken
        return [0.0] * len(breaks)
    return [min(1.0, f * b / total) for f, b in zip(forward, backward, strict=True)]


def _edges(
    breaks: Sequence[Break], following: Sequence[int], width: Width
) -> list[list[tuple[int, float]]]:
    """To each break: from which others a line may lead, and how well it fits."""
    edges: list[list[tuple[int, float]]] = []
    shortest, longest = width.mean - _BACK, width.mean + _OVER
    oldest = 0
    for here, at in enumerate(breaks):
        while oldest < here and at.end - breaks[oldest].start > longest:
            oldest += 1
        into = []
        for before in range(oldest, here):
            size = at.end - breaks[before].start
            if size < shortest:
                break
            into.append((before, _fit(size, following[here], width.mean, width.spread)))
        edges.append(into)
    return edges


def _first(length: int, following: int, width: Width) -> float:
    """A paragraph's first line may be short: some files indent it or put a dateline before it."""
    full = _fit(length, following, width.mean, width.spread)
    return width.first * full + (1 - width.first) / _WORDS


def _last(length: int, width: Width) -> float:
    shorter = math.erfc((length - width.mean) / (width.spread * math.sqrt(2))) / 2
    return shorter + _TINY


@lru_cache(maxsize=1 << 12)
def _fit(length: int, following: int, mean: float, spread: float) -> float:
    """The probability that a line of this length is full, its next word being so long."""
    scale = spread * math.sqrt(2)
    full = math.erf((length + 1 + following - mean) / scale) - math.erf((length - mean) / scale)
    return (1 - _STRAY) * full / 2 + _STRAY / _WORDS
