"""Whatever is killed, whenever: every file ends once, and what was stranded goes on in seconds."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.faults.plant import INTAKE, WORKERS, Plant

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
FILES = 500 if FULL else 60
TIMES = 5 if FULL else 1
FROZEN_SECONDS = 30 if FULL else 3
BETWEEN_SECONDS = 2.0

FAULTS: dict[str, Callable[[Plant], None]] = {
    "a worker's child killed": Plant.kill_child,
    "a worker killed": lambda plant: plant.kill(plant.random.choice(WORKERS)),
    "both workers killed": lambda plant: plant.kill(*WORKERS),
    "intake killed": lambda plant: plant.kill(INTAKE),
    "Redis killed": lambda plant: plant.kill_redis(forget=False),
    "Redis killed and emptied": lambda plant: plant.kill_redis(forget=True),
    "Redis frozen": lambda plant: plant.freeze_redis(FROZEN_SECONDS),
    "Postgres stopped, fast": lambda plant: plant.stop_postgres(signal.SIGINT),
    "Postgres stopped, immediate": lambda plant: plant.stop_postgres(signal.SIGQUIT),
    "power cut": Plant.cut_power,
}
SHORT = {"both workers killed", "Redis killed and emptied", "power cut"}


@pytest.mark.parametrize(
    "fault", [pytest.param(name, id=name) for name in FAULTS if FULL or name in SHORT]
)
def test_one_fault_again_and_again(plant: Plant, table: list[tuple[str, ...]], fault: str) -> None:
    """While files flow: nothing is lost and nothing is doubled."""
    slowest = 0.0
    for _ in range(TIMES):
        plant.drop(FILES // TIMES)
        plant.pass_time(plant.random.uniform(0, BETWEEN_SECONDS))
        FAULTS[fault](plant)
        slowest = max(slowest, plant.wait_for_work())
    tell(plant, table, fault, TIMES, slowest)


@pytest.mark.skipif(not FULL, reason="several minutes: `make faults`")
def test_all_faults_in_any_order(plant: Plant, table: list[tuple[str, ...]]) -> None:
    """As a bad day has them."""
    slowest = 0.0
    faults = list(FAULTS) * 2
    plant.random.shuffle(faults)
    for fault in faults:
        plant.drop(FILES // len(faults))
        plant.pass_time(plant.random.uniform(0, BETWEEN_SECONDS))
        FAULTS[fault](plant)
        slowest = max(slowest, plant.wait_for_work())
    tell(plant, table, "all in any order", len(faults), slowest)


def tell(
    plant: Plant, table: list[tuple[str, ...]], fault: str, times: int, slowest: float
) -> None:
    """Wait for the end, add it to the table, and hold it to the promise."""
    last = plant.wait_until_ended()
    account = plant.account()
    table.append((fault, str(times), *map(str, account), f"{slowest:.1f}", f"{last:.1f}"))
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)
    assert (account.stored, account.rejected) == (len(plant.stories), plant.refused)
    plant.drop(5)  # whoever was connected before consumes again
    plant.wait_until_ended()
    assert plant.account().lost == 0
