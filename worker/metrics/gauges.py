"""How the whole system stands, as metrics: gauges that intake serves to Prometheus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from worker.metrics import Feeds


@dataclass(frozen=True, slots=True)
class Corpus:
    """What Postgres knows."""

    pending: int = 0
    oldest_seconds: float = 0
    """How long the oldest pending delivery has been so; 0 if there is none."""
    quarantined: Mapping[str, int] = field(default_factory=dict)
    """Deliveries in quarantine, by the step that gave them up; 0 for those that gave up none."""
    retried: int = 0
    """Deliveries that operators sent again, ever."""
    alarms: Iterable[tuple[str, str | None]] = ()
    """Kind and feed of each that is open."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What Redis knows: numbers of messages."""

    waiting: int = 0
    unacknowledged: int = 0


def families(corpus: Corpus | None, queue: Queue | None, feeds: Feeds) -> Iterator[Metric]:
    """The metrics that say it; of a service that is away (None), that it is."""
    yield _gauge("postgres_up", "Whether intake can ask Postgres.", corpus is not None)
    yield _gauge("redis_up", "Whether intake can ask Redis.", queue is not None)
    if queue:
        messages = _gauge("queue_messages", "Messages in Redis.", label="state")
        messages.add_metric(["waiting"], queue.waiting)
        messages.add_metric(["unacknowledged"], queue.unacknowledged)
        yield messages
    if corpus:
        yield _gauge("pending_deliveries", "Deliveries without a disposition.", corpus.pending)
        yield _gauge(
            "oldest_pending_age_seconds",
            "How long the oldest pending delivery has been so; 0 if there is none.",
            corpus.oldest_seconds,
        )
        quarantine = _gauge(
            "quarantined_deliveries", "Deliveries in quarantine, by step.", label="step"
        )
        for step, deliveries in corpus.quarantined.items():
            quarantine.add_metric([step], deliveries)
        yield quarantine
        yield CounterMetricFamily(
            "rotative_operator_retries", "Deliveries that operators sent again.", corpus.retried
        )
        alarms = GaugeMetricFamily(
            "rotative_open_alarms", "Alarms that are open.", labels=["kind", "feed"]
        )
        open_ = [(kind, feeds.label(feed)) for kind, feed in corpus.alarms]
        for alarm in sorted(set(open_)):
            alarms.add_metric(alarm, open_.count(alarm))
        yield alarms


def _gauge(
    name: str, what: str, value: float | None = None, label: str | None = None
) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"rotative_{name}", what, value, [label] if label else None)
