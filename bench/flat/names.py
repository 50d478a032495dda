"""Who and what synthetic stories name: any number of entities, the most named one first."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from worker.core.clean.glue import lexicon
from worker.core.enrich import aliases
from worker.core.enrich.folding import fold, label_of
from worker.core.persist import EntityRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.article import Label

NAMES: Final = 2_000_000
"""So many can be named; in a million stories most of them are."""

# Without a common divisor, so that no two made-up names have both parts in common.
_FIRST: Final = 997
_LAST: Final = 20_011
_LABELS: Final[tuple[Label, ...]] = ("PER", "PER", "PER", "PER", "LOC", "LOC", "ORG", "ORG", "ORG")
_REMEMBERED: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Name:
    """An entity, as stories name it."""

    rank: int
    """0 is what is named most."""
    key: str
    label: Label
    surfaces: tuple[str, ...]
    """The full spelling first."""

    def row(self) -> EntityRow:
        """The row that persist makes of it."""
        known = aliases.name(self.key)
        return EntityRow(
            self.key,
            self.label,
            known or self.surfaces[0],
            "file" if known else "text",
            aliases.wikidata(self.key),
        )


@lru_cache(maxsize=_REMEMBERED)
def name(rank: int) -> Name:
    """The entity of a rank: first those that the linker knows, then made-up ones."""
    known = _known()
    if rank < len(known):
        return known[rank]
    firsts, lasts = _parts()
    first, last = firsts[rank % _FIRST], lasts[rank % _LAST]
    surfaces: tuple[str, ...]
    match label := _LABELS[rank % len(_LABELS)]:
        case "PER":
            key, surfaces = f"per:{fold(first)}-{fold(last)}", (f"{first} {last}", last)
        case "LOC":
            key, surfaces = f"loc:{fold(last)}-{fold(first)}", (f"{last}-{first}",)
        case _:
            key, surfaces = f"org:{fold(last)}-{fold(first)}", (f"{last} {first}",)
    return Name(rank, key, label, surfaces)


@cache
def _known() -> Sequence[Name]:
    """The linker's file, its first line first and the others in any order."""
    path = resources.files("worker.core.enrich") / "data" / "aliases.csv"
    with path.open(encoding="utf-8") as file:
        first, *others = [
            (line["key"], (line["canonical"], *filter(None, line["aliases"].split("|")[:2])))
            for line in csv.DictReader(file)
        ]
    random.Random("names").shuffle(others)  # noqa: S311 - repeats itself, guards nothing
    return [
        Name(rank, key, label_of(key), surfaces)
        for rank, (key, surfaces) in enumerate([first, *others])
    ]


@cache
def _parts() -> tuple[Sequence[str], Sequence[str]]:
    """Parts of made-up names: words of a French dictionary that differ when folded."""
    words = dict.fromkeys(
        line.split()[0].capitalize()
        for line in lexicon.read_table("dictionary.txt.xz").decode().splitlines()
        if line.strip()
    )
    fitting = [word for word in words if word.isalpha() and 4 <= len(word) <= 12]  # noqa: PLR2004
    random.Random("parts").shuffle(fitting)  # noqa: S311
    by_fold = {fold(word): word for word in fitting[: 2 * (_FIRST + _LAST)]}
    parts = list(by_fold.values())
    return parts[:_FIRST], parts[_FIRST : _FIRST + _LAST]
