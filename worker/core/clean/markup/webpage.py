"""The story in an HTML page: trafilatura decides what is story, what is around it is left out.

The tree is brought into one shape first (every paragraph a ``p``, words whole), because
trafilatura finds paragraphs by their tags, and takes text that a page parts by ``br`` for none.
"""

from __future__ import annotations

import logging
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

import trafilatura
from lxml import etree, html
from trafilatura.settings import Document, use_config

from worker.core.clean.markup.fragments import parse_page
from worker.core.clean.markup.page_metadata import Metadata, metadata
from worker.core.clean.markup.story import BLOCKS, Story, paragraphs, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_DROPPED: Final = "dropped"
_DISSOLVED: Final = "dissolved"
_NO_TEXT: Final = (
    *("audio", "button", "canvas", "dialog", "embed", "figcaption", "head", "iframe", "img"),
    *("input", "map", "math", "menu", "noscript", "object", "picture", "script", "select"),
    *("style", "svg", "template", "textarea", "video", _DROPPED),
)
_KEPT: Final = BLOCKS | {"a", "br", "span", *_NO_TEXT}
"""All other elements stand in words and sentences, and are dissolved."""
_KEPT_ATTRIBUTES: Final = ("aria-hidden", "class", "href", "id", "itemprop", "role", "style")
"""What trafilatura tells parts of a page by. Others are hostile at worst: cells that span 99 rows
and columns, two thousand of them in 50 kB, kept it busy for four minutes."""

_HOLDERS: Final = ("article", "blockquote", "body", "center", "div", "main", "p", "section")
_BESIDE: Final = frozenset({"div", "p", "span", "td"})
_NAMING: Final = frozenset({"class", "id"})
_CAPTION: Final = re.compile(r"(?:^|[\s_-])(?:caption|legende)(?:$|[\s_-])")
_STORY: Final = re.compile(
    r"(?:article|art|entry|page|text)-content|article(?:-|__)?(?:body|content)|body-text"
    r"|article-?text|post[-_]?(?:body|content|text)|story-?(?:body|content)"
)
"""Names by which trafilatura knows the block of a story."""
_DATE: Final = re.compile(r"(?:^|[\s_-])(?:date|time|timestamp|published|updated)(?:$|[\s_-])")
_LEAD: Final = re.compile(
    r"(?:^|[\s_-])(?:accroche|chapeau|chapo|dek|desc|excerpt|intro|lead|sapo|standfirst|summary)"
    r"(?:$|[\s_-])"
)
_FURNITURE: Final = frozenset({"aside", "footer", "form", "head", "menu", "nav"})
_OUT_BLOCKS: Final = BLOCKS | {"head", "item", "list", "quote"}
_MIN_RUN: Final = 60  # characters of bare text that are a paragraph, not a label
_MIN_CELL: Final = 200  # characters; a cell with more lays the page out
_MIN_LEAD: Final = 30  # characters
_MAX_LEAD: Final = 1_000
_MAX_DATE: Final = 80  # characters, blanks included
_MOST: Final = 0.7  # share of all paragraphs' text that lies in the block of the story
_OPENING: Final = 4  # paragraphs that may say the title again
_SENTENCE_END: Final = re.compile(r"[.!?…][»”\"’')\]]{0,3}$")
_QUOTE_MARKS: Final = "«»“”„\"'‘’ "
_MOST_INLINE: Final = 3_000  # links, and as many spans; their number counts by its square too
_MAX_QUOTES: Final = 20  # of which it is looked at whether they repeat the story


_CONFIG: Final = use_config()
# Below this length it adds paragraphs from all over the page: a brief would end in its neighbours.
_CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", "1")
_CONFIG.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports each page without text


def read(text: str) -> Story:
    """The story in a page, "html"; without paragraphs where none is found.

    Raises ``Permanent``: "too-large" where the page is too intricate, "no-body" where it is empty.
    """
    page = parse_page(text)
    stated = metadata(page)
    _shape(page)
    told = _told(page)
    told = [each for each in told[:_OPENING] if each != stated.title] + told[_OPENING:]
    lead = _lead(page, stated, told) if told else None
    return Story(
        "html",
        stated.title,
        (lead, *told) if lead else tuple(told),
        stated.published,
        stated.byline,
        stated.language,
    )


