"""Where in a token a space may have been lost, and how strongly its letters say so.

A noisy channel: a token is read either as one word or as two that lost the space between them.
The gain of a split is the logarithm of how much likelier its two halves are than the whole, before
anything is known of how often the document loses spaces.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.clean.glue.affinity import affinity
from worker.core.clean.glue.costs import slip_cost, word_cost
from worker.core.clean.glue.lexicon import frequency_cost, is_french
from worker.core.clean.glue.marks import ORDINAL, marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST: Final = 60
"""Characters; longer tokens are left alone. Two French words with their elisions are shorter."""
_SHORTEST: Final = 2

# All in nats; chosen on the tuning stories of tests/quality/glue.py. None of them is critical.
_FRENCH: Final = 6.0
"""What a dictionary's word is worth beyond its frequency, against being two words."""
_BRAND: Final = 5.0
"""-ln of the share of two words written as one with a capital inside: ``VietnamPlus``."""
_SMALL_BRAND: Final = 12.0
"""The same, the first in small letters: ``leVietnam`` is hardly ever a name."""
_BOTH_SEEN: Final = 3.5
"""What speaks against a brand where the document has both words elsewhere."""
_NEIGHBOURS: Final = 9.0
"""The same where they stand side by side there: ``DinhDung``, and elsewhere ``Dinh Dung``."""
_CAMEL: Final = 5.0
"""What an unknown word loses by a capital inside."""
_COMMON_CAPITAL: Final = 3.5
"""What a common noun loses by a capital."""
_ACRONYM: Final = 12.0
"""What a word all in capitals gains as a whole."""
_STRAY_APOSTROPHE: Final = 12.0
"""What a word loses that has an apostrophe behind it and is no elision."""
_ECHO: Final = 0.1
"""Weight of the document's own words against French at large."""
_HOPELESS: Final = -2.0
"""A gain up to which no slip of the pen need be looked for."""
_CERTAIN: Final = 14.0
"""A gain from which on it could not be one."""
_LEAST: Final = -14.0
"""Gains below are not kept: no line's end makes up for them."""
_COMMON_NAME: Final = 12.0
"""-ln of the share that a name of two letters has at least: ``Li``, ``Xi``."""
_OBVIOUS: Final = 10.0
"""A gain that makes a token French, whatever its parts."""

_PROTECTED: Final = re.compile(r"://|^www\.|[@#_=<>{}\[\]|\\~^*/+&]|\.[a-z]{2,4}(?:$|\W)")
_PLAIN: Final = re.compile(
    r"[«\"“(\[]*(?:(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’])?([^\W\d_]+)[.,;:!?)\]»\"”…]*",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"[^\W\d_]+")
_UPPER_START: Final = re.compile(r"[A-ZÀ-Þ]{2,}(?=[a-zà-ÿ])")

_ELISIONS: Final = frozenset(
    (
        *("c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"),
        *("quelqu", "presqu", "entr", "aujourd", "prud", "grand"),
    )
)
_AFTER_ELISION: Final = frozenset("aàâäeéèêëiîïoôöuùûüyhœæ")
_ONE_LETTER: Final = frozenset("aày")
_TWO_LETTERS: Final = frozenset(
    (
        *("ai", "an", "as", "au", "bu", "ce", "ci", "de", "du", "dû", "en", "es", "et", "eu", "il"),
        *("je", "la", "le", "lu", "là", "ma", "me", "ne", "ni", "né", "on", "or", "ou", "où", "pu"),
        *("sa", "se", "si", "su", "ta", "te", "tu", "un", "va", "vu", "ça"),
    )
)


_PREFIXES: Final = frozenset(
    (
        *("agro", "anti", "auto", "bio", "cyber", "euro", "extra", "franco", "hyper", "infra"),
        *("inter", "intra", "macro", "mega", "micro", "mini", "multi", "méga", "méta", "narco"),
        *("nano", "néo", "pluri", "poly", "post", "pré", "pseudo", "semi", "sino", "socio"),
        *("super", "supra", "techno", "trans", "télé", "ultra", "éco", "électro"),
    )
)
"""What new words begin with: before a known word they are hardly ever words of their own."""


class Split(NamedTuple):
    """A space may have been lost before this offset of the token."""

    at: int
    gain: float
    """Nats; likelihood of two words over likelihood of one."""


class Reading(NamedTuple):
    """What a token may be."""

    french: bool | None
    """Whether it is a French word, perhaps among punctuation; None where it is hard to tell."""
    splits: tuple[Split, ...]


