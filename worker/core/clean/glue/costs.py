"""What a word costs: how seldom it is in a story, in nats, whether a list knows it or not."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from worker.core.clean.glue.letters import spelling_cost
from worker.core.clean.glue.lexicon import frequency_cost, is_french

_UNKNOWN: Final = 7.0
"""-ln of the share of words that no list has, in small letters."""
_UNKNOWN_NAME: Final = 4.0
"""The same for words with a capital."""
_UNLISTED: Final = 2.5
"""What a word in small letters costs besides that texts have but no dictionary: it may be glue."""
_SLIP: Final = 14.0
"""-ln of the share of one slip of the pen among the occurrences of a word."""
_VOWELS: Final = "aeiou"


@lru_cache(maxsize=1 << 14)
def word_cost(word: str) -> float:
    """-ln of a word's share of the words of a story."""
    low = word.lower()
    name = word != low
    unknown = (_UNKNOWN_NAME if name else _UNKNOWN) + spelling_cost(low)
    known = frequency_cost(low)
    if known is None:
        return unknown
    return min(unknown, known if name or is_french(word) else known + _UNLISTED)


def slip_cost(word: str) -> float:
    """-ln of the share of a French word misspelt as this one, in small letters.

    The slips are a letter too many, two letters swapped, a vowel forgotten.
    """
    count = len(word)
    meant = {word[:at] + word[at + 1 :] for at in range(count)}
    meant |= {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(count - 1)}
    meant |= {word[:at] + vowel + word[at:] for at in range(1, count) for vowel in _VOWELS}
    costs = (frequency_cost(other) for other in meant if is_french(other))
    return _SLIP + min((cost for cost in costs if cost is not None), default=math.inf)
