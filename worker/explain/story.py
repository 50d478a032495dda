"""The story of one delivery: all that is known of it, gathered for whoever tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import redis
from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.orm import aliased

from models import Article, Attempt, Delivery, Mention, Retry
from worker import config
from worker.errors import UserError
from worker.explain import editions
from worker.explain.words import named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Row

    from worker.core.stories.kinds import Level
    from worker.explain.editions import InStory

SHOWN = 5  # duplicates that are named one by one


@dataclass(frozen=True, slots=True)
class Try:
    """One start of a step."""

    run: int
    """How many retries of operators came before."""
    step: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    """``done``; ``failed``; ``interrupted``, which does not count; ``running``; ``died``."""
    error: str | None
    traceback: str | None
    task: str

    @property
    def took(self) -> timedelta | None:
        """None where nobody has seen its end."""
        return self.ended_at - self.started_at if self.ended_at else None


@dataclass(frozen=True, slots=True)
class Again:
    """An operator's retry, and how the delivery stood before."""

    made_at: datetime
    made_by: str
    disposition: str
    step: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Other:
    """Another delivery of the same content."""

    id: int
    name: str
    """``feed/file``, as delivered."""
    received_at: datetime
    disposition: str
    step: str | None
    reason: str | None
    duplicate_of: int | None
    raw_sha256: str | None
    article: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """The article that was made of it."""

    id: int
    title: str | None
    words: int
    language: str | None
    mentions: int


@dataclass(frozen=True, slots=True)
class Story:
    """A delivery, and everything that happened to it."""

    at: datetime
    """When this was so."""
    id: int
    feed: str | None
    file: str
    size: int
    """Bytes."""
    raw_sha256: str | None
    """None where its bytes were not kept."""
    received_at: datetime
    queued_at: datetime
    ended_at: datetime | None
    retried_at: datetime | None
    disposition: str
    reason: str | None
    step: str | None
    cause: str | None
    alike: int
    """How many others are quarantined for the same cause."""
    content_hash: str | None
    duplicate_of: int | None
    level: Level | None
    """What it has in common with that delivery; null of duplicates from before it was noted."""
    folder: str | None
    path: Path | None
    """Where its file was put; None where it was deleted, or never was in the inbox."""
    missing: bool
    """Whether it is not there; false where its folder cannot be seen from here."""
    tries: tuple[Try, ...]
    """In the order of their starts."""
    retries: tuple[Again, ...]
    original: Other | None
    """The delivery that owns its content."""
    duplicates: int
    """How many deliveries are duplicates of it."""
    latest_duplicates: tuple[Other, ...]
    """The newest first, `SHOWN` at most."""
    article: Stored | None
    in_story: InStory | None
    """Its article's place in its story, or that of the article that it duplicates."""
    waiting: int | None
    """Messages that wait for a worker, if it is pending; None where Redis cannot tell."""

    @property
    def name(self) -> str:
        """``feed/file``, as delivered."""
        return named(self.feed, self.file)

    @property
    def can_be_retried(self) -> bool:
        """Whether `worker.operate.retry` would send it again."""
        return self.disposition in {"quarantined", "rejected"} and self.raw_sha256 is not None


_ID = bindparam("id", type_=BigInteger)
_MENTIONS = (
    select(func.count())
    .where(Mention.article_id == Article.id)
    .correlate(Article)
    .scalar_subquery()
)
_DELIVERY = (
    select(
        Delivery.__table__,
        func.clock_timestamp().label("at"),
        Article.id.label("article"),
        Article.title,
        Article.words,
        Article.language,
        _MENTIONS.label("mentions"),
    )
    .outerjoin(Article, Article.delivery_id == Delivery.id)
    .where(Delivery.id == _ID)
)
_TRIES = select(Attempt.__table__).where(Attempt.delivery_id == _ID).order_by(Attempt.id)
_RETRIES = select(Retry.__table__).where(Retry.delivery_id == _ID).order_by(Retry.id)
_OTHER = (
    select(
        func.count().over(),
        Delivery.id,
        Delivery.feed,
        Delivery.file,
        Delivery.received_at,
        Delivery.disposition,
        Delivery.step,
        Delivery.reason,
        Delivery.duplicate_of,
        Delivery.raw_sha256,
        Article.id,
    )
    .outerjoin(Article, Article.delivery_id == Delivery.id)
    .order_by(Delivery.id.desc())
)
_TWIN = aliased(Delivery)
_ALIKE = (
    select(func.count())
    .select_from(Delivery)
    .join(_TWIN, (_TWIN.cause == Delivery.cause) & (_TWIN.id != Delivery.id))
    .where(Delivery.id == _ID, _TWIN.disposition == "quarantined")
)


