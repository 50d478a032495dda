"""Files that kill, stop or confuse their worker are quarantined; all others are stored."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, cast

import pytest

from tests.factories import story
from tests.faults.conftest import SEED
from tests.faults.plant import Plant, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
OTHERS = 40 if FULL else 12
SOFT_SECONDS = 3
HARD_SECONDS = 5

DIED = "its worker died 3 times"
SLOW = f"took longer than {SOFT_SECONDS} s"
REASONS = {
    "killed": DIED,
    "segfault": DIED,
    "leave": DIED,
    "interrupt": DIED,
    "exit": DIED,
    "loop": SLOW,
    "hang": f"took longer than {HARD_SECONDS} s",
    "memory": "MemoryError",
    "memory_error": "MemoryError",
    "recursion": "RecursionError: maximum recursion depth exceeded",
    "unspeakable": "_Unspeakable: its message cannot be shown",
    "too_few": "ValueError: none gave 2 results for 3 texts.",
    "too_many": "ValueError: none gave 4 results for 3 texts.",
    "unlabelled": "ValueError: none gave labels that there are not: {'NOPE'}.",
}
SHORT = ("killed", "loop", "hang", "memory_error", "unspeakable", "too_few", "unlabelled")


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """A stack whose recogniser can be poisoned."""
    settings = {
        "ROTATIVE_SOFT_LIMIT_SECONDS": str(SOFT_SECONDS),
        "ROTATIVE_HARD_LIMIT_SECONDS": str(HARD_SECONDS),
    }
    randomness = random.Random(SEED)  # noqa: S311 - repeats
    with running(tmp_path, randomness, "tests.faults.poisoned", settings) as plant:
        yield plant


def test_poison_is_quarantined_and_all_others_are_stored(
    plant: Plant, table: list[tuple[str, ...]]
) -> None:
    """Each poison in the middle of its batch, two of a kind in one, one at the head of 64."""
    names = list(REASONS) if FULL else list(SHORT)
    half = OTHERS // 2
    batches = [[*innocents(half), poisonous(name), *innocents(half)] for name in names]
    batches.append([poisonous("killed"), *innocents(half), poisonous("killed"), *innocents(half)])
    batches.append([poisonous("killed"), *innocents(63)])
    batches.append(innocents(half))
    expected = [*names, "killed", "killed", "killed"]

    deliver(plant, batches)
    slowest = plant.wait_until_ended()

    quarantined = plant.query(
        "SELECT substring(convert_from(data, 'UTF8') FROM 'poison-(\\w+)'), reason FROM deliveries"
        " JOIN raw_contents ON sha256 = raw_sha256 WHERE disposition = 'quarantined' ORDER BY id"
    )
    account = plant.account()
    [(restart,)] = plant.query(
        "SELECT coalesce(max(extract(epoch FROM ended_at - started_at)), 0)"
        " FROM attempts WHERE error = 'its worker died'"
    )
    row = ("poisoned files", str(len(expected)), *map(str, account))
    table.append((*row, f"{float(str(restart)):.1f}", f"{slowest:.1f}"))
    assert [name for name, _ in quarantined] == expected
    for name, reason in quarantined:
        assert str(reason).startswith(REASONS[str(name)]), name
    assert (account.lost, account.doubled) == (0, 0)
    assert account.stored == len(plant.stories)
    attempts = attempts_of_the_quarantined(plant)
    assert [len(each) for each in attempts] == [3] * len(expected), attempts


def attempts_of_the_quarantined(plant: Plant) -> list[list[str]]:
    """The failed attempts of each of them at the step that gave it up: by which task, and when."""
    rows = plant.query(
        "SELECT array_agg(concat_ws(' ', a.task_id, started_at::time, a.ended_at::time, error)"
        " ORDER BY a.id) FROM attempts a JOIN deliveries d ON d.id = delivery_id"
        " WHERE d.disposition = 'quarantined' AND a.step = d.step"
        " AND outcome = 'failed' GROUP BY d.id ORDER BY d.id"
    )
    return [cast("list[str]", attempts) for (attempts,) in rows]


def innocents(number: int) -> list[str]:
    """Stories that harm nobody."""
    return [story() for _ in range(number)]


def poisonous(name: str) -> str:
    """A story that harms its worker."""
    return story().replace("du matériel", f"poison-{name}")


def deliver(plant: Plant, batches: list[list[str]]) -> None:
    """Hand over each batch as one message, at once."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", plant.module, "deliver"],
        env=plant.environment,
        input=json.dumps(batches),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    texts = [text for batch in batches for text in batch]
    plant.files += len(texts)
    plant.stories.update(text for text in texts if "poison-" not in text)
