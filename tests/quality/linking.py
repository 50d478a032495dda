"""How often a name leads to its entity, by the name and what else its article says.

``python -m tests.quality.linking dev`` prints what went wrong there; the mistakes in ``test`` are
not looked at.

A row of ``data/linking-dev.tsv`` is an article of names alone: those of ``context`` in their
order, with ``*`` where ``surface`` stands; its entity is that of ``key``. A row of
``data/linking-test.tsv`` is an article of ``context`` and, as its last paragraph, ``surface``;
``context_names`` are the other names that a recogniser would find there, and those with ``≠`` are
other entities. Its ``expected`` holds the canonical names that an editor would take; rows with the
same are one entity.
"""

from __future__ import annotations

import csv
import itertools
import re
import sys
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

from rich.console import Console

from tests.quality.scoring import Count
from worker.core.enrich.folding import fold
from worker.core.enrich.link import Link, Name, link

if TYPE_CHECKING:
    from worker.core.article import Label

Split = Literal["dev", "test"]
_DATA: Final = Path(__file__).parent / "data"
_BREAK: Final = "\n\n"
_HERE: Final = "*"
_OTHER: Final = "≠"


class Case(NamedTuple):
    """A name in its article, and what it leads to."""

    text: str
    language: str
    names: list[Name]
    at: int
    """Which of the names is asked for."""
    others: frozenset[str]
    """Surfaces among the names that are other entities."""
    expected: str
    """The canonical name, or several that are right, with ``|`` between."""
    entity: str
    """The same for all cases of an entity."""

    @property
    def name(self) -> Name:
        """The name that is asked for."""
        return self.names[self.at]


class Outcome(NamedTuple):
    """Where the names of a case led to."""

    case: Case
    links: list[Link]

    @property
    def link(self) -> Link:
        """Where the name led to that was asked for."""
        return self.links[self.case.at]

    @property
    def right(self) -> bool:
        """Whether its canonical name is one that was expected, folded."""
        return fold(self.link.canonical) in map(fold, self.case.expected.split("|"))

    @property
    def clashes(self) -> bool:
        """Whether a name of the article that is another entity led to the same."""
        links = zip(self.case.names, self.links, strict=True)
        others = {each.entity for name, each in links if name.surface in self.case.others}
        return self.link.entity in others


@cache
def cases(split: Split) -> list[Case]:
    """The cases of a split."""
    with (_DATA / f"linking-{split}.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(_of_names if split == "dev" else _of_prose)(row) for row in rows]


def _of_names(row: dict[str, str]) -> Case:
    places = [each.strip() for each in (row["context"] or _HERE).split("|")]
    asked = (row["surface"], row["label"])
    text, names = "", list[Name]()
    for place in places:
        surface, label = asked if place == _HERE else place.rsplit("/", 1)
        start = len(text)
        text += f"{surface}. "
        names.append(Name("body", start, start + len(surface), surface, cast("Label", label)))
    at = places.index(_HERE)
    return Case(text, row["language"], names, at, frozenset(), row["canonical"], row["key"])


def _of_prose(row: dict[str, str]) -> Case:
    text = _BREAK.join(filter(None, (row["context"], row["surface"])))
    written = row["context_names"].split("|") if row["context_names"] else []
    parts = (each.removeprefix(_OTHER).partition(":") for each in written)
    labels = {surface: cast("Label", label) for label, _, surface in parts}
    others = frozenset(
        surface for each, surface in zip(written, labels, strict=True) if each.startswith(_OTHER)
    )
    labels[row["surface"]] = cast("Label", row["label"])
    longest_first = sorted(labels, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    names = [
        Name("body", *each.span(), each[0], labels[each[0]]) for each in pattern.finditer(text)
    ]
    return Case(text, "fr", names, len(names) - 1, others, row["expected"], row["expected"])


@cache
def outcomes(split: Split) -> list[Outcome]:
    """What the linker makes of the cases of a split."""
    return [
        Outcome(case, link(case.names, {"title": "", "lead": "", "body": case.text}, case.language))
        for case in cases(split)
    ]


def canonical(split: Split) -> dict[str, Count]:
    """Cases with the right canonical name, by label."""
    counts: defaultdict[str, Count] = defaultdict(Count)
    for each in outcomes(split):
        counts[each.case.name.label] += Count(hit=each.right, missed=not each.right)
    return counts


def together(split: Split) -> Count:
    """Cases of entities with several, with the key that most cases of their entity have."""
    count = Count()
    for group in _groups(split).values():
        if len(group) > 1:
            most = Counter(each.link.entity for each in group).most_common(1)[0][1]
            count += Count(hit=most, missed=len(group) - most)
    return count


def clashes(split: Split) -> list[str]:
    """Entities that share a key with another one: in one article, or over the split."""
    found = [
        f"{each.case.name.surface}, in its article" for each in outcomes(split) if each.clashes
    ]
    keys = [(name, {each.link.entity for each in group}) for name, group in _groups(split).items()]
    for (name, of_one), (other, of_other) in itertools.combinations(keys, 2):
        if of_one & of_other:
            found.append(f"{name} and {other}")
    return found


def _groups(split: Split) -> dict[str, list[Outcome]]:
    """The outcomes of each entity."""
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes(split):
        groups[each.case.entity].append(each)
    return groups


def show(console: Console, split: Split) -> None:
    """Print what led elsewhere, and what was taken for one."""
    for each in outcomes(split):
        if not each.right:
            name, came_to = each.case.name, each.link.canonical
            differs = f"{name.label} {name.surface}: {came_to}, not {each.case.expected}"
            console.print(differs, markup=False)
    for clash in clashes(split):
        console.print(f"one key: {clash}", markup=False)


if __name__ == "__main__":
    if "dev" in sys.argv[1:]:
        show(Console(width=140), "dev")