def gather(connection: Connection, delivery: int) -> Story:
    """The story of a delivery.

    Raises:
        UserError: there is none with this number.
    """
    number = {"id": delivery}
    row = connection.execute(_DELIVERY, number).one_or_none()
    if row is None:
        raise UserError(f"There is no delivery {delivery}.")
    retries = connection.execute(_RETRIES, number).all()
    original = others(connection, Delivery.id == row.duplicate_of)[1] if row.duplicate_of else ()
    duplicates, latest = others(connection, Delivery.duplicate_of == delivery, SHOWN)
    path = _path(row)
    article = row.article or (original[0].article if original else None)
    return Story(
        at=row.at,
        id=row.id,
        feed=row.feed,
        file=row.file,
        size=row.size,
        raw_sha256=row.raw_sha256,
        received_at=row.received_at,
        queued_at=row.queued_at,
        ended_at=row.ended_at,
        retried_at=row.retried_at,
        disposition=row.disposition,
        reason=row.reason,
        step=row.step,
        cause=row.cause,
        alike=connection.scalar(_ALIKE, number) or 0,
        content_hash=row.content_hash,
        duplicate_of=row.duplicate_of,
        level=row.level,
        folder=row.folder,
        path=path,
        missing=path is not None and path.parent.is_dir() and not path.is_file(),
        tries=_tries(row, connection.execute(_TRIES, number).all(), retries),
        retries=tuple(
            Again(each.made_at, each.made_by, each.disposition, each.step, each.reason)
            for each in retries
        ),
        original=original[0] if original else None,
        duplicates=duplicates,
        latest_duplicates=latest,
        article=row.article
        and Stored(row.article, row.title, row.words, row.language, row.mentions),
        in_story=editions.gather(connection, article) if article else None,
        waiting=waiting() if row.disposition == "pending" else None,
    )


def others(
    connection: Connection, condition: ColumnElement[bool], most: int = 1
) -> tuple[int, tuple[Other, ...]]:
    """How many deliveries a condition is true of, and the newest of them."""
    rows = connection.execute(_OTHER.where(condition).limit(most)).all()
    found = tuple(Other(id_, named(feed, file), *rest) for _, id_, feed, file, *rest in rows)
    return (rows[0][0] if rows else 0), found


def _tries(
    delivery: Row[*tuple[Any, ...]],
    attempts: Sequence[Row[*tuple[Any, ...]]],
    retries: Sequence[Row[*tuple[Any, ...]]],
) -> tuple[Try, ...]:
    longest = config.load().hard_limit_seconds
    # The broker gives a task to a second worker only after the first one's death.
    newest = {attempt.task_id: attempt.id for attempt in attempts}
    tries = []
    for attempt in attempts:
        run = sum(retry.made_at <= attempt.started_at for retry in retries)
        runs = (
            delivery.disposition == "pending"
            and run == len(retries)
            and newest[attempt.task_id] == attempt.id
            and (delivery.at - attempt.started_at).total_seconds() < longest
        )
        tries.append(
            Try(
                run=run,
                step=attempt.step,
                started_at=attempt.started_at,
                ended_at=attempt.ended_at,
                outcome=attempt.outcome or ("running" if runs else "died"),
                error=attempt.error,
                traceback=attempt.traceback,
                task=attempt.task_id,
            )
        )
    return tuple(tries)


def _path(delivery: Row[*tuple[Any, ...]]) -> Path | None:
    from worker.filing import path_of  # noqa: PLC0415 - it tells stories itself

    return path_of(config.load(), delivery)


def waiting() -> int | None:
    """Messages that no worker has yet; None where Redis cannot tell."""
    from worker import broker  # noqa: PLC0415 - needs the broker's address

    try:
        return broker.waiting()
    except redis.RedisError:
        return None
