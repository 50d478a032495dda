"""Placing articles that were stored without: by older workers, or found by other keys than today's.

A batch is read, compared and placed in one transaction. It shares the lock of judgements, so nobody
makes articles again meanwhile; workers go on beside it. What is done has an edition of today's: a
second run goes on where the first was stopped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Boolean, bindparam, func, or_, select

from models import Article, Edition
from worker import db
from worker.articles import clean_article
from worker.contents import claim_bodies, raw_articles
from worker.core.process import cleaned
from worker.core.stories.fingerprint import FINGERPRINT
from worker.core.stories.told import told
from worker.judgements import in_force
from worker.stories import place
from worker.tasks.isolate import each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from worker.core.article import RawArticle, Stated

_DUE = or_(
    bindparam("everything", type_=Boolean),
    Edition.article_id.is_(None),
    Edition.fingerprint != FINGERPRINT,
)
_COUNT = (
    select(func.count())
    .select_from(Article)
    .outerjoin(Edition, Edition.article_id == Article.id)
    .where(_DUE)
)
_NEXT = (
    select(Article.__table__)
    .outerjoin(Edition, Edition.article_id == Article.id)
    .where(Article.id > bindparam("last", type_=BigInteger), _DUE)
    .order_by(Article.id)
    .limit(bindparam("most"))
)


def due(*, everything: bool) -> int:
    """How many articles `place_all` would place."""
    with db.transaction() as connection:
        return connection.scalar(_COUNT, {"everything": everything}) or 0


def place_all(batch: int, max_bytes: int, *, everything: bool) -> Iterator[int]:
    """Place articles that were never compared, or by other rules; yields how many each time.

    Args:
        batch: how many at a time.
        max_bytes: a larger file is not read again.
        everything: also those whose places are of today's rules.
    """
    last = 0
    while True:
        with db.transaction() as connection:
            in_force(connection)
            values = {"last": last, "everything": everything, "most": batch}
            articles = connection.execute(_NEXT, values).all()
            if not articles:
                return
            deliveries = {row.id: row.delivery_id for row in articles}
            stated = _stated(connection, deliveries, max_bytes)
            read = {
                row.id: told(replace(clean_article(row), stated=stated[row.delivery_id]))
                for row in articles
            }
            bodies = {deliveries[one]: each.body for one, each in read.items() if each.body}
            claim_bodies(connection, bodies)
            place(connection, read)
        last = articles[-1].id
        yield len(articles)


def _stated(
    connection: Connection, deliveries: dict[int, int], max_bytes: int
) -> dict[int, Stated | None]:
    """What the files of deliveries state; nothing, if today they would not be taken."""
    files = raw_articles(connection, deliveries.values())

    def stated(raw: RawArticle) -> Stated | None:
        return cleaned(raw, max_bytes).stated

    found = zip(files, each(stated)(list(files.values())), strict=True)
    return {one: None if isinstance(it, Exception) else it for one, it in found}
