"""Builds the letter statistics by which legacy encodings are told apart.

``python -m training.encodings`` writes ``worker/core/clean/decode/data/LANGUAGE.json`` for each
language from wordfreq's word lists. The same lists give the same bytes. See the README beside the
tables for source and licence.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import wordfreq

from worker.core.clean.decode.legacy import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA: Final = Path(__file__).parents[1] / "worker/core/clean/decode/data"
_LISTS: Final = {"fr": "large", "en": "large", "vi": "small", "es": "large", "de": "large"}

_CASES: Final = ((str, 0.85), (str.capitalize, 0.12), (str.upper, 0.03))
"""How much of running text is in small letters, capitalised, and in capitals, roughly."""
_SHARP_S: Final = 0.3  # of all "ss" and "ß" in German, roughly
_RAREST: Final = 2e-8  # share of a pair among all; rarer ones are left to the single letters


def _pairs(language: str) -> dict[str, float]:
    """How often which letter follows which, as a share; a blank stands for a word's ends."""
    pairs: defaultdict[str, float] = defaultdict(float)
    for word, weight in _words(language):
        for case, share in _CASES:
            spaced = "".join(c if _is_latin(c) else " " for c in f" {case(word)} ")
            for first, second in pairwise(spaced):
                if first != " " or second != " ":
                    pairs[first + second] += weight * share
    total = sum(pairs.values())
    return {pair: weight / total for pair, weight in pairs.items()}


def _words(language: str) -> Iterator[tuple[str, float]]:
    frequencies = wordfreq.get_frequency_dict(language, _LISTS[language])
    roots = sum(map(math.sqrt, frequencies.values()))
    for word, frequency in frequencies.items():
        # Square roots let rare words, which names are, count for more; half is as it is spoken.
        weight = frequency + math.sqrt(frequency) / roots
        if language == "de" and "ss" in word:
            # The lists fold "ß" away.
            yield word.replace("ss", "ß"), weight * _SHARP_S
            weight *= 1 - _SHARP_S
        yield word, weight


def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN")


def _costs(pairs: dict[str, float]) -> dict[str, dict[str, int]]:
    """Bits in steps of ``UNIT`` that a letter costs after another; after "", anywhere."""
    followers: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for pair, share in pairs.items():
        followers[pair[0]][pair[1]] = share
        followers[""][pair[1]] = followers[""].get(pair[1], 0) + share
    costs = {}
    for first, seconds in sorted(followers.items()):
        total = sum(seconds.values())
        costs[first] = {
            second: round(-math.log2(share / total) / UNIT)
            for second, share in sorted(seconds.items())
            if share > _RAREST
        }
    return costs


def main() -> None:
    """Write one table for each language."""
    _DATA.mkdir(parents=True, exist_ok=True)
    for language in _LISTS:
        table = _costs(_pairs(language))
        lines = (
            f"{json.dumps(first, ensure_ascii=False)}: "
            + json.dumps(costs, ensure_ascii=False, separators=(",", ":"))
            for first, costs in table.items()
            if costs
        )
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (_DATA / f"{language}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
