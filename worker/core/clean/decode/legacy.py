"""Which legacy encoding bytes are in, told by which of their readings makes words.

Each encoding reads a sample of the words that hold bytes above 0x7f, and each reading is priced
in bits: letters by how often they follow each other in five languages, other characters by how
usual they are in news. The cheapest reading wins.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from worker.core.characters import nfc
from worker.core.clean.decode.vietnamese import TCVN3, VSCII, WINDOWS, from_tcvn3, from_vni

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

UNIT: Final = 0.25
"""Bits in one step of the tables' integers."""

_LANGUAGES: Final = ("fr", "en", "vi", "es", "de")

_STRANGE_PAIR: Final = 24
"""Steps that two letters cost, above the second one's own, that no word has side by side."""
_STRANGE_LETTER: Final = 100
_FOREIGN: Final = 56
"""Steps that a letter of another script costs."""
_MIXED: Final = 64
"""Steps for each Latin letter that a letter of another script stands next to."""
_RARE: Final = 72
"""Steps that a symbol costs that hardly any news holds: box drawing, ``¤``, ``‡``, mathematics."""
_CONTROL: Final = 120
"""Steps that a control character costs: it is no text at all."""
_TOUCHING: Final = 32
"""Steps for each letter that a symbol stands next to where none belongs: ``na‹ve``, ``≈re``."""
_ALONE: Final = 32
"""Steps for a symbol by no letter or digit that is no dash, bullet or quote: ``à`` as ``…``."""

_USUAL: Final = {
    **dict.fromkeys("\xa0’", 12),
    **dict.fromkeys("«»“”–—…", 20),
    **dict.fromkeys("‘„°€¿¡", 28),
    **dict.fromkeys("ºª£§©®™•·²³½¼¾×‹›\u00ad\u202f\u2011\u2009\u200b\ufeff‰†", 40),
    **dict.fromkeys("‚´¨¸±µ¶¬", 56),
}
"""Steps that symbols cost that news holds more or less often."""
_JOINERS: Final = "’´·\xa0\u00ad\u2009\u200b\u200c\u200d\u2011\u202f\ufeff"
_OPENING: Final = _JOINERS + "«»“”„‘‚‹›¿¡"
_CLOSING: Final = _JOINERS + "–—«»“”›‹…™®°ºª²³"
_STANDING: Final = _JOINERS.replace("·", "") + "–—«»“”•€£§©°"


@dataclass(frozen=True, slots=True)
class Encoding:
    """A way to read bytes that never fails."""

    name: str
    read: Callable[[bytes], str]
    handicap: int = 0
    """Steps that are added to what its reading costs."""
    rate: float = 1.0
    """What the cost of its reading is multiplied by."""


def _table(name: str) -> str:
    """The 256 characters of Python's codec, undefined bytes as in Latin-1."""
    read = bytes(range(256)).decode(name, "replace")
    return "".join(chr(i) if c == "\ufffd" else c for i, c in enumerate(read))


def _reader(table: str, finish: Callable[[str], str] = str) -> Callable[[bytes], str]:
    return lambda data: finish(codecs.charmap_decode(data, "strict", table)[0])


ENCODINGS: Final = (
    Encoding("cp1252", _reader(WINDOWS)),
    Encoding("iso8859-15", _reader(_table("iso8859-15")), 8),
    Encoding("mac-roman", _reader(_table("mac-roman")), 8),
    Encoding("cp850", _reader(_table("cp850")), 8),
    Encoding("cp858", _reader(_table("cp858")), 16),
    Encoding("cp1258", _reader(_table("cp1258"), nfc), 40),
    Encoding("tcvn3", _reader(TCVN3, from_tcvn3), 40),
    Encoding("tcvn3", _reader(VSCII, nfc), 40),
    Encoding("vni", _reader(WINDOWS, from_vni), 40),
)
"""The encodings that are tried; of those whose readings cost the same the first is taken.

The Vietnamese ones must show more: their text has marks enough for that in any sentence.
"""


def cheapest(data: bytes, encodings: Sequence[Encoding] = ENCODINGS) -> Encoding:
    """The encoding in which the bytes read most like news in one of the five languages."""
    words = sample(data)
    return min(encodings, key=lambda e: e.handicap + e.rate * cost(map(e.read, words)))


_CHUNK: Final = re.compile(rb"[^\t\n\r ]{1,40}")
_EACH: Final = 4
"""Words in which each byte is looked at that is not printable ASCII."""
_PLAIN: Final = bytes(range(0x20, 0x7F))


def sample(data: bytes) -> list[bytes]:
    """Different words that hold other bytes than ASCII's letters: some with each such byte."""
    words: list[bytes] = []
    seen: set[bytes] = set()
    times: Counter[int] = Counter()
    known = _PLAIN
    for found in _CHUNK.finditer(data):
        word = found[0]
        if not word.translate(None, known) or word in seen:
            continue
        seen.add(word)
        words.append(word)
        times.update(set(word.translate(None, _PLAIN)))
        known = _PLAIN + bytes(byte for byte, n in times.items() if n >= _EACH)
    return words


def cost(words: Iterable[str]) -> float:
    """What the words cost in the language in which they cost least, in steps of ``UNIT``."""
    return min(map(sum, zip(*map(_price, words), strict=True)), default=0)


@lru_cache(maxsize=8192)  # readings repeat, within a file and from one to the next
def _price(word: str) -> tuple[int, ...]:
    """What the word costs in each language."""
    letters, symbols = [" "], 0
    for before, character, after in zip(" " + word[:-1], word, word[1:] + " ", strict=True):
        if _is_letter(character):
            letters.append(character)
            continue
        letters.append(" ")
        if " " <= character <= "~":
            continue
        if character.isalpha() and character not in _USUAL:
            symbols += _FOREIGN + _MIXED * (_is_letter(before) + _is_letter(after))
            continue
        symbols += _USUAL.get(character) or (_RARE if character.isprintable() else _CONTROL)
        symbols += _misplaced(character, before, after)
    letters.append(" ")
    pairs = list(map(str.__add__, letters, letters[1:]))
    return tuple(symbols + sum(map(_steps(language).__getitem__, pairs)) for language in _LANGUAGES)


def _misplaced(symbol: str, before: str, after: str) -> int:
    touching = (_is_letter(before) and symbol not in _CLOSING) + (
        _is_letter(after) and symbol not in _OPENING
    )
    alone = not (before.isalnum() or after.isalnum()) and symbol not in _STANDING
    return _TOUCHING * touching + _ALONE * alone


def _is_letter(character: str) -> bool:
    """Whether it is a Latin letter: what comes before Greek, or is from Vietnamese's block."""
    return (
        character.isalpha()
        and (character < "\u0370" or "\u1e00" <= character < "\u1f00")
        and character not in _USUAL
    )


class _Steps(dict[str, int]):
    """What each pair of letters costs; the second letter alone decides for unknown pairs."""

    def __missing__(self, pair: str) -> int:
        return _STRANGE_PAIR + self.get(pair[1], _STRANGE_LETTER)


@cache
def _steps(language: str) -> _Steps:
    path = resources.files(__package__).joinpath(f"data/{language}.json")
    table: dict[str, dict[str, int]] = json.loads(path.read_text(encoding="utf-8"))
    return _Steps(
        {"  ": 0}
        | {first + second: n for first, others in table.items() for second, n in others.items()}
    )
