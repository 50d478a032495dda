"""Articles as they are compared with each other, to say what changed from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Article
from worker.core.stories.changes import Telling
from worker.export import mentions_of
from worker.sql import among

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ARTICLES = select(Article.id, Article.title, Article.lead, Article.body).where(
    Article.id == among("articles")
)


def gather(connection: Connection, articles: list[int]) -> dict[int, Telling]:
    """The texts of articles by their ids, with the names of their entities; judged."""
    mentions = mentions_of(connection, articles)
    return {
        row.id: Telling(
            row.title,
            row.lead,
            row.body,
            frozenset(
                each.canonical or each.surface
                for each in mentions.get(row.id, ())
                if each.entity is not None
            ),
        )
        for row in connection.execute(_ARTICLES, {"articles": articles})
    }
