"""Events: what is told of, what is not, and that it takes little memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from watchdog.events import FileClosedEvent, FileCreatedEvent, FileMovedEvent

from tests.waiting import wait_for
from worker import events
from worker.events import NO_FEED, Events, Hint, Hints

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Events]:
    """What the system tells of a folder."""
    watched = Events(tmp_path, "events", remote=False)
    yield watched
    watched.end()


def taken(hints: Hints) -> list[Hint]:
    return [hints.queue.get_nowait() for _ in range(hints.queue.qsize())]


def test_our_own_work_on_a_file_is_no_event(told: Events, tmp_path: Path) -> None:
    """It is opened, closed and moved out for each file; only what others do is told."""
    (tmp_path / "a.txt").write_text("story")
    wait_for(told.hints.queue.qsize, "the first hint")
    (tmp_path / "a.txt").read_bytes()
    (tmp_path / "a.txt").unlink()
    (tmp_path / "last.part").write_text("story")
    (tmp_path / "last.part").rename(tmp_path / "last.txt")
    seen: list[Hint] = []

    def last() -> bool:
        seen.extend(taken(told.hints))
        return Hint(Path("last.txt"), closed=True) in seen

    wait_for(last, "the last hint")
    of_first = [hint.closed for hint in seen if hint.path == Path("a.txt")]
    assert of_first[-1] is True
    assert of_first.count(True) == 1


def test_of_a_busy_feed_only_that_something_came(tmp_path: Path) -> None:
    """Once for many files, and for as long as it is busy."""
    busy = {"vna"}
    hints = Hints(tmp_path, busy)
    for number in range(100):
        hints.on_any_event(FileClosedEvent(str(tmp_path / f"vna/{number}.txt")))
    hints.on_any_event(FileMovedEvent(str(tmp_path / "a.part"), str(tmp_path / "a.txt")))
    assert taken(hints) == [Hint(Path("a.txt"), closed=True)]
    assert list(hints.stirred()) == ["vna"]
    busy.clear()
    hints.on_any_event(FileCreatedEvent(str(tmp_path / "vna/a.txt")))
    assert taken(hints) == [Hint(Path("vna/a.txt"), closed=None)]
    assert list(hints.stirred()) == []


def test_hints_that_nobody_takes_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what comes beyond that, the feeds are kept."""
    monkeypatch.setattr(events, "AT_MOST", 3)
    hints = Hints(tmp_path, frozenset())
    for number in range(5):
        hints.on_any_event(FileCreatedEvent(str(tmp_path / f"vna/{number}.txt")))
    hints.on_any_event(FileCreatedEvent(str(tmp_path / "a.txt")))
    assert len(taken(hints)) == 3
    assert {"vna", NO_FEED} == set(hints.stirred())
