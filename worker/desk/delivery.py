"""The page of one delivery: its whole story, its raw text and the article that came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select
from tornado.web import HTTPError, authenticated

from models import Article
from worker.articles import clean_article
from worker.contents import raw_articles
from worker.desk import comparing, reading
from worker.desk.filters import delivery_id, number
from worker.desk.handlers import DeskHandler
from worker.errors import UserError
from worker.explain import sentences, story
from worker.explain.editions import NOTICES, percent
from worker.explain.words import duration, plain
from worker.export import mentions_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from worker.core.article import RawArticle
    from worker.desk.comparing import Pair
    from worker.explain.story import Again, Story, Try

OUTCOMES: Final = {
    "done": "text-bg-success",
    "failed": "text-bg-danger",
    "died": "text-bg-danger",
    "interrupted": "text-bg-warning",
    "running": "task-state-started",
}
"""The classes of Bootstrap or Flower that colour the outcomes of attempts."""


class DeliveryHandler(DeskHandler):
    """One delivery."""

    @authenticated
    async def get(self, delivery: str) -> None:
        """Show it; and if its article is not alone in its story, what changed ``against`` another.

        Raises:
            HTTPError: 404, there is none with this number, or the other tells another story.
        """
        against = number(self.request.query_arguments, "against")
        try:
            told, raw, stored, pair = await self.query(gather, delivery_id(delivery), against)
        except UserError as error:
            raise HTTPError(404, str(error)) from error
        if against is not None and pair is None:
            raise HTTPError(404, f"Article {against} does not tell this story.")
        # Without the connection that others may wait for: a long text takes its time.
        text, article = await self.aside(reading.read, told, raw, stored)
        compared = await self.aside(comparing.compared, pair) if pair else None
        self.render(
            "delivery.html",
            story=told,
            sentences=sentences(told),
            runs=runs(told),
            duration=duration,
            plain=plain,
            outcomes=OUTCOMES,
            raw=text,
            article=article,
            compared=compared,
            ties={each.article: each for each in told.in_story.ties} if told.in_story else {},
            notices=NOTICES,
            percent=percent,
            said=self.told(),
        )


def gather(
    connection: Connection, delivery: int, against: int | None
) -> tuple[Story, RawArticle | None, reading.Stored | None, Pair | None]:
    """A delivery's story, its bytes if they were kept, and the article of its content.

    And if others tell the same, that article beside one of them.

    Raises:
        UserError: there is none with this number.
    """
    told = story.gather(connection, delivery)
    raw = raw_articles(connection, [delivery]).get(delivery)
    owner = told.id if told.article else told.duplicate_of
    stored = _stored(connection, owner) if owner else None
    pair = comparing.gather(connection, told.in_story, against) if told.in_story else None
    return told, raw, stored, pair


_ARTICLE = select(Article.__table__).where(Article.delivery_id == bindparam("delivery"))


def _stored(connection: Connection, delivery: int) -> reading.Stored | None:
    row = connection.execute(_ARTICLE, {"delivery": delivery}).one_or_none()
    if row is None:
        return None
    mentions = mentions_of(connection, [row.id]).get(row.id, [])
    return reading.Stored(delivery, clean_article(row), mentions)


def runs(told: Story) -> list[tuple[Again | None, list[Try]]]:
    """The attempts of each run, after the retry that it began with; the first began with none."""
    return [
        (retry, [each for each in told.tries if each.run == run])
        for run, retry in enumerate((None, *told.retries))
    ]
