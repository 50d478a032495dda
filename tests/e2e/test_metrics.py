"""Metrics, as Prometheus would scrape them from a worker and an intake that are at work."""

from __future__ import annotations

import os
import socket
import urllib.error
import urllib.request
from collections import Counter as Tally
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, insert, select

from models import Alarm, Attempt, Delivery
from tests.e2e.conftest import running
from tests.factories import deliver, story
from tests.waiting import wait_for
from worker import db, ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTILE = 'a"}\n\\feed{x="é'
MAX_BYTES = 5_000

Scraped = dict[tuple[str, str | None, str | None], float]


@dataclass(frozen=True, slots=True)
class Stack:
    """A worker and an intake that serve their metrics."""

    home: Path
    port: int
    worker: psutil.Process

    def drop(self, name: str, text: str) -> None:
        """As a careful writer does."""
        path = self.home / "inbox" / name
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".part").write_text(text)
        path.with_suffix(".part").rename(path)

    def scrape(self, *labels: str) -> Scraped:
        """The sum of each series of both over these labels, of which there are one or two."""
        sums: Scraped = {}
        for port in (self.port, self.port + 1):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    first, second = (sample.labels.get(label) for label in (*labels, "", "")[:2])
                    key = (sample.name.removeprefix("rotative_"), first, second)
                    sums[key] = sums.get(key, 0) + sample.value
        return sums

    def serves(self) -> bool:
        """Whether both answer."""
        try:
            return bool(self.scrape())
        except urllib.error.URLError:
            return False


@pytest.fixture
def stack(tmp_path: Path, schema: None, corpus: None) -> Iterator[Stack]:
    """An intake and a worker with a queue of their own; the worker leaves no file behind."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    port = _two_free_ports()
    environment = {
        "ROTATIVE_HOME": str(tmp_path),
        "ROTATIVE_QUEUE": f"{os.environ['ROTATIVE_QUEUE']}_metrics",
        "ROTATIVE_RECOGNISER": "null",
        "ROTATIVE_CONCURRENCY": "2",
        "ROTATIVE_MAX_BYTES": str(MAX_BYTES),
        "ROTATIVE_METRICS_PORT": str(port),
        "TMPDIR": str(temporary),
    }
    (tmp_path / "inbox").mkdir()
    with (
        running("worker", environment=environment) as worker,
        running("watch", environment=environment),
    ):
        stack = Stack(tmp_path, port, psutil.Process(worker.pid))
        wait_for(stack.serves, "both to serve metrics")
        yield stack
    assert worker.returncode == 0
    assert list(temporary.iterdir()) == []


def test_what_is_counted_is_what_postgres_says(stack: Stack) -> None:
    """By feed and disposition, by step, and what was taken; also after a child has died."""
    twice = story()
    stack.drop("vna/a.txt", twice)
    wait_for(lambda: set(_dispositions()) == {("stored", "vna")}, "the first article")
    stack.drop("vna/b.txt", twice)
    stack.drop("vna/empty.txt", "  \n")
    stack.drop("aps/large.txt", "a" * (MAX_BYTES + 1))
    stack.drop(f"{HOSTILE}/a.txt", story())
    _wait_for_equal_counts(stack, files=5)

    before = {child.pid for child in stack.worker.children()}
    for child in stack.worker.children():
        child.kill()
    wait_for(lambda: len({c.pid for c in stack.worker.children()} - before) == 2, "new children")
    for number in range(10):
        stack.drop(f"aps/{number}.txt", story())
    _wait_for_equal_counts(stack, files=15)
    places = 3  # two children and the main process, each with its counters and its histograms
    assert len(list(stack.home.glob("tmp/*/*.db"))) <= 2 * places
    assert _dispositions() == {
        ("stored", "vna"): 1,
        ("duplicate", "vna"): 1,
        ("rejected", "vna"): 1,
        ("rejected", "aps"): 1,
        ("stored", HOSTILE): 1,
        ("stored", "aps"): 10,
    }


def test_the_whole_system_is_seen_from_intake(stack: Stack) -> None:
    """What is in quarantine, which alarms are open, what the reconciler found, what is pending."""
    with db.transaction() as connection:
        connection.execute(insert(Alarm).values(kind="quiet", feed="vna", figure=1, sentence="…"))
        failed, lost = deliver(connection, None, None)  # the second has no message
        ledger.dispose(connection, "quarantined", "enrich", {failed: "KeyError: 'x'"})
    wait_for(lambda: _dispositions().get(("stored", None)) == 1, f"delivery {lost}")
    expected = {
        ("stranded_deliveries_total", None, None): 1,
        ("pending_deliveries", None, None): 0,
        ("oldest_pending_age_seconds", None, None): 0,
        ("postgres_up", None, None): 1,
        ("redis_up", None, None): 1,
    }
    wait_for(lambda: expected.items() <= stack.scrape().items(), "the figures")
    by_step = stack.scrape("step")
    assert by_step["quarantined_deliveries", "enrich", None] == 1
    assert by_step["quarantined_deliveries", "clean", None] == 0
    by_state = stack.scrape("state")
    assert by_state["queue_messages", "waiting", None] == 0
    assert by_state["queue_messages", "unacknowledged", None] == 0
    assert stack.scrape("kind", "feed")["open_alarms", "quiet", "vna"] == 1


def _wait_for_equal_counts(stack: Stack, files: int) -> None:
    """Wait until all have ended and both tell as much; they count once it is committed."""
    wait_for(lambda: sum(_dispositions().values()) == files, "all files to be taken")
    wait_for(lambda: "pending" not in {key[0] for key in _dispositions()}, "all to end")
    endings = {
        ("deliveries_ended_total", disposition, feed or "none"): float(count)
        for (disposition, feed), count in _dispositions().items()
    }
    wait_for(
        lambda: _named(stack.scrape("disposition", "feed"), "deliveries_ended") == endings,
        str(endings),
    )
    taken = Tally[tuple[str, str | None, None]]()
    for (_, feed), count in _dispositions().items():
        taken["files_taken_total", feed, None] += count
    assert _named(stack.scrape("feed"), "files_taken") == taken
    with db.transaction() as connection:
        statement = select(Attempt.step, func.count()).where(Attempt.outcome == "done")
        done = dict(connection.execute(statement.group_by(Attempt.step)).all())
    articles = {("step_articles_total", step, None): float(count) for step, count in done.items()}
    assert _named(stack.scrape("step"), "step_articles") == articles


def _named(scraped: Scraped, name: str) -> Scraped:
    return {key: value for key, value in scraped.items() if key[0] == f"{name}_total"}


def _dispositions() -> dict[tuple[str, str | None], int]:
    statement = select(Delivery.disposition, Delivery.feed, func.count()).group_by(
        Delivery.disposition, Delivery.feed
    )
    with db.transaction() as connection:
        return {(row[0], row[1]): row[2] for row in connection.execute(statement)}


def _two_free_ports() -> int:
    """The first of two ports beside each other that nobody listens at."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    pytest.fail("no two ports beside each other are free")
