"""How likely a string is as a word that no list knows, by the letters that follow each other."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from worker.core.clean.glue.lexicon import read_table

ALPHABET: Final = "^abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüÿœñóáíøđươ?"
"""Kinds of letters that the model tells apart: "^" bounds words, "?" is every other letter."""
ORDER: Final = 3
"""How many letters in a row were counted."""

_CLASS: Final = {letter: index for index, letter in enumerate(ALPHABET)}
_OTHER: Final = _CLASS["?"]


def classes(word: str) -> list[int]:
    """The classes of a word's letters, the word in small letters, between bounds."""
    return [0] * (ORDER - 1) + [_CLASS.get(letter, _OTHER) for letter in word] + [0]


@cache
def table() -> bytes:
    """-10 ln of the probability of each class after each two, one byte each."""
    return read_table("letters.bin.xz")


@lru_cache(maxsize=1 << 14)
def spelling_cost(word: str) -> float:
    """-ln of the probability of a word in small letters among the words that no list knows."""
    costs, size = table(), len(ALPHABET)
    codes = classes(word)
    triples = zip(codes, codes[1:], codes[2:], strict=False)
    return (
        sum(costs[(first * size + second) * size + third] for first, second, third in triples) / 10
    )
