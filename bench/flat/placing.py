"""What persist would have written of the places of synthetic stories: by the same functions.

A story and what tells it again are in one chunk, so a chunk is all that need be looked at. Only
which article is the first with a key is told of all chunks together, by the database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from worker.core.stories.arrange import Member, agencies, arrange
from worker.core.stories.fingerprint import FINGERPRINT
from worker.core.stories.ties import by_title, pair
from worker.core.stories.ties import stories as held_together
from worker.core.stories.told import told
from worker.stories import keys, twins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.flat.stories import Story
    from worker.core.stories.ties import Pair
    from worker.core.stories.told import Told


class Places(NamedTuple):
    """Rows of tables, in the order of their columns."""

    editions: list[tuple[object, ...]]
    twins: list[tuple[object, ...]]
    keys: list[tuple[int, list[int]]]
    """Of each article those that ``bands`` is to have."""
    bodies: dict[int, str]
    """What the article's delivery claims besides its text."""


def places(chunk: Sequence[Story]) -> Places:
    """The places of a chunk's stories; each is the article that has the next number as its id."""
    read = {story.number + 1: told(story.enriched.clean) for story in chunk}
    members = {story.number + 1: _member(story) for story in chunk}
    ties = twins.compare(set(_told_again(chunk)), _noted(members, read), members, read)
    editions: list[tuple[object, ...]] = []
    for story in held_together(read, ties).articles:
        those = [members[article] for article in story]
        if len(those) == 1:
            those = [replace(those[0], lead=None, body="")]  # what it says makes no difference
        for article, *place in arrange(those):
            each = read[article]
            stated = each.stated
            editions.append(
                (
                    *(article, story[0], *place),
                    *((stated.kind, stated.number) if stated else (None, None)),
                    *(FINGERPRINT, keys.signature(each.minima), sorted(each.titles)),
                )
            )
    return Places(
        editions,
        [(*tie, each.tie, *each.likeness) for tie, each in ties.items()],
        [(article, sorted(each.bands | each.titles)) for article, each in read.items()],
        {article: each.body for article, each in read.items() if each.body},
    )


def _member(story: Story) -> Member:
    clean = story.enriched.clean
    return Member(
        id=story.number + 1,
        feed=story.feed,
        agencies=agencies(clean.dateline.agency if clean.dateline else None, clean.signature),
        published=date.fromisoformat(clean.published) if clean.published else None,
        first_seen=story.received,
        lead=clean.lead,
        body=clean.body,
        stated=clean.stated,
    )


def _told_again(chunk: Iterable[Story]) -> Iterable[Pair]:
    """All pairs of what tells one story."""
    same: dict[int, list[int]] = defaultdict(list)
    for story in chunk:
        same[story.number if story.again is None else story.again].append(story.number + 1)
    return (pair(*both) for each in same.values() for both in combinations(each, 2))


def _noted(members: Mapping[int, Member], read: Mapping[int, Told]) -> set[Pair]:
    """What notes are about, by the headlines that they have in common."""
    headed: dict[int, list[Member]] = defaultdict(list)
    for article, each in read.items():
        for key in each.titles:
            headed[key].append(members[article])
    return {tie for each in headed.values() for tie in by_title(each)}
