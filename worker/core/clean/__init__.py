"""A story without what surrounded it, and an account of all that was left out or changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from worker.core.article import CleanArticle, Dateline, Removed
from worker.core.characters import SILENT, squeeze
from worker.core.clean import glue, markup, repairs
from worker.core.clean.segments import FieldPart, Segment, Stretch, is_removed
from worker.core.clean.source import read
from worker.core.clean.structure import label
from worker.core.clean.structure.dateline import find_dateline, find_unsigned_dateline
from worker.core.clean.structure.dates import stated_day
from worker.core.stories import notices
from worker.errors import Permanent

if TYPE_CHECKING:
    from worker.core.clean.decode import Decoded
    from worker.core.clean.repairs import Passage

CLEANER: Final[str] = "3"
"""Version of the rules; articles that another version made are worth cleaning again."""

_OPENING: Final = 300  # characters, with room for those that show nothing
_PROSE: Final = frozenset({"title", "lead", "body"})
_SAYING: Final = _PROSE | {"header", "navigation", "published", "teaser"}


def warm_up() -> None:
    """Load what the first story, and the first page, would wait for."""
    glue.warm_up()
    markup.warm_up()


def clean(decoded: Decoded, file: str = "") -> CleanArticle:
    """The story in a file, its parts stretches of the text with the repairs applied.

    Each character of the text is in a field or in a stretch of ``removed``, never in both. The
    text is the decoded one, of markup what ``source.read`` finds in it; of the file's name only
    the suffix is looked at.

    Raises ``Permanent``: "no-body" where the file holds no story, and as ``source.read`` does.
    """
    source = read(decoded, file)
    text = source.text
    segments = label(text, source.title)
    stated = notices.find(_lines(text, segments))
    if stated and stated.kind == "withdrawal":
        segments = _with_body(segments)
    prose = [segment for segment in segments if segment.part in _PROSE]
    passages = repairs.unglue(text, [repairs.read(text, each.stretch) for each in prose])
    fields = {part: _joined(prose, passages, part) for part in ("title", "lead", "body")}
    body = fields["body"]
    if body is None or not any(map(str.isalpha, body)):
        raise Permanent("no-body", "no paragraph of a story is left")
    names = {part: _name(text, segments, part) for part in ("byline", "signature")}
    repaired = [
        repair
        for passage in (*passages, *filter(None, names.values()))
        for repair in passage.repairs
    ]
    return CleanArticle(
        title=fields["title"],
        lead=fields["lead"],
        body=body,
        published=source.published or _published(text, segments),
        dateline=_dateline(text, segments),
        byline=source.byline or (names["byline"].text if names["byline"] else None),
        signature=names["signature"].text if names["signature"] else None,
        credits=_values(text, segments, "credit", "caption"),
        related=_values(text, segments, "related", "teaser"),
        removed=tuple(
            Removed(segment.part, *segment.stretch)
            for segment in segments
            if is_removed(segment.part)
        ),
        repairs=tuple(sorted(repaired, key=lambda repair: repair.start)),
        encoding=source.encoding,
        cleaner=CLEANER,
        format=source.format,
        flags=source.flags,
        stated_language=source.language,
        stated=stated,
    )


def _with_body(segments: list[Segment]) -> list[Segment]:
    """The segments of a note; one that is nothing but a headline has that for its body."""
    if any(segment.part == "body" for segment in segments):
        return segments
    return [
        replace(segment, part="body") if segment.part == "title" else segment
        for segment in segments
    ]


def _joined(prose: list[Segment], passages: list[Passage], part: FieldPart) -> str | None:
    texts = [
        passage.text
        for segment, passage in zip(prose, passages, strict=True)
        if segment.part == part
    ]
    return "\n\n".join(texts) or None


def _name(text: str, segments: list[Segment], part: FieldPart) -> Passage | None:
    for segment in segments:
        if segment.part == part:
            return repairs.read(text, segment.value or segment.stretch)
    return None


def _values(text: str, segments: list[Segment], *parts: str) -> tuple[str, ...]:
    """What the segments of these parts are worth keeping for: each once, in order."""
    values = (
        repairs.read(text, each.value).text
        for each in segments
        if each.part in parts and each.value
    )
    return tuple(dict.fromkeys(values))


def _lines(text: str, segments: list[Segment]) -> list[notices.Line]:
    """The pieces of the file as they read, in which an article may say something of itself."""
    return [
        notices.Line(each.part, squeeze(each.stretch.of(text)))
        for each in segments
        if each.part in _SAYING
    ]


def _published(text: str, segments: list[Segment]) -> str | None:
    """The day that a header or else the dateline states, where it is complete."""
    for part in ("published", "dateline"):
        for segment in segments:
            shown = segment.stretch.of(text).translate(SILENT) if segment.part == part else ""
            if day := stated_day(shown, 0, len(shown)):
                return day.isoformat()
    return None


def _dateline(text: str, segments: list[Segment]) -> Dateline | None:
    for segment in segments:
        if segment.part == "dateline":
            # The segment is cut where the dateline ends; what follows decides what it is.
            start = segment.stretch.start
            opening = text[start : start + _OPENING].translate(SILENT)
            whole = Stretch(0, len(opening))
            filed = find_dateline(opening, whole) or find_unsigned_dateline(
                opening, whole, signed=True
            )
            return Dateline(filed.place, filed.agency) if filed else None
    return None
