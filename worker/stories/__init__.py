"""Placing articles in their stories: what each is found by, tied to, and what it is in its story.

Whoever places takes locks in this order: judgements, claims, entities, keys (`worker.stories.keys`)
and, last of all, the one for stories (`worker.stories.forming`). All are held until the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from worker.core.stories.ties import by_title, found, likely, pair
from worker.stories import forming, keys, members, twins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from worker.core.stories.ties import Pair
    from worker.core.stories.told import Told

log = structlog.get_logger()


def place(connection: Connection, told: Mapping[int, Told]) -> None:
    """Find the twins of articles that were just written, and place them in their stories.

    An article that has a place already, as when it was made again, gets it anew; a story that it
    alone held together comes apart.

    Args:
        connection: the transaction in which the articles were written.
        told: the articles by their ids.
    """
    if not told:
        return
    every = {article: each.bands | each.titles for article, each in told.items()}
    held = keys.write(connection, every)
    holders = keys.holders(connection, held.shared)
    near, left_out = _near(connection, told, holders)
    groups = _headed_alike(connection, told, holders)
    read = members.read(connection, {one for each in (*near, *groups) for one in each}, told)
    said = {tie for each in groups for tie in by_title([read[one] for one in each if one in read])}

    ties = twins.compare(near, said, read, told)
    untied = twins.write(connection, ties, replaced=held.replaced, groups=groups, said=said)
    full = forming.form(connection, told, held.replaced.union(*ties, *untied))
    crowded = sum(len(each) > keys.MOST_HOLDERS for each in holders.values())
    if crowded or left_out or full:
        log.info("stories_bounded", keys=crowded, articles=left_out, ties=full)


def _near(
    connection: Connection, told: Mapping[int, Told], holders: Mapping[int, list[int]]
) -> tuple[set[Pair], int]:
    """Pairs that may well be alike, and how many articles were left out of that."""
    chosen = {article: found(each.bands, holders, article) for article, each in told.items()}
    left_out = sum(each.left_out for each in chosen.values())
    others = frozenset().union(*(each.others for each in chosen.values()))
    minima = keys.signatures(connection, others - told.keys())
    minima |= {article: each.minima for article, each in told.items()}
    near = set()
    for article, each in chosen.items():
        best = likely(told[article].minima, {i: minima[i] for i in each.others if i in minima})
        near |= {pair(article, other) for other in best.others}
        left_out += best.left_out
    return near, left_out


def _headed_alike(
    connection: Connection, told: Mapping[int, Told], holders: Mapping[int, list[int]]
) -> list[frozenset[int]]:
    """The articles of each headline that one of these has, and that a note is about."""
    headlines = frozenset().union(*(each.titles for each in told.values()))
    groups = [frozenset(holders[key]) for key in sorted(headlines & holders.keys())]
    notes = members.notes(connection, frozenset().union(*groups), told)
    return [each for each in groups if not notes.isdisjoint(each)]
