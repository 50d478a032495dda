"""The lines of a text and what each looks like by itself, whatever stands around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.characters import BLANKS, CAPITAL
from worker.core.clean.segments import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

_CREDIT_WINDOW: Final = 120  # characters at a line's end that a photo credit may take
_MAX_HEADLINE: Final = 250  # characters

_LINK: Final = re.compile(
    r">>+|(?:(?:[ÀA] )?(?:lire|voir)(?: aussi| également| plus)?|(?:read|see) (?:also|more)"
    r"|xem thêm)\s{0,2}:(?=\s{0,3}\w)",
    re.IGNORECASE,
)
_STOP: Final = re.compile(rf"[.!?…](?=\s{CAPITAL})")
_MIN_PARAGRAPH: Final = 80  # characters
_INNER_LINK: Final = re.compile(
    r"[.!?…»”\")]\s{0,2}(?=(?:[ÀA] )?(?:[Ll]ire|[Vv]oir) (?:aussi|également)\s{0,2}:\s{0,3}\w"
    r"|(?:[Rr]ead|[Ss]ee) (?:also|more)\s{0,2}:\s{0,3}\w|[Xx]em thêm\s{0,2}:\s{0,3}\w)"
)
_CREDIT: Final = re.compile(
    r"""
    [(\[]?
    (?:
      (?:\b(?:Crédits?(?:[ -][Pp]hotos?)?
        |(?:Photos?|PHOTOS?|Photographies?|Images?|Illustrations?|Credit|Ảnh|ẢNH)
         (?:\s(?:d[’']illustration|d[’']archives?|credit|minh\shọa|tư\sliệu))?)\s{0,3}:|©)\s{0,3}
      (?!\s|(?:le|la|les|un|une|des|du|the|an?|những|các|một)\s|l[’'])
      (?P<labelled>(?:[^\s.!?:"]|[.!?](?=\S)|(?<=\b[^\W\d_])\.(?=\s)|(?<=\S)\s{1,2}(?=\S)){1,80}?)
    |
      # a fragment after a sentence: "Photo diffusée par l’agence"
      (?<=[.!?…)»”"]\s)Photos?\s(?:by\s|de\s|par\s)?(?P<fragment>[^.!?:]{1,60}?)
    |
      (?<=[.!?…)»”"]\s)[-–—]\s?(?P<behind>[A-Z]{2,10}(?:/[A-Z]{2,10}){0,3})\sPhotos?
    |
      (?<=[.!?…)»”"]\s)(?:VNA|VNS)\sPhotos?\s(?P<named>[^.!?:]{2,60}?)
    |
      # "/Photo prise le 3 avril/REUTERS/Lan Roy", "(AP Photo/Lan Roy)"
      (?:(?<=[.!?…»”")]\s)|(?<=\())/?(?:(?:File\s)?[Pp]hoto[^./()\n]{0,40}/)?
      (?P<slashed>(?:AP|AFP|EFE|EPA|PTI|REUTERS|Reuters|Xinhua|VNA)(?:\sPhoto)?/[^\W\d_][^.!?:/()\n]{1,40})
    |
      # "(photo d’archives)" says whose it is by not saying it
      \((?P<unnamed>(?:[Pp]hoto|[Ii]mage|[Ii]llustration|[Ảả]nh)\s[^()\n]{3,40})\)
    )
    \s?[)\].]{0,2}$
    """,
    re.VERBOSE,
)
_NUMBERED: Final = re.compile(r"\bảnh\s\d{1,2}(?!\d|D\b)")

_CAPTION: Final = re.compile(
    r"À (?:droite|gauche)\s?:|(?:[Dd]e gauche à droite|[Dd]e droite à gauche"
    r"|Ci-(?:dessus|contre|dessous)"
    r"|Légende|LÉGENDE|Legend|CAPTION|Caption|Leyenda|LEYENDA|From left(?: to right)?|Left to right"
    r"|Chú thích(?: ảnh)?|Từ trái (?:sang|qua)(?: phải)?)\s?[:,]"
)
_BULLET: Final = re.compile(r"(?:[-–—+]\s{1,3}|[•*·▪►▶➤]\s{0,3})(?=\S)")
_CLOSING: Final = "»”\"’')]" + BLANKS
_NO_HEADLINE: Final = (".", ":", ";", ",", "。", "！", "？", "।", "؟")


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


def find_inner_link(text: str, line: Stretch) -> Stretch | None:
    """A link to another story at the end of a paragraph: ``… la ville. À lire aussi : Le port``."""
    for found in _INNER_LINK.finditer(text, *line):
        link = Stretch(found.end(), line.end)
        if is_headline(text, link):
            return link
    return None


def find_link(text: str, line: Stretch) -> Stretch | None:
    """The headline that a link line names: ``>> Headline``.

    Where it ends as a sentence does and a paragraph goes on behind it, it ends there.
    """
    found = _LINK.match(text, line.start, line.end)
    headline = Stretch(found.end(), line.end).trimmed(text) if found else None
    stop = _STOP.search(text, *headline) if headline else None
    if headline and stop and line.end - stop.end() >= _MIN_PARAGRAPH:
        return Stretch(headline.start, stop.end())
    return headline


class Credit(NamedTuple):
    """A photo credit at the end of a line, and whose picture it says it is."""

    stretch: Stretch
    owner: Stretch | None


def find_credit(text: str, line: Stretch) -> Credit | None:
    """The photo credit that ends the line: ``… Photo : VNA/CVN``."""
    found = _CREDIT.search(text, max(line.start, line.end - _CREDIT_WINDOW), line.end)
    if not found:
        return None
    named = found.lastgroup != "unnamed"
    owner = Stretch(*found.span(found.lastgroup or 0)) if named else None
    return Credit(Stretch(found.start(), line.end), owner)


def find_number(text: str, line: Stretch) -> Stretch | None:
    """A picture's number that is glued into the line: ``Headline ảnh 1The minister …``."""
    found = _NUMBERED.search(text, line.start, line.end)
    if found and (found.end() == line.end or text[found.end()].isupper()):
        return Stretch(*found.span())
    return None


def opens_caption(text: str, line: Stretch) -> bool:
    """Whether the line begins as only captions do: ``De gauche à droite : …``, ``LÉGENDE : …``."""
    return _CAPTION.match(text, *line) is not None


def unbulleted(text: str, line: Stretch) -> Stretch:
    """The line without the dash or dot of a list at its head."""
    found = _BULLET.match(text, *line)
    return Stretch(found.end(), line.end) if found else line


def is_headline(text: str, line: Stretch) -> bool:
    """Whether the line could be a headline: short, and not ended as a sentence is."""
    if line.end - line.start > _MAX_HEADLINE or not any(map(str.isalpha, line.of(text))):
        return False
    return not line.of(text).rstrip(_CLOSING).endswith(_NO_HEADLINE)
