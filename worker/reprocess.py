"""Enriching stored articles again, from their cleaned text, with the recognisers of today.

A batch is read, enriched without any lock, and written in one transaction, in which nobody else
writes. An article that was written in between is passed over; one that is done has the new
versions, so that a second run goes on where the first was stopped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text as Line
from sqlalchemy import Text, and_, bindparam, func, or_, select

from models import Article, Mention
from worker import db, entities
from worker.articles import clean_article, write_enriched
from worker.core import persist
from worker.core.article import ENRICHER, FieldName
from worker.core.characters import squeeze
from worker.core.enrich import enrich
from worker.core.enrich.recognise import recogniser_of
from worker.errors import UserError
from worker.judgements import alone
from worker.sql import among, by_column, values_table
from worker.tasks.isolate import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rich.console import Console
    from sqlalchemy import Connection, Row

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.enrich.recognise import Recogniser

OURS = "rotative-"  # how the names of our own models begin
EXAMPLES = 3  # of each kind of change, where not all are asked for


class Made(NamedTuple):
    """What made the mentions of an article."""

    language: str | None
    recogniser: str
    enricher: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles to enrich again.

    Without any restriction, those that today's versions would treat otherwise. Versions are
    numbers with dots; what names two is taken if it is older by either.
    """

    model_before: str | None = None
    """Only what no model of ours has seen, or one of a lower version than this."""
    enricher_before: str | None = None
    """Only what rules and linking of a lower version than this have made."""
    everything: bool = False
    """Also what today's versions made."""
    feed: str | None = None

    def takes(self, made: Made, now: Made) -> bool:
        """Whether articles made so are to be enriched again, now that they would be made so.

        Raises:
            UserError: a version that was asked for is none.
        """
        older = [
            _older(version, asked, ours=ours)
            for version, asked, ours in (
                (
                    made.recogniser.rpartition("-")[2],
                    self.model_before,
                    made.recogniser.startswith(OURS),
                ),
                (made.enricher, self.enricher_before, True),
            )
            if asked is not None
        ]
        return self.everything or (made != now and (any(older) or not older))


def _older(version: str, asked: str, *, ours: bool) -> bool:
    limit = _numbers(asked)
    if limit is None:
        raise UserError(f"{asked!r} is no version: versions look like 1.0.")
    numbers = _numbers(version)
    return not ours or numbers is None or numbers < limit


def _numbers(version: str) -> tuple[int, ...] | None:
    """The numbers of a version, without zeros at the end: 1 and 1.0 are the same."""
    try:
        numbers = [int(part) for part in version.split(".")]
    except ValueError:
        return None
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


class Place(NamedTuple):
    """Where a mention stands in its article."""

    field: FieldName
    start: int
    end: int


class Named(NamedTuple):
    """What stands there, and what it is."""

    surface: str
    meaning: str
    """The key that the linker found; for a date or an amount its label and value."""


@dataclass(frozen=True, slots=True)
class Change:
    """What enriching an article again changed; before judgements, which stay as they are."""

    article: int
    gained: tuple[Named, ...]
    lost: tuple[Named, ...]
    relinked: tuple[tuple[Named, str], ...]
    """Mentions at the same place, with what they mean now."""

    def lines(self) -> Iterator[tuple[str, str]]:
        """Each change as its kind and a line."""
        where = f"article {self.article}:"
        yield from (
            ("gained", f"{where} + {name.surface} ({name.meaning})") for name in self.gained
        )
        yield from (("lost", f"{where} − {name.surface} ({name.meaning})") for name in self.lost)
        yield from (
            ("relinked", f"{where} {name.surface}: {name.meaning} → {now}")
            for name, now in self.relinked
        )


