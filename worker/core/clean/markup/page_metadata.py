"""What a page says about its story: title, date, writers, language.

Only statements are read. trafilatura's own metadata would do for titles, but its dates come from
htmldate, which guesses where none is stated, from addresses and copyright lines too.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from worker.core.clean.markup.story import BLOCKS, byline, day, language, paragraphs, plain, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

_PUBLISHED: Final = (
    *("article:published_time", "article:published", "og:published_time", "datepublished"),
    *("date.issued", "dc.date.issued", "dcterms.issued", "dcterms.date.issued", "pubdate"),
    *("publishdate", "publish-date", "publish_date", "publication_date", "parsely-pub-date"),
    *("citation_publication_date", "sailthru.date"),
)
_AUTHOR: Final = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author")
_SITE: Final = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_LANGUAGE: Final = ("og:locale", "content-language", "language", "dc.language")

_ARTICLE: Final = re.compile(r"Article$|Posting$|^Report$")
_NESTED: Final = ("@graph", "mainEntity")
_BYLINE_CLASS: Final = re.compile(
    r"(?:^|\s)(?:(?:article|entry|post|story)[-_]+)*(?:author|auteur|byline|signature)(?:[-_]+name)?(?:\s|$)",
    re.IGNORECASE,
)
_PUBLISHED_CLASS: Final = re.compile(r"publi[sé]|publication|pubdate|entry-date", re.IGNORECASE)
_PUBLISHED_TEXT: Final = re.compile(r"(?:publié|mis en ligne|published|posted)\b", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"\s+[|•·–—-]\s+|\s+::\s+|\s+»\s+")
_MAX_SITE_WORDS: Final = 4
_MAX_TITLE: Final = 300  # characters
_MOST_LINES: Final = 200  # of the page, among which its title may stand
_MOST_MARKED: Final = 10  # elements that are marked as bylines


class Metadata(NamedTuple):
    """What the page states; None where it does not."""

    title: str | None
    description: str | None
    published: str | None
    byline: str | None
    language: str | None


def metadata(page: HtmlElement) -> Metadata:
    """The statements of a parsed page, from which nothing was taken away yet."""
    meta = _meta(page)
    linked = _linked(page)
    return Metadata(
        _title(page, meta, linked),
        _first(meta, ("og:description", "description")),
        _published(page, meta, linked),
        _byline(page, meta, linked),
        _language(page, meta),
    )


def _meta(page: HtmlElement) -> dict[str, str]:
    """What the page's ``meta`` elements say, each name's first statement."""
    told: dict[str, str] = {}
    for element in page.iter("meta"):
        name = (
            element.get("property")
            or element.get("name")
            or element.get("itemprop")
            or element.get("http-equiv")
            or ""
        )
        content = plain(element.get("content"))
        if content:
            told.setdefault(name.strip().lower(), content)
    return told


def _linked(page: HtmlElement) -> Mapping[str, Any]:
    """The page's first article in JSON-LD; empty where it has none."""
    for element in page.iter("script"):
        if (element.get("type") or "").strip().lower() == "application/ld+json":
            try:
                stated = json.loads(element.text or "", strict=False)
            except (ValueError, RecursionError):
                continue  # broken statements state nothing
            for thing in _things(stated):
                if any(map(_ARTICLE.search, _strings(thing.get("@type")))):
                    return thing
    return {}


def _things(stated: Any) -> Iterator[Mapping[str, Any]]:
    """The things that JSON-LD is about, not those that these mention."""
    left = [stated]
    while left:
        thing = left.pop()
        if isinstance(thing, list):
            left.extend(reversed(thing))
        elif isinstance(thing, dict):
            yield thing
            left.extend(thing[key] for key in _NESTED if key in thing)


def _strings(stated: Any) -> list[str]:
    """One string, several, or the names of things, as a list."""
    values = stated if isinstance(stated, list) else [stated]
    named = (value.get("name") if isinstance(value, dict) else value for value in values)
    return [value for value in named if isinstance(value, str)]


