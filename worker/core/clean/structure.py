"""Which part of a file each piece of its text is.

Lines are told by their own looks first; where the story ends is decided next, because nothing
beyond may be taken for it; then its opening and its end are read, and what is left is the body.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from worker.core.clean.dateline import find_dateline
from worker.core.clean.lines import (
    find_credit,
    find_header,
    find_link,
    furniture,
    is_headline,
    is_numbered,
    split_lines,
)
from worker.core.clean.segments import Segment, Stretch, tile
from worker.core.clean.signature import Signature, find_byline, find_signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.core.article import RemovedKind

_MAX_CAPTION: Final = 600  # characters; a longer line is a paragraph with a credit at its end
_OPENING: Final = 4  # paragraphs below the title that may be byline, lead and dateline
_SENTENCE_ENDS: Final = frozenset(".!?…:;")


def label(text: str) -> list[Segment]:
    """The segments of a decoded text: in order, without overlap, covering all of it."""
    segments = _paragraphs(text)
    end = _story_end(text, segments)
    story = [segment.stretch for segment in segments[:end] if segment.part == "body"]
    return tile(
        text,
        [
            *_story(text, story),
            *(_beside_story(segment) for segment in segments[:end] if segment.part != "body"),
            *(_beyond_story(text, segment) for segment in segments[end:]),
        ],
    )


def _paragraphs(text: str) -> list[Segment]:
    """The lines by their own looks: "body" where they have none, "teaser" for a tail's marker."""
    segments: list[Segment] = []
    for line in split_lines(text):
        told = list(_tell(text, line.stretch, first=not segments))
        if line.follows and _continues(text, segments[-1], told[0]):
            above = segments.pop().stretch
            told[0] = Segment("body", Stretch(above.start, told[0].stretch.end))
        segments += told
    return segments


def _tell(text: str, line: Stretch, *, first: bool) -> Iterator[Segment]:
    header = find_header(text, line) if first else None
    if header:
        yield from _header(text, line.start, *header)
        behind = Stretch(header.day.end, line.end).trimmed(text)
        if behind:
            yield from _tell(text, behind, first=False)
    elif kind := furniture(text, line):
        yield Segment("teaser" if kind == "marker" else kind, line)
    elif headline := find_link(text, line):
        yield Segment("related", line, headline)
    else:
        yield from _picture(text, line)


def _header(text: str, start: int, keyword: Stretch, day: Stretch) -> Iterator[Segment]:
    try:
        date.fromisoformat(day.of(text))
    except ValueError:
        yield Segment("header", Stretch(start, day.end))
    else:
        yield Segment("header", keyword)
        yield Segment("published", day)


def _picture(text: str, line: Stretch) -> Iterator[Segment]:
    """The line as credit, caption or paragraph, or as a paragraph that a credit is glued to."""
    credit = find_credit(text, line)
    before = Stretch(line.start, credit.stretch.start).trimmed(text) if credit else line
    owner = credit.owner if credit else None
    if not before:
        yield Segment("credit", line, owner)
    elif is_numbered(text, line) or (credit and line.end - line.start <= _MAX_CAPTION):
        yield Segment("caption", line, owner)
    else:
        yield Segment("body", before)
        if credit:
            yield Segment("credit", credit.stretch, owner)


def _continues(text: str, above: Segment, line: Segment) -> bool:
    """Whether the line goes on with the sentence of the line right above it."""
    return (
        above.part == line.part == "body"
        and text[line.stretch.start].islower()
        and text[above.stretch.end - 1] not in _SENTENCE_ENDS
        and not find_signature(text, above.stretch)
    )


def _story_end(text: str, segments: list[Segment]) -> int:
    """How many of the segments come before the other stories that may follow this one."""
    paragraphs = [i for i, segment in enumerate(segments) if segment.part == "body"]
    signatures = {
        i: signature for i in paragraphs if (signature := find_signature(text, segments[i].stretch))
    }
    return min(
        _marked_end(text, segments, paragraphs, signatures),
        _signed_end(text, segments, paragraphs, signatures),
    )


