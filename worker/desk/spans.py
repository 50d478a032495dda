"""Text with marks, as pieces that a template can escape one by one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Span(NamedTuple):
    """A stretch of a text that is shown in another way; half-open, in code points."""

    start: int
    end: int
    css: str
    """Class names."""
    title: str = ""
    """What the pointer tells."""


class Piece(NamedTuple):
    """A stretch of text under the same spans throughout."""

    text: str
    css: str = ""
    title: str = ""


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The whole text, cut wherever a span begins or ends.

    A piece has the classes and titles of all spans that cover it, the one that begins first
    first. What lies outside the text is left out.
    """
    within = sorted(
        span._replace(start=max(0, span.start), end=min(len(text), span.end)) for span in spans
    )
    within = [span for span in within if span.start < span.end]
    cuts = sorted({0, len(text), *(s.start for s in within), *(s.end for s in within)})
    made: list[Piece] = []
    over: list[Span] = []
    coming = iter(within)
    following = next(coming, None)
    for start, end in pairwise(cuts):
        over = [span for span in over if span.end > start]
        while following and following.start == start:
            over.append(following)
            following = next(coming, None)
        css = " ".join(dict.fromkeys(span.css for span in over))
        title = "; ".join(dict.fromkeys(span.title for span in over if span.title))
        made.append(Piece(text[start:end], css, title))
    return made
