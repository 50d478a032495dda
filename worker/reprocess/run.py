"""Making stored articles again with the rules and recognisers of today.

Their names are found again in the cleaned text; or, where the rules of cleaning are what changed,
the whole article is made again from its raw bytes. It is written in place: the article keeps its
id, its delivery and its content hash, and people's judgements hold. What the rules of today would
reject stays as it is (docs/decisions/0018).

A batch is read, worked on without any lock, and written in one transaction, in which nobody else
writes. An article that was written in between is passed over; one that is done has the new
versions, so that a second run goes on where the first was stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, or_, select

from models import Article, Mention
from worker import db, entities
from worker.articles import clean_article, write_again, write_enriched
from worker.contents import claim_bodies, raw_articles, release_bodies
from worker.core import persist
from worker.core.article import ENRICHER
from worker.core.characters import squeeze
from worker.core.clean import CLEANER
from worker.core.enrich import enrich
from worker.core.enrich.recognise import recogniser_of
from worker.core.process import cleaned
from worker.core.stories.told import told
from worker.errors import Permanent
from worker.judgements import alone
from worker.reprocess.changes import Change, Named, Place, compare, rewritten
from worker.reprocess.versions import Made
from worker.sql import among, by_column, values_table
from worker.stories import place
from worker.tasks.isolate import each, together

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from worker.core.article import CleanArticle, EnrichedArticle, RawArticle
    from worker.core.enrich.recognise import Recogniser
    from worker.core.stories.told import Told
    from worker.reprocess.versions import Selection

    Stored = Row[*tuple[Any, ...]]
    """A row with all columns of `articles`, or of `mentions`."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some articles."""

    changes: tuple[Change, ...] = ()
    """Of each that was made again, in order, be it that nothing changed."""
    passed_over: tuple[int, ...] = ()
    """Articles that somebody else wrote meanwhile."""
    rejected: Mapping[int, Permanent] = field(default_factory=dict)
    """Articles that are as they were, because today their files would be rejected for this."""
    failed: Mapping[int, Exception] = field(default_factory=dict)
    """Articles that are as they were, because making them again raised this."""


_FEED = bindparam("feed", type_=Text)
_OF_FEED = or_(_FEED.is_(None), Article.feed == _FEED)
_ALL_MADE = (
    select(Article.language, Article.recogniser, Article.enricher, Article.cleaner)
    .where(_OF_FEED)
    .distinct()
)
_MADE = values_table(language=Text, recogniser=Text, enricher=Text, cleaner=Text)
_MADE_SO = select(Article.id).where(
    Article.language.is_not_distinct_from(_MADE.c.language),
    Article.recogniser == _MADE.c.recogniser,
    Article.enricher == _MADE.c.enricher,
    Article.cleaner == _MADE.c.cleaner,
    _OF_FEED,
)
_ARTICLES = select(Article.__table__).where(Article.id == among("articles")).order_by(Article.id)
_MENTIONS = select(Mention.__table__).where(Mention.article_id == among("articles"))
_WRITTEN = select(Article.id, Article.updated_at).where(Article.id == among("articles"))


