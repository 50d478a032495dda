"""A bulk load fills neither Redis nor the queues, and single new files do not wait for its end."""

from __future__ import annotations

import operator
import os
import time
from typing import TYPE_CHECKING, cast

import redis

from tests.factories import story
from tests.faults.plant import LOOK_SECONDS, Plant

if TYPE_CHECKING:
    from pathlib import Path

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
FILES = 50_000 if FULL else 3_000
SINGLES = 10 if FULL else 2
PATIENCE_SECONDS = 3_000 if FULL else 300
FRESH_LIMIT = 1_000  # ROTATIVE_QUEUE_LIMIT
BULK_LIMIT = 64 + 17  # ROTATIVE_BULK_LIMIT, and the messages of one portion
MEMORY_LIMIT = 32_000_000  # bytes, beyond what Redis uses for itself: stories of a kilobyte
CAME_LATER = """
    SELECT (SELECT count(*) FROM deliveries AS other
             WHERE other.feed = 'bulk' AND other.ended_at > single.ended_at)
      FROM deliveries AS single
     WHERE single.feed = 'feed' AND single.file ~ '^single-[0-9]'
     ORDER BY single.id
"""


class Redis:
    """What Redis held at most, of all looks at it."""

    def __init__(self, plant: Plant) -> None:
        self._client = redis.Redis.from_url(plant.services.redis_url)
        self._before = self._memory()
        self.fresh = self.bulk = self.memory = 0

    def look(self) -> None:
        """Look once more."""
        self.fresh = max(self.fresh, self._client.llen("rotative"))
        self.bulk = max(self.bulk, self._client.llen("rotative.bulk"))
        self.memory = max(self.memory, self._memory() - self._before)

    def _memory(self) -> int:
        return cast("dict[str, int]", self._client.info("memory"))["used_memory"]


def test_a_backlog(plant: Plant, table: list[tuple[str, ...]]) -> None:
    """It waits in the inbox; what is dropped into another feed meanwhile overtakes it."""
    alone = single(plant, "before")
    held = Redis(plant)
    load(plant)
    slowest = 0.0
    deadline = time.monotonic() + PATIENCE_SECONDS
    for number in range(SINGLES):
        wait_until(plant, held, (number + 1) * FILES // (SINGLES + 4))
        slowest = max(slowest, single(plant, f"{number}", held))
    while plant.ended() < plant.files or plant.left():
        assert time.monotonic() < deadline, f"{plant.ended()} of {plant.files} ended"
        held.look()
        plant.pass_time(LOOK_SECONDS)
    account = plant.account()
    name = (
        f"backlog of {FILES} (single files {slowest / alone:.1f} x as long as without; "
        f"Redis: {held.bulk} messages, {held.memory / 1e6:.1f} MB)"
    )
    took = time.monotonic() - deadline + PATIENCE_SECONDS
    table.append((name, "1", *map(str, account), f"{slowest:.1f}", f"{took:.1f}"))
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)
    assert account.stored == len(plant.stories)
    assert held.fresh < FRESH_LIMIT
    assert 0 < held.bulk <= BULK_LIMIT
    assert held.memory < MEMORY_LIMIT
    # When each single file had ended, so many of the backlog, at least, were still to come.
    expected = [FILES // (SINGLES + 2) * (SINGLES - number) // 2 for number in range(SINGLES)]
    came_later = [int(str(count)) for (count,) in plant.query(CAME_LATER)]
    assert len(came_later) == SINGLES
    assert all(map(operator.gt, came_later, expected)), (came_later, expected)


def load(plant: Plant) -> None:
    """Move a folder with many files into the inbox."""
    folder = plant.home / "bulk"
    folder.mkdir()
    for number in range(FILES):
        text = story()
        plant.stories.add(text)
        (folder / f"{number}.txt").write_text(text)
    plant.files += FILES
    folder.rename(plant.home / "inbox" / "bulk")


def single(plant: Plant, name: str, held: Redis | None = None) -> float:
    """Drop one file; returns the seconds until it has its disposition."""
    began = time.monotonic()
    text = story()
    plant.stories.add(text)
    plant.files += 1
    file = f"single-{name}.txt"
    drop(plant.home / "inbox" / "feed" / file, text)
    statement = f"SELECT 1 FROM deliveries WHERE file = '{file}' AND disposition = 'stored'"  # noqa: S608
    while not plant.query(statement):
        assert time.monotonic() < began + PATIENCE_SECONDS, f"{file} waits for the backlog"
        if held:
            held.look()
        plant.pass_time(LOOK_SECONDS)
    return time.monotonic() - began


def drop(path: Path, text: str) -> None:
    """Write a file and move it into place."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(text)
    unfinished.rename(path)


def wait_until(plant: Plant, held: Redis, ended: int) -> None:
    """Wait until so many deliveries have ended, looking at Redis."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while plant.ended() < ended:
        assert time.monotonic() < deadline, f"{plant.ended()} ended"
        held.look()
        plant.pass_time(LOOK_SECONDS)
