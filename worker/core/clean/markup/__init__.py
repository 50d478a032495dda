"""Files that are marked up, told from plain text by what is in them, and read out.

A file's name only breaks ties: a ``.html`` without a tag is plain text, a ``.txt`` that opens
with ``<html`` is a page. A story in which a few tags leaked stays plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.characters import BLANKS
from worker.core.clean.markup.story import BLOCKS, NEWSWIRE, Story
from worker.core.clean.segments import Stretch
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.core.article import Format

_HTML_SUFFIXES: Final = (".html", ".htm", ".xhtml")
_XML_SUFFIXES: Final = (".xml", ".nitf")
_INLINE: Final = (
    *("a", "abbr", "b", "br", "cite", "em", "font", "i", "img", "q", "s", "script", "small"),
    *("span", "strong", "style", "sub", "sup", "u"),
)
_HTML_NAMES: Final = frozenset({*BLOCKS, *_INLINE, "head", "link", "meta", "title"})

_MIN_TAGS: Final = 3
_LAST: Final = 200  # characters, among which an element that opened the text would close
_SPARSE: Final = 1_000  # characters; pages have a block for fewer
_NAME: Final = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})(?=[\s/>])")
_TAG: Final = re.compile(rf"</?(?:{'|'.join(sorted(_HTML_NAMES))})(?=[\s/>])", re.IGNORECASE)
_BLOCK: Final = re.compile(rf"<(?:{'|'.join(sorted(BLOCKS))}|br)(?=[\s/>])", re.IGNORECASE)
_IN_SUBSET: Final = re.compile("""["'\\]]|<!--""")
_PROLOG: Final = (("<?", "?>"), ("<!--", "-->"))


@dataclass(frozen=True, slots=True)
class Extracted:
    """The plain text of a file, and what its markup tells about it."""

    text: str
    """The title on the first line if it is known, then the paragraphs, a blank line between."""
    format: Format
    title: Stretch | None
    """Where the title stands in the text."""
    published: str | None
    """ISO 8601 date, as the markup states it; never guessed."""
    byline: str | None
    language: str | None
    """ISO 639-1, as the markup states it."""


def extract(text: str, file: str) -> Extracted:
    """The story in a decoded text; plain text comes back unchanged, as format "text".

    Of the file's name only the suffix is looked at.

    Raises ``Permanent``: "no-body" where markup holds no text of a story, "unsupported" where it
    is neither HTML, NewsML nor NITF or cannot be read, "too-large" where it is too intricate.
    """
    read = _reader(text, file.lower())
    if not read:
        return Extracted(text, "text", None, None, None, None)
    story = read(text)
    if not any(any(map(str.isalpha, paragraph)) for paragraph in story.paragraphs):
        raise Permanent("no-body", "its markup holds no text of a story")
    return Extracted(
        "\n\n".join((story.title, *story.paragraphs) if story.title else story.paragraphs),
        story.format,
        Stretch(0, len(story.title)) if story.title else None,
        story.published,
        story.byline,
        story.language,
    )


def warm_up() -> None:
    """Import what reads pages, so that the first page does not wait for it."""
    _read_page("<html><body><p>.</p></body></html>")


class _Root(NamedTuple):
    """The first element of a file: its local name and where it begins."""

    name: str
    start: int
    declared: bool
    """Whether the file calls itself XML."""


def _reader(text: str, file: str) -> Callable[[str], Story] | None:
    """What reads the file out; None for plain text."""
    if "<" not in text:
        return None
    root = _root(text)
    if root and root.name.lower() == "html":
        return _read_page
    if root and (root.name in NEWSWIRE or _is_xml(text, root, file)):
        return lambda text: _read_newswire(text, root)
    if file.endswith(_HTML_SUFFIXES) and _TAG.search(text):
        return _read_page
    return _read_page if _is_fragment(text, opens=root is not None) else None


def _read_page(text: str) -> Story:
    # trafilatura takes 0.3 s and 33 MB to import, which only pages should cost.
    from worker.core.clean.markup.webpage import read  # noqa: PLC0415

    return read(text)


def _read_newswire(text: str, root: _Root) -> Story:
    from worker.core.clean.markup.newswire import read  # noqa: PLC0415 - as above

    return read(text, root.start)


def _root(text: str) -> _Root | None:
    """The element that opens the text, behind blanks, declarations and comments."""
    start, declared = _skip_blanks(text, 0), False
    while text.startswith(("<?", "<!"), start):
        declared = declared or text.startswith("<?xml", start)
        end = _end_of_declaration(text, start)
        if end < 0:
            return None
        if text[start : start + 14].lower() == "<!doctype html":
            return _Root("html", start, declared)
        start = _skip_blanks(text, end)
    found = _NAME.match(text, start)
    return _Root(found[1], start, declared) if found else None


def _skip_blanks(text: str, start: int) -> int:
    while start < len(text) and text[start] in BLANKS:
        start += 1
    return start


def _end_of_declaration(text: str, start: int) -> int:
    """Where the declaration, comment or document type ends; -1 where it does not."""
    for opening, closing in _PROLOG:
        if text.startswith(opening, start):
            found = text.find(closing, start + len(opening))
            return found + len(closing) if found >= 0 else -1
    end = text.find(">", start)
    subset = text.find("[", start, end)
    if subset >= 0:
        end = _end_of_subset(text, subset)
    return end + 1 if end >= 0 else -1


def _end_of_subset(text: str, start: int) -> int:
    """Where a document type ends that holds declarations of its own; -1 where it does not."""
    while found := _IN_SUBSET.search(text, start + 1):
        if found[0] == "]":
            end = text.find(">", found.end())
            return end if end >= 0 else -1
        start = text.find("-->" if found[0] == "<!--" else found[0], found.end())
        if start < 0:
            return -1
    return -1


def _is_xml(text: str, root: _Root, file: str) -> bool:
    """Whether a document that opens with an element of no page is XML."""
    if root.name.lower() in _HTML_NAMES:
        return False
    closed = re.search(
        rf"</(?:[\w.-]{{1,60}}:)?{re.escape(root.name)}\s{{0,9}}>\s{{0,9}}$", text[-_LAST:]
    )
    return root.declared or file.endswith(_XML_SUFFIXES) or closed is not None


def _is_fragment(text: str, *, opens: bool) -> bool:
    """Whether a text without ``<html`` has as many blocks as a page has."""
    blocks = [found.start() for found in _BLOCK.finditer(_without_scripts(text))]
    if len(blocks) < (2 if opens else _MIN_TAGS) or len(blocks) * _SPARSE < len(text):
        return False
    lines = [line for line in text.splitlines() if line.strip(BLANKS)]
    tagged = sum(1 for line in lines if _BLOCK.search(line))
    # A story whose own lines are its paragraphs is plain text, whatever leaked around it.
    return 2 * tagged > len(lines)


def _without_scripts(text: str) -> str:
    """The text without what stands in scripts, whose strings may hold tags."""
    kept: list[str] = []
    lowered = text.lower() if len(text.lower()) == len(text) else text
    start = 0
    while (opening := lowered.find("<script", start)) >= 0:
        kept.append(text[start:opening])
        closing = lowered.find("</script", opening)
        if closing < 0:
            return "".join(kept)
        start = closing
    return "".join((*kept, text[start:]))
