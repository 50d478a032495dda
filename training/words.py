"""Builds the word tables of the clean step.

``python -m training.words --dictionary DIR --stories FILE`` writes three files below
``worker/core/clean/glue/data``: how often words occur, which words a French dictionary knows, and
which letters follow each other in words that no dictionary knows. The same input gives the same
bytes. See the README beside the tables for sources and licences.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import wordfreq

from tests.quality.glue import is_held_out, tidy
from worker.core.clean.glue.affinity import kind
from worker.core.clean.glue.letters import ALPHABET, ORDER, classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DATA: Final = Path(__file__).parents[1] / "worker/core/clean/glue/data"
_WORD: Final = re.compile(r"[^\W\d_]+")

_LANGUAGES: Final = {"en": 0.03, "de": 0.01, "es": 0.01, "vi": 0.02}
"""How much of a French story is in other tongues: generous, for it guards names and quotations."""
_FOREIGN_LISTS: Final = {"en": "large", "de": "small", "es": "small", "vi": "small"}
_STORIES: Final = 0.2
"""Weight of the news stories against French at large."""
_RAREST: Final = 1e-8  # share of all words; wordfreq knows none that are rarer
_STEPS: Final = 10  # per factor of ten, between two codes of the table
_FIRST_CODE: Final = 33  # "!", the code of the rarest
_COMMON: Final = 150
"""Words that are their own kind; of the others only the ending counts."""
_EXPECTED: Final = 2.0  # times that two kinds should meet by chance, below which nothing is said
_SMOOTHING: Final = 1.0
_NEUTRAL: Final = 80  # "P", the code of two kinds that meet as often as chance has it
_MOST: Final = 45  # tenths of a nat
_EVERYDAY: Final = 1e-3  # share of all words
_GLUE: Final = 150
"""How much rarer a dictionary's word is than two words in a row, to be taken for these."""
_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae"})
"""As those write who have no key for them."""
_CLAUSE: Final = re.compile(r"[^\w\s'’-]+")


class _Affix(NamedTuple):
    strip: str
    add: str
    condition: re.Pattern[str]


def main() -> None:
    """Read the sources named on the command line, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dictionary", type=Path, required=True, help="folder of index.aff, .dic")
    parser.add_argument("--stories", type=Path, required=True, help="winer-fr/train.jsonl")
    arguments = parser.parse_args()
    words, pairs = _counts(arguments.stories)
    shares = _mix(words)
    valid = {word for word in _expand(arguments.dictionary) if not _is_glue(word, shares)}
    rare = [word for word in shares if shares[word] < 1e-6 and word not in valid]  # noqa: PLR2004
    _DATA.mkdir(exist_ok=True)
    _write("frequencies.txt.xz", (f"{word} {_code(share)}" for word, share in shares.items()))
    _write("dictionary.txt.xz", (f"{word} " for word in valid))
    _write("pairs.txt.xz", _affinities(pairs, [word for word, _ in words.most_common(_COMMON)]))
    (_DATA / "letters.bin.xz").write_bytes(_compress(_letters(rare)))


def _compress(data: bytes) -> bytes:
    return lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)


def _write(name: str, lines: Iterable[str]) -> None:
    """Lines in the order of their bytes, which is the order that ``Words`` searches."""
    data = b"".join(b"\n" + line for line in sorted(line.encode() for line in lines)) + b"\n"
    (_DATA / name).write_bytes(_compress(data))


def _code(share: float) -> str:
    return chr(_FIRST_CODE + round(_STEPS * math.log10(max(share, _RAREST) / _RAREST)))


def _counts(stories: Path) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How often words, and two words in a row, occur in the stories that nothing is measured on."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for line in stories.read_text(encoding="utf-8").splitlines():
        story = json.loads(line)
        if not is_held_out(story["id"]):
            for paragraph in tidy(story["text"]):
                words.update(_WORD.findall(paragraph.lower()))
                for clause in _CLAUSE.split(paragraph.lower()):
                    pairs.update(pairwise(_WORD.findall(clause)))
    return words, pairs


def _affinities(pairs: Counter[tuple[str, str]], common: list[str]) -> Iterator[str]:
    """How much oftener two kinds of words follow each other than chance has it, as codes."""
    names = frozenset(common)
    yield from (f"{word} !" for word in common)
    kinds: Counter[tuple[str, str]] = Counter()
    for (left, right), count in pairs.items():
        kinds[kind(left, names), kind(right, names)] += count
    total = kinds.total()
    lefts, rights = Counter[str](), Counter[str]()
    for (left, right), count in kinds.items():
        lefts[left] += count
        rights[right] += count
    for left in lefts:
        for right in rights:
            expected = lefts[left] * rights[right] / total
            if expected >= _EXPECTED:
                times = (kinds[left, right] + _SMOOTHING) / (expected + _SMOOTHING)
                code = round(10 * math.log(times))
                if code:
                    yield f"{left}+{right} {chr(_NEUTRAL + max(-_MOST, min(_MOST, code)))}"


def _is_glue(word: str, shares: Mapping[str, float]) -> bool:
    """Whether a word is rarer than two everyday words that lost the space between them.

    ``quia`` is Latin, and ``qui a`` at the end of a line.
    """
    floor = max(shares.get(word.lower(), 0.0), _RAREST) * _GLUE
    halves = ((word[:at], word[at:]) for at in range(1, len(word)))
    return any(
        min(shares.get(left, 0), shares.get(right, 0)) > _EVERYDAY
        and shares[left] * shares[right] > floor
        for left, right in halves
    )


def _mix(counts: Counter[str]) -> dict[str, float]:
    """Each word's share of the words of French news."""
    shares: defaultdict[str, float] = defaultdict(float)
    total = counts.total()
    french = 1 - _STORIES - sum(_LANGUAGES.values())
    _add(shares, wordfreq.get_frequency_dict("fr", "large"), french)
    for language, weight in _LANGUAGES.items():
        words = wordfreq.get_frequency_dict(language, _FOREIGN_LISTS[language])
        _add(shares, words, weight)
    _add(shares, {word: count / total for word, count in counts.items()}, _STORIES)
    return {word: share for word, share in shares.items() if share >= _RAREST / 2}