@dataclass(frozen=True, slots=True)
class Reprocess:
    """Which articles are made again, and with what."""

    selection: Selection
    recognisers: Mapping[str, Recogniser]
    max_bytes: int
    """A larger file would be rejected today."""

    def ids(self) -> list[int]:
        """The articles that the selection takes, in order."""
        feed = {"feed": self.selection.feed}
        with db.transaction() as connection:
            known = [Made(*row) for row in connection.execute(_ALL_MADE, feed)]
            made = [one for one in known if self._takes(one)]
            return sorted(connection.scalars(_MADE_SO, feed | by_column(_MADE, made)))

    def run(self, ids: Sequence[int], batch: int, *, write: bool) -> Iterator[Batch]:
        """Make these again, so many at a time, and write the outcome unless told not to."""
        for start in range(0, len(ids), batch):
            yield self.make(ids[start : start + batch], write=write)

    def make(self, ids: Collection[int], *, write: bool) -> Batch:
        """Make those of them again that the selection takes, feeds aside."""
        with db.transaction() as connection:
            articles = {
                row.id: row
                for row in connection.execute(_ARTICLES, {"articles": list(ids)})
                if self._takes(Made(row.language, row.recogniser, row.enricher, row.cleaner))
            }
            mentions = connection.execute(_MENTIONS, {"articles": list(articles)}).all()
            deliveries = [row.delivery_id for row in articles.values()]
            files = raw_articles(connection, deliveries) if self.selection.from_raw else {}
        results = dict(zip(articles, self._results(list(articles.values()), files), strict=True))
        made = {i: each for i, each in results.items() if not isinstance(each, Exception)}
        errors = {i: each for i, each in results.items() if isinstance(each, Exception)}
        written = set(made)
        if write:
            tellings = self._tellings(made)
            with db.transaction() as connection:
                written = self._write(connection, articles, made, mentions, tellings)
        return Batch(
            changes=_changes(articles, mentions, {i: made[i] for i in made if i in written}),
            passed_over=tuple(made.keys() - written),
            rejected={i: error for i, error in errors.items() if isinstance(error, Permanent)},
            failed={i: error for i, error in errors.items() if not isinstance(error, Permanent)},
        )

    def _takes(self, made: Made) -> bool:
        now = Made(
            made.language,
            recogniser_of(made.language, self.recognisers).name,
            ENRICHER,
            CLEANER if self.selection.from_raw else made.cleaner,
        )
        return self.selection.takes(made, now)

    def _results(
        self, articles: Sequence[Stored], files: Mapping[int, RawArticle]
    ) -> list[EnrichedArticle | Exception]:
        """What becomes of each; ``files`` are theirs by delivery."""

        def clean(article: Stored) -> CleanArticle:
            if self.selection.from_raw:
                return cleaned(files[article.delivery_id], self.max_bytes)
            return clean_article(article)

        def enrich_all(clean: Sequence[CleanArticle]) -> list[EnrichedArticle]:
            return enrich(clean, self.recognisers)

        found = each(clean)(articles)
        good = [one for one in found if not isinstance(one, Exception)]
        enriched = iter(together(enrich_all)(good))
        return [one if isinstance(one, Exception) else next(enriched) for one in found]

    def _tellings(self, made: Mapping[int, EnrichedArticle]) -> dict[int, Told]:
        """What articles are compared by; nothing, where their texts stay what they are."""
        if not self.selection.from_raw:
            return {}
        return {article: told(enriched.clean) for article, enriched in made.items()}

    def _write(
        self,
        connection: Connection,
        articles: Mapping[int, Stored],
        made: Mapping[int, EnrichedArticle],
        mentions: Iterable[Stored],
        tellings: Mapping[int, Told],
    ) -> set[int]:
        """Write those that are still as they were read; returns them."""
        judgements = alone(connection)
        stored = connection.execute(_WRITTEN, {"articles": list(made)})
        same = {article for article, at in stored if at == articles[article].updated_at}
        if not same:
            return same
        rows = {article: persist.rows(made[article]) for article in same}
        if self.selection.from_raw:
            deliveries = {article: articles[article].delivery_id for article in sorted(same)}
            bodies = {deliveries[article]: tellings[article].body for article in deliveries}
            release_bodies(connection, bodies)
            claim_bodies(connection, {one: body for one, body in bodies.items() if body})
            by_delivery = {one: rows[article] for article, one in deliveries.items()}
            kept = write_again(connection, by_delivery, judgements)
            place(connection, {article: tellings[article] for article in deliveries})
        else:
            kept = write_enriched(connection, rows, judgements)
        had = {
            (row.entity_id, squeeze(row.surface))
            for row in mentions
            if row.entity_id is not None and row.article_id in same
        }
        entities.prune_aliases(connection, had - kept)
        return same


def _changes(
    articles: Mapping[int, Stored],
    mentions: Iterable[Stored],
    made: Mapping[int, EnrichedArticle],
) -> tuple[Change, ...]:
    before: dict[int, dict[Place, Named]] = {article: {} for article in articles}
    for row in mentions:
        place = Place(row.field, row.start_offset, row.end_offset)
        before[row.article_id][place] = _named(row.surface, row.label, row.found, row.canonical)
    return tuple(
        compare(
            article,
            before[article],
            _places(after),
            rewritten(clean_article(articles[article]), after.clean),
        )
        for article, after in made.items()
    )


def _places(enriched: EnrichedArticle) -> dict[Place, Named]:
    return {
        Place(mention.field, mention.start, mention.end): _named(
            mention.surface, mention.label, mention.entity, mention.canonical
        )
        for mention in enriched.mentions
    }


def _named(surface: str, label: str, key: str | None, value: str | None) -> Named:
    return Named(surface, key or f"{label} {value or 'without value'}")
