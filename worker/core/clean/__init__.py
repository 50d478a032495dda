"""A story without what surrounded it, and an account of all that was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.core.article import CleanArticle, Dateline, Removed
from worker.core.clean.dateline import find_dateline
from worker.core.clean.segments import FieldPart, Segment, is_removed
from worker.core.clean.structure import label
from worker.errors import Permanent

if TYPE_CHECKING:
    from worker.core.clean.decode import Decoded

CLEANER: Final[str] = "1"
"""Version of the rules; articles that another version made are worth cleaning again."""


def clean(decoded: Decoded) -> CleanArticle:
    """The story in a file, its parts exact slices of the decoded text.

    Each character of the text is in a field or in a stretch of ``removed``, never in both.

    Raises ``Permanent`` ("no-body") where the file holds no story.
    """
    text = decoded.text
    segments = label(text)
    body = "\n\n".join(part.stretch.of(text) for part in segments if part.part == "body")
    if not any(map(str.isalpha, body)):
        raise Permanent("no-body", "no paragraph of a story is left")
    return CleanArticle(
        title=_first(text, segments, "title"),
        lead=_first(text, segments, "lead"),
        body=body,
        published=_first(text, segments, "published"),
        dateline=_dateline(text, segments),
        byline=_first(text, segments, "byline"),
        signature=_first(text, segments, "signature"),
        credits=_values(text, segments, "credit", "caption"),
        related=_values(text, segments, "related", "teaser"),
        removed=tuple(
            Removed(segment.part, *segment.stretch)
            for segment in segments
            if is_removed(segment.part)
        ),
        repairs=(),
        encoding=decoded.encoding,
        cleaner=CLEANER,
    )


def _first(text: str, segments: list[Segment], part: FieldPart) -> str | None:
    for segment in segments:
        if segment.part == part:
            return (segment.value or segment.stretch).of(text)
    return None


def _values(text: str, segments: list[Segment], *parts: str) -> tuple[str, ...]:
    """What the segments of these parts are worth keeping for: each once, in order."""
    values = (each.value.of(text) for each in segments if each.part in parts and each.value)
    return tuple(dict.fromkeys(values))


def _dateline(text: str, segments: list[Segment]) -> Dateline | None:
    for segment in segments:
        if segment.part == "dateline" and (found := find_dateline(text, segment.stretch)):
            return Dateline(found["place"], found["agency"])
    return None