def _marked_end(
    text: str, segments: list[Segment], paragraphs: list[int], signatures: dict[int, Signature]
) -> int:
    """Where a marker stands, unless it was only a button in the middle of the story."""
    goes_on = min(signatures, default=None) == max(paragraphs, default=-1)
    for i, segment in enumerate(segments):
        if segment.part == "teaser":
            nth = bisect(paragraphs, i)
            below = [segments[paragraph].stretch for paragraph in paragraphs[nth : nth + 1]]
            if not goes_on or not below or _is_title(text, below[0]):
                return i
    return len(segments)


def _signed_end(
    text: str, segments: list[Segment], paragraphs: list[int], signatures: dict[int, Signature]
) -> int:
    """Where a headline follows a known agency's signature under or behind a sentence."""
    above = None
    for i, below in pairwise(paragraphs):
        paragraph = segments[i].stretch
        signature = signatures.get(i)
        if signature and signature.known:
            sentence = Stretch(paragraph.start, signature.stretch.start).trimmed(text) or above
            closes = sentence is not None and not is_headline(text, sentence)
            if closes and _is_title(text, segments[below].stretch):
                return i + 1
        above = paragraph
    return len(segments)


def _beside_story(segment: Segment) -> Segment:
    return replace(segment, part="navigation") if segment.part == "teaser" else segment


def _beyond_story(text: str, segment: Segment) -> Segment:
    if segment.part in {"related", "navigation"}:
        return segment
    headline = segment.part == "body" and is_headline(text, segment.stretch)
    return Segment("teaser", segment.stretch, segment.stretch if headline else None)


def _story(text: str, paragraphs: list[Stretch]) -> list[Segment]:
    """Title, opening, body and signature of the story that stands in the paragraphs."""
    left = list(paragraphs)
    return [
        *_take_title(text, left),
        *_take_byline(text, left),
        *_take_dateline(text, left),
        *_take_signature(text, left),
        *(Segment("body", paragraph) for paragraph in left),
    ]


def _take_title(text: str, left: list[Stretch]) -> list[Segment]:
    if not left or not _is_title(text, left[0]):
        return []
    title = left.pop(0)
    dated = next((i for i, each in enumerate(left[:_OPENING]) if find_dateline(text, each)), 0)
    repeats = [
        Segment(part, paragraph)
        for i, paragraph in enumerate(left)
        if (part := _repeats(text, title, paragraph, above_dateline=i < dated))
    ]
    repeated = {segment.stretch for segment in repeats}
    left[:] = [paragraph for paragraph in left if paragraph not in repeated]
    return [Segment("title", title), *repeats]


def _take_byline(text: str, left: list[Stretch]) -> list[Segment]:
    for paragraph in (*left[:_OPENING], *left[-1:]):
        name = find_byline(text, paragraph)
        if name:
            left.remove(paragraph)
            return [Segment("byline", paragraph, name)]
    return []


def _take_dateline(text: str, left: list[Stretch]) -> list[Segment]:
    """The dateline, and the summary above it where that is one paragraph."""
    for i, paragraph in enumerate(left[:_OPENING]):
        found = find_dateline(text, paragraph)
        if found:
            behind = Stretch(found.end(), paragraph.end).trimmed(text)
            left[i : i + 1] = [behind] if behind else []
            lead = [Segment("lead", left.pop(0))] if i == 1 else []
            return [*lead, Segment("dateline", Stretch(*found.span()))]
    return []


def _take_signature(text: str, left: list[Stretch]) -> list[Segment]:
    signature = find_signature(text, left[-1]) if left else None
    if not signature:
        return []
    before = Stretch(left[-1].start, signature.stretch.start).trimmed(text)
    left[-1:] = [before] if before else []
    return [Segment("signature", signature.stretch, signature.name)]


def _is_title(text: str, paragraph: Stretch) -> bool:
    return is_headline(text, paragraph) and not (
        find_dateline(text, paragraph)
        or find_signature(text, paragraph)
        or find_byline(text, paragraph)
    )


def _repeats(
    text: str, title: Stretch, paragraph: Stretch, *, above_dateline: bool
) -> RemovedKind | None:
    """What a paragraph is that says the title again, by itself or in front of a caption."""
    printed = title.of(text)
    if not text.startswith(printed, paragraph.start, paragraph.end):
        return None
    behind = Stretch(paragraph.start + len(printed), paragraph.end).trimmed(text)
    if not behind:
        return "duplicate-title"
    caption = above_dateline and text[behind.start].isupper()
    return "caption" if caption or text.startswith("ảnh ", behind.start) else None
