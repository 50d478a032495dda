"""Deliveries as the desk lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from models import Article, Attempt, Delivery
from worker.status import MOST_CAUSES, Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from worker.desk.filters import Filters
    from worker.operate import Failed

PAGE: Final = 50
MOST_OF_TASK: Final = 1_000

_Original = aliased(Delivery)
_LISTED: Final = (
    select(
        Delivery.id,
        Delivery.feed,
        Delivery.file,
        Delivery.disposition,
        Delivery.step,
        func.left(Delivery.reason, 300).label("reason"),
        Delivery.received_at,
        Delivery.ended_at,
        Delivery.retried_at,
        Delivery.duplicate_of,
        _Original.feed.label("original_feed"),
        _Original.file.label("original_file"),
        Article.id.label("article"),
        (
            Delivery.disposition.in_(("quarantined", "rejected")) & Delivery.raw_sha256.is_not(None)
        ).label("failed"),
    )
    .outerjoin(_Original, _Original.id == Delivery.duplicate_of)
    .outerjoin(Article, Article.delivery_id == Delivery.id)
)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the deliveries, newest first."""

    deliveries: Sequence[Row[Any]]
    """Columns: see ``_LISTED``; ``failed``: it can be retried."""
    older: int | None
    """What the next page begins before; None: this is the last one."""


def page(connection: Connection, filters: Filters, before: int | None) -> Page:
    """The newest deliveries that the filters let through, of those listed after ``before``."""
    statement = _LISTED.where(*_conditions(filters))
    if filters.disposition or filters.feed:  # an index has them in the order of receipt
        order = tuple_(Delivery.received_at, Delivery.id)
        if before is not None:
            start = select(_Original.received_at).where(_Original.id == before).scalar_subquery()
            statement = statement.where(order < tuple_(start, before))
        statement = statement.order_by(Delivery.received_at.desc(), Delivery.id.desc())
    else:
        if before is not None:
            statement = statement.where(Delivery.id < before)
        statement = statement.order_by(Delivery.id.desc())
    rows = connection.execute(statement.limit(PAGE + 1)).all()
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    if filters.disposition == "quarantined":
        return [filters.failed.condition()]
    conditions: list[ColumnElement[bool]] = []
    if filters.disposition:
        conditions.append(Delivery.disposition == filters.disposition)
    if filters.feed:
        conditions.append(Delivery.feed == filters.feed)
    if filters.step:
        conditions.append(Delivery.step == filters.step)
    # Only what failed has a reason, and only what is quarantined a cause: saying so spares Postgres
    # all the others.
    if filters.error:
        conditions.append(Delivery.disposition.in_(("rejected", "quarantined")))
        conditions.append(Delivery.reason.icontains(filters.error, autoescape=True))
    if filters.cause:
        conditions.append(Delivery.disposition == "quarantined")
        conditions.append(Delivery.cause == filters.cause)
    if filters.since:
        conditions.append(Delivery.received_at >= filters.since)
    if filters.until:
        conditions.append(Delivery.received_at <= filters.until)
    return conditions


def causes(connection: Connection, failed: Failed) -> list[Cause]:
    """These of the quarantined by cause, as `worker.status` has all of them."""
    number = func.count()
    statement: Select[*tuple[Any, ...]] = (
        select(
            Delivery.cause,
            Delivery.step,
            number,
            func.min(Delivery.ended_at),
            func.max(Delivery.ended_at),
            func.array_agg(Delivery.feed.distinct()),
        )
        .where(failed.condition())
        .group_by(Delivery.cause, Delivery.step)
        .order_by(number.desc(), Delivery.cause)
        .limit(MOST_CAUSES)
    )
    return [Cause(*row) for row in connection.execute(statement)]


def first(connection: Connection, failed: Failed, limit: int) -> Sequence[Row[Any]]:
    """The first of these that failed, in the order in which they would be retried."""
    return _all(connection, _LISTED.where(failed.condition()).limit(limit))


def of_task(connection: Connection, task: str) -> Sequence[Row[Any]]:
    """The deliveries that a task has begun to work on, whatever Flower or Redis know of it."""
    begun = select(Attempt.delivery_id).where(Attempt.task_id == task)
    return _all(connection, _LISTED.where(Delivery.id.in_(begun)).limit(MOST_OF_TASK))


def named(connection: Connection, ids: Collection[int]) -> Sequence[Row[Any]]:
    """These deliveries; unknown ones are left out."""
    return _all(connection, _LISTED.where(Delivery.id.in_(ids)))


def _all(connection: Connection, statement: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(statement.order_by(Delivery.id)).all()
