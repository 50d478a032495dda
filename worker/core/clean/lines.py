"""The lines of a text and what each looks like by itself, whatever stands around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from worker.core.characters import BLANKS
from worker.core.clean.segments import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREDIT_WINDOW: Final = 120  # characters at a line's end that a photo credit may take
_MAX_HEADLINE: Final = 250  # characters
_MAX_FURNITURE: Final = 40

_HEADER: Final = re.compile(
    r"(?P<keyword>date(?:\s?:)?)\s{0,2}(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?!\w)", re.IGNORECASE
)
_LINK: Final = re.compile(
    r">>+|(?:(?:[ÀA] )?(?:lire|voir)(?: aussi| également| plus)?|(?:read|see) (?:also|more)"
    r"|xem thêm)\s{0,2}:(?=\s{0,3}\w)",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(
    r"""
    [(\[]?
    (?:
      (?:\b(?:Photos?|PHOTOS?|Crédits?[ -][Pp]hotos?|Images?|Ảnh)\s{0,3}:|©)\s{0,3}
      (?P<labelled>(?:[^\s.!?:]|[.!?](?=\S)|(?<=\S)\s{1,2}(?=\S)){1,80}?)
    |
      # a fragment after a sentence: "Photo diffusée par l’agence"
      (?<=[.!?…)»”"]\s)Photos?\s(?P<fragment>[^.!?:]{1,60}?)
    )
    \s?[)\].]{0,2}$
    """,
    re.VERBOSE,
)
_NUMBERED: Final = re.compile(r"\bảnh\s\d{1,2}(?!\d)")

_TAIL_MARKERS: Final = frozenset(
    {
        *("voir plus", "lire plus", "sur le même sujet", "autres articles", "autres nouvelles"),
        *("dans la même rubrique", "à lire également", "read more", "see more", "more news"),
        *("related news", "related stories", "xem thêm", "tin liên quan"),
    }
)
_NAVIGATION: Final = frozenset(
    {
        *("", "source", "sources", "partager", "imprimer", "commentaires", "envoyer"),
        *("share", "print", "comments", "email", "e-mail", "facebook", "twitter", "zalo"),
        *("copier le lien", "copy link", "lire aussi", "à lire aussi", "voir aussi"),
    }
)
_CLOSING: Final = "»”\"’')]" + BLANKS
_NO_HEADLINE: Final = (".", "…", ":", ";", ",")


class Line(NamedTuple):
    """A line that shows something, without the blanks at its ends."""

    stretch: Stretch
    follows: bool
    """Whether it stands right below another, without an empty line between."""


def split_lines(text: str) -> Iterator[Line]:
    """The lines of the text that show something, in order."""
    start, follows = 0, False
    for line in text.splitlines(keepends=True):
        stretch = Stretch(start, start + len(line)).trimmed(text)
        if stretch:
            yield Line(stretch, follows=follows)
        start, follows = start + len(line), stretch is not None


class Header(NamedTuple):
    """A header that states when the story was published, as it is written."""

    keyword: Stretch
    day: Stretch


def find_header(text: str, line: Stretch) -> Header | None:
    """The ``date 2031-05-04`` that opens the line; whether that day exists is not looked at."""
    found = _HEADER.match(text, line.start, line.end)
    if not found:
        return None
    return Header(Stretch(*found.span("keyword")), Stretch(*found.span("day")))


def find_link(text: str, line: Stretch) -> Stretch | None:
    """The headline that a link line names: ``>> Headline``."""
    found = _LINK.match(text, line.start, line.end)
    return Stretch(found.end(), line.end).trimmed(text) if found else None


class Credit(NamedTuple):
    """A photo credit at the end of a line, and whose picture it says it is."""

    stretch: Stretch
    owner: Stretch


def find_credit(text: str, line: Stretch) -> Credit | None:
    """The photo credit that ends the line: ``… Photo : VNA/CVN``."""
    found = _CREDIT.search(text, max(line.start, line.end - _CREDIT_WINDOW), line.end)
    if not found:
        return None
    return Credit(Stretch(found.start(), line.end), Stretch(*found.span(found.lastgroup or 0)))


def is_numbered(text: str, line: Stretch) -> bool:
    """Whether a picture's number is glued into the line: ``Headline ảnh 1The minister …``."""
    found = _NUMBERED.search(text, line.start, line.end)
    return found is not None and (found.end() == line.end or text[found.end()].isupper())


def furniture(text: str, line: Stretch) -> Literal["marker", "navigation"] | None:
    """What part of a page without content the line is, if any.

    "marker" announces other stories: ``Voir plus``; "navigation" is a control of the page that
    the story was on, such as a stray ``source``, or a ``>>`` that leads nowhere.
    """
    if line.end - line.start > _MAX_FURNITURE:
        return None
    printed = " ".join(line.of(text).casefold().split()).strip(" .:…»>")
    if printed in _TAIL_MARKERS:
        return "marker"
    return "navigation" if printed in _NAVIGATION else None


def is_headline(text: str, line: Stretch) -> bool:
    """Whether the line could be a headline: short, and not ended as a sentence is."""
    if line.end - line.start > _MAX_HEADLINE:
        return False
    return not line.of(text).rstrip(_CLOSING).endswith(_NO_HEADLINE)
