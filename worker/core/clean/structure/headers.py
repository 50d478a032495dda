"""Lines that say when a story was published, and nothing of what it tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.dates import DAY, MONTH, read_day
from worker.core.clean.structure.outline import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 200  # characters of a line that is nothing but a header

_LATER: Final = (
    r"dernière\smise\sà\sjour|modifiée?|actualisée?|last\supdated?|modified|cập\snhật\slần\scuối"
)
_UPDATED: Final = r"mise?s?\sà\sjour|updated?|cập\snhật"
_PUBLISHED: Final = (
    r"publiée?s?|date_?published|publication|mise?\sen\sligne|postée?|parue?|parution|diffusée?|créée?|date"
    r"|published|posted|issued|released|created|đăng|xuất\sbản"
)
_ENGLISH: Final = re.compile(
    r"published|posted|issued|released|updated|modified|(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
_FLAGS: Final = re.VERBOSE | re.IGNORECASE

_KEYWORD: Final = rf"""
    (?:(?:ce\scontenu|cet\sarticle|this\sarticle|article)\s(?:a\sété|was|est)\s)?
    (?:(?:date|heure|ngày|giờ|thời\sgian|article)\s(?:de\s|of\s|d[’'])?)?
    (?:(?P<later>{_LATER})|(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))\b
    (?:\s(?:le|on|at|ngày|lúc|by|date|vào)\b)*\s?:?
"""
_DAY_MONTH: Final = rf"[0-9]{{1,2}}(?:er)?\s(?:{MONTH})|(?:{MONTH})\s[0-9]{{1,2}}"
_KEYWORDS: Final = ("published", "updated", "later")
_TOKEN: Final = re.compile(
    rf"""
      {DAY}
    | T?[0-2]?[0-9]\s?[:hH]\s?[0-5][0-9](?:[:.][0-9]{{2,6}}){{0,2}}(?:\s?[ap]\.?m\b\.?)?
    | (?<![0-9])[0-2]?[0-9]\s?(?:h|[ap]\.?m\.?)\b
    | \(?(?:GMT|UTC|[CEW]EST|[CEW]ET|[IJK]ST|[EP][SD]T|BST|WAT|WIB|ICT|SGT|HKT|PHT)\b
      \s?(?:[+-][0-9]{{1,2}}(?::?[0-9]{{2}})?)?\)?
    | (?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})\b
    | \((?:heure\s(?:locale|de\s\w{{3,12}})|local\stime)\)
    | (?:lun|mar|mercre|jeu|vendre|same)di\b | dimanche\b
    | (?:mon|tues|wednes|thurs|fri|satur|sun)day\b
    | thứ\s(?:hai|ba|tư|năm|sáu|bảy)\b | chủ\snhật\b
    | {_KEYWORD}
    | (?P<yearless>{_DAY_MONTH})(?![\w/-])
    | [0-9]{{1,2}}\s?min(?:utes?)?(?:\s(?:de\slecture|read))?\b
    | (?P<link>(?:le|à|at|on|de|lúc|ngày|vào|et|and|date)\b | [-–—|,;:•·/()\[\]])
    """,
    _FLAGS,
)
_PREFIX: Final = re.compile(rf"\s?(?:{_KEYWORD})\s?(?:(?:le|on|the|ngày)\s)?(?:{DAY})", _FLAGS)
_INSIDE: Final = re.compile(
    rf"(?<=\S)\s{{0,3}}(?=(?:Publiée?|Mise?\sen\sligne|Postée?|Published|Posted|Ngày\sđăng)\b"
    rf"(?:\s(?:le|on))?\s?:?\s{{0,2}}(?i:{DAY}))",
    re.VERBOSE,
)
_BLANKS: Final = re.compile(r"\s{0,8}")


class Header(NamedTuple):
    """A header and its parts: ``published`` or ``updated`` where it states such a day."""

    pieces: tuple[Piece, ...]
    end: int
    """Where the rest of the line begins, which is none of the header's."""


def find_header(text: str, line: Stretch, *, opening: bool) -> Header | None:
    """The header that the line is or begins with.

    ``Publié le 10/03/2026 à 14:05 - Mis à jour le 11/03/2026`` is one as a whole; only in the
    file's ``opening`` is a line that is but a day and a time: ``Mardi 10 mars 2026, 08h30``. A
    line may begin with one that says what it is and goes on with a headline:
    ``date 2026-03-10 Vietnam - Corée : échanges``.
    """
    tokens, end = _read(text, line)
    if not any(_is_day(token) or (opening and token["yearless"]) for token in tokens):
        return None
    keyword = any(token[name] for token in tokens for name in _KEYWORDS)
    if end < line.end:
        prefix = _PREFIX.match(text, line.start, line.end)
        if not prefix or not _may_go_on(text, prefix, Stretch(end, line.end)):
            return None
    elif not (keyword or opening) or line.end - line.start > _LONGEST:
        return None
    return Header(tuple(_split(text, Stretch(line.start, end), tokens)), end)


def find_inner_header(text: str, line: Stretch) -> int | None:
    """Where a header begins that was glued to a headline: ``Le port rouvre Publié le 3/5/2026``."""
    found = _INSIDE.search(text, line.start, min(line.end, line.start + _LONGEST))
    return found.end() if found else None


def _read(text: str, line: Stretch) -> tuple[list[re.Match[str]], int]:
    """The header's words from the start of the line, and where they end."""
    tokens: list[re.Match[str]] = []
    at = line.start
    while at < min(line.end, line.start + _LONGEST):
        token = _TOKEN.match(text, at, line.end)
        if not token or token.end() == at:
            break
        tokens.append(token)
        blanks = _BLANKS.match(text, token.end(), line.end)
        at = blanks.end() if blanks else token.end()
    # A word between two days or hours may as well begin what follows: ``Le Vietnam en finale``.
    while at < line.end and tokens and tokens[-1]["link"]:
        at = tokens.pop().start()
    return tokens, at


def _is_day(token: re.Match[str]) -> bool:
    return any(token[form] for form in ("iso", "figures", "day_first", "month_first", "vietnamese"))


def _may_go_on(text: str, prefix: re.Match[str], rest: Stretch) -> bool:
    """Whether a headline may follow: no sentence that only begins as a header does.

    ``Publié le 10 mars 2026, le rapport montre …`` writes the month out and goes on small.
    """
    figures = prefix["iso"] or prefix["figures"]
    return bool(figures) and text[rest.start] not in ",;" and not text[rest.start].islower()


def _split(text: str, header: Stretch, tokens: list[re.Match[str]]) -> Iterator[Piece]:
    stated = _stated(text, header, tokens)
    if stated is None:
        yield from _part(text, header)
        return
    yield from _part(text, Stretch(header.start, stated.stretch.start))
    yield stated
    yield from _part(text, Stretch(stated.stretch.end, header.end))


def _part(text: str, stretch: Stretch) -> Iterator[Piece]:
    shown = stretch.trimmed(text)
    if shown:
        yield Piece("header", shown)


def _stated(text: str, header: Stretch, tokens: list[re.Match[str]]) -> Piece | None:
    """The day of publication, or else of an update.

    Sites that print but one day often call it an update. One that is said to be the last of them
    tells nothing of the first: ``Dernière mise à jour : 12 mai 2026``.
    """
    english = _ENGLISH.search(text, *header) is not None
    updated: Piece | None = None
    keyword = "published"
    for token in tokens:
        keyword = next((name for name in _KEYWORDS if token[name]), keyword)
        if _is_day(token) and keyword != "later" and read_day(token, english=english):
            if keyword == "published":
                return Piece("published", Stretch(*token.span()))
            updated = updated or Piece("updated", Stretch(*token.span()))
    return updated
