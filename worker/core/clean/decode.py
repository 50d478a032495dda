"""From bytes to text, whatever the encoding; files that are no text are told apart here."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from worker.core.characters import BLANKS, nfc
from worker.errors import Permanent

# UTF-32 before UTF-16: its little-endian mark begins with the other's.
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC: Final = {
    b"%PDF-": "PDF",
    b"%!PS": "PostScript",
    b"{\\rtf": "RTF",
    b"PK\x03\x04": "a ZIP archive or office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
"""First bytes of what looks like text by its bytes, or is common enough to be called by name."""

_WINDOWS: Final = "".join(
    bytes((byte,)).decode("cp1252", "replace").replace("\ufffd", chr(byte)) for byte in range(256)
)
"""cp1252, its five undefined bytes as in Latin-1: every byte has a character."""

_MAX_STRAY_NULS: Final = 0.05
"""Share of NULs that may lie off the beat in UTF-16, where they are halves of other letters."""
_MIN_NULS: Final = 0.1
"""Share of all bytes that are NUL in UTF-16 of a Latin script; every space brings one."""

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\uffff]+")
_MAX_UNPRINTABLE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text that all offsets refer to: NFC, without BOM and NUL, line ends as delivered."""

    text: str
    encoding: str
    """Python's name of the encoding that the bytes were read in."""


def decode(data: bytes) -> Decoded:
    """Read the bytes in the encoding that they show.

    A byte-order mark decides; else strict UTF-8; else the beat of NULs that UTF-16 has; else
    cp1252.

    Raises ``Permanent``: "empty" where there is nothing but blanks, "binary" where it is no text.
    """
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise Permanent("binary", f"the file is {name}")
    raw, encoding = _read(data)
    text = nfc(raw.replace("\ufeff", ""))
    if not text.strip(BLANKS):
        raise Permanent("empty", "the file holds nothing but blanks")
    if "\0" in text:
        raise Permanent("binary", "the file holds NUL characters")
    unprintable = sum(len(run[0]) for run in _UNPRINTABLE.finditer(text))
    if unprintable > _MAX_UNPRINTABLE * len(text):
        raise Permanent("binary", f"{unprintable / len(text):.0%} of its characters are no text")
    return Decoded(text, encoding)


def _read(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            # A transfer that was cut off may leave half a character: the rest is still a story.
            return data[len(bom) :].decode(encoding, "replace"), encoding
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace"), wide
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return codecs.charmap_decode(data, "strict", _WINDOWS)[0], "cp1252"


def _wide(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, shown by where the NULs are."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    nuls = even + odd
    if not nuls or nuls < _MIN_NULS * len(data) or min(even, odd) > _MAX_STRAY_NULS * nuls:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"
