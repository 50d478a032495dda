"""Mojibake undone: UTF-8 that somebody read as a single-byte encoding, once or oftener."""

from __future__ import annotations

import re
from typing import Final

from ftfy import TextFixerConfig, fix_encoding
from ftfy.badness import is_bad

from worker.core.clean.decode.legacy import cost
from worker.core.clean.decode.vietnamese import WINDOWS

_ONLY_ENCODING: Final = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)

_MISREADINGS: Final = (
    WINDOWS,
    *(bytes(range(256)).decode(name) for name in ("latin-1", "iso8859-15", "mac-roman", "cp850")),
)
"""What UTF-8 is mostly misread as, as tables of 256 characters, the likeliest first."""
_BYTES: Final = tuple({c: i for i, c in enumerate(table)} for table in _MISREADINGS)


_LEADS: Final = b"\xc2\xc3\xc4\xc5\xc6\xcc\xe1\xe2\xef\xf0"
"""First bytes in UTF-8 of what our languages are written with, and of emoji."""


def _suspicious() -> re.Pattern[str]:
    """A lead byte of UTF-8 and the byte after it, in any of the misreadings."""
    return re.compile(
        "|".join(
            f"[{''.join(table[lead] for lead in _LEADS)}][{re.escape(table[0x80:0xC0])}]"
            for table in _MISREADINGS
        )
    )


_SUSPICIOUS: Final = _suspicious()
_RUN: Final = re.compile(r"[^\x00-\x7f]{2,40}|[ÃÂ] |[\x80-\x9f]")
"""What all mojibake holds: two neighbours beyond ASCII, one and a blank, or a control."""
_AROUND: Final = 3  # characters beside a run that ftfy's test for mojibake looks at
_WORD: Final = re.compile(r"[^\t\n\r ]{1,100}")
_LINE: Final = re.compile(r"[^\n]{1,2000}\n?|\n")
_MARGIN: Final = 32
"""Steps of cost that undoing must save: eight bits, a chance of one in 256."""
_PREFERENCE: Final = 12
"""Steps by which an unlikelier misreading must make a better text than a likelier one."""
_MAX_ROUNDS: Final = 24
"""Undoing halves mojibake: as many rounds reach what is 2 ** 24 characters for one."""


def undo(text: str) -> str:
    """The text with its mojibake undone.

    Lines that are UTF-8 in one of the usual misreadings; else what ftfy finds in a line, which
    also knows mojibake that lost a byte, and words that are UTF-8 in such a misreading. All only
    where that makes better words.
    """
    for _ in range(_MAX_ROUNDS):
        if not any(_signs(text)):
            break
        undone = _LINE.sub(lambda line: _undo_line(line[0]), text)
        if undone == text:
            break
        text = undone
    return text


def _undo_line(line: str) -> str:
    suspicious, bad = _signs(line)
    undone = _undo_whole(line) if suspicious else line
    if undone != line:
        return undone
    if bad:
        fixed = fix_encoding(line, _ONLY_ENCODING)
        undone = fixed if fixed != line and _is_better(fixed, line) else line
    return _WORD.sub(lambda word: _undo_whole(word[0]), undone) if suspicious else undone


def _signs(text: str) -> tuple[bool, bool]:
    """Whether two characters may be one's bytes, and whether ftfy takes anything for mojibake.

    Its test takes a millisecond for a story, and so is given only what surrounds a run.
    """
    if text.isascii():
        return False, False
    runs = {text[max(0, r.start() - _AROUND) : r.end() + _AROUND] for r in _RUN.finditer(text)}
    return any(map(_SUSPICIOUS.search, runs)), any(map(is_bad, runs))


def _undo_whole(text: str) -> str:
    """The text, undone where all of it is UTF-8 in one of the usual misreadings."""
    if text.isascii() or not _SUSPICIOUS.search(text):
        return text
    best, margin = text, _MARGIN
    for codes in _BYTES:
        try:
            undone = bytes(map(codes.__getitem__, text)).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            continue
        if undone != best and _is_better(undone, best, margin):
            best, margin = undone, _PREFERENCE
    return best


def _is_better(undone: str, text: str, margin: int = _MARGIN) -> bool:
    return _cost(undone) + margin < _cost(text)


def _cost(text: str) -> float:
    return cost(word[0] for word in _WORD.finditer(text) if not word[0].isascii())
