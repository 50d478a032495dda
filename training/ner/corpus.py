"""Annotated texts, as paragraphs with the names in them.

Two forms are read: WiNER's articles (a JSON object a line, mentions by offsets) and the project's
own texts with the mentions marked in line (see ``annotating.md``).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LABELS: Final = ("LOC", "MISC", "ORG", "PER")
_OF_WINER: Final = {
    "PER": "PER",
    "ORG": "ORG",
    "LOC": "LOC",
    "EVENT": "MISC",
    "PRODUCT": "MISC",
}
# The line break before a paragraph stays: taught without it, the recogniser came out a point worse.
_PARAGRAPH: Final = re.compile(r"(?:[^\n]|\n(?!\n))+")
_MARK: Final = re.compile(
    r"\[(?P<surface>[^\[\]]+)\]"
    r"\((?P<label>PER|ORG|LOC|MISC|DATE|MONEY)(?P<optional>\?)?(?: (?P<canonical>[^()]*))?\)"
)
_FIELD: Final = re.compile(r"(?:(?P<field>title|lead|body): )?(?P<text>.*)")
# Wikinews' links left blanks around them when the pages became text.
_STRAY_BLANK: Final = re.compile(r" (?=[.,)](?:\s|$))|(?<=\() |(?<=\b[ldLD]['’]) ")


class Gold(NamedTuple):
    """A mention: ``text[start:end]`` is what its annotator marked."""

    start: int
    end: int
    label: str
    optional: bool = False
    """Neither asked for nor wrong."""
    canonical: str | None = None
    """The entity's name, or the value, where it is not the surface."""


class Paragraph(NamedTuple):
    """A text without paragraph breaks, and its mentions in order."""

    text: str
    mentions: tuple[Gold, ...]
    field: str = "body"


class Article(NamedTuple):
    """The paragraphs of one article."""

    name: str
    paragraphs: tuple[Paragraph, ...]


def winer(path: Path) -> list[Article]:
    """The articles of a split of WiNER; dates and hours are left out."""
    with path.open(encoding="utf-8") as lines:
        return [_winer(json.loads(line)) for line in lines]


def _winer(read: dict[str, object]) -> Article:
    text, marks = str(read["text"]), read["ents"]
    assert isinstance(marks, list)  # noqa: S101 - the form of the file
    mentions = [
        Gold(start, end, _OF_WINER[label]) for start, end, label in marks if label in _OF_WINER
    ]
    return Article(
        str(read["id"]),
        tuple(
            _without_stray_blanks(_cut(text, mentions, *match.span()))
            for match in _PARAGRAPH.finditer(text)
        ),
    )


def _cut(text: str, mentions: Sequence[Gold], start: int, end: int) -> Paragraph:
    inside = (each for each in mentions if start <= each.start and each.end <= end)
    return Paragraph(
        text[start:end],
        tuple(each._replace(start=each.start - start, end=each.end - start) for each in inside),
    )


def _without_stray_blanks(paragraph: Paragraph) -> Paragraph:
    blanks = [match.start() for match in _STRAY_BLANK.finditer(paragraph.text)]
    return Paragraph(
        _STRAY_BLANK.sub("", paragraph.text),
        tuple(
            each._replace(
                start=each.start - bisect_left(blanks, each.start),
                end=each.end - bisect_left(blanks, each.end),
            )
            for each in paragraph.mentions
        ),
    )


def marked(path: Path) -> list[Article]:
    """The articles of a file with marks; ``title: ``, ``lead: `` and ``body: `` name the field."""
    articles: list[tuple[str, list[Paragraph]]] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("=== "):
            articles.append((line.removeprefix("=== ").strip(), []))
        elif line.strip():
            articles[-1][1].append(_marked(line))
    return [Article(name, tuple(paragraphs)) for name, paragraphs in articles]


def _marked(line: str) -> Paragraph:
    parts = _FIELD.fullmatch(line.strip())
    assert parts  # noqa: S101 - it matches any line
    source = parts["text"]
    text, mentions, last = "", [], 0
    for mark in _MARK.finditer(source):
        text += source[last : mark.start()]
        start = len(text)
        text += mark["surface"]
        mentions.append(
            Gold(start, len(text), mark["label"], bool(mark["optional"]), mark["canonical"])
        )
        last = mark.end()
    return Paragraph(text + source[last:], tuple(mentions), parts["field"] or "body")


def names(paragraphs: Sequence[Paragraph], label: str) -> Iterator[str]:
    """The surfaces of a label, each as often as it is met."""
    for text, mentions, _ in paragraphs:
        for mention in mentions:
            if mention.label == label and not mention.optional:
                yield text[mention.start : mention.end]
