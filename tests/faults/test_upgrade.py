"""A new version goes in while files flow: workers of both side by side, each asked to stop.

No worker of an earlier release is at hand. `tests.faults.nameless` stands for one: its attempts do
not say whose they are, as those of all workers before revision 0005. What such a worker sends and
reads is held by the golden messages (`tests/unit/test_messages.py`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.plant import INTAKE, PATIENCE_SECONDS, WORKERS
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.plant import Plant

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
FILES = 300 if FULL else 60
TIMES = 10 if FULL else 3
OPEN = "SELECT count(*) FROM attempts WHERE outcome IS NULL"


def replace_worker(plant: Plant, time: int) -> int:
    """Start another worker beside those that run, then stop one; there and back again."""
    name = WORKERS[time % 2]
    leaving = plant.processes[name]
    if time % 2:
        plant.start(name)
    else:
        start_nameless(plant, name)
    return stop(plant, leaving)


def replace_intake(plant: Plant, time: int) -> int:
    """Stop intake, then start another, which is up once it says so."""
    code = stop(plant, plant.processes.pop(INTAKE))
    [(now,)] = plant.query("SELECT clock_timestamp()")
    plant.start(INTAKE)
    beat = f"SELECT FROM heartbeats WHERE name LIKE 'intake@%' AND beat_at > '{now}'"
    wait_for(lambda: plant.query(beat), "the other intake")
    return code


def start_nameless(plant: Plant, name: str) -> None:
    """Start a worker as it was before they had names."""
    with (plant.home / "logs" / f"{name}.log").open("ab") as output:
        plant.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nameless", "worker"],
            env=plant.environment | {"HOSTNAME": name},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def stop(plant: Plant, leaving: subprocess.Popen[bytes]) -> int:
    """Ask a process to stop, as a deploy does; returns its exit status."""
    leaving.terminate()
    return leaving.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize(
    ("what", "replace"), [("worker", replace_worker), ("intake", replace_intake)]
)
def test_a_rolling_deploy(
    plant: Plant,
    table: list[tuple[str, ...]],
    what: str,
    replace: Callable[[Plant, int], int],
) -> None:
    """Nothing is lost, doubled or quarantined; what was begun is finished, and said to be."""
    slowest = 0.0
    for time in range(TIMES):
        plant.drop(FILES // TIMES)
        plant.pass_time(plant.random.uniform(0, 1))
        assert replace(plant, time) == 0
        slowest = max(slowest, plant.wait_for_work())
    last = plant.wait_until_ended()
    account = plant.account()
    row = (f"{what} deployed", str(TIMES), *map(str, account), f"{slowest:.1f}", f"{last:.1f}")
    table.append(row)
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)
    assert (account.stored, account.rejected) == (len(plant.stories), plant.refused)
    assert plant.query(OPEN) == [(0,)]
