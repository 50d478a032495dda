"""How much of a story is read out of a page, and how little besides.

``markup/`` holds pages in the shapes that news sites have, and beside each the text that should
come out. All are fiction, written for this.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker.core.clean.markup import extract

_PAGES: Final = Path(__file__).with_name("markup")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Score:
    """How the words of a page's text compare to the expected ones, as shares of 1."""

    page: str
    precision: float
    recall: float
    f1: float
    paragraphs: float
    """Share of the expected paragraphs that came out word for word."""


def measure() -> list[Score]:
    """The score of each page, in the order of their names."""
    return [_score(page) for page in sorted(_PAGES.glob("*.html"))]


def mean_f1() -> float:
    """The mean F1 over all pages, each page counting the same."""
    scores = measure()
    return sum(score.f1 for score in scores) / len(scores)


def _score(page: Path) -> Score:
    expected = page.with_suffix(".txt").read_text(encoding="utf-8").strip()
    found = extract(page.read_text(encoding="utf-8"), page.name).text
    wanted, got = Counter(_WORD.findall(expected)), Counter(_WORD.findall(found))
    shared = (wanted & got).total()
    precision, recall = shared / max(got.total(), 1), shared / wanted.total()
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    parts = expected.split("\n\n")
    whole = sum(1 for part in parts if part in found.split("\n\n")) / len(parts)
    return Score(page.name, precision, recall, f1, whole)
