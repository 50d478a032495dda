"""How well rules find names: own snippets in five languages, marked as ``annotating.md`` says.

``python -m tests.quality.names dev|test`` prints precision and recall by language, and what went
wrong. The rules were made on those of ``dev``; the snippets are few, and by the rules' author, so
the figures only say that rules hold, not how well they do on all news.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Console

from tests.quality.scoring import Count
from training.ner.corpus import LABELS, marked
from worker.core.enrich.names import RuleRecogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.ner.corpus import Paragraph

Split = Literal["dev", "test"]
_DATA: Final = Path(__file__).parent / "data"


def measure(split: Split) -> dict[str, Count]:
    """Names found, wrongly found and missed, by language; span and label must be right."""
    counts: dict[str, Count] = defaultdict(Count)
    for language, paragraph in _paragraphs(split):
        found, wanted, optional = _compare(language, paragraph)
        extra = found - wanted - optional
        counts[language] += Count(len(found & wanted), len(extra), len(wanted - found))
    return counts


def _paragraphs(split: Split) -> Iterator[tuple[str, Paragraph]]:
    for article in marked(_DATA / f"names-rules-{split}.txt"):
        for paragraph in article.paragraphs:
            yield article.name.partition("-")[0], paragraph


def _compare(language: str, paragraph: Paragraph) -> tuple[set[str], set[str], set[str]]:
    """What was found, what is to be, and what of the found may be, each as ``3-8 LOC Hanoi``."""

    def shown(start: int, end: int, label: str) -> str:
        return f"{start}-{end} {label} {paragraph.text[start:end]}"

    spans = RuleRecogniser(language).recognise([paragraph.text])[0]
    names = [gold for gold in paragraph.mentions if gold.label in LABELS]
    wanted = {shown(g.start, g.end, g.label) for g in names if not g.optional}
    may = [(gold.start, gold.end) for gold in names if gold.optional]
    optional = {
        shown(*span) for span in spans if any(a < span.end and span.start < b for a, b in may)
    }
    return {shown(*span) for span in spans}, wanted, optional


def show(console: Console, split: Split) -> None:
    """Print the figures, then what is too much (+) and missing (-)."""
    for language, count in measure(split).items():
        shares = f"precision {count.precision:.3f} recall {count.recall:.3f}"
        console.print(f"{split} {language}: {shares} of {count.hit + count.missed}")
    for language, paragraph in _paragraphs(split):
        found, wanted, optional = _compare(language, paragraph)
        for sign, names in (("+", found - wanted - optional), ("-", wanted - found)):
            for name in sorted(names):
                console.print(f"{language} {sign} {name}", markup=False)


if __name__ == "__main__":
    for each in sys.argv[1:] or ("dev", "test"):
        show(Console(width=120), "test" if each == "test" else "dev")
