"""The encoding that a page or an XML file says it is in."""

from __future__ import annotations

import codecs
import re
from typing import Final

_WINDOW: Final = 1024  # bytes: where HTML wants the declaration to be
_DECLARATION: Final = re.compile(
    rb"<meta\s[^>]{0,200}?charset\s{0,3}=\s{0,3}[\"']?(?P<meta>[\w.:-]{2,40})"
    rb"|<\?xml\s[^>]{0,200}?encoding\s{0,3}=\s{0,3}[\"'](?P<xml>[\w.:-]{2,40})[\"']",
    re.IGNORECASE,
)
_ASCII: Final = bytes((9, 10, 13, *range(0x20, 0x7F)))
_LATIN_1: Final = frozenset({"iso8859-1", "ascii", "cp1252"})


def declared(data: bytes) -> str | None:
    """Python's name of the declared encoding, where it is one that keeps ASCII as it is.

    Pages that say Latin-1 or ASCII mean cp1252, as browsers read them.
    """
    found = _DECLARATION.search(data[:_WINDOW])
    if not found:
        return None
    label = (found["meta"] or found["xml"]).decode("ascii", "replace")
    try:
        name = codecs.lookup(label).name
        if _ASCII.decode(name) != _ASCII.decode("ascii"):
            return None
    except (LookupError, UnicodeError):
        return None
    return "cp1252" if name in _LATIN_1 else name
