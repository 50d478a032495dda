"""Stored articles as members of stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from models import Article, Edition
from worker.core.article import Stated
from worker.core.stories.arrange import Member, agencies
from worker.core.stories.fingerprint import COMPARED
from worker.sql import among

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from worker.core.stories.told import Told

_ARTICLES = (
    select(
        Article.id,
        Article.feed,
        Article.dateline_agency,
        Article.signature,
        Article.published,
        Article.first_seen,
        func.left(Article.lead, COMPARED).label("lead"),
        func.left(Article.body, COMPARED).label("body"),
        Edition.notice,
        Edition.notice_number,
    )
    .outerjoin(Edition, Edition.article_id == Article.id)
    .where(Article.id == among("articles"))
)
_NOTES = select(Edition.article_id).where(
    Edition.article_id == among("articles"), Edition.notice.is_not(None)
)


def read(
    connection: Connection, articles: Collection[int], told: Mapping[int, Told]
) -> dict[int, Member]:
    """Those of the articles that are there; what was ``told`` just now has no edition yet."""
    if not articles:
        return {}
    members = {}
    for row in connection.execute(_ARTICLES, {"articles": list(articles)}):
        if row.id in told:
            stated = told[row.id].stated
        else:
            stated = Stated(row.notice, row.notice_number) if row.notice else None
        members[row.id] = Member(
            id=row.id,
            feed=row.feed,
            agencies=agencies(row.dateline_agency, row.signature),
            published=row.published,
            first_seen=row.first_seen,
            lead=row.lead,
            body=row.body,
            stated=stated,
        )
    return members


def notes(connection: Connection, articles: Collection[int], told: Mapping[int, Told]) -> set[int]:
    """Those of the articles that correct, continue or withdraw something."""
    others = [article for article in articles if article not in told]
    found = connection.scalars(_NOTES, {"articles": others}) if others else ()
    return {*found, *(one for one in articles if one in told and told[one].stated)}
