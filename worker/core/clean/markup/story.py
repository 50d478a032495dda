"""A story that was marked up, and how its tree becomes plain paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from lxml import etree

from worker.core.characters import nfc, squeeze

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from worker.core.article import Format

MAX_ELEMENTS: Final = 20_000  # a long live page has 10,000; at worst 4 s a page
MAX_DEPTH: Final = 200  # libxml2 itself cuts off at 256, silently in HTML
MAX_LOAD: Final = 20_000_000  # characters times how deep they are: each level reads them again
MAX_ATTRIBUTES: Final = 500  # of one element; libxml2's time grows with the square of them

BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3"),
        *("h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
"""HTML's elements that stand on lines of their own."""

NEWSWIRE: Final = frozenset({"newsItem", "newsMessage", "packageItem", "nitf", "NewsML"})
"""The elements that newswire documents open with."""

CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""What is no text, and what lxml refuses to be given as such."""

_SENTENCE_ENDS: Final = tuple(".!?…»”\"'’)")
_BREAK: Final = "\v"  # stands for a line break inside a paragraph; no text node holds one
# A character reference such as ``&#146;`` means Windows' letter: the HTML standard says so.
_WINDOWS: Final = {
    byte: bytes((byte,)).decode("cp1252", "ignore") or None for byte in range(0x80, 0xA0)
}
_DAY: Final = re.compile(r"\s*([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?![0-9])")
_LANGUAGE: Final = re.compile(r"\s*([a-z]{2})(?:[-_][a-z0-9_-]{1,30})?\s*", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[(<\[]?(?:\S{1,100}@\S{1,100}|https?://\S{1,300})[)>\]]?")
_BY: Final = re.compile(r"(?:par|by|tác giả|theo|author|auteure?)\b\s?:?\s?", re.IGNORECASE)
_MAX_BYLINE: Final = 100  # characters


@dataclass(frozen=True, slots=True)
class Story:
    """What markup tells about a story; nothing in it holds a line break."""

    format: Format
    title: str | None
    paragraphs: tuple[str, ...]
    published: str | None
    byline: str | None
    language: str | None


def plain(text: str | None) -> str:
    """The text of a node on one line, composed, without what shows nothing; empty for None."""
    return squeeze(nfc(CONTROLS.sub("", text or "").translate(_WINDOWS)))


def paragraphs(
    root: etree._Element, blocks: Collection[str], skip: Collection[str] = ()
) -> Iterator[str]:
    """The text under an element, cut where its blocks begin and end.

    Names are local names. Inline elements neither part nor glue words. ``br`` (or trafilatura's
    ``lb``) ends a paragraph where it comes twice or behind a sentence, and is a blank elsewhere.
    """
    pieces: list[str] = []
    for name, opens, text in _walk(root, skip):
        if name in blocks:
            yield from _close(pieces)
        elif opens and name in {"br", "lb"}:
            pieces.append(_BREAK)
        pieces.append((text or "").replace(_BREAK, " "))
    yield from _close(pieces)


def _walk(root: etree._Element, skip: Collection[str]) -> Iterator[tuple[str, bool, str | None]]:
    """Each tag: its name, whether it opens, and the text behind it; a skipped element only ends."""
    skipping: etree._Element | None = None
    for event, element in etree.iterwalk(root, ("start", "end")):
        name = local_name(element)
        if event == "start":
            if skipping is None and name in skip and element is not root:
                skipping = element
            if skipping is None:
                yield name, True, element.text
        elif skipping is None or skipping is element:
            skipping = None
            yield name, False, element.tail if element is not root else None


def _close(pieces: list[str]) -> Iterator[str]:
    """The paragraphs in what was gathered, which is emptied."""
    lines = map(plain, "".join(pieces).split(_BREAK))
    pieces.clear()
    gathered: list[str] = []
    for line in lines:
        if gathered and (not line or gathered[-1].endswith(_SENTENCE_ENDS)):
            yield " ".join(gathered)
            gathered = []
        if line:
            gathered.append(line)
    if gathered:
        yield " ".join(gathered)


def local_name(element: etree._Element) -> str:
    """The element's name without namespace, as it is spelled; empty for comments and the like."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: etree._Element | None) -> str | None:
    """All text in an element, on one line; None where there is none."""
    if element is None:
        return None
    return " ".join(paragraphs(element, BLOCKS)) or None


def day(stated: str | None) -> str | None:
    """The ISO date that opens an ISO 8601 date or time, basic or extended; None if it is none."""
    found = _DAY.match(stated or "")
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4])).isoformat()
    except ValueError:
        return None


def language(stated: str | None) -> str | None:
    """The ISO 639-1 code in ``fr``, ``fr-FR`` or ``fr_FR``; None if it is anything else."""
    found = _LANGUAGE.fullmatch(stated or "")
    return found[1].lower() if found else None


def byline(names: Iterable[str | None]) -> str | None:
    """The writers' names, each once, without "Par" and addresses; None where none is a name."""
    cleaned = (_name(plain(name)) for name in names)
    return ", ".join(dict.fromkeys(name for name in cleaned if name))[:_MAX_BYLINE] or None


def _name(stated: str) -> str | None:
    name = _ADDRESS.sub("", stated[: 4 * _MAX_BYLINE]) if "@" in stated or "/" in stated else stated
    name = _BY.sub("", name, count=1) if _BY.match(name) else name
    name = name.strip(" ,;:|-–—•·")
    is_name = name[:1].isupper() and len(name) <= _MAX_BYLINE and not any(map(str.isdigit, name))
    return name if is_name else None
