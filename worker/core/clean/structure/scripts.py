"""Lines of programs, style sheets and tags that leaked from a page into its text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from worker.core.clean.segments import Stretch

_LONGEST: Final = 20_000  # characters of a line that are looked at

_STATEMENT: Final = re.compile(
    r"""
      \bfunction\s?\w{0,40}\s?\(                          # (function() {
    | \b(?:window|document|dataLayer|googletag|console|jQuery|navigator)\s?[.\[(]
    | \b(?:gtag|fbq|ga|require|define)\s?\(\s?['"\[]
    | \b(?:var|let|const)\s[\w$]{1,60}\s?(?:=|;|,\s?\w)
    | ^\s?(?:if|for|while|switch|try|catch|else)\s?[({].*[{;)]
    | \$\(\s?['"#.]
    | =>\s?[{(]
    | \)\s?;\s?$ | \}\s?\)?\s?\(?\)?\s?[;,]?\s?$
    | ^[\s{}()\[\];,]{1,20}$
    | ^//\s?<?!?\[?CDATA | ^<!--.*-->$ | ^(?:<!--|-->|\]\]>)
    """,
    re.VERBOSE,
)
_RULE: Final = re.compile(
    r"[.\#@*]?[\w-][^{}]{0,300}\{(?:[^{}:]{0,100}:[^{}]{0,400})?\}?"
    r"|(?:[a-z-]{2,40}:\s?[^:;{}]{1,120};\s?){1,12}"
)
_CERTAIN: Final = re.compile(
    r"/\*.*\*/|@(?:media|import|font-face|keyframes|charset)\b.*"
    r"|[\"'][\w$@-]{1,60}[\"']\s?:\s?(?:[\"'\[{].*|\w{1,40}),?"
)
_JSON: Final = re.compile(r"[\[{]\s?[\"'{\[].*[\]}][;,]?")
_TAG: Final = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,1000}=[^<>]{0,1000}|\s?/)?>|<!--"
    r"|&(?:nbsp|amp|lt|gt|quot|#\d{1,6});"
)
_SCRIPT: Final = re.compile(r"</?(?:script|style|noscript|iframe|ins)\b", re.IGNORECASE)
_LONGEST_TAG: Final = 300  # characters
_ELEMENT: Final = r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,150}=[^<>]{0,150}|\s?/)?>"
_MARK: Final = re.compile(rf"\s?{_ELEMENT}\s?")
_MARK_BEFORE: Final = re.compile(rf"\s?{_ELEMENT}\s?$")
_CODE_SIGNS: Final = frozenset("{};=<>$\\|&")
_MIN_CODE: Final = 0.04  # share of such signs; prose has next to none of them


def is_script(text: str, line: Stretch) -> bool:
    """Whether the line is code: ``window.dataLayer = …``, ``.class{color:red}``, ``<br/>``.

    A sentence that names a function or quotes a tag is none: code has few words and many signs.
    """
    shown = text[line.start : min(line.end, line.start + _LONGEST)]
    if _CERTAIN.fullmatch(shown):
        return True
    if not _CODE_SIGNS.intersection(shown):
        return False
    if _SCRIPT.match(shown) or _JSON.fullmatch(shown):
        return True
    bare = _TAG.sub("", shown)
    if not bare.strip():
        return True
    if _RULE.fullmatch(shown):
        return True
    signs = sum(map(shown.count, _CODE_SIGNS))
    return signs >= _MIN_CODE * len(shown) and _STATEMENT.search(shown) is not None


class Tagged(NamedTuple):
    """A line without the tags at its ends."""

    inside: Stretch
    around: tuple[Stretch, ...]


def edge_tags(text: str, line: Stretch) -> Tagged | None:
    """The line that stands between tags that leaked: ``<p class="x">Le port rouvre.</p>``."""
    if text[line.start] != "<" and text[line.end - 1] != ">":
        return None
    start, end = line
    while found := _MARK.match(text, start, end):
        start = found.end()
    while found := _MARK_BEFORE.search(text, max(start, end - _LONGEST_TAG), end):
        end = found.start()
    inside = Stretch(start, end).trimmed(text)
    if not inside or inside == line:
        return None
    around = (Stretch(line.start, inside.start), Stretch(inside.end, line.end))
    return Tagged(inside, tuple(shown for each in around if (shown := each.trimmed(text))))
