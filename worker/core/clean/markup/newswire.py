"""XML newswire: NewsML-G2, NITF, and NewsML 1 with either NITF or paragraphs inside.

Elements are found by their local names, since agencies' namespaces vary. What the parts mean:
IPTC's NewsML-G2 Guidelines (https://iptc.org/std/NewsML-G2/guidelines/) and NITF documentation
(https://iptc.org/standards/nitf/).
"""

from __future__ import annotations

import re
from html.entities import html5
from itertools import islice
from typing import TYPE_CHECKING, Final

from lxml import etree

from worker.core.clean.markup.fragments import parse_page
from worker.core.clean.markup.story import (
    BLOCKS,
    CONTROLS,
    MAX_ELEMENTS,
    NEWSWIRE,
    Story,
    byline,
    day,
    language,
    local_name,
    paragraphs,
    plain,
    text_of,
)
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Iterator

_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_PREDEFINED: Final = frozenset({"amp", "apos", "gt", "lt", "quot"})
_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_MOST_WRITERS: Final = 10
_MOST_ITEMS: Final = 50  # of a message that are looked at

_NITF_BLOCKS: Final = BLOCKS | {"block", "bq", "hl2", "body.content", "body.end", "note", "credit"}
_NITF_SKIP: Final = frozenset(
    {"media", "table", "nitf-table", "fn", "object", "body.end", "credit", "note"}
)
_XHTML_SKIP: Final = frozenset(
    {"figure", "figcaption", "head", "script", "style", "table", "aside", "nav"}
)
_DASHES: Final = ("-", "–", "—")


def read(text: str, start: int) -> Story:
    """The first text of a newswire document whose root element begins at ``start``.

    Raises ``Permanent``: "unsupported" where it is other XML or cannot be read, "no-body" where
    no item holds text, "too-large" where it has too many elements.
    """
    root = _parse(text, start)
    name = local_name(root)
    if name == "nitf":
        return _nitf(root)
    if name == "NewsML":
        return _newsml_1(root)
    if name not in NEWSWIRE:
        raise Permanent("unsupported", f"<{name[:40]}> is neither HTML, NewsML nor NITF")
    # A message may hold pictures, and several stories: one file is one story, its first.
    story = next(filter(None, map(_news_item, islice(_named(root, "newsItem"), _MOST_ITEMS))), None)
    if not story:
        raise Permanent("no-body", "no item of the NewsML-G2 document holds text")
    return story


def _parse(text: str, start: int) -> etree._Element:
    """The root element, read without anything before it.

    A document type can make a parser expand entities or open files; here it never sees one.
    HTML's named letters, which a document type would have declared, are put in beforehand.
    """
    document = _ENTITY.sub(_letter, CONTROLS.sub("", text[start:]))
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        line = text.count("\n", 0, start) + (error.lineno or 1)
        raise Permanent("unsupported", f"its XML cannot be read beyond line {line}") from None
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise Permanent("too-large", f"the XML has more than {MAX_ELEMENTS} elements")
    return root


def _letter(reference: re.Match[str]) -> str:
    if reference[1][:-1] in _PREDEFINED:
        return reference[0]
    return html5.get(reference[1], reference[0])


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """The elements of this local name, the root included, in the document's order."""
    return (element for element in root.iter() if local_name(element) == name)


