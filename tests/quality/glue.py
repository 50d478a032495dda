"""How well lost spaces are found: clean stories are wrapped, glued at their line ends, repaired.

The stories are French Wikinews (see ``data/README.md``). What happened to the wire copy is done to
them again: lines wrapped at a width of the document's own, a newline in several lost with nothing
in its place. All drawing is seeded, so that a figure changes only when the code does.
"""

from __future__ import annotations

import json
import random
import re
import sys
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from worker.core.clean.glue import missing_spaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DATA: Final = Path(__file__).parent / "data"
_TUNING: Final = Path(__file__).parents[3] / "shared/ner/winer-fr/train.jsonl"

_BEFORE_CLOSER: Final = re.compile(r" +([,.)\]])")
_AFTER_OPENER: Final = re.compile(r"([(\[]|(?:\b[cdjlmnst]|\bqu)['’]) +", re.IGNORECASE)

_WIDTHS: Final = (70, 82)  # characters; what the files that were seen are wrapped at
_RAGGED: Final = (1.0, 3.0)  # characters, standard deviation; the font was proportional
_MOST_RAGGED: Final = 5.0
_SHORT: Final = 0.03  # share of lines that end early
_SHORTENED: Final = 15.0  # characters, at most
_UNGLUED: Final = 0.25  # share of documents that lost no newline
_LOSS: Final = (0.2, 1.0)  # share of newlines lost in the others
_INDENTED: Final = 0.4  # share of documents whose paragraphs' first lines are of any length
_NO_BREAK_BEFORE: Final = tuple(":;?!»%–—")
_HYPHENATED: Final = re.compile(r"(?<=\w-)(?=\w)")


class Story(NamedTuple):
    """A story as it should be read."""

    paragraphs: list[str]
    people: list[str]
    """Names of people in it, which a variant replaces by others."""


@dataclass(frozen=True, slots=True)
class GlueScore:
    """Counts over many stories, and what they come to."""

    words: int
    """In the stories as they should be read."""
    glued: int
    """Spaces that were lost."""
    found: int
    wrong: int
    """Spaces put where there was none, in glued and in clean stories."""

    @property
    def precision(self) -> float:
        """Share of the spaces put that had been lost."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the lost spaces that were put back."""
        return self.found / max(1, self.glued)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.found / max(1, self.found + self.wrong + self.glued)

    @property
    def false_per_10k(self) -> float:
        """Wrong spaces in 10,000 words."""
        return 1e4 * self.wrong / max(1, self.words)

    def __add__(self, other: GlueScore) -> GlueScore:
        return GlueScore(
            self.words + other.words,
            self.glued + other.glued,
            self.found + other.found,
            self.wrong + other.wrong,
        )

    def __str__(self) -> str:
        return (
            f"F1 {self.f1:.4f}  P {self.precision:.4f}  R {self.recall:.4f}  "
            f"{self.false_per_10k:.2f} false in 10,000 words  "
            f"({self.words} words, {self.glued} lost)"
        )


class Options(NamedTuple):
    """What is done to stories before they are repaired."""

    seed: int = 0
    names: Sequence[str] = ()
    """They take the place of the people in the stories."""
    loss: float | None = None
    """Share of newlines that are lost; else each story draws its own."""


_AS_THEY_ARE: Final = Options()


def measure(
    stories: Iterable[Story], options: Options = _AS_THEY_ARE, errors: list[str] | None = None
) -> GlueScore:
    """Glue every story, repair it, compare. Mistakes are described in ``errors``."""
    total = GlueScore(0, 0, 0, 0)
    for number, story in enumerate(stories):
        dice = random.Random(f"{options.seed}/{number}")  # noqa: S311
        clean = rename(story, options.names, dice)
        paragraphs, lost = glue(clean, dice, options.loss)
        put = missing_spaces(paragraphs)
        for paragraph, expected, offsets in zip(paragraphs, lost, put, strict=True):
            right = expected & set(offsets)
            total += GlueScore(0, len(expected), len(right), len(offsets) - len(right))
            if errors is not None:
                errors += [
                    f"{'missed' if at in expected else 'wrong'} "
                    f"{paragraph[max(0, at - 25) : at]}|{paragraph[at : at + 25]}"
                    for at in sorted(expected ^ set(offsets))
                ]
        total += GlueScore(sum(len(paragraph.split()) for paragraph in clean), 0, 0, 0)
    return total


