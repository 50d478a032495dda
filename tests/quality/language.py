"""How often the language of short news is told right, by language, kind and length.

``python -m tests.quality.language dev|test`` prints the tables and what went wrong. The snippets
are our own: headlines, briefs, lines that are mostly names, capitals, texts without diacritics;
and in languages that have no recogniser. Nothing was chosen by those of ``test``.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Console
from rich.table import Table

from worker.core.enrich.language import detect

if TYPE_CHECKING:
    from collections.abc import Iterator

Split = Literal["dev", "test"]
SUPPORTED: Final = ("fr", "en", "vi", "es", "de")
_DATA: Final = Path(__file__).parent / "data"
_SHORT: Final = (40, 80)  # characters
_OF_A_STORY: Final = 3  # briefs, one after the other


@dataclass(frozen=True, slots=True)
class Snippet:
    """A short text, and what it is: ``headline``, ``names``, ``capitals`` …."""

    text: str
    language: str
    kind: str


def snippets(split: Split) -> list[Snippet]:
    """The snippets of a split, and after them stories of three briefs each."""
    lines = (_DATA / f"languages-{split}.jsonl").read_text(encoding="utf-8").splitlines()
    found = [Snippet(**json.loads(line)) for line in lines]
    return [*found, *_stories(found)]


def _stories(found: list[Snippet]) -> Iterator[Snippet]:
    briefs = sorted((s for s in found if s.kind == "brief"), key=attrgetter("language"))
    for language, group in groupby(briefs, key=attrgetter("language")):
        texts = [snippet.text for snippet in group]
        for start in range(0, len(texts) - _OF_A_STORY + 1, _OF_A_STORY):
            yield Snippet("\n\n".join(texts[start : start + _OF_A_STORY]), language, "story")


def measure(split: Split) -> dict[str, float]:
    """The share told right of each group of snippets; of the supported languages, if not other."""
    return {group: sum(hits) / len(hits) for group, hits in _hits(split).items()}


def _hits(split: Split) -> dict[str, list[bool]]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for snippet in snippets(split):
        hit = detect(snippet.text) == snippet.language
        for group in _groups(snippet):
            groups[group].append(hit)
    return groups


def _groups(snippet: Snippet) -> list[str]:
    supported = snippet.language in SUPPORTED
    if snippet.kind == "story":
        return ["stories" if supported else "stories, others"]
    if not supported:
        return ["others"]
    under = next((f"under {most}" for most in _SHORT if len(snippet.text) < most), "longer")
    return ["supported", snippet.language, snippet.kind, f"{under} characters"]


def show(console: Console, split: Split) -> None:
    """Print the shares, and what was told wrong."""
    table = Table("snippets", "right", "of", "share", title=split, title_justify="left")
    for group, hits in _hits(split).items():
        table.add_row(group, str(sum(hits)), str(len(hits)), f"{sum(hits) / len(hits):.3f}")
    console.print(table)
    for snippet in snippets(split):
        found = detect(snippet.text)
        if found != snippet.language:
            console.print(f"{snippet.language} > {found}: {snippet.text}", markup=False)


if __name__ == "__main__":
    for each in sys.argv[1:] or ("dev", "test"):
        show(Console(width=120), "test" if each == "test" else "dev")