def _find(root: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element that lies on a path of local names, other elements between allowed."""
    for name in path:
        if root is None:
            return None
        root = next((each for each in _named(root, name) if each is not root), None)
    return root


def _value(root: etree._Element | None, attribute: str) -> str | None:
    return root.get(attribute) if root is not None else None


def _nitf(root: etree._Element) -> Story:
    """Title, text and so on of a NITF document."""
    head = _find(root, "body.head")
    content = _find(root, "body.content")
    if content is None:
        raise Permanent("no-body", "the NITF document has no body.content")
    told = list(paragraphs(content, _NITF_BLOCKS, _NITF_SKIP))
    dates = (_find(root, name) for name in ("date.issue", "date.release", "story.date"))
    return Story(
        "nitf",
        text_of(_find(head, "hl1")) or text_of(_find(root, "title")),
        _with_dateline(text_of(_find(head, "dateline")), told),
        next(filter(None, (day(_value(each, "norm")) for each in dates)), None),
        byline(_writers(head, "byline")),
        language(root.get(_XML_LANG)) or language(_value(_find(root, "body"), _XML_LANG)),
    )


def _writers(root: etree._Element | None, name: str) -> list[str | None]:
    """The persons in the first byline, or its whole text where it marks none."""
    line = _find(root, name)
    persons = islice(_named(line, "person"), _MOST_WRITERS) if line is not None else ()
    return [text_of(person) for person in persons] or [text_of(line)]


def _with_dateline(dateline: str | None, told: list[str]) -> tuple[str, ...]:
    """The paragraphs, opened by the dateline unless the first says it already.

    ``Hanoï (VNA) –`` runs into the first paragraph, as in plain text; any other stands alone.
    """
    if not dateline or not told or told[0].startswith(dateline.rstrip(" -–—")):
        return tuple(told)
    if dateline.endswith(_DASHES):
        return (f"{dateline} {told[0]}", *told[1:])
    return (dateline, *told)


def _news_item(item: etree._Element) -> Story | None:
    """The story in a NewsML-G2 item; None where the item holds no text of its own."""
    inside = _inline(item)
    if not inside or not inside.paragraphs:
        return None
    meta, about = _find(item, "itemMeta"), _find(item, "contentMeta")
    # When it first came out; the later ones are of corrections.
    dates = (
        _find(meta, "firstCreated"),
        _find(about, "contentCreated"),
        _find(meta, "versionCreated"),
    )
    creator = _find(about, "creator", "name")
    return Story(
        "newsml-g2",
        text_of(_find(about, "headline")) or inside.title or text_of(_find(meta, "title")),
        _with_dateline(text_of(_find(about, "dateline")), list(inside.paragraphs)),
        next(filter(None, (day(text_of(each)) for each in dates)), inside.published),
        byline(_writers(about, "by")) or inside.byline or byline([text_of(creator)]),
        language(_value(_find(about, "language"), "tag"))
        or inside.language
        or language(item.get(_XML_LANG)),
    )


def _inline(item: etree._Element) -> Story | None:
    content = _find(item, "contentSet")
    for element in content if content is not None else ():
        if local_name(element) == "inlineXML":
            nitf = _find(element, "nitf")
            return _nitf(nitf) if nitf is not None else _xhtml(element)
        if local_name(element) == "inlineData":
            return _inline_data(element)
    return None


def _inline_data(element: etree._Element) -> Story:
    data = "".join(map(str, element.itertext()))
    if "html" in (element.get("contenttype") or ""):
        return _xhtml(parse_page(data))
    # Blank lines part paragraphs where there are any, ends of lines elsewhere.
    pieces = re.split(r"\n[ \t\r]*\n", data)
    told = filter(None, map(plain, pieces if len(pieces) > 1 else data.split("\n")))
    return Story("newsml-g2", None, tuple(told), None, None, None)


def _xhtml(root: etree._Element) -> Story:
    """The text of XHTML that is a story and nothing else; its first h1 is the title."""
    page = _find(root, "html")
    heading = _find(root, "h1")
    title = text_of(heading) or text_of(_find(page, "title"))
    body = _find(root, "body")
    told = list(paragraphs(body if body is not None else root, BLOCKS, _XHTML_SKIP))
    if heading is not None and told[:1] == [title]:
        del told[0]
    return Story("html", title, tuple(told), None, None, language(_value(page, _XML_LANG)))


def _newsml_1(root: etree._Element) -> Story:
    """NewsML 1: NITF where there is some, else the paragraphs of the first content that has any."""
    nitf = _find(root, "nitf")
    if nitf is not None:
        return _nitf(nitf)
    content = next(
        (each for each in _named(root, "DataContent") if _find(each, "p") is not None), None
    )
    if content is None:
        raise Permanent("no-body", "the NewsML document holds neither NITF nor paragraphs")
    inside = _xhtml(content)
    dates = (
        _find(root, "FirstCreated"),
        _find(root, "ThisRevisionCreated"),
        _find(root, "DateAndTime"),
    )
    return Story(
        "html",
        text_of(_find(root, "HeadLine")) or inside.title,
        _with_dateline(text_of(_find(root, "DateLine")), list(inside.paragraphs)),
        next(filter(None, (day(text_of(each)) for each in dates)), None),
        byline([text_of(_find(root, "ByLine"))]),
        language(_value(_find(root, "Language"), "FormalName")) or language(root.get(_XML_LANG)),
    )
