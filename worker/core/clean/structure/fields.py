"""Title, byline, lead, dateline and signature, taken off the paragraphs of a story."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from worker.core.clean.segments import Segment, Stretch
from worker.core.clean.structure.dateline import find_dateline, find_unsigned_dateline
from worker.core.clean.structure.headlines import above_headline, has_stop, headline_segments
from worker.core.clean.structure.lines import is_headline
from worker.core.clean.structure.outline import is_title
from worker.core.clean.structure.repeats import is_repeated
from worker.core.clean.structure.signature import find_byline, find_signature, is_person
from worker.core.stories.notices import headline_in, is_slug, note_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.stories.kinds import Notice

_OPENING: Final = 4  # paragraphs below the title that may be byline, lead and dateline


def story_segments(
    text: str, paragraphs: Sequence[Stretch], title: Stretch | None
) -> list[Segment]:
    """Title, opening, body and signature of the story that stands in the paragraphs.

    ``title`` is where the title stands, if markup told so.
    """
    left = list(paragraphs)
    return [
        *_take_agencies(text, left),
        *_take_notices(text, left, title),
        *_take_title(text, left, title),
        *_take_byline(text, left),
        *_take_lead(text, left),
        *_take_signature(text, left),
        *(Segment("body", paragraph) for paragraph in left),
    ]


def _take_title(text: str, left: list[Stretch], known: Stretch | None) -> list[Segment]:
    above = [] if known else above_headline(text, left)
    del left[: len(above)]
    if not left or not (left[0] == known or _is_headline(text, left)):
        return above
    withdrawn = any(_note(text, each) == "withdrawal" for each in left[1:_OPENING])
    head = headline_segments(text, left.pop(0), withdrawn=withdrawn)
    title = head[-1].stretch
    dated = next((i for i, each in enumerate(left[:_OPENING]) if find_dateline(text, each)), 0)
    repeats = {
        paragraph: segments
        for i, paragraph in enumerate(left)
        if (segments := _repeats(text, title, paragraph, above_dateline=i < dated))
    }
    left[:] = [paragraph for paragraph in left if paragraph not in repeats]
    return [*above, *head, *(each for found in repeats.values() for each in found)]


def _is_headline(text: str, left: list[Stretch]) -> bool:
    if _note(text, left[0]):
        return False
    return is_title(text, left[0]) or has_stop(text, left[0], left[1:3])


def _take_agencies(text: str, left: list[Stretch]) -> list[Segment]:
    """Lines above the first sentence that only say whose story it is; it is signed at its end."""
    agencies: list[Stretch] = []
    for paragraph in left:
        signature = find_signature(text, paragraph)
        if signature and signature.stretch == paragraph:
            agencies.append(paragraph)
        elif not is_title(text, paragraph):
            taken = set(agencies)
            left[:] = [each for each in left if each not in taken]
            return [Segment("navigation", agency) for agency in agencies]
    return []


def _take_notices(text: str, left: list[Stretch], known: Stretch | None) -> list[Segment]:
    """What says above the first sentence that it corrects, goes on with or withdraws a story.

    A slug, or a note to editors, ``(Corrects figure in paragraph 3)``, if a story follows.
    """
    head = list(takewhile(lambda each: _is_notice(text, each) or is_title(text, each), left))
    below = left[len(head) :]
    told = any(find_dateline(text, each) or not is_headline(text, each) for each in below)
    notices = [
        each
        for each in head
        if each != known and (_is_notice(text, each) if told else is_slug(each.of(text)))
    ]
    if len(notices) == len(left):
        return []
    left[:] = [each for each in left if each not in notices]
    return [Segment("header", notice) for notice in notices]


def _is_notice(text: str, paragraph: Stretch) -> bool:
    return is_slug(paragraph.of(text)) or _note(text, paragraph) in ("correction", "update")


def _note(text: str, paragraph: Stretch) -> Notice | None:
    """What a paragraph tells editors that is no headline behind a slug."""
    words = paragraph.of(text)
    return note_in(words) if headline_in(words) == (0, len(words)) else None


def _take_byline(text: str, left: list[Stretch]) -> list[Segment]:
    for paragraph in (*left[:_OPENING], *left[-1:]):
        name = find_byline(text, paragraph)
        if name:
            left.remove(paragraph)
            return [Segment("byline", paragraph, name)]
    # A place may head a paragraph as a name does, but not one that a dateline opens.
    if len(left) > 1 and is_person(left[0].of(text)) and find_dateline(text, left[1]):
        name = left.pop(0)
        return [Segment("byline", name, name)]
    return []


def _take_lead(text: str, left: list[Stretch]) -> list[Segment]:
    """The dateline, and the summary above it or above a paragraph that says the same again."""
    foot = find_signature(text, left[-1]) if left else None
    signed = foot is not None and foot.known
    for i, paragraph in enumerate(left[:_OPENING]):
        filed = find_dateline(text, paragraph)
        if not filed and i == 0:
            filed = find_unsigned_dateline(text, paragraph, signed=signed)
        if filed:
            behind = Stretch(filed.stretch.end, paragraph.end).trimmed(text)
            left[i : i + 1] = [behind] if behind else []
            lead = i == 1 or (i == 0 and _says_first_what_follows(text, left))
            return [
                *([Segment("lead", left.pop(0))] if lead else []),
                Segment("dateline", filed.stretch),
            ]
    return [Segment("lead", left.pop(0))] if _says_first_what_follows(text, left) else []


def _says_first_what_follows(text: str, left: list[Stretch]) -> bool:
    return len(left) > 1 and is_repeated(left[0].of(text), left[1].of(text))


def _take_signature(text: str, left: list[Stretch]) -> list[Segment]:
    signature = find_signature(text, left[-1]) if left else None
    if not signature:
        return []
    before = Stretch(left[-1].start, signature.stretch.start).trimmed(text)
    left[-1:] = [before] if before else []
    return [Segment("signature", signature.stretch, signature.name)]


def _repeats(
    text: str, title: Stretch, paragraph: Stretch, *, above_dateline: bool
) -> list[Segment]:
    """A paragraph that says the title again, by itself or in front of a caption."""
    # Lines of the one may be broken elsewhere than those of the other.
    words = r"\s+".join(map(re.escape, title.of(text).split()))
    said = re.compile(words).match(text, *paragraph)
    if not said:
        return []
    again = Segment("duplicate-title", Stretch(*said.span()))
    behind = Stretch(again.stretch.end, paragraph.end).trimmed(text)
    if not behind:
        return [again]
    if above_dateline and text[behind.start].isupper():
        return [again, Segment("caption", behind)]
    return []
