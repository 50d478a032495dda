"""Where punctuation and digits show that a space is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.core.clean.glue.lexicon import frequency_cost, is_french

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

STRONG: Final = 9.0
"""Nats: writers forget such a space once in 10,000 words."""
WEAK: Final = 4.0
"""Nats: some writers never put one; a line's end has to speak for it too."""
_NAME_AND_NUMBER: Final = -2.0
"""Nats: ``CGT28`` is more often a name than glue (``COP28``)."""
_CODE: Final = 3  # letters that a code may have beside its digits
_RARE: Final = 13.0  # nats, -ln of a word's share: rarer words of so few letters are codes

_UPPER: Final = "".join(filter(str.isupper, map(chr, range(0x1EFA))))
_LETTER: Final = r"[^\W\d_]"

_STRONG: Final = re.compile(
    rf"""
      (?<=[,;])(?={_LETTER})                            # pays,notamment
    | (?<=\D[,;])(?=\d)                                 # mars,13
    | (?<=[^\W_]{{2}}[.!?…])(?=[{_UPPER}][a-zà-ÿœ'’])   # région.Il
    | (?<=[^\W_]{{2}}[.!?…])(?=[AÀ]$)
    | (?<=\bM\.)(?=[{_UPPER}][a-zà-ÿ])                 # M.Dupont
    | (?<=\bMM\.)(?=[{_UPPER}][a-zà-ÿ])
    | (?<=[»”%])(?=[«(]|{_LETTER})                      # 13%des
    | (?<=[»”)%][.!?…])(?=[{_UPPER}\d])
    | (?<=^[!?])(?={_LETTER})
    | (?<=\w\w)(?=\((?:[{_UPPER}\d]|[^)]+$))            # Washington(heure
    | (?<=[^\W\d_.,;:!?])(?=[«“])
    | (?<=[.,;:!?])(?=[«“])
    | (?<=\w\w)(?="[^"]+"\W*$)                          # récentes"tensions"
    """,
    re.VERBOSE,
)
_AFTER_BRACKET: Final = re.compile(rf"(?<=\))(?=[«(]|{_LETTER})")
_ENDING: Final = re.compile(r"\w\(\w{1,6}\)$")  # élu(e)s, directeur(trice)s
_WEAK: Final = re.compile(
    rf"""
      (?<=:)(?={_LETTER})                               # Photo:VNA
    | (?<=^[-–—])(?={_LETTER})                          # -qui
    | (?<=\b[A-LN-Z]\.)(?=[{_UPPER}][a-zà-ÿ]{{2}})     # W.Bush
    """,
    re.VERBOSE,
)

_TO_DIGIT: Final = re.compile(rf"({_LETTER}+)(?=\d)")
_TO_LETTER: Final = re.compile(rf"(?<=\d)({_LETTER}+)")
ORDINAL: Final = re.compile(r"(?:ère|ème|nde|er|re|nd|e)(?=[a-zà-ÿ]{2})")
"""The end of ``13e``, ``1er``, with more letters glued to it."""
_UNITS: Final = frozenset(
    (
        *("am", "bis", "cl", "cm", "cv", "db", "dl", "er", "ers", "es", "gb", "ghz", "go"),
        *("gw", "gwh", "ha", "hl", "ko", "kg", "km", "kw", "kwh", "mb", "mg", "mhz", "min", "ml"),
        *("mm", "mn", "mo", "mw", "mwh", "nd", "pm", "px", "rd", "re", "res", "sec", "st", "tb"),
        *("ter", "th", "to", "tv", "tvs", "tw", "twh", "ème", "èmes", "ère", "ères", "eme", "ième"),
    )
)
"""What is written right behind digits by people who are in a hurry, and ends of ordinals."""


def marks(token: str, names: Container[str]) -> Iterator[tuple[int, float]]:
    """Offsets in a token at which a space seems lost, and ln of how much likelier that is.

    ``names`` are words that the document has elsewhere.
    """
    for match in _STRONG.finditer(token):
        yield match.start(), STRONG
    for match in _AFTER_BRACKET.finditer(token):
        if not _ENDING.search(token, 0, match.start()):
            yield match.start(), STRONG
    for match in _WEAK.finditer(token):
        yield match.start(), WEAK
    yield from _at_digits(token, names)


def _at_digits(token: str, names: Container[str]) -> Iterator[tuple[int, float]]:
    for match in _TO_DIGIT.finditer(token):
        word = match[1]
        if word.islower() and _stands_beside_digits(word):
            yield match.end(), STRONG
        elif len(word) > 1 and word in names:
            yield match.end(), _NAME_AND_NUMBER
    for match in _TO_LETTER.finditer(token):
        word = match[1]
        ordinal = ORDINAL.match(word)
        if _stands_beside_digits(word.lower()):
            yield match.start(), STRONG
        elif ordinal and is_french(word[ordinal.end() :]):
            yield match.start() + ordinal.end(), STRONG


def _stands_beside_digits(word: str) -> bool:
    if word in _UNITS or not is_french(word):
        return False
    cost = frequency_cost(word)
    common = cost is not None and cost < _RARE
    return word == "à" or len(word) > _CODE or (len(word) > 1 and common)