def glue(
    paragraphs: Sequence[str], dice: random.Random, loss: float | None = None
) -> tuple[list[str], list[set[int]]]:
    """The paragraphs as a careless exporter leaves them, and the offsets of the lost spaces."""
    width = dice.uniform(*_WIDTHS)
    drawn = 0.0 if dice.random() < _UNGLUED else dice.uniform(*_LOSS)
    share = drawn if loss is None else loss
    indented = dice.random() < _INDENTED
    glued, lost = [], []
    for paragraph in paragraphs:
        pieces, offsets, length = [], set[int](), 0
        lines = wrap(paragraph, width, dice, dice.uniform(0, width - 10) if indented else 0.0)
        for line, following in pairwise([*lines, ""]):
            breaks_at_space = line.endswith(" ") and following
            keep = line[:-1] if breaks_at_space and dice.random() < share else line
            pieces.append(keep)
            length += len(keep)
            if keep != line:
                offsets.add(length)
        glued.append("".join(pieces))
        lost.append(offsets)
    return glued, lost


def wrap(paragraph: str, width: float, dice: random.Random, first: float = 0.0) -> list[str]:
    """Lines of a paragraph, each filled as far as it goes; a line keeps the space at its end.

    ``first`` is how much of the first line is already taken.
    """
    lines, line, taken = [], "", first
    ragged, limit = dice.uniform(*_RAGGED), width
    for unit in _units(paragraph):
        if line and taken + len(line) + len(unit.rstrip()) > limit:
            lines.append(line)
            line, taken = "", 0.0
            limit = width + max(-_MOST_RAGGED, min(_MOST_RAGGED, dice.gauss(0, ragged)))
            limit -= dice.uniform(0, _SHORTENED) if dice.random() < _SHORT else 0.0
        line += unit
    return [*lines, line]


def _units(paragraph: str) -> list[str]:
    """What a line break does not divide, each with the space that follows it."""
    units: list[str] = []
    for word in re.findall(r"\S+ ?", paragraph):
        if units and (word.startswith(_NO_BREAK_BEFORE) or units[-1] == "« "):
            units[-1] += word
        else:
            units += _HYPHENATED.split(word)
    return units


def rename(story: Story, names: Sequence[str], dice: random.Random) -> list[str]:
    """The story's paragraphs with each of its people called by another name."""
    if not names:
        return story.paragraphs
    paragraphs = story.paragraphs
    for person in sorted(story.people, key=len, reverse=True):
        name = dice.choice(names)
        paragraphs = [
            re.sub(rf"(?<!\w){re.escape(person)}(?!\w)", name, paragraph)
            for paragraph in paragraphs
        ]
    return paragraphs


def tidy(text: str) -> list[str]:
    """The paragraphs of a Wikinews story, without the blanks that its mark-up left."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [_AFTER_OPENER.sub(r"\1", _BEFORE_CLOSER.sub(r"\1", line)) for line in lines if line]


def is_held_out(identifier: str) -> bool:
    """Whether a story of ``train.jsonl`` is for choosing settings: one in eight is."""
    return zlib.crc32(identifier.encode()) % 8 == 0


def stories(path: Path, *, held_out_only: bool = False) -> list[Story]:
    """Stories of a file of WiNER-fr."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        story = json.loads(line)
        if not held_out_only or is_held_out(story["id"]):
            people = {
                story["text"][start:end] for start, end, label in story["ents"] if label == "PER"
            }
            found.append(Story(tidy(story["text"]), sorted(people)))
    return found


def held_out() -> list[Story]:
    """The stories that the committed figures are measured on."""
    lines = (_DATA / "wikinews-heldout.jsonl").read_text(encoding="utf-8").splitlines()
    return [Story(**json.loads(line)) for line in lines]


def names(which: Literal["heldout", "tuning"]) -> list[str]:
    """Names of people and firms as agencies in Asia write them; no name is in both lists."""
    return (_DATA / f"names-{which}.txt").read_text(encoding="utf-8").splitlines()


def main() -> None:
    """Print the figures, those of the tuning stories too where they lie at hand."""
    sets = {"held out": (held_out(), names("heldout"))}
    if _TUNING.exists():
        sets["tuning"] = (stories(_TUNING, held_out_only=True), names("tuning"))
    for title, (found, others) in sets.items():
        for variant, options in {
            "as they are": Options(),
            "other names": Options(names=others),
            "all newlines lost": Options(loss=1.0),
            "no newline lost": Options(loss=0.0),
            "other names, none lost": Options(names=others, loss=0.0),
        }.items():
            sys.stdout.write(f"{title:9} {variant:22} {measure(found, options)}\n")


if __name__ == "__main__":
    main()
