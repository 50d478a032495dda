"""A file's raw text and its article, marked, for somebody who compares them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.core.article import FIELDS
from worker.core.clean import CLEANER, clean
from worker.core.clean.decode import decode
from worker.core.clean.source import read as read_source
from worker.desk.spans import Span, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.core.article import CleanArticle, FieldName, Label, Mention, RawArticle
    from worker.desk.spans import Piece
    from worker.explain.story import Story

MOST: Final = 200_000  # characters of a text on a page
_TOLD: Final = frozenset({"glue", "invisible"})
"""Rules whose repairs are worth a mark; odd blanks would only make the page restless."""
_LABELS: Final[dict[Label, str]] = {
    "PER": "people",
    "ORG": "organisations",
    "LOC": "places",
    "MISC": "other names",
    "DATE": "dates",
    "MONEY": "amounts",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """The article that was stored of a content, and by which delivery."""

    delivery: int
    article: CleanArticle
    mentions: Sequence[Mention]


@dataclass(frozen=True, slots=True)
class RawText:
    """What was delivered."""

    pieces: list[Piece]
    notes: list[str]

    @property
    def marked(self) -> bool:
        """Whether anything in it is."""
        return any(piece.css for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article, ready to be shown."""

    heading: str
    fields: list[tuple[FieldName, list[Piece]]]
    about: list[tuple[str, str]]
    """What else is known, by its name."""
    legend: list[tuple[Label, str]]
    """The labels of its mentions, and what they stand for."""


def read(
    story: Story, raw: RawArticle | None, stored: Stored | None
) -> tuple[RawText | None, Cleaned | None]:
    """What was delivered and what became of it, as far as either can be shown.

    A file is put through no step that it has not passed in a worker: one that kills workers would
    kill whoever shows it.
    """
    passed = {each.step for each in story.tries if each.outcome == "done"}
    if story.article:
        passed |= {"dedupe", "clean"}
    article = None
    if stored:
        mine = stored.delivery == story.id
        article = stored.article if mine else None
        heading = "The article" if mine else f"The article of delivery {stored.delivery}"
        shown = cleaned(heading, stored.article, stored.mentions)
    elif raw and "clean" in passed and (article := _cleaned_today(raw)):
        shown = cleaned("What clean makes of it today; it is not stored", article, ())
    else:
        shown = None
    if not raw or not raw.data:
        return None, shown
    text, note = _text(raw, passed)
    notes = [note]
    if article and article.cleaner != CLEANER:
        notes.append("Other rules cleaned it than today's: marks may stand a little off.")
    if len(text) > MOST:
        notes.append(f"These are the first {MOST:,} of {len(text):,} characters.")
    return RawText(pieces(text[:MOST], marks(article) if article else ()), notes), shown


def _cleaned_today(raw: RawArticle) -> CleanArticle | None:
    with suppress(Exception):  # the story tells what came of it
        return clean(decode(raw.data), raw.file)
    return None


def _text(raw: RawArticle, passed: set[str]) -> tuple[str, str]:
    """The text of a file, and what is to be said of it."""
    with suppress(Exception):
        if "clean" in passed:
            source = read_source(decode(raw.data), raw.file)
            return source.text, f"Read as {source.format}, {source.encoding}."
        if "dedupe" in passed:
            decoded = decode(raw.data)
            return decoded.text, f"Decoded as {decoded.encoding}."
    return raw.data.decode("utf-8", "backslashreplace"), "Not decoded: as if it were UTF-8."


def marks(article: CleanArticle) -> Iterator[Span]:
    """What clean left out of the decoded text, and the words that it put right."""
    for removed in article.removed:
        if removed.kind != "whitespace":
            yield Span(removed.start, removed.end, "story-removed", f"left out: {removed.kind}")
    for repair in article.repairs:
        if repair.rule in _TOLD:
            title = f"{repair.rule}: reads “{repair.after}”"
            yield Span(repair.start, repair.end, "story-repaired", title)


def cleaned(heading: str, article: CleanArticle, mentions: Sequence[Mention]) -> Cleaned:
    """An article with its mentions marked."""
    fields = [
        (
            name,
            pieces(
                article.field(name)[:MOST],
                (_mention(mention) for mention in mentions if mention.field == name),
            ),
        )
        for name in FIELDS
        if article.field(name)
    ]
    dateline = article.dateline
    about = {
        "Published": article.published,
        "Dateline": dateline and ", ".join(filter(None, (dateline.place, dateline.agency))),
        "Byline": article.byline,
        "Signature": article.signature,
        "Credits": "; ".join(article.credits),
        "Related": "; ".join(article.related),
        "Language": article.stated_language,
        "Characters": ", ".join((article.encoding, *article.flags)),
    }
    named = {mention.label for mention in mentions}
    return Cleaned(
        heading,
        fields,
        [(name, value) for name, value in about.items() if value],
        [(label, words) for label, words in _LABELS.items() if label in named],
    )


def _mention(mention: Mention) -> Span:
    known = mention.canonical or mention.surface
    title = f"{known} ({mention.entity})" if mention.entity else known
    return Span(mention.start, mention.end, f"story-mention story-{mention.label.lower()}", title)
