"""UTF-8 that is broken in places: cut characters, and stray bytes of Windows text amid it."""

from __future__ import annotations

import re
from typing import Final

_CHARACTER: Final = (
    rb"[\xc2-\xdf][\x80-\xbf]"
    rb"|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
)
"""One character of more than one byte, as Unicode's table 3-7 has them."""
_CUT: Final = (
    rb"\xe0[\xa0-\xbf]|\xed[\x80-\x9f]|[\xe1-\xec\xee\xef][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]?|\xf4[\x80-\x8f][\x80-\xbf]?|[\xf1-\xf3][\x80-\xbf]{1,2}"
    rb"|\xc3"
)
"""What is left of a character that lost its end.

0xc3 leads every accented letter of French, and is a letter of none of our languages but, as a
capital, Vietnamese: alone it is a lost letter too.
"""
_HIGH: Final = re.compile(rb"(?P<character>%b)|(?P<cut>%b)|[\x80-\xff]" % (_CHARACTER, _CUT))
_ANY_CHARACTER: Final = re.compile(_CHARACTER)


_LEADS: Final = frozenset(bytes((byte,)) for byte in range(0xC2, 0xF5))


def has_characters(data: bytes) -> bool:
    """Whether any character of more than one byte is there."""
    return _ANY_CHARACTER.search(data) is not None


def read(data: bytes) -> str:
    """The text, never failing: other bytes are read as cp1252, cut characters are U+FFFD."""
    end = b""
    if data[-1:] in _LEADS and _is_utf8(data[:-1]):
        data, end = data[:-1], "\ufffd".encode()
    return (_HIGH.sub(_repair, data) + end).decode("utf-8")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _repair(found: re.Match[bytes]) -> bytes:
    if found["character"]:
        return found[0]
    stray = "\ufffd" if found["cut"] else found[0].decode("cp1252", "replace")
    return stray.encode()
