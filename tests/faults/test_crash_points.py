"""A process may die before and after each of its writes: every file ends once all the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.conftest import HEAD, SEED
from tests.faults.plant import PATIENCE_SECONDS, Plant, running
from tests.faults.points import FOLDER, POINTS, WRITES
from worker import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
REPORT = "ROTATIVE_CRASH_POINTS"  # where the table of a full run is written
AT_ONCE = 16  # files: in messages of two, or alone
BETWEEN_SECONDS = 1.0
DYING_SECONDS = 10.0  # far longer than it takes
DEATH_OF = {"child": "its child", "whole": "the whole worker"}

OF_STEPS = tuple(point for point in POINTS if point.split(",")[0] in pipeline.STEPS)
OF_CHILDREN = tuple(point for point in OF_STEPS if "acknowledgement" not in point)
OF_INTAKE = tuple(point for point in POINTS if point.startswith(("intake", "reconciler")))
SHORT = (
    *(p for p in OF_STEPS if p.endswith(("after commit", "after next commit", "after message"))),
    *("intake, after commit", "intake, after message", "reconciler, after message"),
)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """A stack whose processes die where they are told to."""
    folder = tmp_path / "points"
    for name in ("seen", "armed", "dying", "died", "suffered"):
        (folder / name).mkdir(parents=True)
    settings = {FOLDER: str(folder), "ROTATIVE_BATCH": "4"}
    randomness = random.Random(SEED)  # noqa: S311 - repeats
    with running(tmp_path, randomness, "tests.faults.points", settings) as plant:
        yield plant


def test_every_file_ends_once_wherever_its_process_dies(
    plant: Plant, table: list[tuple[str, ...]]
) -> None:
    """Each point once; nothing is lost, doubled or quarantined, and nobody innocent is blamed."""
    folder = plant.home / "points"
    plant.drop(AT_ONCE)
    plant.wait_until_ended()
    assert_that_no_write_is_without_its_points(folder)

    rows: list[tuple[str, ...]] = []
    for how in ("child", "whole") if FULL else ("child",):
        points = OF_CHILDREN if how == "whole" else (*OF_STEPS, *OF_INTAKE) if FULL else SHORT
        die_at(plant, points, how)
        plant.wait_until_ended()
        rows += [row(plant, point, how) for point in points]
    of_retry = [p for p in POINTS if p.startswith("retry") and (FULL or p.endswith("after commit"))]
    rows += [retry_that_dies(plant, point) for point in of_retry]

    table += rows
    if FULL and REPORT in os.environ:
        Path(os.environ[REPORT]).write_text(markdown(rows))
    account = plant.account()
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)
    assert (account.stored, account.rejected) == (len(plant.stories), plant.refused)
    suffered = {int(path.name) for path in (folder / "suffered").iterdir()}
    blamed = plant.query(
        "SELECT delivery_id, count(*) FROM attempts WHERE outcome = 'failed' GROUP BY 1"
    )
    assert {delivery for delivery, _ in blamed} <= suffered
    assert {times for _, times in blamed} <= {1}


def assert_that_no_write_is_without_its_points(folder: Path) -> None:
    """What a file's way really consists of is what is declared; a new write needs its points."""
    seen = {path.name for path in (folder / "seen").iterdir()}
    only_when_needed = {p for p in POINTS if p.startswith("retry") or "reconciler" in p}
    assert seen - only_when_needed == set(POINTS) - only_when_needed
    assert seen <= set(POINTS)
    assert set(pipeline.STEPS) < set(WRITES)


def die_at(plant: Plant, points: tuple[str, ...], how: str) -> None:
    """Let files flow until somebody has died at each of the points."""
    folder = plant.home / "points"
    for point in points:
        (folder / "died" / point).unlink(missing_ok=True)
        (folder / "armed" / point).write_text(how)
    deadline = time.monotonic() + PATIENCE_SECONDS + 10 * len(points)
    while left := [point for point in points if not (folder / "died" / point).exists()]:
        if time.monotonic() > deadline:
            break
        arm_again(folder, left)
        if plant.files - plant.ended() < 4 * AT_ONCE:
            plant.drop(AT_ONCE)
        plant.pass_time(BETWEEN_SECONDS)
    assert left == []


