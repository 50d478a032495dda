"""How the whole system stands, as Prometheus is told."""

from __future__ import annotations

from worker.metrics import Feeds, gauges
from worker.metrics.gauges import Corpus, Queue


def samples(corpus: Corpus | None, queue: Queue | None) -> dict[str, dict[str, float]]:
    """Values by the labels' values, by name."""
    return {
        family.name: {"/".join(one.labels.values()): one.value for one in family.samples}
        for family in gauges.families(corpus, queue, Feeds())
    }


def test_they_become_metrics() -> None:
    """Each with the labels that tell them apart."""
    corpus = Corpus(
        7,
        90.5,
        {"clean": 2, "enrich": 0},
        3,
        [("quiet", None), ("quiet", "vna"), ("length", "vna")],
    )
    assert samples(corpus, Queue(5, 2)) == {
        "rotative_postgres_up": {"": 1},
        "rotative_redis_up": {"": 1},
        "rotative_queue_messages": {"waiting": 5, "unacknowledged": 2},
        "rotative_pending_deliveries": {"": 7},
        "rotative_oldest_pending_age_seconds": {"": 90.5},
        "rotative_quarantined_deliveries": {"clean": 2, "enrich": 0},
        "rotative_operator_retries": {"": 3},
        "rotative_open_alarms": {"quiet/none": 1, "quiet/vna": 1, "length/vna": 1},
    }


def test_alarms_of_feeds_without_a_label_are_summed() -> None:
    """Two series of the same name would spoil the whole scrape."""
    feeds = Feeds(at_most=0)
    corpus = Corpus(alarms=[("quiet", "a"), ("quiet", "b")])
    *_, alarms = gauges.families(corpus, None, feeds)
    assert [(one.labels["feed"], one.value) for one in alarms.samples] == [("other", 2)]


def test_services_that_are_away_are_said_to_be() -> None:
    """And what they would know is not made up."""
    assert samples(None, None) == {"rotative_postgres_up": {"": 0}, "rotative_redis_up": {"": 0}}