def _add(shares: defaultdict[str, float], words: Mapping[str, float], weight: float) -> None:
    for word, share in words.items():
        if _WORD.fullmatch(word):
            shares[word] += weight * share


def _letters(words: list[str]) -> bytes:
    """For each letter after each pair of letters, -10 ln of its probability, in one byte."""
    size = len(ALPHABET)
    triples: Counter[tuple[int, ...]] = Counter()
    for word in words:
        codes = classes(word)
        triples.update(zip(*(codes[start:] for start in range(ORDER)), strict=False))
    pairs, singles, firsts = Counter[tuple[int, ...]](), Counter[int](), Counter[tuple[int, ...]]()
    seconds: Counter[int] = Counter()
    for (first, second, third), count in triples.items():
        pairs[second, third] += count
        firsts[first, second] += count
        seconds[second] += count
        singles[third] += count
    total = singles.total()
    table = bytearray()
    for first in range(size):
        for second in range(size):
            for third in range(size):
                alone = (singles[third] + 1) / (total + size)
                after_one = (pairs[second, third] + 20 * alone) / (seconds[second] + 20)
                after_two = (triples[first, second, third] + 20 * after_one) / (
                    firsts[first, second] + 20
                )
                table.append(min(255, round(-10 * math.log(after_two))))
    return bytes(table)


def _expand(folder: Path) -> Iterator[str]:
    """All forms of all words of a Hunspell dictionary, without elisions (``l'``, ``qu'``)."""
    rules = (folder / "index.aff").read_text(encoding="utf-8")
    suffixes, prefixes = _affixes(rules, "SFX"), _affixes(rules, "PFX")
    for line in (folder / "index.dic").read_text(encoding="utf-8").splitlines()[1:]:
        entry = line.split("\t")[0].split(" ")[0]
        word, _, flags = entry.partition("/")
        names = [flags[at : at + 2] for at in range(0, len(flags), 2)]
        if "{}" in names:  # forbidden
            continue
        forms = [] if "()" in names else [word]  # "()": only with a suffix
        for name in names:
            forms += [
                word[: len(word) - len(affix.strip)] + affix.add
                for affix in suffixes.get(name, ())
                if affix.condition.search(word)
            ]
            for affix in prefixes.get(name, ()):  # kilo-, centi-
                if "'" not in affix.add:
                    forms += [affix.add + word, f"{affix.add}{word}s"]
        for form in forms:
            yield from _WORD.findall(form)
            yield from _WORD.findall(form.translate(_LIGATURES))


def _affixes(rules: str, sort: str) -> dict[str, list[_Affix]]:
    affixes: defaultdict[str, list[_Affix]] = defaultdict(list)
    for line in rules.splitlines():
        match line.split():
            case [found, name, strip, add, condition, *_] if found == sort:
                added = "" if add.startswith("0") else add.split("/")[0]
                pattern = re.compile(("" if condition == "." else condition) + "$")
                affixes[name].append(_Affix(strip.replace("0", ""), added, pattern))
    return affixes


if __name__ == "__main__":
    main()
