"""How things stand: gathered for `rotative status`, Flower's pages, metrics and alarms.

Everything is counted by index, see `docs/schema.md`, and the clock is Postgres's.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy import (
    DateTime,
    Float,
    Select,
    bindparam,
    exists,
    func,
    literal,
    select,
    union_all,
)

from models import Alarm, Article, Delivery, Heartbeat, Mention
from models.delivery import DISPOSITIONS
from worker import broker
from worker.app import app
from worker.health import LATE_SECONDS
from worker.sql import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

RATE_MINUTES = 5
ENOUGH = 60  # in the last minute, to tell the rate from it alone
LEAST_SECONDS = 10  # of it: where work has just begun, the rate is that of the time since
MOST_CAUSES = 100
MOST_STORIES = 1_000
LEAST_WORDS = 60  # of a story that can be expected to name somebody
PATIENCE_SECONDS = (1, 3)  # for answers; the second where nobody had one, as the machine is busy


@dataclass(frozen=True, slots=True)
class Cause:
    """What a number of deliveries are quarantined for, see `models.Delivery.cause`."""

    cause: str
    step: str
    deliveries: int
    first: datetime
    """When the first of them was quarantined."""
    last: datetime
    feeds: Sequence[str | None]
    """None for what has no feed."""


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """Something that is out of its usual range right now."""

    id: int
    kind: str
    feed: str | None
    figure: float
    usual_low: float | None
    usual_high: float | None
    sentence: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """When a process last wrote its heartbeat."""

    name: str
    beat_at: datetime
    late: bool
    """Whether it is an intake that should have written since. Workers write only when asked."""


@dataclass(frozen=True, slots=True)
class WorkerNow:
    """A worker that answers, and what it does."""

    name: str
    tasks: Sequence[str]
    """``enrich: deliveries 7, 8``; empty if it has nothing to do."""


@dataclass(frozen=True, slots=True)
class Status:
    """How things stood at one moment."""

    at: datetime
    in_all: Mapping[str, int]
    """Deliveries by disposition."""
    today: Mapping[str, int]
    """Of those, the ones received since this machine's midnight."""
    deliveries: int
    """All of them, counted for itself in the same snapshot."""
    articles: int
    """Stored articles, in the same snapshot."""
    pending_since: datetime | None
    """When the oldest pending delivery was received, or last sent again."""
    per_minute: float
    """Dispositions a minute: of the last minute if there are enough to tell, else of five."""
    arriving: float
    """Deliveries received a minute, likewise."""
    stories: int
    """The latest articles, of the last 24 hours and long enough to name somebody, up to
    `MOST_STORIES`."""
    nameless: int
    """Of those, the ones that name nobody and nothing."""
    causes: Sequence[Cause]
    """The most frequent ones first, up to `MOST_CAUSES`."""
    alarms: Sequence[OpenAlarm]
    beats: Sequence[Beat]
    waiting: int | None
    """Messages that no worker has yet; None if Redis is away."""
    worked_on: int | None
    """Messages that workers have; None if Redis is away."""

    @property
    def pending(self) -> int:
        """Deliveries without a disposition."""
        return self.in_all["pending"]

    @property
    def adds_up(self) -> bool:
        """Whether every delivery has one disposition, and every stored one its article."""
        return sum(self.in_all.values()) == self.deliveries and (
            self.in_all["stored"] == self.articles
        )

    @property
    def left(self) -> timedelta | None:
        """How long the backlog takes at this rate; None if there is one and it does not move."""
        if not self.pending:
            return timedelta(0)
        return timedelta(minutes=self.pending / self.per_minute) if self.per_minute else None


def gather(connection: Connection) -> Status:
    """Count everything, in Postgres and in Redis; the latter may be away."""
    at = connection.scalar(select(func.clock_timestamp()))
    assert at is not None  # noqa: S101 - a clock always tells
    midnight = datetime.combine(at.astimezone().date(), time()).astimezone()
    counts = {
        name: (in_all, today)
        for name, in_all, today in connection.execute(_COUNTS, {"midnight": midnight})
    }
    ended = connection.execute(_ENDED, {"at": at}).one()
    arrived = connection.execute(_ARRIVED, {"at": at}).one()
    stories, nameless = connection.execute(_NAMELESS, {"at": at}).one()
    waiting, worked_on = _messages()
    return Status(
        at=at,
        in_all={name: counts.get(name, (0, 0))[0] for name in DISPOSITIONS},
        today={name: counts.get(name, (0, 0))[1] for name in DISPOSITIONS},
        deliveries=counts["deliveries"][0],
        articles=counts["articles"][0],
        pending_since=connection.scalar(_PENDING_SINCE),
        per_minute=_per_minute(*ended),
        arriving=_per_minute(*arrived),
        stories=stories,
        nameless=nameless,
        causes=[Cause(*row) for row in connection.execute(_CAUSES)],
        alarms=[OpenAlarm(*row) for row in connection.execute(_ALARMS)],
        beats=[Beat(*row) for row in connection.execute(_BEATS, {"at": at})],
        waiting=waiting,
        worked_on=worked_on,
    )


