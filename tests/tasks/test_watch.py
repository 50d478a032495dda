"""Intake when something is in its way: it waits, says so, and goes on by itself."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from models import Delivery, Heartbeat
from tests.factories import deliver, story
from tests.waiting import wait_for
from worker import broker, db, intake, pipeline, watch
from worker.app import settings
from worker.core.enrich import enrich as enrich_articles
from worker.inbox import DEEPEST
from worker.tasks import base, enrich
from worker.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def watching(home: Path) -> Iterator[Path]:
    """An intake in a thread of this process, and its inbox."""
    running = Watch(
        settings.model_copy(update={"home": home, "rescan_seconds": 0.2, "reconcile_seconds": 0.2})
    )
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield home / "inbox"
    finally:
        running.stop()
        thread.join()


def count(disposition: str | None = None) -> int:
    statement = select(func.count()).select_from(Delivery)
    if disposition:
        statement = statement.where(Delivery.disposition == disposition)
    with db.transaction() as connection:
        return connection.scalar(statement) or 0


def beat_at() -> object:
    with db.transaction() as connection:
        return connection.scalar(select(Heartbeat.beat_at))


def test_a_full_queue_keeps_files_in_the_inbox(
    worker: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile intake shows that it is alive; when there is room, it takes them."""
    waiting = [settings.queue_limit]
    monkeypatch.setattr(broker, "waiting", lambda _queue: waiting[0])
    with watching(tmp_path) as inbox:
        (inbox / "a.txt").write_text(story())
        first = beat_at()
        wait_for(lambda: beat_at() != first, "a heartbeat")
        second = beat_at()
        wait_for(lambda: beat_at() != second, "another")
        assert count() == 0
        assert (inbox / "a.txt").exists()
        waiting[0] = 0
        wait_for(lambda: count("stored") == 1, "the article")


