"""What intake and the workers count for Prometheus, each process for itself.

Every function here returns at once, unless `exposition` has turned it on. What is true of the whole
system, however many processes there are, is asked for instead: `census`.
"""

from __future__ import annotations

from collections import Counter as Tally
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client import CollectorRegistry

FEEDS_AT_MOST = 200
FEED_CHARACTERS = 60
NO_FEED = "none"
OTHER_FEED = "other"
BUCKETS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 10, 30, 60, 120),
)
"""Seconds: from a step on one short file to the soft limit of a full batch."""


class Feeds:
    """The feeds that have a label of their own; the rest are "other".

    A feed is the name of a folder, which anybody who drops files can make: were each a label, one
    careless writer would fill the memory of Prometheus.
    """

    def __init__(self, at_most: int = FEEDS_AT_MOST) -> None:
        self._at_most = at_most
        self._labels: set[str] = set()

    def label(self, feed: str | None) -> str:
        """What stands for a feed in a metric."""
        if feed is None:
            return NO_FEED
        label = feed if len(feed) <= FEED_CHARACTERS else f"{feed[: FEED_CHARACTERS - 1]}…"
        if label not in self._labels:
            if len(self._labels) >= self._at_most:
                return OTHER_FEED
            self._labels.add(label)
        return label

    def learn(self, labels: Iterable[str]) -> None:
        """Take over labels that are in use already."""
        self._labels.update(set(labels) - {NO_FEED, OTHER_FEED})


class Meters:
    """The counters and histograms of a process, in a registry of their own."""

    def __init__(self) -> None:
        # Its libraries take longer to import than most commands to run, and it is seldom on.
        from prometheus_client import (  # noqa: PLC0415
            CollectorRegistry,
            Counter,
            Histogram,
            disable_created_metrics,
        )

        # A second series for each, which nobody asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry: CollectorRegistry = CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"rotative_{name}", what, labels, registry=self.registry)

        self.feeds = Feeds()
        self.taken = counter("files_taken", "Files taken from the inbox.", "feed")
        self.ended = counter(
            "deliveries_ended", "Deliveries that got their disposition.", "disposition", "feed"
        )
        self.stranded = counter(
            "stranded_deliveries", "Deliveries that the reconciler found and handed over again."
        )
        self.seconds = Histogram(
            "rotative_step_duration_seconds",
            "How long a step took for one message.",
            ["step"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.articles = counter("step_articles", "Articles that a step worked on.", "step")
        self.retries = counter("step_retries", "Articles that failed and are tried again.", "step")
        self.quarantines = counter("step_quarantines", "Deliveries that a step gave up.", "step")


_meters: Meters | None = None


@contextmanager
def counting(steps: Iterable[str] = ()) -> Iterator[Meters]:
    """Count meanwhile, in this process and in those that it forks.

    The counters of these steps begin at zero: Prometheus does not see an increase in what was not
    there before.
    """
    global _meters  # noqa: PLW0603 - one for each process, like the engine
    _meters = meters = Meters()
    for step in steps:
        meters.seconds.labels(step)
        for counter in (meters.articles, meters.retries, meters.quarantines):
            counter.labels(step)
    try:
        yield meters
    finally:
        _meters = None


def file_taken(feed: str | None, *, rejected: bool) -> None:
    """A file was taken from the inbox for the first time, and perhaps rejected at the door."""
    if _meters:
        _meters.taken.labels(_meters.feeds.label(feed)).inc()
        if rejected:
            delivery_ended("rejected", feed)


def delivery_ended(disposition: str, feed: str | None, deliveries: int = 1) -> None:
    """Deliveries of a feed got this disposition."""
    if _meters:
        _meters.ended.labels(disposition, _meters.feeds.label(feed)).inc(deliveries)


def stranded(deliveries: int) -> None:
    """The reconciler handed so many deliveries over again."""
    if _meters:
        _meters.stranded.inc(deliveries)


def step_finished(
    step: str,
    seconds: float,
    results: Mapping[int, object],
    ended: Mapping[int, Mapping[str, Any]],
) -> None:
    """A step came to its end for one message.

    ``results`` are those of its work, errors included; ``ended`` says of each delivery that got
    one its ``disposition`` and its ``feed``. Both by delivery.
    """
    if not _meters:
        return
    _meters.seconds.labels(step).observe(seconds)
    if results:
        _meters.articles.labels(step).inc(len(results))
    retries = sum(
        isinstance(result, Exception)
        and not isinstance(result, Permanent)
        and delivery not in ended
        for delivery, result in results.items()
    )
    if retries:
        _meters.retries.labels(step).inc(retries)
    endings = Tally((facts["disposition"], facts["feed"]) for facts in ended.values())
    for (disposition, feed), deliveries in endings.items():
        delivery_ended(disposition, feed, deliveries)
        if disposition == "quarantined":
            _meters.quarantines.labels(step).inc(deliveries)
