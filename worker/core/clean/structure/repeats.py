"""What a file says twice: a summary that its first paragraph repeats, a title over its picture."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"\w{4,}")
_MIN_WORDS: Final = 6  # of four letters and more, in a lead
_REPEATED: Final = 0.6  # of the words of a lead, in the paragraph below it


def is_repeated(lead: str, below: str) -> bool:
    """Whether the paragraph below says what the lead says, in most of its words."""
    words = set(_WORD.findall(lead.casefold()))
    again = words.intersection(_WORD.findall(below.casefold()))
    return len(words) >= _MIN_WORDS and len(again) >= _REPEATED * len(words)


def longest_border(text: str) -> int:
    """The length of the longest beginning that is also the end of the text, without overlap.

    By the failure function of Knuth, Morris and Pratt (1977), in time linear in the length.
    """
    borders = [0] * len(text)
    length = 0
    for end in range(1, len(text)):
        while length and text[end] != text[length]:
            length = borders[length - 1]
        length += text[end] == text[length]
        borders[end] = length
    while 2 * length > len(text):
        length = borders[length - 1]
    return length