def test_a_file_that_cannot_be_moved_is_delivered_once(
    worker: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays, is spoken of once, and is moved as soon as it can be."""
    (tmp_path / "processed").write_text("in the way")
    with watching(tmp_path) as inbox:
        (inbox / "a.txt").write_text(story())
        wait_for(lambda: count("stored") == 1, "the article")
        seen = beat_at()
        wait_for(lambda: beat_at() != seen, "another round")
        assert (inbox / "a.txt").exists()
        (tmp_path / "processed").unlink()
        wait_for(lambda: not (inbox / "a.txt").exists(), "the file to move")
    assert count() == 1
    assert len([r for r in caplog.records if "cannot be moved" in r.getMessage()]) == 1


def test_a_database_that_is_away_is_waited_for(
    worker: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The file stays in the inbox until its bytes are committed."""
    real = intake.deliver
    faults = [2]

    def faulty(*arguments: Any, **given: Any) -> list[intake.Delivered]:
        if faults[0]:
            faults[0] -= 1
            raise OperationalError("INSERT", None, Exception("the server is starting up"))
        return real(*arguments, **given)

    monkeypatch.setattr(intake, "deliver", faulty)
    with watching(tmp_path) as inbox:
        (inbox / "a.txt").write_text(story())
        wait_for(lambda: count("stored") == 1, "the article")
    assert faults == [0]
    assert "the server is starting up" in caplog.text


def test_too_large_a_file_is_kept_even_where_files_are_deleted(
    worker: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres does not have its bytes, so the folder must."""
    large = b"x" * (settings.max_bytes + 1)
    changed = settings.model_copy(update={"home": tmp_path, "after": "delete"})
    monkeypatch.setattr("tests.tasks.test_watch.settings", changed)
    with watching(tmp_path) as inbox:
        (inbox / "feed").mkdir()
        (inbox / "feed/large.txt").write_bytes(large)
        (inbox / "feed/small.txt").write_text(story())
        wait_for(lambda: (count("rejected"), count("stored")) == (1, 1), "both")
        wait_for(lambda: list((inbox / "feed").iterdir()) == [], "the inbox to be empty")
    (kept,) = (tmp_path / "rejected/feed").glob("*/*-large.txt")
    assert large == kept.read_bytes()
    why = kept.with_name(f"{kept.name}.why.txt").read_text()
    assert "It was rejected by intake" in why
    assert str(kept) in why
    assert not (tmp_path / "processed").exists()


def test_what_is_fresh_overtakes_what_comes_in_bulk(worker: None) -> None:
    """Workers take from both queues in turns, at each step."""
    with db.transaction() as connection:
        bulk = deliver(connection, *[None] * 24)
        (fresh,) = deliver(connection, None)
    for delivery in bulk:
        pipeline.submit([delivery], bulk=True)
    pipeline.submit([fresh])
    wait_for(lambda: count("stored") == 25, "all")
    with db.transaction() as connection:
        ended = select(Delivery.id).order_by(Delivery.ended_at)
        assert list(connection.scalars(ended)).index(fresh) < 12


@pytest.mark.parametrize("candidates", [watch.CANDIDATES_AT_MOST, 1])
def test_many_files_of_a_feed_come_in_bulk(
    worker: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    """And a feed that has few does not; all are taken, however few are kept in mind meanwhile."""
    monkeypatch.setattr(watch, "CANDIDATES_AT_MOST", candidates)
    many = 4 * pipeline.FRESH_AT_MOST
    (tmp_path / "many").mkdir()
    for number in range(many):
        (tmp_path / "many" / f"{number}.txt").write_text(story())
    with watching(tmp_path) as inbox:
        (inbox / "few").mkdir()
        (tmp_path / "many").rename(inbox / "many")
        (inbox / "few" / "a.txt").write_text(story())
        wait_for(lambda: count("stored") == many + 1, "all")
        wait_for(lambda: list((inbox / "many").iterdir()) == [], "the inbox to be empty")
    with db.transaction() as connection:
        found = connection.execute(select(Delivery.feed, Delivery.bulk)).all()
    assert {("few", False), ("many", True)} <= {(feed, bulk) for feed, bulk in found}
    assert ("few", True) not in found


def test_what_failed_in_bulk_goes_on_in_bulk(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its members are tried again alone, in the queue that they came through."""
    submitted: list[bool] = []
    real = pipeline.submit

    def submit(deliveries: Any, **given: Any) -> None:
        submitted.append(given["bulk"])
        real(deliveries, **given)

    monkeypatch.setattr(base, "_pause", lambda _failures: 0)
    monkeypatch.setattr(pipeline, "submit", submit)
    faults = [1]

    def faulty(*arguments: Any) -> Any:
        if faults[0]:
            faults[0] -= 1
            raise LookupError("no weights")
        return enrich_articles(*arguments)

    monkeypatch.setattr(enrich, "enrich_articles", faulty)
    with db.transaction() as connection:
        ids = deliver(connection, None, None)
    pipeline.submit(ids, bulk=True)
    wait_for(lambda: count("stored") == 2, "both")
    assert faults == [0]
    assert submitted[0] is True
    assert set(submitted) == {True}


def test_folders_nested_deeper_than_anybody_needs(
    worker: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They are left alone, which is said, and keep nothing else from being taken."""
    with watching(tmp_path) as inbox:
        bottom = os.open(inbox, os.O_RDONLY)
        for _ in range(2 * DEEPEST):
            os.mkdir("deep", dir_fd=bottom)
            below = os.open("deep", os.O_RDONLY, dir_fd=bottom)
            os.close(bottom)
            bottom = below
        (inbox / "a.txt").write_text(story())
        wait_for(lambda: count("stored") == 1, "the article beside")
        file = os.open("b.txt", os.O_WRONLY | os.O_CREAT, dir_fd=bottom)
        os.write(file, story().encode())
        os.close(file)
        os.close(bottom)
        seen = beat_at()
        wait_for(lambda: beat_at() != seen, "another round")
        (inbox / "c.txt").write_text(story())
        wait_for(lambda: count("stored") == 2, "one more")
    assert count() == 2
    assert f"is nested in {DEEPEST} folders or more" in caplog.text
