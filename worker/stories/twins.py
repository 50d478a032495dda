"""Ties between articles that are alike, or one of which is a note on the other: ``twins``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Double, Text, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from models import Twin
from worker.core.stories import likeness
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from worker.core.stories.arrange import Member
    from worker.core.stories.kinds import Tie
    from worker.core.stories.likeness import Likeness, Reading
    from worker.core.stories.ties import Pair
    from worker.core.stories.told import Told


class Tied(NamedTuple):
    """Why two articles are tied, and how alike they are."""

    tie: Tie
    likeness: Likeness


def compare(
    near: AbstractSet[Pair],
    said: AbstractSet[Pair],
    members: Mapping[int, Member],
    told: Mapping[int, Told],
) -> dict[Pair, Tied]:
    """Compare pairs; returns those that are tied.

    Args:
        near: pairs that are tied if their texts are alike.
        said: pairs that are tied anyway, because one is a note on the other.
        members: the articles that are there; some may have been deleted.
        told: those that were read already, as they were.
    """
    readings: dict[int, Reading] = {}

    def reading(article: int) -> Reading:
        if article in told:
            return told[article].reading
        if article not in readings:
            member = members[article]
            day = member.published.isoformat() if member.published else None
            readings[article] = likeness.read(member.lead, member.body, day)
        return readings[article]

    ties = {}
    for tie in sorted(near | said):
        if not members.keys() >= {*tie}:
            continue
        one, other = map(reading, tie)
        found = likeness.compare(one, other)
        if likeness.are_twins(one, other, found):
            ties[tie] = Tied("body", found)
        elif tie in said:
            ties[tie] = Tied("title", found)
    return ties


_ROWS = values_table(
    article_id=BigInteger, twin_id=BigInteger, tie=Text, jaccard=Double, containment=Double
)
_INSERT = (
    insert(Twin)
    .from_select([column.name for column in _ROWS.c], select(_ROWS))
    .on_conflict_do_nothing()
)
_DELETE_ALL = delete(Twin).where(
    or_(Twin.article_id == among("articles"), Twin.twin_id == among("articles"))
)
_BY_TITLE = select(Twin.article_id, Twin.twin_id).where(
    Twin.article_id == among("articles"), Twin.twin_id == among("articles"), Twin.tie == "title"
)
_PAIRS = values_table(later=BigInteger, earlier=BigInteger)
_DELETE = delete(Twin).where(Twin.article_id == _PAIRS.c.later, Twin.twin_id == _PAIRS.c.earlier)


def write(
    connection: Connection,
    ties: Mapping[Pair, Tied],
    *,
    replaced: Collection[int],
    groups: Iterable[AbstractSet[int]],
    said: Collection[Pair],
) -> set[Pair]:
    """Write ties; returns those that no longer are.

    Args:
        connection: the caller's transaction.
        ties: those that were found just now.
        replaced: articles whose other ties are of texts that they no longer have.
        groups: the articles of each headline that notes are about,
        said: and what those notes are about, now that all these are there.
    """
    if replaced:
        connection.execute(_DELETE_ALL, {"articles": list(replaced)})
    untied: set[Pair] = set()
    for group in groups:
        stored = connection.execute(_BY_TITLE, {"articles": list(group)})
        untied |= {(later, earlier) for later, earlier in stored} - {*said}
    if untied:
        connection.execute(_DELETE, by_column(_PAIRS, untied))
    if ties:
        rows = [(*tie, each.tie, *each.likeness) for tie, each in ties.items()]
        connection.execute(_INSERT, by_column(_ROWS, rows))
    return untied
