"""Word tables: which words are French, and how often a word is read in French news."""

from __future__ import annotations

import lzma
from bisect import bisect_right
from functools import cache, lru_cache
from importlib import resources
from typing import Final

_BLOCK: Final = 512  # bytes from one entry of the index to the next
_FIRST_CODE: Final = 33
_STEP: Final = 0.2302585  # nats from one code to the next: a tenth of a factor of ten
_RAREST: Final = 18.4206807  # nats: a share of 1e-8, which the first code stands for
_REMEMBERED: Final = 1 << 14  # words whose look-up is kept; most of a story's words are common


class Words:
    """A sorted list of words, each with one character, searched where it lies.

    It takes a tenth of a ``dict``'s memory, and is ready at once.
    """

    def __init__(self, data: bytes) -> None:
        """``data`` is newline, word, space, character over and over, then a newline.

        The words are in the order of their bytes.
        """
        self._data = data
        self._starts = [0]
        while 0 < (start := data.find(b"\n", self._starts[-1] + _BLOCK)) < len(data) - 1:
            self._starts.append(start)
        self._firsts = [data[at + 1 : data.index(b" ", at)] for at in self._starts]

    def code(self, word: str) -> int | None:
        """The word's character as a number, or None where it is not in the list."""
        key = word.encode("utf-8", "replace")
        block = bisect_right(self._firsts, key) - 1
        if block < 0:
            return None
        start = self._starts[block]
        found = self._data.find(b"\n" + key + b" ", start, start + 2 * _BLOCK)
        return None if found < 0 else self._data[found + len(key) + 2]


@cache
def frequencies() -> Words:
    """Words in small letters with codes of their frequency, many tongues and slips among them."""
    return Words(read_table("frequencies.txt.xz"))


@cache
def dictionary() -> Words:
    """All forms of the words of a French dictionary; proper names in their own capitals."""
    return Words(read_table("dictionary.txt.xz"))


def read_table(name: str) -> bytes:
    """The content of a table that the package brings along."""
    return lzma.decompress(resources.files(__package__).joinpath("data", name).read_bytes())


@lru_cache(maxsize=_REMEMBERED)
def frequency_cost(word: str) -> float | None:
    """-ln of the share that a word in small letters has in French news; None if never seen."""
    code = frequencies().code(word)
    return None if code is None else _RAREST - _STEP * (code - _FIRST_CODE)


@lru_cache(maxsize=_REMEMBERED)
def is_french(word: str) -> bool:
    """Whether a French dictionary has the word, in these capitals or in fewer."""
    words = dictionary()
    if words.code(word) is not None:
        return True
    if word.islower() or not (word[1:].islower() or word.isupper()):
        return False
    return (words.code(word.lower()) or words.code(word.capitalize())) is not None