def workers() -> list[WorkerNow]:
    """The workers that answer within a second, and what they do; none if Redis is away."""
    answers: Mapping[str, Sequence[Mapping[str, Any]]] = {}
    with suppress(RedisError, BrokerError):
        for patience in PATIENCE_SECONDS:
            answers = answers or app.control.inspect(timeout=patience).active(safe=True) or {}
    return [
        WorkerNow(name, [_doing(task) for task in tasks]) for name, tasks in sorted(answers.items())
    ]


def _messages() -> tuple[int, int] | tuple[None, None]:
    try:
        return broker.waiting(), broker.unacknowledged()
    except RedisError:
        return None, None


def _doing(task: Mapping[str, Any]) -> str:
    """What Celery says of a task that runs, as ``enrich: deliveries 7, 8``."""
    arguments = str(task["args"]).removeprefix("(").removesuffix(")").removesuffix(",")
    return f"{task['name'].removeprefix('rotative.')}: {arguments}".removesuffix(": ")


def _per_minute(in_five: int, in_one: int, since: float = 60) -> float:
    """The rate of what happened so often in five minutes, and in one, the first so long ago."""
    return in_one * 60 / max(since, LEAST_SECONDS) if in_one >= ENOUGH else in_five / RATE_MINUTES


_AT = bindparam("at", type_=DateTime(timezone=True))
_MIDNIGHT = bindparam("midnight", type_=DateTime(timezone=True))
# One statement, hence one snapshot; the sum and the parts are counted by different indexes.
_COUNTS = union_all(
    select(
        Delivery.disposition,
        func.count(),
        func.count().filter(Delivery.received_at >= _MIDNIGHT),
    ).group_by(Delivery.disposition),
    select(literal("deliveries"), func.count(), literal(0)).select_from(Delivery),
    select(literal("articles"), func.count(), literal(0)).select_from(Article),
)
_PENDING_SINCE = select(func.min(func.coalesce(Delivery.retried_at, Delivery.received_at))).where(
    Delivery.disposition == "pending"
)
_A_MINUTE_AGO = _AT - func.make_interval(0, 0, 0, 0, 0, 1)
_MINUTES_AGO = _AT - func.make_interval(0, 0, 0, 0, 0, RATE_MINUTES)
_JUST_ENDED = Delivery.ended_at > _A_MINUTE_AGO
_ENDED = select(
    func.count(),
    func.count().filter(_JUST_ENDED),
    func.coalesce(
        func.extract("epoch", _AT - func.min(Delivery.ended_at).filter(_JUST_ENDED)), 0
    ).cast(Float),
).where(Delivery.ended_at > _MINUTES_AGO)
_ARRIVED = select(func.count(), func.count().filter(Delivery.received_at > _A_MINUTE_AGO)).where(
    # All of them: the index begins with the disposition.
    Delivery.disposition.in_(DISPOSITIONS),
    Delivery.received_at > _MINUTES_AGO,
)
_STORY = (
    select(Article.id)
    .where(Article.first_seen > _AT - func.make_interval(0, 0, 0, 1), Article.words >= LEAST_WORDS)
    .order_by(Article.first_seen.desc())
    .limit(MOST_STORIES)
    .subquery()
)
_NAMES = exists().where(Mention.article_id == _STORY.c.id, Mention.found.is_not(None))
_NAMELESS = select(func.count(), func.count().filter(~_NAMES)).select_from(_STORY)
_CAUSES: Select[*tuple[Any, ...]] = (
    select(
        Delivery.cause,
        Delivery.step,
        func.count(),
        func.min(Delivery.ended_at),
        func.max(Delivery.ended_at),
        func.array_agg(Delivery.feed.distinct()),
    )
    .where(Delivery.disposition == "quarantined")
    .group_by(Delivery.cause, Delivery.step)
    .order_by(func.count().desc(), Delivery.cause)
    .limit(MOST_CAUSES)
)
_ALARMS = (
    select(
        Alarm.id,
        Alarm.kind,
        Alarm.feed,
        Alarm.figure,
        Alarm.usual_low,
        Alarm.usual_high,
        Alarm.sentence,
        Alarm.raised_at,
    )
    .where(Alarm.cleared_at.is_(None))
    .order_by(Alarm.raised_at)
)
_INTAKE = Heartbeat.name.startswith("intake@")
_BEATS = (
    select(
        Heartbeat.name,
        Heartbeat.beat_at,
        _INTAKE & (Heartbeat.beat_at < _AT - seconds(LATE_SECONDS)),
    )
    .where(_INTAKE | Heartbeat.name.startswith("worker@"))  # not the answers to health checks
    .order_by(Heartbeat.name)
)
