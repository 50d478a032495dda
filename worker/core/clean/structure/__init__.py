"""Which part of a file each piece of its text is.

The file is cut into pieces by their own looks first; where the story ends is decided next, because
nothing beyond may be taken for it; then its opening and its end are read, and what is left is the
body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.core.clean.segments import Segment, Shown, Stretch, tile
from worker.core.clean.structure.fields import story_segments
from worker.core.clean.structure.headlines import bare_headline
from worker.core.clean.structure.outline import Outline, Piece
from worker.core.clean.structure.pieces import cut
from worker.core.clean.structure.tail import (
    is_only_teasers,
    list_pieces,
    story_end,
    tail_segments,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.core.clean.segments import Part


def label(text: str, title: Stretch | None = None) -> list[Segment]:
    """The segments of a text: in order, without overlap, covering all of it.

    ``title`` is where the title stands in a text whose markup told so. Characters that show
    nothing change nothing: lines are read as if they were not there.
    """
    shown = Shown(text)
    # What markup yields holds no such characters: its title stands where it is said to stand.
    segments = _segments(shown.text, title)
    return tile(text, [shown.filed(segment) for segment in segments])


def _segments(text: str, title: Stretch | None) -> list[Segment]:
    """The segments that are more than blanks."""
    outline = Outline(text, list(cut(text, title)))
    end = story_end(outline)
    if title is None and is_only_teasers(outline, end):
        end = 0
    story = list(_without_links(outline, end))
    paragraphs = [piece.stretch for piece in story if piece.look == "paragraph"]
    return [
        *story_segments(text, paragraphs, title),
        *_beside(story),
        *tail_segments(outline, end),
    ]


def _without_links(outline: Outline, end: int) -> Iterator[Piece]:
    """The pieces of the story, with the headlines of a list of links in its middle as links."""
    links = False
    lists = list_pieces(outline, end)
    for nth, piece in enumerate(outline.pieces[:end]):
        letter = outline.letters[nth]
        links = letter == "R" or (links and letter in "H-")
        if (links and letter == "H") or nth in lists:
            yield Piece("link", piece.stretch, bare_headline(outline.text, piece.stretch))
        else:
            yield piece


def _beside(story: list[Piece]) -> Iterator[Segment]:
    """The pieces between the story's title, head and foot that are none of its paragraphs."""
    dated = any(piece.look == "published" for piece in story)
    part: Part
    for piece in story:
        match piece.look:
            case "paragraph":
                continue
            case "link":
                part = "related"
            case "more" | "comments" | "related" | "read-on":
                part = "navigation"
            case "updated":
                part = "header" if dated else "published"
            case look:
                part = look
        yield Segment(part, piece.stretch, piece.value)
