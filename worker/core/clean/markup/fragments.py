"""HTML parsed within limits, so that no page can keep a worker busy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree, html

from worker.core.clean.markup.story import (
    CONTROLS,
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_LOAD,
)
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Mapping


def parse_page(text: str) -> html.HtmlElement:
    """The tree of a page or of a piece of one.

    Raises ``Permanent``: "too-large" where it is too deep or has too many elements or attributes,
    "no-body" where nothing is left of it.
    """
    data = text.encode("utf-8", "replace")
    # A first reading that builds no tree: its time is linear, and a tree's need not be.
    etree.fromstring(data, etree.HTMLParser(encoding="utf-8", target=_Limits()))
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        page = html.document_fromstring(data, parser=parser)
    except etree.ParserError:
        raise Permanent("no-body", "its markup holds no text of a story") from None
    for element in page.iter():
        _remove_controls(element)
    return page


def _remove_controls(element: html.HtmlElement) -> None:
    """Remove what no text can be given again, such as ``&#1;``."""
    if CONTROLS.search(element.text or ""):
        element.text = CONTROLS.sub("", element.text or "")
    if CONTROLS.search(element.tail or ""):
        element.tail = CONTROLS.sub("", element.tail or "")


class _Limits:
    """Counts what a parser meets and stops it where the page is too intricate."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._load = 0

    def start(self, tag: str | bytes, attrib: Mapping[Any, Any]) -> None:  # noqa: ARG002
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise Permanent("too-large", f"the page nests more than {MAX_DEPTH} elements")
        if self._elements > MAX_ELEMENTS:
            raise Permanent("too-large", f"the page has more than {MAX_ELEMENTS} elements")
        if len(attrib) > MAX_ATTRIBUTES:
            raise Permanent(
                "too-large", f"an element of the page has more than {MAX_ATTRIBUTES} attributes"
            )

    def end(self, tag: str | bytes) -> None:  # noqa: ARG002
        self._depth -= 1

    def data(self, data: str | bytes) -> None:
        self._load += self._depth * len(data)
        if self._load > MAX_LOAD:
            raise Permanent("too-large", "the page nests too much text too deeply")

    def comment(self, text: str | bytes) -> None: ...

    def close(self) -> None: ...
