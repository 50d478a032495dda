"""Nothing is written outside the configured folders, and nothing of others' is read.

The processes tell what they open: `tests.faults.watched`. What a file system is asked below Python
is not seen there; the libraries that do so (lxml, Postgres' driver) are given bytes, never paths.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.plant import INTAKE, WORKERS, kill_group
from tests.waiting import wait_for
from worker.db import ROOT

if TYPE_CHECKING:
    from tests.faults.plant import Plant

OURS = {INTAKE: "watch", WORKERS[0]: "worker"}
SYSTEM = ("/proc", "/sys", "/etc", "/usr", "/lib", "/lib64", "/dev")
"""Read by Python, its libraries and the C library: time zones, certificates, hosts' names."""
FOLDERS = ("inbox", "processed", "rejected")
DEVICES = ("/dev/null", "/dev/shm")  # noqa: S108 - locks between a worker and its children
TRAPS = {"link.txt": "/etc/shadow", "up.txt": "../../secret.txt", "folder": "/etc"}


def test_nothing_is_touched_outside_the_folders(plant: Plant) -> None:
    """By intake and a worker, while files, links and names that point elsewhere are dropped."""
    (plant.home / "secret.txt").write_text("secret")
    for name, command in OURS.items():
        kill_group(plant.processes.pop(name))
        plant.processes[name] = start_watched(plant, name, command)
    kill_group(plant.processes.pop(WORKERS[1]))
    inbox = plant.home / "inbox" / "feed"
    for name, target in TRAPS.items():
        (inbox / name).symlink_to(target)
    for name in ("%2e%2e%2fetc%2fpasswd", "a\\..\\b.txt", "\u202etxt.exe", "$(touch x);`id`.txt"):
        (inbox / name).write_text("")
        plant.files += 1
        plant.refused += 1
    plant.drop(20)
    wait_for(lambda: plant.ended() >= plant.files, "the end of all files")
    for name in TRAPS:
        (inbox / name).unlink()  # they lie where they lay
    assert plant.account().lost == 0

    python = {*sysconfig.get_paths().values(), sys.base_prefix, sys.prefix, str(ROOT)}
    folders = tuple(str(plant.home / name) for name in (*FOLDERS, "scratch"))
    may_read = (*folders, *SYSTEM, *map(os.path.realpath, python), *python)
    for name in OURS:
        lines = (plant.home / f"{name}.list").read_text().splitlines()
        assert len(lines) > 100
        told = [(event, Path(path), writing) for event, path, writing in map(json.loads, lines)]
        seen = {(event, str(path), writing) for event, path, writing in told if path.is_absolute()}
        written = {(event, path) for event, path, writing in seen if writing}
        assert {each for each in written if not each[1].startswith((*folders, *DEVICES))} == set()
        assert {path for _, path, _ in seen if not path.startswith((*may_read, *DEVICES))} == set()
        assert [path for _, path, _ in seen if path.endswith(("secret.txt", "shadow"))] == []
        # The inbox is walked name by name, from descriptor to descriptor.
        names = {str(path) for _, path, _ in told if not path.is_absolute()}
        assert {name for name in names if "/" in name or name == ".."} == set()
        events = {event for event, *_ in told}
        assert events.isdisjoint({"os.system", "os.exec", "os.posix_spawn"})


def start_watched(plant: Plant, name: str, command: str) -> subprocess.Popen[bytes]:
    """Start one of our processes, with a list of what it opens."""
    scratch = plant.home / "scratch"
    scratch.mkdir(exist_ok=True)
    with (plant.home / "logs" / f"{name}.log").open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own module
            [
                *(sys.executable, "-m", "tests.faults.watched"),
                *(str(plant.home / f"{name}.list"), command),
            ],
            env=plant.environment
            | {"HOSTNAME": name, "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
