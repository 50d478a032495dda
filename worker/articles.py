"""Writing articles: a batch in a handful of statements, the same however often it comes."""

from __future__ import annotations

from datetime import date
from json import JSONEncoder
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Integer,
    Text,
    bindparam,
    column,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from models import Article, Delivery, Mention
from worker import entities
from worker.core.article import CleanArticle, Dateline, Removed, Repair
from worker.core.characters import squeeze
from worker.core.persist import unmet
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

    from worker.core.enrich.judgements import Judgements
    from worker.core.persist import ArticleRows


def write(
    connection: Connection, rows: Mapping[int, ArticleRows], judgements: Judgements
) -> dict[int, int]:
    """Write articles with their entities and mentions; returns article ids by delivery.

    An article that is there already, from an earlier run of its delivery, is replaced. The
    judgements that people made are applied.
    """
    articles = _write_articles(connection, rows)
    _write_names(connection, _by_id(articles, rows), judgements)
    return {delivery: id_ for delivery, id_, _ in articles}


def write_again(
    connection: Connection, rows: Mapping[int, ArticleRows], judgements: Judgements
) -> set[tuple[int, str]]:
    """Write articles that are there anew, given by their deliveries.

    Returns the spellings that their entities have there, as pairs of an entity's id and a surface.
    """
    articles = _write_articles(connection, rows)
    return _write_names(connection, _by_id(articles, rows), judgements)


_COLUMNS = ("language", "recogniser", "enricher", "entities_by")
_ENRICHED = values_table(article=BigInteger, **{f"new_{name}": Text for name in _COLUMNS})
_ENRICH = (
    update(Article)
    .where(Article.id == _ENRICHED.c.article)
    .values({name: _ENRICHED.c[f"new_{name}"] for name in _COLUMNS} | {"updated_at": func.now()})
    .returning(Article.id, Article.content_hash)
)


def write_enriched(
    connection: Connection, rows: Mapping[int, ArticleRows], judgements: Judgements
) -> set[tuple[int, str]]:
    """Write what the enrich step makes of articles that are there, by their ids.

    Returns their spellings, as `write_again` does.
    """
    values = [(id_, *map(row.article.get, _COLUMNS)) for id_, row in sorted(rows.items())]
    written = connection.execute(_ENRICH, by_column(_ENRICHED, values))
    articles = {id_: (content_hash, rows[id_]) for id_, content_hash in written}
    return _write_names(connection, articles, judgements)


def clean_article(row: Row[*tuple[Any, ...]]) -> CleanArticle:
    """An article as the clean step left it, from a row with all columns of `articles`.

    Its stored language stands for what markup stated, which is not stored by itself.
    """
    has_dateline = row.dateline_place or row.dateline_agency
    return CleanArticle(
        title=row.title,
        lead=row.lead,
        body=row.body,
        published=row.published.isoformat() if row.published else None,
        dateline=Dateline(row.dateline_place, row.dateline_agency) if has_dateline else None,
        byline=row.byline,
        signature=row.signature,
        credits=tuple(row.credits),
        related=tuple(row.related),
        removed=tuple(Removed(**span) for span in row.removed),
        repairs=tuple(Repair(**repair) for repair in row.repairs),
        encoding=row.encoding,
        cleaner=row.cleaner,
        format=row.format,
        flags=tuple(row.flags),
        stated_language=row.language,
    )


# What dedupe and intake know of an article; all other columns are in its `ArticleRows`.
_OF_DELIVERY = {
    "content_hash": Delivery.content_hash,
    "feed": Delivery.feed,
    "first_seen": Delivery.received_at,
}
_MADE = {"id", "delivery_id", "updated_at", "search"}
_GIVEN = [
    column(each.name, each.type)
    for each in Article.__table__.columns
    if each.name not in _MADE | _OF_DELIVERY.keys()
]
# As JSON, for an array of arrays would have to be even. Of all its kinds of values only dates are
# none of JSON's own, and Postgres reads those from strings.
_ROWS = (
    func.json_to_recordset(bindparam("rows", type_=Text).cast(JSON))
    .table_valued(column("delivery", BigInteger), *_GIVEN)
    .render_derived(with_types=True)
)
_INSERT = insert(Article).from_select(
    ["delivery_id", *_OF_DELIVERY, *(each.name for each in _GIVEN)],
    select(Delivery.id, *_OF_DELIVERY.values(), *(_ROWS.c[each.name] for each in _GIVEN))
    .join_from(_ROWS, Delivery, Delivery.id == _ROWS.c.delivery)
    .order_by(Delivery.id),
)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["delivery_id"],
    set_={name: _INSERT.excluded[name] for name in (*_OF_DELIVERY, *(each.name for each in _GIVEN))}
    | {"updated_at": func.now()},
).returning(Article.delivery_id, Article.id, Article.content_hash)


def _write_articles(
    connection: Connection, rows: Mapping[int, ArticleRows]
) -> Sequence[Row[int, int, str]]:
    values = [{"delivery": delivery, **row.article} for delivery, row in rows.items()]
    return connection.execute(_UPSERT, {"rows": _to_json(values)}).all()


_to_json = JSONEncoder(ensure_ascii=False, default=date.isoformat).encode


def _by_id(
    articles: Sequence[Row[int, int, str]], rows: Mapping[int, ArticleRows]
) -> dict[int, tuple[str, ArticleRows]]:
    return {id_: (content_hash, rows[delivery]) for delivery, id_, content_hash in articles}


_MENTIONS = values_table(
    article_id=BigInteger,
    field=Text,
    start_offset=Integer,
    end_offset=Integer,
    surface=Text,
    label=Text,
    found=Text,
    canonical=Text,
    entity_id=BigInteger,
)
_DELETE_MENTIONS = delete(Mention).where(Mention.article_id == among("articles"))
_INSERT_MENTIONS = insert(Mention).from_select(
    [column.name for column in _MENTIONS.c], select(_MENTIONS)
)


def _write_names(
    connection: Connection,
    articles: Mapping[int, tuple[str, ArticleRows]],
    judgements: Judgements,
) -> set[tuple[int, str]]:
    """Entities, mentions and spellings of articles, which come with their content hashes."""
    judged = [
        (article, mention, key)
        for article, (content_hash, row) in articles.items()
        for mention, key in zip(
            row.mentions, judgements.judge_all(row.mentions, content_hash), strict=True
        )
    ]
    targets = {key for _, mention, key in judged if key is not None and key != mention.entity}
    found = [entity for _, row in articles.values() for entity in row.entities]
    ids = entities.write(connection, [*map(unmet, targets), *found], judgements.names)
    mentions = [
        (
            article,
            mention.field,
            mention.start,
            mention.end,
            mention.surface,
            mention.label,
            mention.entity,
            mention.canonical if mention.entity is None else None,
            key and ids[key],
        )
        for article, mention, key in judged
    ]
    connection.execute(_DELETE_MENTIONS, {"articles": list(articles)})
    connection.execute(_INSERT_MENTIONS, by_column(_MENTIONS, mentions))
    spellings = {(ids[key], squeeze(mention.surface)) for _, mention, key in judged if key}
    entities.add_aliases(connection, spellings)
    return spellings
