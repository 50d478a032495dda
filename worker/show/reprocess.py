"""What `rotative reprocess` prints: how far it is, what changes, and the sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.reprocess.changes import NAMES, TEXTS
from worker.show.terminal import articles_bar, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from worker.reprocess.run import Batch, Reprocess

EXAMPLES = 3  # of each kind of change, where not all are asked for


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    articles: int = 0
    changed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Texts rewritten, and mentions gained, lost and relinked."""
    passed_over: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """By the word for the reason."""
    failed: dict[int, Exception] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Count a batch in."""
        self.articles += len(batch.changes)
        for change in batch.changes:
            self.changed += change.any
            self.kinds.update(kind for kind, _ in change.lines())
        self.passed_over += len(batch.passed_over)
        self.rejected.update(error.reason for error in batch.rejected.values())
        self.failed |= batch.failed


def show(again: Reprocess, batch: int, console: Console, *, write: bool, verbose: bool) -> Tally:
    """Do the work, tell what changes, all of it or a few examples, and the sum."""
    ids = again.ids()
    tally = Tally()
    told: Counter[str] = Counter()
    with articles_bar(console) as progress:
        bar = progress.add_task("articles", total=len(ids))
        for done in again.run(ids, batch, write=write):
            tally.add(done)
            for kind, line in _lines(done):
                told[kind] += 1
                if verbose or told[kind] <= EXAMPLES:
                    console.print(shown(line), soft_wrap=True)
            progress.advance(bar, batch)
    _sum_up(tally, console, write=write, from_raw=again.selection.from_raw)
    return tally


def _lines(batch: Batch) -> Iterator[tuple[str, str]]:
    for change in batch.changes:
        yield from change.lines()
    for article, error in batch.rejected.items():
        yield "rejected", f"article {article}: would be rejected today, {error}"


def _sum_up(tally: Tally, console: Console, *, write: bool, from_raw: bool) -> None:
    names = ", ".join(f"{tally.kinds[kind]} {kind}" for kind in NAMES)
    again = f"{tally.articles} articles {'' if write else 'would be '}"
    if from_raw:
        texts = ", ".join(f"{tally.kinds[what]} {what}" for what in TEXTS.values())
        line = f"{again}made again, {tally.changed} otherwise than before: {texts}; names {names}."
    else:
        line = f"{again}enriched again, {tally.changed} with other names than before: {names}."
    console.print(line, highlight=False)
    if tally.rejected:
        reasons = ", ".join(f"{n} {reason}" for reason, n in tally.rejected.most_common())
        console.print(
            f"{tally.rejected.total()} would be rejected today ({reasons}), and stay as they are.",
            highlight=False,
        )
    if tally.passed_over:
        console.print(f"{tally.passed_over} were written by a worker meanwhile, and left to it.")
    for article, error in tally.failed.items():
        line = f"Article {article} is as it was: {type(error).__name__}: {error}"
        console.print(shown(line, style="red"), soft_wrap=True)
