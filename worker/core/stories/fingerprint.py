"""What of an article is compared with others, and the keys by which likely twins are found.

Near-duplicates are told by the letters alone: shingles of 13, so that lost spaces, typography,
figures and diacritics make no difference. MinHash (Broder 1997) in bands turns "many shingles in
common" into "a key in common", which a database can look up. Its figures are in
``docs/decisions/0023-stories.md``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from worker.core.characters import IN_SILENT, nfc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Shingles: TypeAlias = NDArray[np.uint64]
    """Hashes of a text's shingles, each once, in order."""
    Minima: TypeAlias = NDArray[np.uint32]
    """The least shingles of a text in each of many orders (MinHash)."""

FINGERPRINT: Final = 1
"""Version of ``minima`` and ``bands``; those of different versions cannot be compared. They are
stored, and depend on every constant here: whoever changes one raises this, and empties table
``bands`` in a migration."""
COMPARED: Final = 50_000
"""Characters of an article that are compared, some 8,000 words. A story's articles are read again
with each that joins it, so the work must be bounded, whatever comes."""
LEAST: Final = 200
"""Letters and digits below which a body tells nothing: it may well be a stock phrase."""
BANDS: Final = 35
ROWS: Final = 3
"""Minima that make a band's key: 35 bands of 3 find 99 of 100 pairs at a Jaccard index of .5."""

_SIZE: Final = 13  # letters of a shingle
_LEAST_TITLE: Final = 12  # letters and digits; "Sports" or "En bref" heads many stories
_BASE: Final = np.uint64(0x100000001B3)  # the prime of FNV-1a
_HIGH: Final = np.uint64(32)
# SplitMix64 (Steele, Lea and Flood 2014), whose output is also what keys are mixed with.
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MIX: Final = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST: Final = np.uint64(31)
_AT_ONCE: Final = 512  # shingles that are ordered together: in all orders they stay in the cache

# Letters that Unicode does not take apart, and an apostrophe that it counts as one.
_PLAIN: Final = {"đ": "d", "ø": "o", "ł": "l", "ı": "i", "œ": "oe", "æ": "ae", "ʼ": ""}
_TYPOGRAPHY: Final = {"œ": "oe", "æ": "ae", "ʼ": "'", "’": "'", "‘": "'"} | dict.fromkeys(
    "‐‑‒–—―−", "-"
)
_NO_WORD: Final = re.compile(r"[\W_]")
_MEANT: Final = frozenset("%‰°")
_BEFORE_FIGURE: Final = frozenset("+-±<>≤≥")
_IN_FIGURE: Final = frozenset(".,:/'")
_SILENT: Final = re.compile(f"[{IN_SILENT}\u034f\ufe00-\ufe0f]+")
"""What neither shows nor parts two words, the grapheme joiner and the selectors of variants too."""


def text_of(lead: str | None, body: str) -> str:
    """What of an article is compared: never its title, which others rewrite."""
    return _whole(lead, body)[:COMPARED]


def _whole(lead: str | None, body: str) -> str:
    return f"{lead}\n\n{body}" if lead else body


def letters(text: str) -> str:
    """The letters of a text, without case or diacritics: ``La crue à Huê`` as ``lacrueahue``."""
    return "".join(filter(str.isalpha, _plain(text)))


def shingles(text: str) -> Shingles:
    """The 64-bit hashes of all stretches of 13 letters, each once, in order.

    Empty for a text of fewer letters.
    """
    return shingles_of(letters(text))


def shingles_of(plain: str) -> Shingles:
    """The same of the `letters` of a text."""
    codes = np.frombuffer(plain.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    starts = len(codes) - _SIZE + 1
    if starts < 1:
        return np.empty(0, np.uint64)
    hashes = np.zeros(starts, np.uint64)
    for place in range(_SIZE):
        hashes *= _BASE
        hashes += codes[place : place + starts]
    ordered = np.sort(_mixed(hashes))
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def minima(found: Shingles) -> Minima:
    """The least of the shingles in each of 105 orders: texts share as many of them as of shingles.

    Empty for what is too short to tell. The upper halves of the hashes are ordered, each multiplied
    by an odd number of its own, which orders them anew.
    """
    if len(found) <= LEAST - _SIZE:
        return np.empty(0, np.uint32)
    halves = (found >> _HIGH).astype(np.uint32)[:, np.newaxis]
    blocks = (halves[at : at + _AT_ONCE] for at in range(0, len(halves), _AT_ONCE))
    least: Minima = np.min([(block * _FACTORS).min(axis=0) for block in blocks], axis=0)
    return least


def bands(least: Minima) -> list[int]:
    """Keys, signed 64-bit, of which near-twins are likely to share one; empty without minima."""
    if not len(least):
        return []
    keys = np.arange(BANDS, dtype=np.uint64)
    for row in least.astype(np.uint64).reshape(BANDS, ROWS).T:
        keys = _mixed(keys + row)
    return keys.view(np.int64).tolist()


def evened(text: str) -> str:
    """A text without blanks, case, typography and punctuation; not without signs of figures.

    Each figure and diacritic is left, since that is what corrections change.
    """
    shown = "".join(_SILENT.sub("", nfc(text)).split())
    return _NO_WORD.sub(_kept, _replaced(shown.casefold(), _TYPOGRAPHY))


def body_key(lead: str | None, body: str) -> str | None:
    """``sha256:<hex>`` of what two articles must have in common to be the same.

    Blanks, case, typography and punctuation make no difference; each figure, sign of a figure and
    diacritic does, since that is what corrections change. None below 200 letters and digits.
    """
    key = evened(_whole(lead, body))
    if len(key) - len(_NO_WORD.findall(key)) < LEAST:
        return None
    return "sha256:" + hashlib.sha256(f"body {key}".encode()).hexdigest()


def title_key(title: str | None) -> int | None:
    """A key, signed 64-bit, that titles share which differ in no letter and no figure.

    Case, diacritics, blanks and punctuation make no difference. None for less than 12 letters
    and digits, and where there is no title.
    """
    folded = "".join(filter(str.isalnum, _plain(title or "")))
    if len(folded) < _LEAST_TITLE:
        return None
    digest = hashlib.blake2b(folded.encode(), digest_size=8, person=b"title").digest()
    return int.from_bytes(digest, "big", signed=True)


def _plain(text: str) -> str:
    return _replaced(unicodedata.normalize("NFKD", nfc(text)).casefold(), _PLAIN)


def _replaced(text: str, same: Mapping[str, str]) -> str:
    """What `str.translate` does, in a tenth of its time; nothing put in may be replaced again."""
    for character, other in same.items():
        text = text.replace(character, other)
    return text


def _kept(found: re.Match[str]) -> str:
    """The character, if it is a mark on a letter or says something of a figure; else nothing."""
    sign = found[0]
    if sign in _BEFORE_FIGURE or sign in _IN_FIGURE:
        meant = found.string[found.end() : found.end() + 1].isdigit() and (
            sign in _BEFORE_FIGURE or found.string[found.start() - 1 : found.start()].isdigit()
        )
    else:
        meant = sign in _MEANT or unicodedata.category(sign) in ("Sc", "Mn", "Mc")
    return sign if meant else ""


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 of each value: one bit's difference changes half of the bits."""
    mixed = values + np.uint64(_GOLDEN)
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed >> shift)) * factor
    return mixed ^ (mixed >> _LAST)


_FACTORS: Final = (
    (_mixed(np.arange(BANDS * ROWS, dtype=np.uint64) * np.uint64(_GOLDEN)) >> _HIGH) | np.uint64(1)
).astype(np.uint32)
