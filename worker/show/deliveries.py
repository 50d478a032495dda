"""What became of deliveries that were taken together, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from sqlalchemy import distinct, exists, func, select
from sqlalchemy.orm import aliased

from models import Article, Delivery, Edition, Mention
from worker.explain.words import named
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

MOST_ROWS = 200  # of a table for people; `export` and SQL have the rest
COLOURS = {
    "stored": "green",
    "duplicate": "cyan",
    "rejected": "yellow",
    "quarantined": "red",
    "pending": "dim",
}


def ended(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The dispositions of those of the deliveries that have one."""
    statement = select(Delivery.id, Delivery.disposition).where(
        Delivery.id == among("ids"), Delivery.disposition != "pending"
    )
    return dict(connection.execute(statement, {"ids": list(ids)}).all())


def stored_table(connection: Connection, ids: Collection[int]) -> Table:
    """What was stored of these deliveries: a row an article, up to `MOST_ROWS`."""
    table = Table(title="Stored", title_justify="left", title_style="bold green")
    table.add_column("Article", justify="right")
    table.add_column("File", overflow="fold")
    table.add_column("Title", overflow="fold", ratio=1)
    table.add_column("Date")
    table.add_column("Words", justify="right")
    table.add_column("Entities", justify="right")
    entities = (
        select(func.count(distinct(Mention.entity_id)))
        .where(Mention.article_id == Article.id)
        .scalar_subquery()
    )
    statement = (
        select(
            Article.id,
            Delivery.feed,
            Delivery.file,
            Article.title,
            Article.published,
            Article.words,
            entities,
        )
        .join(Delivery, Delivery.id == Article.delivery_id)
        .where(Delivery.id == among("ids"), Delivery.disposition == "stored")
        .order_by(Delivery.feed, Delivery.file)
        .limit(MOST_ROWS)
    )
    for article, feed, file, title, published, words, names in connection.execute(
        statement, {"ids": list(ids)}
    ):
        table.add_row(
            str(article),
            Text(named(feed, file)),
            Text(title) if title else Text("no title", style="dim"),
            str(published or "–"),
            str(words),
            str(names),
        )
    return table


def stories_table(connection: Connection, ids: Collection[int]) -> Table:
    """The stories that more than one article tells, one of them stored of these deliveries."""
    table = Table(title="Told more than once", title_justify="left", title_style="bold blue")
    table.add_column("Story", justify="right")
    table.add_column("Place", no_wrap=True)
    table.add_column("Article", justify="right")
    table.add_column("File", overflow="fold")
    mine, other = aliased(Edition), aliased(Edition)
    told = (
        select(mine.story_id)
        .join(Article, Article.id == mine.article_id)
        .where(Article.delivery_id == among("ids"))
    )
    shared = exists().where(
        other.story_id == Edition.story_id, other.article_id != Edition.article_id
    )
    statement = (
        select(
            Edition.story_id,
            Edition.article_id,
            Edition.role,
            Edition.version,
            Edition.current,
            func.bool_or(Edition.role == "withdrawal").over(partition_by=Edition.story_id),
            Delivery.feed,
            Delivery.file,
        )
        .join(Article, Article.id == Edition.article_id)
        .join(Delivery, Delivery.id == Article.delivery_id)
        .where(Edition.story_id.in_(told), shared)
        .order_by(Edition.story_id, Edition.version.nulls_last(), Edition.role, Edition.article_id)
        .limit(MOST_ROWS)
    )
    last = None
    for row in connection.execute(statement, {"ids": list(ids)}):
        story, article, role, version, current, withdrawn, feed, file = row
        place = f"version {version}" if version else role
        state = "withdrawn" if version and withdrawn else "current" if current else ""
        table.add_row(
            str(story) if story != last else "",
            f"{place}, {state}" if state else place,
            str(article),
            Text(named(feed, file)),
        )
        last = story
    return table


def not_stored_table(connection: Connection, ids: Collection[int]) -> Table:
    """What was not stored of these deliveries, and why: up to `MOST_ROWS`."""
    table = Table(title="Not stored", title_justify="left", title_style="bold yellow")
    table.add_column("Delivery", justify="right")
    table.add_column("File", overflow="fold")
    table.add_column("Disposition")
    table.add_column("Why", overflow="fold", ratio=1)
    owner = aliased(Delivery)
    statement = (
        select(
            Delivery.id,
            Delivery.feed,
            Delivery.file,
            Delivery.disposition,
            Delivery.reason,
            Delivery.step,
            owner.id,
            owner.feed,
            owner.file,
            Article.id.label("article"),
            Delivery.level,
        )
        .outerjoin(owner, owner.id == Delivery.duplicate_of)
        .outerjoin(Article, Article.delivery_id == owner.id)
        .where(Delivery.id == among("ids"), Delivery.disposition != "stored")
        .order_by(Delivery.disposition, Delivery.feed, Delivery.file)
        .limit(MOST_ROWS)
    )
    for row in connection.execute(statement, {"ids": list(ids)}):
        delivery, feed, file, disposition, reason, step, twin, twin_feed, twin_file = row[:9]
        why = reason or ""
        if twin is not None:
            which = f"article {row.article}" if row.article else f"delivery {twin}"
            same = row.level or "content"
            why = f"same {same} as {which} ({named(twin_feed, twin_file)})"
        elif disposition == "quarantined":
            why = f"at {step}: {reason}"
        table.add_row(
            str(delivery),
            Text(named(feed, file)),
            Text(disposition, style=COLOURS[disposition]),
            Text(why),
        )
    return table
