"""How surely retold stories are found again, and how seldom others are taken for them.

Every file goes through the clean step. All pairs are compared by brute force; what the bands let
through and ``likeness.are_twins`` confirms is held against that, and against which story each
file was made of. ``python -m tests.quality.stories FILE`` prints the table for other stories than
the held-out ones, those of a file of WiNER-fr.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.quality import glue, retelling
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.stories import fingerprint, likeness
from worker.core.stories.likeness import JACCARD, Likeness, Reading
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tests.quality.retelling import File

    Pairs = NDArray[np.bool_]  # by number of file, above the diagonal only
    Shares = NDArray[np.float64]

_LEAST: Final = 0.4
"""Jaccard index, or half of the containment, below which two files are certainly no twins."""


class Told(NamedTuple):
    """A file, as it is compared."""

    kind: str
    story: str
    reading: Reading
    bands: list[int]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of the files of a kind."""

    kind: str
    files: int
    jaccard: float
    """Mean, to the original of the same story."""
    alike: int
    """Pairs with another file of the same story whose Jaccard index is at least .5."""
    found: int
    """Of those, pairs that were found and confirmed."""
    called: int
    """Pairs that were found and confirmed, of any index and any story."""
    right: int
    """Of those, pairs of one story."""

    @property
    def recall(self) -> float:
        """Share of the pairs at Jaccard .5 or more that was found."""
        return self.found / max(1, self.alike)

    @property
    def precision(self) -> float:
        """Share of the pairs called twins that tell one story."""
        return self.right / max(1, self.called)


def told(files: Iterable[File]) -> list[Told]:
    """The files that hold a story which is long enough to be compared."""
    found = []
    for file in files:
        try:
            article = clean(decode(file.text.encode()))
        except Permanent:
            continue
        reading = likeness.read(article.lead, article.body, article.published)
        bands = fingerprint.bands(fingerprint.minima(reading.shingles))
        if bands:
            found.append(Told(file.kind, file.story, reading, bands))
    return found


def measure(files: Iterable[File]) -> list[Row]:
    """A row for each kind of file, and one for all."""
    tellings = told(files)
    stories = np.array([telling.story for telling in tellings])
    same = stories[:, None] == stories
    jaccard, containment = brute_force([telling.reading for telling in tellings])
    above = np.triu(np.ones_like(same), 1)
    twins = _confirmed(tellings, _candidates(tellings) & above, jaccard, containment)
    alike = same & above & (jaccard >= JACCARD)
    first = {telling.story: nth for nth, telling in reversed(list(enumerate(tellings)))}

    def row(kind: str, chosen: Sequence[int]) -> Row:
        of = np.zeros_like(same)
        of[chosen] = of[:, chosen] = True
        originals = [first[tellings[nth].story] for nth in chosen]
        return Row(
            kind=kind,
            files=len(chosen),
            jaccard=float(jaccard[originals, chosen].mean()),
            alike=int((of & alike).sum()),
            found=int((of & alike & twins).sum()),
            called=int((of & twins).sum()),
            right=int((of & same & twins).sum()),
        )

    by_kind = defaultdict[str, list[int]](list)
    for nth, telling in enumerate(tellings):
        by_kind[telling.kind].append(nth)
    rows = [row(kind, chosen) for kind, chosen in by_kind.items()]
    return [*rows, row("all", range(len(tellings)))]


def brute_force(readings: Sequence[Reading]) -> tuple[Shares, Shares]:
    """Jaccard index and containment of all pairs, by counting every shingle."""
    sizes = np.array([len(reading.shingles) for reading in readings])
    _, numbers = np.unique(
        np.concatenate([reading.shingles for reading in readings]), return_inverse=True
    )
    files = np.repeat(np.arange(len(readings)), sizes)[np.argsort(numbers, kind="stable")]
    ends = np.cumsum(np.bincount(numbers))
    holders = np.split(files, ends[:-1])
    shared = np.array(
        [
            np.bincount(np.concatenate([holders[n] for n in own]), minlength=len(readings))
            for own in np.split(numbers, np.cumsum(sizes)[:-1])
        ]
    )
    either = sizes[:, None] + sizes - shared
    return shared / either, shared / np.minimum(sizes[:, None], sizes)


def _candidates(tellings: Sequence[Told]) -> Pairs:
    """Which share a band."""
    holders = defaultdict[int, list[int]](list)
    for nth, telling in enumerate(tellings):
        for key in telling.bands:
            holders[key].append(nth)
    pairs = np.zeros((len(tellings), len(tellings)), bool)
    for each in holders.values():
        pairs[np.ix_(each, each)] = True
    return pairs


def _confirmed(
    tellings: Sequence[Told], pairs: Pairs, jaccard: Shares, containment: Shares
) -> Pairs:
    twins = np.zeros_like(pairs)
    for one, other in np.argwhere(pairs & ((jaccard >= _LEAST) | (containment >= 2 * _LEAST))):
        measured = Likeness(float(jaccard[one, other]), float(containment[one, other]))
        twins[one, other] = likeness.are_twins(
            tellings[one].reading, tellings[other].reading, measured
        )
    return twins


def table(rows: Sequence[Row], title: str) -> Table:
    """The rows for people."""
    view = Table(title=title, title_justify="left")
    view.add_column("telling")
    columns = ("files", "mean Jaccard", "pairs from .5 on", "recall", "called twins", "precision")
    for column in columns:
        view.add_column(column, justify="right")
    for each in rows:
        view.add_row(
            each.kind,
            str(each.files),
            f"{each.jaccard:.3f}",
            str(each.alike),
            f"{each.recall:.4f}" if each.alike else "",
            str(each.called),
            f"{each.precision:.4f}" if each.called else "",
            end_section=each is rows[-2],
        )
    return view


def held_out() -> list[Row]:
    """The rows of the stories that nothing was chosen by."""
    return measure(retelling.files(glue.held_out()))


if __name__ == "__main__":
    found = glue.stories(Path(sys.argv[1])) if sys.argv[1:] else glue.held_out()
    Console(width=140).print(table(measure(retelling.files(found)), "Stories told again"))
