"""The keys by which articles that tell the same are found: table ``bands``.

Whoever adds or takes away keys holds the first row of each until the commit, be it new or old, and
takes them in the order of the keys. So of two articles with a key in common that are placed at the
same moment, one waits for the other and then finds it; and two batches that share many keys cannot
wait for each other in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    delete,
    exists,
    false,
    func,
    not_,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from models import Band, Edition
from worker.core.stories.fingerprint import FINGERPRINT, bands
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, Row

    from worker.core.stories.fingerprint import Minima

MOST_HOLDERS: Final = 64
"""Articles that one key finds, besides the first that had it: the newest. A key that more have is
of a stock passage, and twins that came before those share other keys as well."""

_STORED: Final = np.dtype("<u4")
_COLUMNS = ["key", "article_id", "first"]
_ROWS = values_table(band=BigInteger, article=BigInteger)
_HOLD = (
    insert(Band)
    .from_select(_COLUMNS, select(_ROWS.c.band, _ROWS.c.article, true()))
    .on_conflict_do_update(
        index_elements=["key"],
        index_where=text("first"),
        set_={"first": True},
        where=false(),  # the row is locked, and left as it is
    )
    .returning(Band.key)
    .cte("new")
)
_HELD_BEFORE = select(_ROWS.c.band).where(_ROWS.c.band.not_in(select(_HOLD.c.key)))
_IS_FIRST = exists().where(Band.key == _ROWS.c.band, Band.first, Band.article_id == _ROWS.c.article)
_ADD = (
    insert(Band)
    .from_select(_COLUMNS, select(_ROWS.c.band, _ROWS.c.article, false()).where(~_IS_FIRST))
    .on_conflict_do_nothing(index_elements=["key", "article_id"], index_where=text("NOT first"))
)


_BEFORE = select(Edition.article_id, Edition.fingerprint, Edition.signature, Edition.titles).where(
    Edition.article_id == among("articles")
)
_SIGNATURES = select(Edition.article_id, Edition.signature).where(
    Edition.article_id == among("articles"), Edition.fingerprint == FINGERPRINT
)
_GONE = (Band.key == _ROWS.c.band, Band.article_id == _ROWS.c.article)
_DELETE_LATER = delete(Band).where(*_GONE, not_(Band.first))
_DELETE_FIRST = delete(Band).where(*_GONE, Band.first).returning(Band.key)
_HEIRS = (
    select(Band.key, func.min(Band.article_id).label("article_id"))
    .where(Band.key == among("keys"), not_(Band.first))
    .group_by(Band.key)
    .subquery()
)
_INHERIT = (
    update(Band)
    .where(Band.key == _HEIRS.c.key, Band.article_id == _HEIRS.c.article_id, not_(Band.first))
    .values(first=True)
)


class Held(NamedTuple):
    """What became of keys that were written."""

    replaced: frozenset[int]
    """Articles that had keys before."""
    shared: frozenset[int]
    """Keys that other articles may have too."""


def write(connection: Connection, keys: Mapping[int, Collection[int]]) -> Held:
    """Write the keys of each article in place of those that it has, and hold them all."""
    before = {
        row.article_id: _keys(row) for row in connection.execute(_BEFORE, {"articles": list(keys)})
    }
    rows = [(key, article) for article, each in keys.items() for key in each]
    gone = [(key, one) for one, had in before.items() for key in had.difference(keys[one])]
    lowest: dict[int, int] = {}
    for key, one in sorted([*rows, *gone]):
        lowest.setdefault(key, one)
    old = set(connection.scalars(_HELD_BEFORE, by_column(_ROWS, lowest.items())))
    later = [(key, one) for key, one in rows if key in old or lowest[key] != one]
    if later:
        connection.execute(_ADD, by_column(_ROWS, later))
    if gone:
        connection.execute(_DELETE_LATER, by_column(_ROWS, gone))
        orphans = connection.scalars(_DELETE_FIRST, by_column(_ROWS, gone)).all()
        connection.execute(_INHERIT, {"keys": orphans})
    shared = {key for key, _ in later}.union(*(keys[one] for one in before))
    return Held(frozenset(before), frozenset(shared))


def _keys(row: Row[int, int, bytes, list[int]]) -> frozenset[int]:
    """The keys that are in the table; none that other rules made, which are gone."""
    if row.fingerprint != FINGERPRINT:
        return frozenset()
    return frozenset((*bands(_minima(row.signature)), *row.titles))


def signatures(connection: Connection, articles: Collection[int]) -> dict[int, Minima]:
    """The minima of those of the articles that have some."""
    if not articles:
        return {}
    rows = connection.execute(_SIGNATURES, {"articles": list(articles)})
    return {article: _minima(signature) for article, signature in rows}


def signature(least: Minima) -> bytes:
    """Minima as they are stored."""
    return least.astype(_STORED).tobytes()


def _minima(signature: bytes) -> Minima:
    return np.frombuffer(signature, _STORED)


_KEYS = values_table(band=BigInteger)
_LATEST = (
    select(Band.article_id)
    .where(Band.key == _KEYS.c.band, not_(Band.first))
    .order_by(Band.article_id.desc())
    .limit(MOST_HOLDERS)
)
_FIRST = select(Band.article_id).where(Band.key == _KEYS.c.band, Band.first)
_HOLDERS_OF = union_all(_LATEST, _FIRST).lateral("holders")
_HOLDERS = select(_KEYS.c.band, _HOLDERS_OF.c.article_id).select_from(
    _KEYS.join(_HOLDERS_OF, true())
)


def holders(connection: Connection, keys: Collection[int]) -> dict[int, list[int]]:
    """The articles that have each key: the newest, at most `MOST_HOLDERS`, and the first."""
    found: dict[int, list[int]] = defaultdict(list)
    if keys:
        values = by_column(_KEYS, ([key] for key in sorted(keys)))
        for key, article in connection.execute(_HOLDERS, values):
            found[key].append(article)
    return found
