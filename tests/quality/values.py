"""How often dates and amounts of money are read exactly.

``python -m tests.quality.values`` prints the texts that were read otherwise. A line of
``data/dates.jsonl`` or ``data/money.jsonl`` is a text with all that stands in it, as surface and
canonical form; nothing else may be found there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from rich.console import Console

from tests.quality.scoring import Count
from worker.core.enrich.dates import find_dates
from worker.core.enrich.money import find_money
from worker.core.enrich.values import context

if TYPE_CHECKING:
    from worker.core.enrich.values import Value

Kind = Literal["dates", "money"]
_DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and the surface and canonical form of each value in it."""

    text: str
    language: str
    published: str | None
    values: list[list[str]]


@cache
def samples(kind: Kind) -> list[Sample]:
    """The texts with dates, or with amounts."""
    lines = (_DATA / f"{kind}.jsonl").read_text("utf-8").splitlines()
    return [Sample(**json.loads(line)) for line in lines]


def found(kind: Kind, sample: Sample) -> list[list[str]]:
    """What is read in a text, in the form of ``Sample.values``."""
    text, language = sample.text, sample.language
    values: list[Value] = (
        find_dates(text, language, context(sample.published, [text], language))
        if kind == "dates"
        else find_money(text, language)
    )
    return [[text[start:end], canonical] for start, end, canonical in values]


def measure(kind: Kind) -> dict[str, Count]:
    """Texts that are read exactly, by language."""
    counts: defaultdict[str, Count] = defaultdict(Count)
    for sample in samples(kind):
        exact = found(kind, sample) == sample.values
        counts[sample.language] += Count(hit=exact, missed=not exact)
    return counts


def show(console: Console) -> None:
    """Print what was read otherwise."""
    for kind in get_args(Kind):
        for sample in samples(kind):
            if (read := found(kind, sample)) != sample.values:
                console.print(f"{sample.text}\n  {read}\n  {sample.values}", markup=False)


if __name__ == "__main__":
    show(Console(width=140))
