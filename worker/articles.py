"""Writing articles: a batch in a handful of statements, the same however often it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Integer, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models import Alias, Article, Delivery, Entity, Mention
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from worker.core.persist import ArticleRows


def write(connection: Connection, rows: Mapping[int, ArticleRows]) -> dict[int, int]:
    """Write articles with their entities and mentions; returns article ids by delivery.

    An article that is there already, from an earlier run of its delivery, is replaced.
    """
    articles = _write_articles(connection, rows)
    entities = _write_entities(connection, rows)
    _write_mentions(connection, rows, articles, entities)
    return articles


_DELIVERIES = select(
    Delivery.id.label("delivery_id"),
    Delivery.content_hash,
    Delivery.feed,
    Delivery.received_at.label("first_seen"),
).where(Delivery.id == among("ids"))
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


def _write_articles(connection: Connection, rows: Mapping[int, ArticleRows]) -> dict[int, int]:
    deliveries = connection.execute(_DELIVERIES, {"ids": list(rows)}).mappings()
    values = [{**delivery, **rows[delivery["delivery_id"]].article} for delivery in deliveries]
    return dict(connection.execute(_UPSERT, values).all())


_ENTITIES = values_table(key=Text, label=Text, canonical=Text)
_INSERT_ENTITIES = (
    insert(Entity)
    .from_select(["key", "label", "canonical"], select(_ENTITIES))
    .on_conflict_do_nothing()
)
_ENTITY_IDS = select(Entity.key, Entity.id).where(Entity.key == among("keys", Text))
_ALIASES = values_table(entity_id=BigInteger, surface=Text)
_INSERT_ALIASES = (
    insert(Alias).from_select(["entity_id", "surface"], select(_ALIASES)).on_conflict_do_nothing()
)


def _write_entities(connection: Connection, rows: Mapping[int, ArticleRows]) -> dict[str, int]:
    """Entities and their spellings; keys go in sorted, so that batches cannot deadlock."""
    entities = {entity.key: entity for row in rows.values() for entity in row.entities}
    if not entities:
        return {}
    named = [(each.key, each.label, each.canonical) for _, each in sorted(entities.items())]
    connection.execute(_INSERT_ENTITIES, by_column(_ENTITIES, named))
    ids = dict(connection.execute(_ENTITY_IDS, {"keys": list(entities)}).all())
    aliases = {(ids[alias.key], alias.surface) for row in rows.values() for alias in row.aliases}
    connection.execute(_INSERT_ALIASES, by_column(_ALIASES, sorted(aliases)))
    return ids


_MENTIONS = values_table(
    article_id=BigInteger,
    field=Text,
    start_offset=Integer,
    end_offset=Integer,
    surface=Text,
    label=Text,
    canonical=Text,
    entity_id=BigInteger,
)
_DELETE_MENTIONS = delete(Mention).where(Mention.article_id == among("articles"))
_INSERT_MENTIONS = insert(Mention).from_select(
    [column.name for column in _MENTIONS.c], select(_MENTIONS)
)


def _write_mentions(
    connection: Connection,
    rows: Mapping[int, ArticleRows],
    articles: Mapping[int, int],
    entities: Mapping[str, int],
) -> None:
    mentions = [
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
    ]
    connection.execute(_DELETE_MENTIONS, {"articles": list(articles.values())})
    connection.execute(_INSERT_MENTIONS, by_column(_MENTIONS, mentions))