class Reader:
    """Reads the tokens of one document, whose own words count. One token is read once."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        runs = [_RUN.findall(paragraph) for paragraph in paragraphs]
        self._counts = Counter(chain.from_iterable(runs))
        self._neighbours = {pair for run in runs for pair in pairwise(run) if pair[1][0].isupper()}
        self._total = self._counts.total() + 50
        self._readings: dict[str, Reading] = {}

    def read(self, token: str) -> Reading:
        """Whether the token is French, and where it may fall apart if it is in no dictionary."""
        reading = self._readings.get(token)
        if reading is None:
            reading = self._readings[token] = self._read(token)
        return reading

    def _read(self, token: str) -> Reading:
        if len(token) > LONGEST:
            return Reading(french=False, splits=())
        if token.isalpha() and is_french(token):
            return Reading(french=True, splits=())
        plain = _PLAIN.fullmatch(token)
        if plain and is_french(plain[1]):
            return Reading(french=True, splits=())
        runs = list(_RUN.finditer(token))
        if len(token) < _SHORTEST or (not plain and _PROTECTED.search(token)):
            return Reading(french=False if runs else None, splits=())
        found = [split for run in runs for split in self._in_run(token, run)]
        if not plain:
            found += (Split(*mark) for mark in marks(token, self._counts))
        if not runs or any(split.gain > _OBVIOUS for split in found):
            french = None
        else:
            french = all(is_french(run[0]) or run[0].lower() in _ELISIONS for run in runs)
        return Reading(french, tuple(sorted(found)))

    def _in_run(self, token: str, match: re.Match[str]) -> tuple[Split, ...]:
        """Splits between two letters, of a run of letters that is no word."""
        run, start, end = match[0], match.start(), match.end()
        after = token[end : end + 2]
        apostrophe = len(after) > 1 and after[0] in "'’" and after[1].isalnum()
        elides = apostrophe and after[1].lower() in _AFTER_ELISION
        if (apostrophe and run.lower() in _ELISIONS) or (is_french(run) and not elides):
            return ()
        if start and token[start - 1].isdigit() and ORDINAL.match(run):
            return ()
        inner = [at for at in range(1, len(run)) if run[at].isupper() and run[at - 1].islower()]
        found: Iterable[Split]
        if inner:
            found = self._at(run, self._beside_known(run, inner), elides=elides)
            if len(inner) == 1:
                found = chain(found, self._at_capital(run, inner[0], elides=elides))
        else:
            upper = _UPPER_START.match(run)
            points = [upper.end() - 1, upper.end()] if upper else list(range(1, len(run)))
            if run.isupper():  # in a headline, unless it is an acronym
                points = [at for at in points if is_french(run[:at]) and is_french(run[at:])]
            found = self._at(run, points, elides=elides)
        return _best((Split(start + at, gain) for at, gain in found), 2)

    def _beside_known(self, run: str, inner: list[int]) -> list[int]:
        """Where a word ends or begins that has a capital inside elsewhere in the document, too."""
        ends = (at for at in range(inner[0] + 1, len(run)) if run[:at] in self._counts)
        begins = (at for at in range(1, inner[-1]) if run[at:] in self._counts)
        return [*ends, *begins]

    def _at(self, run: str, points: Iterable[int], *, elides: bool) -> Iterator[Split]:
        whole = self._whole(run, elides=elides)
        halves = [
            (at, left + right - affinity(run[:at].lower(), run[at:].lower()))
            for at in points
            if (right := self._half(run[at:], elides=elides)) is not None
            and (left := self._half(run[:at], elides=False)) is not None
            and run[:at].lower() not in _PREFIXES
        ]
        best = min((cost for _, cost in halves), default=math.inf)
        if _HOPELESS < whole - best < _CERTAIN and not is_french(run):
            whole = min(whole, slip_cost(run.lower()))
        for at, cost in halves:
            yield Split(at, whole - cost)

    def _at_capital(self, run: str, at: int, *, elides: bool) -> Iterator[Split]:
        """Names are written like that, too: it has to be told how seldom."""
        first, second = run[:at], run[at:]
        left, right = self._half(first, elides=False), self._half(second, elides=elides)
        if left is None or right is None:
            return
        whole = self._whole(run, elides=elides)
        if run[0].islower() or frequency_cost(run.lower()) is None:
            whole += _CAMEL
        brand = (_SMALL_BRAND if run[0].islower() else _BRAND) + left + right
        if (first, second) in self._neighbours:
            brand += _NEIGHBOURS
        elif first in self._counts and second in self._counts:
            brand += _BOTH_SEEN
        brand = self._repeated(run, brand)
        common = is_french(second.lower()) and second not in self._counts
        yield Split(at, min(whole, brand) - left - right - (_COMMON_CAPITAL if common else 0.0))

    def _echo(self, word: str) -> float:
        return _ECHO * self._counts[word] / self._total

    def _whole(self, run: str, *, elides: bool) -> float:
        cost = word_cost(run)
        if is_french(run):
            cost -= _FRENCH
        if elides:
            cost += _STRAY_APOSTROPHE
        if len(run) > 1 and run.isupper():
            cost -= _ACRONYM
        return self._repeated(run, cost)

    def _repeated(self, run: str, cost: float) -> float:
        """What a word costs each time, since all its occurrences are glue or none is."""
        again = self._counts[run] - 1
        if again < 1:
            return cost
        return (cost + again * min(cost, -math.log(self._echo(run)))) / (again + 1)

    def _half(self, word: str, *, elides: bool) -> float | None:
        """-ln of the word's share; None where it is no word to stand alone."""
        low = word.lower()
        if elides:
            return frequency_cost(low) if low in _ELISIONS else None
        if len(word) == 1:
            return frequency_cost(low) if low in _ONE_LETTER else None
        small = word == low
        known = frequency_cost(low)
        seen = self._counts[word]
        if not seen:
            if small and (known is None or not is_french(word)):
                return None
            common_name = not small and known is not None and known < _COMMON_NAME
            if len(word) == 2 and low not in _TWO_LETTERS and not common_name:  # noqa: PLR2004
                return None
        cost = word_cost(word)
        return -math.log(math.exp(-cost) + self._echo(word)) if seen else cost


def _best(splits: Iterable[Split], count: int) -> tuple[Split, ...]:
    likely = (split for split in splits if split.gain > _LEAST)
    return tuple(sorted(likely, key=lambda split: -split.gain)[:count])
