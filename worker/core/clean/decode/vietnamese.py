"""The two legacy encodings of Vietnamese that Python has no codec for: TCVN3 and VNI.

Sources of the tables, as facts: TCVN 5712-1 as glibc's charmap has it (``iconv -f TCVN5712-1``);
TCVN 5712-3 ("TCVN3", the ABC fonts) and VNI for Windows as in the tables of xvnkb and of
vietnamese-conversion on npm, which agree with it and with each other.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from worker.core.characters import nfc

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOWS: Final = "".join(
    bytes((byte,)).decode("cp1252", "replace").replace("\ufffd", chr(byte)) for byte in range(256)
)
"""cp1252, its five undefined bytes as in Latin-1: every byte has a character."""

_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = _TONES = "\u0300\u0309\u0303\u0301\u0323"

_VSCII_CONTROLS: Final = dict(
    zip(
        (0x01, 0x02, 0x04, 0x05, 0x06, *range(0x11, 0x18)),
        "ÚỤỪỬỮỨỰỲỶỸÝỴ",
        strict=True,
    )
)
_VSCII_HIGH: Final = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    "\xa0ĂÂÊÔƠƯĐăâêôơưđẰ" + _TONES + "àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ"
)
_BARE_CAPITALS: Final = "ĂÂÊÔƠƯĐ"

VSCII: Final = "".join(_VSCII_CONTROLS.get(byte, chr(byte)) for byte in range(0x80)) + _VSCII_HIGH
"""TCVN 5712-1: toned capitals stand where others have control characters."""

TCVN3: Final = WINDOWS[:0x80] + "".join(
    letter if letter.islower() or letter in _BARE_CAPITALS else windows
    for letter, windows in zip(_VSCII_HIGH, WINDOWS[0x80:], strict=True)
)
"""TCVN 5712-3: no toned capitals, and where 5712-1 has them, what Windows shows there."""


_CAPITALS: Final = {
    bare + nfc(bare + tone).lower(): nfc(bare + tone) for bare in "AĂÂEÊIOÔƠUƯY" for tone in _TONES
}
"""How some programs write a toned capital in TCVN3: the bare capital, then the small letter."""
_TONED_SMALL: Final = frozenset(pair[1] for pair in _CAPITALS)


def _classes(pairs: Mapping[str, str]) -> re.Pattern[str]:
    """One alternative for each first letter: ``A[àá]|E[èé]``."""
    ordered = sorted(pairs)
    return re.compile(
        "|".join(
            f"{first}[{''.join(pair[1] for pair in group)}]"
            for first, group in groupby(ordered, key=lambda pair: pair[0])
        )
    )


_CAPITAL_PAIR: Final = _classes(_CAPITALS)


def from_tcvn3(text: str) -> str:
    """Put toned capitals right in text that was read with ``TCVN3``.

    The encoding has none: a font of capitals shows the small letters' codes. Programs that had to
    say it in bytes write a bare capital before the small letter. Where a text has no such pair,
    small letters amid capitals, and those that open a sentence, are taken for capitals.
    """
    paired = _CAPITAL_PAIR.sub(lambda pair: _CAPITALS[pair[0]], text)
    if paired != text:
        return paired
    lines = text.splitlines(keepends=True)
    return _OPENING.sub(lambda found: _capitalise(found[0]), "".join(map(_raise_line, lines)))


_WORD: Final = re.compile(r"[^\W\d_]+")
_OPENING: Final = re.compile(
    r"(?:[.!?…][”»\")]?\s{1,4}[“«\"]?|(?:\r?\n){2}[“«\"]?|: ?[“«\"])"
    rf"[{''.join(sorted(_TONED_SMALL))}]"
    r"|\búc\b|\bấn(?= Độ)|\bả(?= Rập)"
)
"""How a sentence opens, or a quote after a colon; and countries whose names are no other word."""
_MIN_CAPITALS: Final = 2  # "Hà" may be a name, "HàNG" is none


def _capitalise(found: str) -> str:
    """A name, or an opening that ends in a letter, with its first letter a capital."""
    return found[0].upper() + (found[1:] if found[0].isalpha() else found[1:].upper())


def _raise_line(line: str) -> str:
    """Toned small letters made capitals, by their word's other letters or by the whole line."""
    kinds = [_is_capital(word) for word in _WORD.findall(line)]
    if True in kinds and False not in kinds:
        return line.upper()
    return _WORD.sub(lambda word: word[0].upper() if _is_capital(word[0]) else word[0], line)


def _is_capital(word: str) -> bool | None:
    """Whether the word is in capitals; None where its own letters do not tell."""
    if any(letter.islower() and letter not in _TONED_SMALL for letter in word):
        return False
    return True if sum(map(str.isupper, word)) >= _MIN_CAPITALS else None


_CIRCUMFLEX: Final = "\u0302"
_BREVE: Final = "\u0306"
_MARKED: Final = (_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT)
_PLAIN_MARKS: Final = {"ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_CIRCUMFLEX_MARKS: Final = dict(
    zip("âáàåãä", (_CIRCUMFLEX, *(_CIRCUMFLEX + tone for tone in _MARKED)), strict=True)
)
_BREVE_MARKS: Final = dict(
    zip("êéèúüë", (_BREVE, *(_BREVE + tone for tone in _MARKED)), strict=True)
)
_SINGLES: Final = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    """Each group of one or two characters of VNI, and the letter that it stands for."""
    marks = {
        **dict.fromkeys("uyôö", _PLAIN_MARKS),
        **dict.fromkeys("eo", _PLAIN_MARKS | _CIRCUMFLEX_MARKS),
        "a": _PLAIN_MARKS | _CIRCUMFLEX_MARKS | _BREVE_MARKS,
    }
    table = dict(_SINGLES)
    for base, following in marks.items():
        for mark, accents in following.items():
            table[base + mark] = nfc(_SINGLES.get(base, base) + accents)
    for group, letter in list(table.items()):
        # The mark of a capital is a capital too, but is also seen small.
        table[group.upper()] = table[group[0].upper() + group[1:]] = letter.upper()
    return table


_VNI: Final = _vni()
_VNI_PAIR: Final = _classes({group: _VNI[group] for group in _VNI if len(group) > 1})
_VNI_GROUP: Final = re.compile(f"{_VNI_PAIR.pattern}|[ÔÖÑÆÓÒÎôöñæóòî]")


def from_vni(text: str) -> str:
    """Vietnamese from text of the VNI fonts that was read as cp1252: ``Vieät`` is ``Việt``."""
    return _VNI_GROUP.sub(lambda group: _VNI[group[0]], text)
