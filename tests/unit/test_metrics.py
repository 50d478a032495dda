"""What is counted, and under which labels."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from worker import metrics
from worker.config import Settings
from worker.errors import Permanent, UserError
from worker.metrics import FEED_CHARACTERS, FEEDS_AT_MOST, Feeds, Meters
from worker.metrics.exposition import of_worker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def meters() -> Iterator[Meters]:
    """Counting, in a registry of this test's own."""
    with metrics.counting(["clean"]) as meters:
        yield meters


def value(meters: Meters, name: str, **labels: str) -> float | None:
    return meters.registry.get_sample_value(f"rotative_{name}", labels)


def ended(disposition: str, feed: str | None) -> dict[str, str | None]:
    return {"disposition": disposition, "feed": feed, "reason": "any"}


def test_a_step_is_counted(meters: Meters) -> None:
    """Its time, its articles, what is tried again, what it gave up, and what ended, by feed."""
    results = {
        1: "good",
        2: Permanent("no-body", "nothing"),
        3: ValueError("tried again"),
        4: ValueError("for the last time"),
        5: ValueError("tried again"),
    }
    endings = {
        2: ended("rejected", "vna"),
        4: ended("quarantined", None),
        6: ended("quarantined", "vna"),  # its worker died too often: there is no result
    }
    metrics.step_finished("clean", 0.02, results, endings)
    assert value(meters, "step_duration_seconds_count", step="clean") == 1
    assert value(meters, "step_duration_seconds_sum", step="clean") == 0.02
    assert value(meters, "step_articles_total", step="clean") == 5
    assert value(meters, "step_retries_total", step="clean") == 2
    assert value(meters, "step_quarantines_total", step="clean") == 2
    assert value(meters, "deliveries_ended_total", disposition="rejected", feed="vna") == 1
    assert value(meters, "deliveries_ended_total", disposition="quarantined", feed="vna") == 1
    assert value(meters, "deliveries_ended_total", disposition="quarantined", feed="none") == 1


def test_a_file_that_is_rejected_at_the_door_has_ended(meters: Meters) -> None:
    """No step sees it."""
    metrics.file_taken("vna", rejected=False)
    metrics.file_taken("vna", rejected=True)
    assert value(meters, "files_taken_total", feed="vna") == 2
    assert value(meters, "deliveries_ended_total", disposition="rejected", feed="vna") == 1


def test_steps_begin_at_zero(meters: Meters) -> None:
    """Prometheus sees no increase in what was not there before."""
    for name in ("step_articles_total", "step_retries_total", "step_quarantines_total"):
        assert value(meters, name, step="clean") == 0
    assert value(meters, "stranded_deliveries_total") == 0


def test_nothing_is_counted_unless_asked_for() -> None:
    """And nothing fails."""
    metrics.file_taken("vna", rejected=True)
    metrics.stranded(1)
    metrics.step_finished("clean", 1, {1: "good"}, {1: ended("stored", "vna")})
    assert metrics._meters is None


def test_feeds_have_labels_up_to_a_number() -> None:
    """The rest shares one, and those that have one keep it."""
    feeds = Feeds()
    names = [f"feed-{number}" for number in range(FEEDS_AT_MOST + 2)]
    labels = [feeds.label(name) for name in names]
    assert labels == [*names[:FEEDS_AT_MOST], "other", "other"]
    assert feeds.label(names[0]) == names[0]
    assert feeds.label(None) == "none"


def test_labels_that_are_in_use_count() -> None:
    """A child that comes for another does not bring as many again."""
    feeds = Feeds(at_most=2)
    feeds.learn(["vna", "none", "other", "aps"])
    assert [feeds.label(name) for name in ("new", "vna", "aps")] == ["other", "vna", "aps"]


def test_long_names_are_cut() -> None:
    """A folder's name may have 255 characters."""
    label = Feeds().label("a" * 255)
    assert (len(label), label[-2:]) == (FEED_CHARACTERS, "a…")


def test_a_port_in_use_is_said() -> None:
    """With what to do about it, before anything is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        # A worker uses the port after the one that is set.
        settings = Settings(metrics_port=other.getsockname()[1] - 1)
        with (
            pytest.raises(UserError, match=r"cannot be served at .*in use.*ROTATIVE_METRICS_PORT"),
            of_worker(settings),
        ):
            pytest.fail("it was served")
