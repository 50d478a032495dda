"""Stored articles as the design's public JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, func, literal, or_, select, true

from models import Article, Delivery, Edition, Entity, Mention
from worker.articles import clean_article
from worker.core import article as core
from worker.core.record import record
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

AT_A_TIME = 500


_ALL = (
    select(Article.__table__, Delivery.file)
    .join(Delivery, Delivery.id == Article.delivery_id)
    .where(Article.id > bindparam("last", type_=BigInteger))
    .order_by(Article.id)
    .limit(bindparam("most"))
)
# What was never compared has no edition, and is a story by itself.
_CURRENT = (
    _ALL.add_columns(
        func.coalesce(Edition.story_id, Article.id).label("story"),
        func.coalesce(Edition.version, literal(1)).label("version"),
    )
    .outerjoin(Edition, Edition.article_id == Article.id)
    .where(func.coalesce(Edition.current, true()))
)


def export(connection: Connection, *, current: bool = False) -> Iterator[dict[str, object]]:
    """All stored articles in the order of their ids, with ``id``, ``feed`` and ``first_seen``.

    Reads a few hundred at a time, however many there are: in a snapshot (`worker.db.snapshot`),
    or else a story that gets a new version meanwhile may come twice.

    Args:
        connection: the caller's transaction.
        current: of each story only the article that stands for it, and none of one that was
            withdrawn; with ``story`` and ``version``.
    """
    statement = _CURRENT if current else _ALL
    last = 0
    while articles := connection.execute(statement, {"last": last, "most": AT_A_TIME}).all():
        mentions = mentions_of(connection, [row.id for row in articles])
        for row in articles:
            told = {"story": row.story, "version": row.version} if current else {}
            yield {"id": row.id, **told, **_record(row, mentions.get(row.id, []))}
        last = articles[-1].id


def mentions_of(connection: Connection, articles: list[int]) -> dict[int, list[core.Mention]]:
    """The mentions of each article in reading order, judged, less those that are ignored."""
    order = {name: index for index, name in enumerate(core.FIELDS)}
    statement = (
        select(
            Mention.article_id,
            Mention.field,
            Mention.start_offset,
            Mention.end_offset,
            Mention.surface,
            Mention.label,
            func.coalesce(Entity.canonical, Mention.canonical),
            Entity.key,
        )
        .outerjoin(Entity, Entity.id == Mention.entity_id)
        .where(
            Mention.article_id == among("articles"),
            or_(Mention.found.is_(None), Mention.entity_id.is_not(None)),
        )
    )
    found: dict[int, list[core.Mention]] = {}
    for article, field, start, end, surface, label, canonical, key in connection.execute(
        statement, {"articles": articles}
    ):
        mention = core.Mention(field, start, end, surface, label, canonical, key)
        found.setdefault(article, []).append(mention)
    for mentions in found.values():
        mentions.sort(key=lambda mention: (order[mention.field], mention.start))
    return found


def _record(row: Row[*tuple[Any, ...]], mentions: list[core.Mention]) -> dict[str, object]:
    enriched = core.EnrichedArticle(
        clean_article(row),
        row.language,
        tuple(mentions),
        row.recogniser,
        row.enricher,
        row.entities_by,
    )
    return {
        "first_seen": row.first_seen.isoformat(),
        **record(
            file=row.file,
            feed=row.feed,
            disposition="stored",
            reason=None,
            content_hash=row.content_hash,
            article=enriched,
        ),
    }
