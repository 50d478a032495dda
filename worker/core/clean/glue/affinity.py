"""How gladly one word follows another, by their kinds: ``de sa`` oftener than ``des a``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from worker.core.clean.glue.lexicon import read_table

if TYPE_CHECKING:
    from collections.abc import Container

_NEUTRAL: Final = 80
_ENDING: Final = 2  # letters


def kind(word: str, common: Container[str]) -> str:
    """A word in small letters that is common, or the ending of another."""
    return word if word in common else "-" + word[-_ENDING:]


@cache
def table() -> dict[str, float]:
    """Nats by ``left+right``; and each common word by itself."""
    lines = read_table("pairs.txt.xz").decode().split("\n")[1:-1]
    return {line[:-2]: (ord(line[-1]) - _NEUTRAL) / 10 for line in lines}


def affinity(left: str, right: str) -> float:
    """Ln of how much oftener such words, in small letters, meet than chance would have it."""
    affinities = table()
    return affinities.get(f"{kind(left, affinities)}+{kind(right, affinities)}", 0.0)
