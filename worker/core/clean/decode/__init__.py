"""From bytes to text, whatever the encoding; files that are no text are told apart here."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from worker.core.characters import BLANKS, nfc
from worker.core.clean.decode import legacy, utf8
from worker.core.clean.decode.declared import declared
from worker.core.clean.decode.mojibake import undo
from worker.errors import Permanent

MOJIBAKE: Final = "mojibake"
"""Text, or part of it, had been read in a wrong encoding before it came here."""
REPLACEMENTS: Final = "replacement-characters"
"""U+FFFD is in the text: characters were lost, here or before."""
CONTROLS: Final = "controls"
"""Control characters that are no blanks are in the text."""
NULS: Final = "nul"
"""NULs were in the file, and are not in the text."""

# UTF-32 before UTF-16: its little-endian mark begins with the other's.
_BOMS: Final = (
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
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"RIFF": "RIFF: sound, film or WebP",
    b"OggS": "Ogg",
    b"ID3": "MP3",
    b"\x7fELF": "a program",
    b"SQLite format 3\0": "SQLite",
}
"""First bytes of what looks like text by its bytes, or is common enough to be called by name."""

_MAX_STRAY_NULS: Final = 0.05
"""Share of NULs that may lie off the beat in UTF-16, where they are halves of other letters."""
_MIN_NULS: Final = 0.1
"""Share of all bytes that are NUL in UTF-16 of a Latin script; every space brings one."""

_IDEOGRAPH: Final = re.compile("[\u3000-\u7fff]")
_MAX_OF_ASCII: Final = 0.8
"""Share of ideographs that may be two ASCII bytes: in Chinese a quarter is, in ``abc\\0`` all."""
_MIN_IDEOGRAPHS: Final = 0.1  # share of all characters; a name in a story may be of one or two

_CONTROL_BYTES: Final = bytes((*range(0x09), *range(0x0E, 0x20), 0x7F))
_CONTROL: Final = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\uffff]+")
_MAX_UNPRINTABLE: Final = 0.05
_FEW: Final = 3  # control bytes that a short text may have, whatever share of it they are

_DECLARED_RATE: Final = 0.8
"""What a declared encoding's cost is multiplied by: it may lie, but must be shown to."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text that all offsets refer to: NFC, without BOM and NUL, line ends as delivered."""

    text: str
    encoding: str
    """Python's name of the encoding that the bytes were read in, or ``tcvn3`` or ``vni``."""
    flags: tuple[str, ...] = ()
    """What was wrong with it, sorted: ``MOJIBAKE``, ``REPLACEMENTS``, ``CONTROLS``, ``NULS``."""


def decode(data: bytes) -> Decoded:
    """Read the bytes in the encoding that they show.

    A byte-order mark decides; else the beat of NULs that UTF-16 and UTF-32 have; else strict
    UTF-8; else which of the legacy encodings, and of UTF-8 with broken bytes, makes words.

    Raises ``Permanent``: "empty" where there is nothing but blanks, "binary" where it is no text.
    """
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise Permanent("binary", f"the file is {name}")
    raw, encoding = _read(data)
    read = _kept(raw)
    undone = undo(read)
    text = read if undone == read else _kept(undone)
    if not text.strip(BLANKS):
        raise Permanent("empty", "the file holds nothing but blanks")
    unprintable = sum(len(run[0]) for run in _UNPRINTABLE.finditer(text))
    if unprintable > _MAX_UNPRINTABLE * len(text):
        raise Permanent("binary", f"{unprintable / len(text):.0%} of its characters are no text")
    flags = {
        MOJIBAKE: text != read,
        REPLACEMENTS: "\ufffd" in text,
        CONTROLS: _CONTROL.search(text) is not None,
        NULS: "\0" in raw,
    }
    return Decoded(text, encoding, tuple(sorted(flag for flag, is_set in flags.items() if is_set)))


def _kept(text: str) -> str:
    return nfc(text.replace("\0", "").replace("\ufeff", ""))


def _read(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            # A transfer that was cut off may leave half a character: the rest is still a story.
            return data[len(bom) :].decode(encoding, "replace"), encoding
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace"), wide
    # Some programs fill up a file's last block.
    content = data.rstrip(b"\0")
    controls = len(content) - len(content.translate(None, _CONTROL_BYTES))
    if data and not content:
        raise Permanent("binary", "the file holds nothing but NULs")
    if controls > max(_FEW, _MAX_UNPRINTABLE * len(content)):
        raise Permanent("binary", f"it has {controls} control characters in {len(content)} bytes")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _legacy(data)


def _legacy(data: bytes) -> tuple[str, str]:
    encodings = list(legacy.ENCODINGS)
    if utf8.has_characters(data) or data.startswith(codecs.BOM_UTF8):
        encodings.append(legacy.Encoding("utf-8", utf8.read))
    name = declared(data)
    if name:
        try:
            data.decode(name)
        except UnicodeError:
            pass
        else:
            encodings.append(
                legacy.Encoding(name, lambda part: part.decode(name, "replace"), 0, _DECLARED_RATE)
            )
    encoding = legacy.cheapest(data, encodings)
    return encoding.read(data), encoding.name


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, shown by where the NULs are, and its byte order."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    nuls = even + odd
    if not nuls or nuls < _MIN_NULS * len(data):
        return None
    whole = data[: len(data) // 4 * 4]
    for encoding in ("utf-32-le", "utf-32-be"):
        try:
            if whole.decode(encoding).strip("\0"):
                return encoding
        except UnicodeDecodeError:
            continue
    if min(even, odd) > _MAX_STRAY_NULS * nuls:
        return None
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    return None if _is_records(data.decode(encoding, "replace")) else encoding


def _is_records(text: str) -> bool:
    """Whether this is no UTF-16 but ASCII with NULs between: its ideographs are two letters."""
    ideographs: list[str] = _IDEOGRAPH.findall(text)
    of_ascii = sum(character.encode("utf-16-le").isascii() for character in ideographs)
    return of_ascii > max(_MAX_OF_ASCII * len(ideographs), _MIN_IDEOGRAPHS * len(text))
