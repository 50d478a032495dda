"""How alike two articles are, exactly, and whether they tell the same story."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.core.characters import CAPITAL
from worker.core.stories.fingerprint import letters, shingles_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.core.stories.fingerprint import Shingles

JACCARD: Final = 0.5
"""From this on two articles are twins."""
CONTAINMENT: Final = 0.8
"""From this on the shorter one is a cut of the longer."""

_LONG: Final = 300  # shingles; what is shorter may be a stock paragraph
_OPENING: Final = 4  # a quarter of a story is its opening
_TOLD: Final = 0.2  # share of one's opening that is anywhere in the other
_OPENS: Final = 0.5  # share of the longer one's opening that a cut of it has
_CONTEXT: Final = 12  # letters before a figure or a name, by which it is found again
_REACH: Final = 40  # characters that those stand in
_MOST: Final = 4  # figures or names that are others, at least; of fewer, any may be corrected
_FIGURE: Final = re.compile(r"(?<!\d)(?!(?:19|20)\d\d\b)\d+(?:[.,\s]\d+)*")
_NAME: Final = re.compile(rf"(?<![.!?…»\n] )(?<![\n\w]){CAPITAL}\w+")


class Likeness(NamedTuple):
    """How much two texts have in common, between 0 and 1."""

    jaccard: float
    """Shingles in both, of those in either."""
    containment: float
    """Shingles in both, of those of the shorter text."""


@dataclass(frozen=True)
class Reading:
    """What of an article is compared."""

    shingles: Shingles
    opening: Shingles
    """Those of the first quarter."""
    text: str
    published: str | None
    """ISO date, as stated."""

    @cached_property
    def figures(self) -> dict[str, str]:
        """By the 12 letters before it, each figure that is no year."""
        return _in_words(_FIGURE, self.text)

    @cached_property
    def names(self) -> dict[str, str]:
        """By the 12 letters before it, each word with a capital that begins no sentence."""
        return _in_words(_NAME, self.text)


def read(lead: str | None, body: str, published: str | None) -> Reading:
    """An article as it is compared."""
    text = text_of(lead, body)
    plain = letters(text)
    opening = shingles_of(plain[: len(plain) // _OPENING])
    return Reading(shingles_of(plain), opening, text, published)


def compare(one: Reading, other: Reading) -> Likeness:
    """How alike two articles are; 0 where one has less than 13 letters."""
    shared = _shared(one.shingles, other.shingles)
    sizes = len(one.shingles), len(other.shingles)
    return Likeness(shared / max(1, sum(sizes) - shared), shared / max(1, min(sizes)))


def are_twins(one: Reading, other: Reading, likeness: Likeness) -> bool:
    """Whether two articles of this likeness tell the same story.

    They do if half of all they say is in both, and some of the opening of one of them; or if one
    is a cut of the other: most of it is there, the longer one begins as it does, and still speaks
    of the same later on. For two stories may have a long stock paragraph in common, and a digest
    quotes many that have nothing to do with each other. Instalments of a series are no twins.
    """
    if likeness.jaccard >= JACCARD:
        alike = max(_opens(one, other), _opens(other, one)) >= _TOLD
    else:
        shorter, longer = sorted((one, other), key=lambda reading: len(reading.shingles))
        alike = (
            likeness.containment >= CONTAINMENT
            and len(shorter.shingles) >= _LONG
            and _opens(longer, shorter) >= _OPENS
            and _goes_on(longer, shorter)
        )
    return alike and not are_instalments(one, other)


def are_instalments(one: Reading, other: Reading) -> bool:
    """Whether they are of a series: the same words about other days, matches or people.

    Most of the names that stand in the same words are others; or most of the figures are, and
    both state when they were published, not on one day. A version of a story has other figures
    too, but not most of the names, and as a rule it comes on the same day.
    """
    dated = None not in (one.published, other.published) and one.published != other.published
    return _differ(one.names, other.names) or (dated and _differ(one.figures, other.figures))


def _opens(one: Reading, other: Reading) -> float:
    """How much of the opening of one is in the other."""
    return _shared(one.opening, other.shingles) / max(1, len(one.opening))


def _goes_on(longer: Reading, shorter: Reading) -> bool:
    """Whether any name in the second half of the longer one is in the other, if there is one."""
    later = set(_NAME.findall(longer.text, len(longer.text) // 2))
    return not later or not later.isdisjoint(_NAME.findall(shorter.text))


def _shared(one: Shingles, other: Shingles) -> int:
    """How many hashes are in both."""
    both = np.concatenate((one, other))
    both.sort(kind="stable")  # which merges what is in order
    return int(np.count_nonzero(both[1:] == both[:-1]))


def _differ(here: Mapping[str, str], there: Mapping[str, str]) -> bool:
    """Whether most of what stands in the same words in both is not the same."""
    pairs = {(here[words], there[words]) for words in here.keys() & there.keys()}
    changed = sum(mine != theirs for mine, theirs in pairs)
    return changed >= _MOST and 2 * changed > len(pairs)


def _in_words(what: re.Pattern[str], text: str) -> dict[str, str]:
    """What is found, by the letters before it; the last where the same come again."""
    return {
        letters(text[max(0, found.start() - _REACH) : found.start()])[-_CONTEXT:]: "".join(
            found[0].split()
        )
        for found in what.finditer(text)
    }
