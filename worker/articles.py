"""Writing articles: a batch in a handful of statements, the same however often it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Integer, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models import Alias, Article, Delivery, Entity, Mention
from worker.sql import among, values_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from worker.core.persist import ArticleRows


_INSERT = insert(Article)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["delivery_id"],
    set_={
        column.name: _INSERT.excluded[column.name]
        for column in Article.__table__.columns
        if column.name not in {"id", "delivery_id", "updated_at", "search"}
    }
    | {"updated_at": func.now()},
).returning(Article.delivery_id, Article.id)
"""Made once: SQLAlchemy compiles it once too, however many articles it is given."""


def write(connection: Connection, rows: Mapping[int, ArticleRows]) -> dict[int, int]:
    """Write articles with their entities and mentions; returns article ids by delivery.

    An article that is there already, from an earlier run of its delivery, is replaced.
    """
    articles = _write_articles(connection, rows)
    entities = _write_entities(connection, rows)
    _write_mentions(connection, rows, articles, entities)
    return articles


def _write_articles(connection: Connection, rows: Mapping[int, ArticleRows]) -> dict[int, int]:
    deliveries = {
        row.id: row
        for row in connection.execute(
            select(Delivery.id, Delivery.feed, Delivery.content_hash, Delivery.received_at).where(
                Delivery.id == among(rows)
            )
        )
    }
    values = [
        {
            "delivery_id": delivery,
            "content_hash": deliveries[delivery].content_hash,
            "feed": deliveries[delivery].feed,
            "first_seen": deliveries[delivery].received_at,
            **rows[delivery].article,
        }
        for delivery in sorted(rows)
    ]
    return dict(connection.execute(_UPSERT, values).all())


def _write_entities(connection: Connection, rows: Mapping[int, ArticleRows]) -> dict[str, int]:
    """Entities and their spellings; keys go in sorted, so that batches cannot deadlock."""
    entities = {entity.key: entity for row in rows.values() for entity in row.entities}
    if not entities:
        return {}
    given = values_table(
        {"key": Text, "label": Text, "canonical": Text},
        [(e.key, e.label, e.canonical) for _, e in sorted(entities.items())],
    )
    connection.execute(
        insert(Entity)
        .from_select(["key", "label", "canonical"], select(given))
        .on_conflict_do_nothing()
    )
    ids = dict(
        connection.execute(
            select(Entity.key, Entity.id).where(Entity.key == among(entities, Text))
        ).all()
    )
    aliases = {(ids[alias.key], alias.surface) for row in rows.values() for alias in row.aliases}
    spellings = values_table({"entity_id": BigInteger, "surface": Text}, sorted(aliases))
    connection.execute(
        insert(Alias)
        .from_select(["entity_id", "surface"], select(spellings))
        .on_conflict_do_nothing()
    )
    return ids


def _write_mentions(
    connection: Connection,
    rows: Mapping[int, ArticleRows],
    articles: Mapping[int, int],
    entities: Mapping[str, int],
) -> None:
    connection.execute(delete(Mention).where(Mention.article_id == among(articles.values())))
    given = values_table(
        {
            "article_id": BigInteger,
            "field": Text,
            "start_offset": Integer,
            "end_offset": Integer,
            "surface": Text,
            "label": Text,
            "canonical": Text,
            "entity_id": BigInteger,
        },
        [
            (
                articles[delivery],
                mention.field,
                mention.start,
                mention.end,
                mention.surface,
                mention.label,
                mention.canonical,
                entities[mention.entity] if mention.entity else None,
            )
            for delivery, row in rows.items()
            for mention in row.mentions
        ],
    )
    connection.execute(
        insert(Mention).from_select([column.name for column in given.c], select(given))
    )