def arm_again(folder: Path, points: list[str]) -> None:
    """Arm what a process was to die at that another one took with it just before."""
    for point in points:
        dying = folder / "dying" / point
        with suppress(FileNotFoundError):
            if dying.stat().st_ctime < time.time() - DYING_SECONDS:
                dying.rename(folder / "armed" / point)


def retry_that_dies(plant: Plant, point: str) -> tuple[str, ...]:
    """An operator sends rejected files again, and the command dies."""
    folder = plant.home / "points"
    rejected = [
        int(str(delivery))
        for (delivery,) in plant.query("SELECT id FROM deliveries WHERE disposition = 'rejected'")
    ]
    (folder / "armed" / point).write_text("child")
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", plant.module, "retry", *map(str, rejected)],
        env=plant.environment,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    plant.wait_until_ended()
    (folder / "died" / point).write_text(
        json.dumps(json.loads((folder / "died" / point).read_text()) | {"deliveries": rejected})
    )
    return row(plant, point, "child")


def row(plant: Plant, point: str, how: str) -> tuple[str, ...]:
    """What became of the files that the process was at; of all, if it was intake."""
    died = json.loads((plant.home / "points" / "died" / point).read_text())
    at, whose = died["at"], died["deliveries"]
    if not whose:
        [(again,)] = plant.query(
            f"SELECT min(extract(epoch FROM received_at)) - {at} FROM deliveries"  # noqa: S608 - ours
            f" WHERE received_at > to_timestamp({at})"
        )
        return (point, "1", *map(str, plant.account()), seconds(again), "-")
    [(*counts, ended)] = plant.query(
        "SELECT count(*), count(*) FILTER (WHERE disposition = 'stored'),"  # noqa: S608 - numbers
        " count(*) FILTER (WHERE disposition = 'duplicate'),"
        " count(*) FILTER (WHERE disposition = 'rejected'),"
        " count(*) FILTER (WHERE disposition = 'quarantined'),"
        " count(*) FILTER (WHERE disposition = 'pending'),"
        " (SELECT count(*) - count(DISTINCT delivery_id) FROM articles"
        f" WHERE delivery_id = ANY(ARRAY{whose}::bigint[])),"
        f" extract(epoch FROM max(ended_at)) - {at}"
        f" FROM deliveries WHERE id = ANY(ARRAY{whose}::bigint[])"
    )
    [(again,)] = plant.query(
        f"SELECT min(extract(epoch FROM started_at)) - {at} FROM attempts"  # noqa: S608 - numbers
        f" WHERE started_at > to_timestamp({at}) AND delivery_id = ANY(ARRAY{whose}::bigint[])"
    )
    victim = point
    if point in OF_STEPS:  # it is the main process that acknowledges
        victim += f" ({DEATH_OF[how if point in OF_CHILDREN else 'whole']})"
    return (victim, "1", *map(str, counts), seconds(again), seconds(ended))


def seconds(value: object) -> str:
    """A time in seconds, or that nothing was left to do."""
    return "-" if value is None or float(str(value)) < 0 else f"{float(str(value)):.1f}"


def markdown(rows: list[tuple[str, ...]]) -> str:
    """The table for the documentation."""
    head = ("died", *HEAD[1:])
    lines = [head, tuple("---" if i == 0 else "--:" for i in range(len(head))), *rows]
    return (
        "# Crash points\n\n"
        "Where a process was killed with SIGKILL, once for each row, and what became of the files "
        "that it was at.\nWritten by `tests/faults/test_crash_points.py`, which fails if a write "
        "is added that has no point here.\nA dash: nothing was left to do, or it is not measured."
        "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
    )