def _first(told: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((told[name] for name in names if name in told), None)


def _title(page: HtmlElement, meta: Mapping[str, str], linked: Mapping[str, Any]) -> str | None:
    """The title as the page shows it, else as it states it, without the site's name."""
    shared = _first(meta, ("og:title", "twitter:title", "headline"))
    stated = [shared, *_strings(linked.get("headline")), text_of(page.find(".//title"))]
    titles = [title for each in stated if (title := plain(each)[:_MAX_TITLE].strip())]
    sites = {site for name in _SITE if (site := meta.get(name))}
    sites.update(map(plain, _strings(linked.get("publisher"))))
    headings = [heading for each in page.iter("h1") if (heading := text_of(each))]
    lines = islice(paragraphs(page, BLOCKS, {"head", "script", "style"}), _MOST_LINES)
    shown = [
        each
        for each in (*headings, *lines)
        if each not in sites and any(_says(title, each) for title in titles)
    ]
    if shown:
        # A site's own name may stand above the story too, and is the shorter of the two.
        return max(shown, key=len)
    if titles:
        return _without_site(titles[0], sites, certain=shared is None and len(titles) == 1)
    return headings[0][:_MAX_TITLE] if len(headings) == 1 else None


def _says(title: str, heading: str) -> bool:
    """Whether a title is the heading, alone or with a site's name before or behind it."""
    title, heading = title.casefold(), heading.casefold()
    ends = _SEPARATOR.finditer(title) if heading in title else ()
    return heading == title or any(
        heading in {title[: found.start()], title[found.end() :]} for found in ends
    )


def _without_site(title: str, sites: Collection[str], *, certain: bool) -> str:
    """The title without the site's name behind it, which is known or has the shape of one."""
    separator = next(reversed(list(_SEPARATOR.finditer(title))), None)
    if not separator:
        return title
    behind = title[separator.end() :]
    shaped = (
        (certain or "|" in separator[0])
        and len(behind.split()) <= _MAX_SITE_WORDS
        and not any(map(str.isdigit, behind))
    )
    known = behind.casefold() in {site.casefold() for site in sites}
    return title[: separator.start()] if known or shaped else title


def _published(page: HtmlElement, meta: Mapping[str, str], linked: Mapping[str, Any]) -> str | None:
    """The day that the page says it was published on; no day of a change or a copyright."""
    stated = [*_strings(linked.get("datePublished")), *(meta.get(name) for name in _PUBLISHED)]
    found = next(filter(None, map(day, stated)), None)
    return found or next(filter(None, map(_timed, page.iter("time", "span", "abbr", "p"))), None)


def _timed(element: HtmlElement) -> str | None:
    """The day in an element that says that it is the day of publication."""
    when = element.get("datetime") or element.get("content") or element.get("title")
    if not when or not day(when):
        return None
    itemprop = (element.get("itemprop") or "").lower()
    if itemprop == "datepublished" or "pubdate" in element.attrib:
        return day(when)
    if itemprop or element.tag != "time":
        return None
    parent = element.getparent()
    before = (parent.text if parent is not None and parent[0] is element else None) or ""
    said = f"{plain(before)} {plain(element.text)}".strip()
    published = _PUBLISHED_TEXT.match(said) or _PUBLISHED_CLASS.search(element.get("class") or "")
    return day(when) if published else None


def _byline(page: HtmlElement, meta: Mapping[str, str], linked: Mapping[str, Any]) -> str | None:
    """The writers: from JSON-LD, ``meta``, or the first element that is marked as a byline."""
    sites = {site.casefold() for name in _SITE if (site := meta.get(name))}
    stated: list[list[str]] = [_strings(linked.get("author"))]
    stated += [[meta[name]] for name in _AUTHOR if name in meta]
    for names in stated:
        found = byline(names)
        if found and found.casefold() not in sites:
            return found
    marked = filter(_is_byline, page.iter("a", "address", "div", "p", "span"))
    shown = (byline([text_of(each)]) for each in islice(marked, _MOST_MARKED))
    return next(filter(None, shown), None)


def _is_byline(element: HtmlElement) -> bool:
    return (
        "author" in (element.get("rel") or "").split()
        or "author" in (element.get("itemprop") or "").split()
        or _BYLINE_CLASS.search(element.get("class") or "") is not None
    )


def _language(page: HtmlElement, meta: Mapping[str, str]) -> str | None:
    root = page.getroottree().getroot()
    stated = (root.get("lang"), root.get("xml:lang"), *(meta.get(name) for name in _LANGUAGE))
    return next(filter(None, map(language, stated)), None)
