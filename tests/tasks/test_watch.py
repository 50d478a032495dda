"""Intake when something is in its way: it waits, says so, and goes on by itself."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from models import Delivery, Heartbeat
from tests.factories import story
from tests.waiting import wait_for
from worker import broker, db, intake
from worker.app import settings
from worker.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


@contextmanager
def watching(home: Path) -> Iterator[Path]:
    """An intake in a thread of this process, and its inbox."""
    watch = Watch(
        settings.model_copy(update={"home": home, "rescan_seconds": 0.2, "reconcile_seconds": 0.2})
    )
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield home / "inbox"
    finally:
        watch.stop()
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
    monkeypatch.setattr(broker, "waiting", lambda: waiting[0])
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

    def faulty(*arguments: Any) -> list[intake.Delivered]:
        if faults[0]:
            faults[0] -= 1
            raise OperationalError("INSERT", None, Exception("the server is starting up"))
        return real(*arguments)

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
