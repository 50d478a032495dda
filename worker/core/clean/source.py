"""The text that a story is looked for in, and that all offsets of its article refer to."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.core.characters import nfc
from worker.core.clean.markup import extract

if TYPE_CHECKING:
    from worker.core.article import Format
    from worker.core.clean.decode import Decoded
    from worker.core.clean.segments import Stretch

ENTITIES: Final = "entities"
"""Characters were written as HTML writes them, ``&eacute;`` or ``&#8217;``, in plain text."""

_ENTITY: Final = re.compile(
    r"&(?:amp;)*((?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}[0-9]{0,2});)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, and what is known of it before its lines are looked at."""

    text: str
    encoding: str
    flags: tuple[str, ...]
    format: Format
    title: Stretch | None = None
    """Where the title stands, if markup tells."""
    published: str | None = None
    byline: str | None = None
    language: str | None = None


def read(decoded: Decoded, file: str) -> Source:
    """The text of a decoded file: of markup what is the story's, else all of it.

    Raises ``Permanent`` as ``markup.extract`` does.
    """
    found = extract(decoded.text, file)
    if found.format != "text":
        return Source(
            text=found.text,
            encoding=decoded.encoding,
            flags=decoded.flags,
            format=found.format,
            title=found.title,
            published=found.published,
            byline=found.byline,
            language=found.language,
        )
    text = nfc(_ENTITY.sub(_character, found.text))
    flags = decoded.flags if text == found.text else tuple(sorted((*decoded.flags, ENTITIES)))
    return Source(text=text, encoding=decoded.encoding, flags=flags, format="text")


def _character(entity: re.Match[str]) -> str:
    """What a reference stands for, also one that was escaped again; itself where it is none."""
    # A reference to NUL or to half a character stands for U+FFFD, as HTML says.
    return html.unescape(f"&{entity[1]}")
