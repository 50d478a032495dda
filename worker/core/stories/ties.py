"""Which articles are tied together, of those that were found, and the stories that ties make."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.core.stories.arrange import same_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from worker.core.stories.arrange import Member
    from worker.core.stories.fingerprint import Minima

    Pair = tuple[int, int]
    """Two articles, the one with the lower id last."""

MOST_FOUND: Final = 128
"""Articles that are looked at for one: more than share a key by chance, some 40 of a million."""
LEAST_SHARED: Final = 8
"""Minima that two articles have in common if they are compared, of 105: those with a Jaccard index
of .2 have 21, and strangers that share a key 4."""
MOST_COMPARED: Final = 32
"""Articles that one is compared with, at some 0.7 ms each. Far more twins than an article needs to
be tied into its story."""
MOST_ARTICLES: Final = 200
"""Articles of one story. Whenever one is added all are read, some 0.5 ms each; more are no story,
but a form that is sent again and again with nothing in it to tell one day's from another's."""
DAYS: Final = 3
"""A note comes so many days after the story that it speaks of, at most: columns recur."""


def pair(one: int, other: int) -> Pair:
    """Two articles as a pair."""
    return max(one, other), min(one, other)


class Chosen(NamedTuple):
    """Articles that another is compared with."""

    others: list[int]
    left_out: int
    """How many were not chosen for their number."""


def found(keys: Iterable[int], holders: Mapping[int, Collection[int]], article: int) -> Chosen:
    """The articles that share most keys with this one; of those with as many, the newest.

    Args:
        keys: those of the article.
        holders: the articles with each key.
        article: this one, which is not compared with itself.
    """
    shared = Counter(other for key in keys for other in holders.get(key, ()))
    shared.pop(article, None)
    return _best(shared, MOST_FOUND)


def likely(mine: Minima, others: Mapping[int, Minima]) -> Chosen:
    """Those of the others that share enough minima to be compared, the likeliest first."""
    shared = {
        other: int(np.count_nonzero(mine == its))
        for other, its in others.items()
        if len(its) == len(mine)
    }
    return _best({one: n for one, n in shared.items() if n >= LEAST_SHARED}, MOST_COMPARED)


def _best(shared: Mapping[int, int], most: int) -> Chosen:
    best = sorted(shared, key=lambda other: (shared[other], other), reverse=True)
    return Chosen(best[:most], max(0, len(best) - most))


def by_title(holders: Sequence[Member]) -> set[Pair]:
    """The ties among articles of one headline, some of which speak of others to editors.

    A note belongs to what its source told under that headline on the day before it, or on its own,
    that is nearest: not to what the column was about on other days.
    """
    return {
        pair(note.id, other.id)
        for note in holders
        if note.stated is not None
        for other in _nearest(note, holders)
    }


def _nearest(note: Member, holders: Sequence[Member]) -> list[Member]:
    ago: dict[int, list[Member]] = defaultdict(list)
    for other in holders:
        if other.id != note.id and same_source(note, other):
            ago[(note.day - other.day).days].append(other)
    days = [each for each in ago if 0 <= each <= DAYS]
    return ago[min(days)] if days else []


class Stories(NamedTuple):
    """Articles by the stories that their ties make."""

    articles: list[list[int]]
    """Of each story, in the order of their ids."""
    full: int
    """Ties that join nothing, because that would be too large a story."""


def stories(articles: Iterable[int], ties: Iterable[Pair]) -> Stories:
    """The connected components of articles and ties, of at most `MOST_ARTICLES` each.

    Ties count in the order in which their later articles came: a story that is full stays what it
    is, and those that would have been the next begin another.
    """
    story = {article: [article] for article in articles}
    full = 0
    for one, other in sorted(ties):
        into, out_of = sorted((story[one], story[other]), key=len, reverse=True)
        if into is out_of:
            continue
        if len(into) + len(out_of) > MOST_ARTICLES:
            full += 1
            continue
        into += out_of
        story |= dict.fromkeys(out_of, into)
    return Stories(sorted(map(sorted, {id(each): each for each in story.values()}.values())), full)