def _shape(page: HtmlElement) -> None:
    """Leave in the tree what can be text, every paragraph in a ``p``, inline elements dissolved."""
    _drop_pull_quotes(page)
    for element in page.iter():
        _simplify(element)
    for tag, fate in (("a", _DROPPED), ("span", _DISSOLVED)):
        for element in list(islice(page.iter(tag), _MOST_INLINE, None)):
            element.tag = fate
    etree.strip_elements(page, *_NO_TEXT, with_tail=False)
    etree.strip_tags(page, _DISSOLVED)
    _lay_out(page)
    for element in page.iter("span"):
        if next(element.iter("br"), None) is not None:
            element.tag = "div"
    for element in list(page.iter(*_HOLDERS)):
        _gather(element)
    for element in page.iter("p"):
        _dissolve_links(element)
    for element in page.iter("br"):
        element.text, element.tag = " ", _DISSOLVED
    etree.strip_tags(page, _DISSOLVED)
    for element in page.iter():
        # What was dissolved leaves text in pieces, and XPath's time grows with their square.
        element.text, element.tail = element.text, element.tail


def _simplify(element: HtmlElement) -> None:
    """Take from an element what tells nothing about the story, and mark it where it is none."""
    kept = {name: plain(element.get(name)) for name in _KEPT_ATTRIBUTES if name in element.attrib}
    element.attrib.clear()  # at once, for a name may be one that lxml refuses to be asked for
    for name, value in kept.items():
        # trafilatura minds the case of names.
        element.set(name, value.lower() if name in _NAMING else value)
    if element.tag in _BESIDE and _is_beside(element):
        element.tag = _DROPPED
    elif element.tag == "q":
        element.text, element.tail = f"“{element.text or ''}", f"”{element.tail or ''}"
        element.tag = _DISSOLVED
    elif element.tag not in _KEPT or (element.tag == "span" and not element.attrib):
        element.tag = _DISSOLVED


def _is_beside(element: HtmlElement) -> bool:
    """Whether it is marked as a caption, or as a date and holds little else."""
    named = element.get("class") or ""
    if _CAPTION.search(named):
        return True
    return _DATE.search(named) is not None and len(str(element.text_content())) <= _MAX_DATE


def _drop_pull_quotes(page: HtmlElement) -> None:
    """Drop the quotes that say again what the story says."""
    text = plain(page.text_content())
    for quote in list(islice(page.iter("aside", "blockquote"), _MAX_QUOTES)):
        said = plain(quote.text_content()).strip(_QUOTE_MARKS)
        if said and text.count(said) > 1:
            quote.tag = _DROPPED


def _lay_out(page: HtmlElement) -> None:
    """Make plain blocks of the tables that hold the page, and drop those that hold figures."""
    for table in reversed(list(page.iter("table"))):
        cells = list(table.iter("td", "th"))
        if any(len(plain(cell.text_content())) >= _MIN_CELL for cell in cells):
            for part in (table, *table.iter("tbody", "thead", "tfoot", "tr"), *cells):
                part.tag = "div"
        else:
            table.tag = _DROPPED
    etree.strip_elements(page, _DROPPED, with_tail=False)


def _gather(block: HtmlElement) -> None:
    """Put the text that stands bare in a block, or that ``br`` parts, into paragraphs."""
    if block.tag == "p":
        if next(block.iter("br"), None) is None:
            return
        block.tag = "div"
    blocks: list[HtmlElement] = []
    run = _Run(block.text)
    for child in list(block):
        tail, child.tail = child.tail, None
        if child.tag in BLOCKS or next(child.iter(*BLOCKS), None) is not None:
            blocks += run.paragraphs()
            blocks.append(child)
            run = _Run(tail)
        elif child.tag == "br":
            run.end_line(tail)
        else:
            run.add(child, tail)
    blocks += run.paragraphs()
    block.text = None
    block[:] = blocks