def compare(article: int, before: Mapping[Place, Named], after: Mapping[Place, Named]) -> Change:
    """The mentions that came, went, and mean something else now."""
    return Change(
        article,
        gained=tuple(after[place] for place in sorted(after.keys() - before.keys())),
        lost=tuple(before[place] for place in sorted(before.keys() - after.keys())),
        relinked=tuple(
            (before[place], after[place].meaning)
            for place in sorted(before.keys() & after.keys())
            if before[place].meaning != after[place].meaning
        ),
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some articles."""

    changes: tuple[Change, ...] = ()
    """Of each that was enriched, in order, be it that nothing changed."""
    passed_over: tuple[int, ...] = ()
    """Articles that somebody else wrote meanwhile."""
    failed: Mapping[int, Exception] = field(default_factory=dict)
    """Articles that are as they were, because enriching them raised this."""


# --- Reading --------------------------------------------------------------------------------

_FEED = bindparam("feed", type_=Text)
_OF_FEED = or_(_FEED.is_(None), Article.feed == _FEED)
_ALL_MADE = (
    select(Article.language, Article.recogniser, Article.enricher).where(_OF_FEED).distinct()
)
_MADE = values_table(language=Text, recogniser=Text, enricher=Text)
_MADE_SO = and_(
    Article.language.is_not_distinct_from(_MADE.c.language),
    Article.recogniser == _MADE.c.recogniser,
    Article.enricher == _MADE.c.enricher,
    _OF_FEED,
)
_COUNT = select(func.count(Article.id)).where(_MADE_SO)
_NEXT = (
    select(Article.__table__)
    .where(_MADE_SO, Article.id > bindparam("last"))
    .order_by(Article.id)
    .limit(bindparam("batch"))
)
_MENTIONS = select(Mention.__table__).where(Mention.article_id == among("articles"))
_WRITTEN = select(Article.id, Article.updated_at).where(Article.id == among("articles"))


@dataclass(frozen=True, slots=True)
class Work:
    """The articles that a selection takes."""

    recognisers: Mapping[str, Recogniser]
    made: tuple[Made, ...]
    """What made them."""
    feed: str | None
    articles: int
    """How many there are."""

    @property
    def _values(self) -> dict[str, object]:
        return {"feed": self.feed, **by_column(_MADE, self.made)}

    def run(self, batch: int, *, write: bool) -> Iterator[Batch]:
        """Enrich them, so many at a time, and write the outcome unless told not to."""
        last = 0
        while True:
            with db.transaction() as connection:
                values = {**self._values, "last": last, "batch": batch}
                articles = connection.execute(_NEXT, values).all()
                if not articles:
                    return
                last = articles[-1].id
                found = connection.execute(
                    _MENTIONS, {"articles": [article.id for article in articles]}
                ).all()
            yield _again(articles, found, self.recognisers, write=write)


def work(selection: Selection, recognisers: Mapping[str, Recogniser]) -> Work:
    """Find out which articles the selection takes.

    Raises:
        UserError: a version that was asked for is none.
    """
    with db.transaction() as connection:
        rows = connection.execute(_ALL_MADE, {"feed": selection.feed})
        known = [Made(*row) for row in rows]
        made = tuple(
            each for each in known if selection.takes(each, _now(each.language, recognisers))
        )
        values = {"feed": selection.feed, **by_column(_MADE, made)}
        count = connection.scalar(_COUNT, values) or 0
    return Work(recognisers, made, selection.feed, count)


def _now(language: str | None, recognisers: Mapping[str, Recogniser]) -> Made:
    return Made(language, recogniser_of(language, recognisers).name, ENRICHER)


# --- Enriching and writing ------------------------------------------------------------------


def _again(
    articles: Sequence[Row[*tuple[Any, ...]]],
    mentions: Iterable[Row[*tuple[Any, ...]]],
    recognisers: Mapping[str, Recogniser],
    *,
    write: bool,
) -> Batch:
    def enrich_all(clean: Sequence[CleanArticle]) -> list[EnrichedArticle]:
        return enrich(clean, recognisers)

    results = together(enrich_all)([clean_article(article) for article in articles])
    enriched: dict[int, EnrichedArticle] = {}
    failed: dict[int, Exception] = {}
    for article, result in zip(articles, results, strict=True):
        if isinstance(result, Exception):
            failed[article.id] = result
        else:
            enriched[article.id] = result

    before: dict[int, dict[Place, Named]] = {article: {} for article in enriched}
    spellings: set[tuple[int, str]] = set()
    for row in mentions:
        if row.article_id in enriched:
            place = Place(row.field, row.start_offset, row.end_offset)
            before[row.article_id][place] = _named(row.surface, row.label, row.found, row.canonical)
            if row.entity_id is not None:
                spellings.add((row.entity_id, squeeze(row.surface)))
    if write:
        seen = {article.id: article.updated_at for article in articles if article.id in enriched}
        with db.transaction() as connection:
            written = _write(connection, enriched, seen, spellings)
    else:
        written = set(enriched)
    changes = (
        compare(article, before[article], _places(enriched[article]))
        for article in enriched
        if article in written
    )
    return Batch(tuple(changes), tuple(enriched.keys() - written), failed)


def _write(
    connection: Connection,
    enriched: Mapping[int, EnrichedArticle],
    seen: Mapping[int, datetime],
    spellings: set[tuple[int, str]],
) -> set[int]:
    """Write those that are still as they were seen; returns them."""
    judgements = alone(connection)
    stored = connection.execute(_WRITTEN, {"articles": list(seen)})
    same = {article for article, written_at in stored if written_at == seen[article]}
    rows = {article: persist.rows(enriched[article]) for article in same}
    kept = write_enriched(connection, rows, judgements)
    entities.prune_aliases(connection, spellings - kept)
    return same


def _places(enriched: EnrichedArticle) -> dict[Place, Named]:
    return {
        Place(mention.field, mention.start, mention.end): _named(
            mention.surface, mention.label, mention.entity, mention.canonical
        )
        for mention in enriched.mentions
    }


def _named(surface: str, label: str, key: str | None, value: str | None) -> Named:
    return Named(surface, key or f"{label} {value or 'without value'}")


# --- Telling --------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    articles: int = 0
    changed: int = 0
    names: Counter[str] = field(default_factory=Counter)
    """Mentions gained, lost and relinked."""
    passed_over: int = 0
    failed: dict[int, Exception] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Count a batch in."""
        self.articles += len(batch.changes)
        for change in batch.changes:
            kinds = Counter(kind for kind, _ in change.lines())
            self.changed += bool(kinds)
            self.names += kinds
        self.passed_over += len(batch.passed_over)
        self.failed |= batch.failed


def show(todo: Work, batch: int, console: Console, *, write: bool, verbose: bool) -> Tally:
    """Do the work, tell what changes, all of it or a few examples, and the sum."""
    tally = Tally()
    told: Counter[str] = Counter()
    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("articles"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("articles", total=todo.articles)
        for done in todo.run(batch, write=write):
            tally.add(done)
            for kind, line in (each for change in done.changes for each in change.lines()):
                told[kind] += 1
                if verbose or told[kind] <= EXAMPLES:
                    # As Text: a name is no markup, whatever is in it.
                    console.print(Line(line), soft_wrap=True)
            progress.advance(bar, len(done.changes) + len(done.passed_over) + len(done.failed))
    _sum_up(tally, console, write=write)
    return tally


def _sum_up(tally: Tally, console: Console, *, write: bool) -> None:
    names = ", ".join(f"{tally.names[kind]} {kind}" for kind in ("gained", "lost", "relinked"))
    done = "enriched again" if write else "would be enriched again"
    console.print(
        f"{tally.articles} articles {done}, {tally.changed} with other names than before: {names}.",
        highlight=False,
    )
    if tally.passed_over:
        console.print(f"{tally.passed_over} were written by a worker meanwhile, and left to it.")
    for article, error in tally.failed.items():
        line = f"Article {article} is as it was: {type(error).__name__}: {error}"
        console.print(Line(line, style="red"), soft_wrap=True)
