"""Characters that show nothing, and the one composed form that all text is kept in."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DIRECTIONS: Final = "\u200e\u200f" + "".join(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Characters that turn the direction of writing."""

INVISIBLE: Final = "\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff" + DIRECTIONS
"""Characters without width: soft hyphen, zero-width spaces and joiners, direction marks."""

CONTROLS: Final = "".join(
    map(chr, (*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)))
)
"""Control characters that are no blanks: no part of any text."""

BLANKS: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + INVISIBLE + CONTROLS
"""Every character that shows nothing, to be given to ``str.strip``."""

_SMALL: Final = "".join(filter(str.islower, map(chr, (*range(0x250), *range(0x1E00, 0x1F00)))))
CAPITAL: Final = rf"[^\W\d_{_SMALL}]"
"""A letter that is not small, for a pattern: of French and Vietnamese too."""

IN_SILENT: Final = re.escape(INVISIBLE + CONTROLS)
"""What neither shows nor parts two words, to stand between a pattern's square brackets."""

SILENT: Final = dict.fromkeys(map(ord, INVISIBLE + CONTROLS))
"""For ``str.translate``: takes out what neither shows nor parts two words."""

_INVISIBLE_RUN: Final = re.compile(f"[{INVISIBLE}]+")
_MAX_MARKS: Final = 30  # Unicode's Stream-Safe Text Format (UAX #15)
_GRAPHEME_JOINER: Final = "\u034f"
_LONG_RUN: Final = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")


def squeeze(text: str) -> str:
    """The text without characters of no width, each run of blanks one space, none outside."""
    return " ".join(_INVISIBLE_RUN.sub("", text).split())


def nfc(text: str) -> str:
    """The text in Unicode's composed form, in time linear in its length."""
    return unicodedata.normalize("NFC", _LONG_RUN.sub(_break_marks, text))


def _break_marks(run: re.Match[str]) -> str:
    # Normalising sorts the marks on one letter by insertion: unbroken, a file made of marks
    # would keep a worker busy for hours.
    pieces: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MAX_MARKS:
            pieces.append(_GRAPHEME_JOINER)
            marks = 1
        pieces.append(character)
    return "".join(pieces)