def _dissolve_links(paragraph: HtmlElement) -> None:
    """Make words of the links in a sentence: trafilatura takes short text with links for lists."""
    links = list(paragraph.iter("a"))
    linked = sum(len(str(link.text_content())) for link in links)
    if 2 * linked < len(str(paragraph.text_content())):
        for link in links:
            link.tag = _DISSOLVED


class _Run:
    """Text and inline elements that follow each other in a block, and the lines that they make."""

    def __init__(self, text: str | None) -> None:
        self._lines: list[HtmlElement] = []
        self.end_line(text)

    def end_line(self, text: str | None) -> None:
        """Begin another line, which opens with this text."""
        line = html.Element(_DISSOLVED)
        line.text = text
        self._lines.append(line)

    def add(self, element: HtmlElement, tail: str | None) -> None:
        """Go on in the line with an element and the text behind it."""
        element.tail = tail
        self._lines[-1].append(element)

    def paragraphs(self) -> Iterator[HtmlElement]:
        """The lines as blocks: a sentence ends one, an empty line does, another end goes on."""
        block: HtmlElement | None = None
        length, said = 0, ""
        for line in self._lines:
            said_here = plain(line.text_content())
            if block is not None and (not said_here or _SENTENCE_END.search(said)):
                yield _paragraph(block, length, said)
                block, length = None, 0
            if said_here:
                if block is None:
                    block = html.Element("div")
                line.tail = " "
                block.append(line)
                length, said = length + len(said_here), said_here
        if block is not None:
            yield _paragraph(block, length, said)


def _paragraph(block: HtmlElement, length: int, last: str) -> HtmlElement:
    """The block as a paragraph if it is long enough or ends as a sentence does, not as a label."""
    if length >= _MIN_RUN or _SENTENCE_END.search(last):
        block.tag = "p"
    return block


def _told(page: HtmlElement) -> list[str]:
    """The paragraphs of the story; of the whole page where it is too small to tell them apart."""
    _mark_story(page)
    document = trafilatura.bare_extraction(
        page, favor_precision=True, include_comments=False, include_tables=False, config=_CONFIG
    )
    told = list(paragraphs(document.body, _OUT_BLOCKS)) if isinstance(document, Document) else []
    return told or list(paragraphs(page, BLOCKS, _FURNITURE))


def _mark_story(page: HtmlElement) -> None:
    """Mark the smallest block with most of the paragraphs, where nothing marks the story.

    trafilatura would gather paragraphs all over the page then, and leave out headings and lists.
    """
    if any(map(_is_marked, page.iter("article", "div", "main", "section"))):
        return
    lengths: dict[HtmlElement, int] = {}
    for _, element in etree.iterwalk(page, ("end",)):
        own = len(plain(element.text_content())) if element.tag == "p" else 0
        if element.tag not in _FURNITURE:
            lengths[element] = own or sum(lengths.get(child, 0) for child in element)
    least = _MOST * lengths.get(page, 0)
    block = page
    while inner := [each for each in block if lengths.get(each, 0) > least and _is_several(each)]:
        block = inner[0]
    story = html.Element("div", itemprop="articleBody")
    story[:] = list(block)
    block.append(story)


def _is_several(block: HtmlElement) -> bool:
    return next(islice(block.iter("p"), 1, None), None) is not None


def _is_marked(element: HtmlElement) -> bool:
    return (
        element.tag == "article"
        or element.get("itemprop") == "articleBody"
        or any(_STORY.search(element.get(name) or "") for name in ("class", "id"))
    )


def _lead(page: HtmlElement, stated: Metadata, told: list[str]) -> str | None:
    """The summary between title and story, where trafilatura took it for no part of the story."""
    below = False
    for element in page.iter("div", "h1", "h2", "p", "section"):
        below = below or element.tag == "h1"
        shown = str(element.text_content()) if below and len(element) < _OPENING else ""
        said = plain(shown) if len(shown) <= 2 * _MAX_LEAD else ""
        if said and said == told[0]:
            return None
        marked = _LEAD.search(element.get("class") or "") is not None
        if _MIN_LEAD <= len(said) <= _MAX_LEAD and (marked or said == stated.description):
            return None if said in told else said
    return None
