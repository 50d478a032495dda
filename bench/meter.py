"""What a run costs: processor time, messages, statements, memory."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import redis
from sqlalchemy import text

from bench import timed
from worker import db

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from worker.config import Settings

Readings = dict[str, float]
"""Figures by name, with a dot between what and which."""

_MB: Final = 1_000_000
_STATEMENTS: Final = text(
    "SELECT sum(calls), sum(calls) FILTER (WHERE query = 'COMMIT'), sum(wal_bytes) "
    "FROM pg_stat_statements"
)
_PEAK: Final = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Meter:
    """Reads what the services and some processes have used so far."""

    def __init__(
        self,
        settings: Settings,
        processes: Mapping[str, Sequence[psutil.Process]],
        times: Path | None = None,
    ) -> None:
        """The servers of ``settings`` are children of this process, and are read too.

        Args:
            settings: where the services are.
            processes: those that do the work, by what they are called; all below each is counted
                with it, but for those of a ``worker``, which are the ``steps``.
            times: where a worker writes its times, see `bench.timed`.
        """
        if settings.redis_url is None:
            raise ValueError("the services are to be started first")
        self._redis = redis.Redis.from_url(settings.redis_url.get_secret_value())
        self._times = times
        self._processes = {**processes, **_servers()}

    def read(self) -> Readings:
        """Sums that only grow: seconds of ``cpu``, ``redis``, ``postgres``, those of the steps."""
        found = {f"cpu.{kind}": sum(map(_cpu, all_)) for kind, all_ in self._processes.items()}
        if parents := self._processes.get("worker"):
            both = found["cpu.worker"]
            found["cpu.worker"] = sum(_own_cpu(parent) for parent in parents)
            found["cpu.steps"] = both - found["cpu.worker"]
        found |= self._of_redis() | _of_postgres()
        return found | (timed.read(self._times) if self._times else {})

    def since(self, before: Readings) -> Readings:
        """What has been added to an earlier reading."""
        return {name: now - before[name] for name, now in self.read().items()}

    def memory(self) -> Readings:
        """Megabytes of the largest process of each kind: shared by use, its own, peak resident.

        Of Postgres all processes together, by use: no other way of counting does it justice.
        """
        kinds: dict[str, Iterable[psutil.Process]] = dict(self._processes)
        if parents := self._processes.get("worker"):
            kinds["steps"] = [child for parent in parents for child in parent.children()]
        postgres = kinds.pop("postgres")
        found = {
            f"memory.{kind}.{name}": max(sizes)
            for kind, all_ in kinds.items()
            for name, *sizes in zip(("pss", "uss", "peak"), *map(_memory, all_), strict=True)
        }
        everyone = [one for server in postgres for one in (server, *server.children())]
        return found | {"memory.postgres.pss": sum(_memory(one)[0] for one in everyone)}

    def _of_redis(self) -> Readings:
        info = self._redis.info("all")
        calls = {name: used["calls"] for name, used in info.items() if name.startswith("cmdstat_")}
        return {
            "redis.commands": sum(calls.values()) - calls.get("cmdstat_info", 0),
            # An answer is written once to all commands that came together.
            "redis.round_trips": info["total_writes_processed"] - calls.get("cmdstat_info", 0),
            "redis.bytes": info["total_net_input_bytes"] + info["total_net_output_bytes"],
        }


def _of_postgres() -> Readings:
    with db.transaction() as connection:
        statements, transactions, wal = connection.execute(_STATEMENTS).one()
    return {
        "postgres.statements": float(statements or 0),
        "postgres.transactions": float(transactions or 0),
        "postgres.wal_bytes": float(wal or 0),
    }


def _servers() -> dict[str, list[psutil.Process]]:
    ours = psutil.Process().children()
    return {
        "postgres": [process for process in ours if process.name() == "postgres"],
        "redis": [process for process in ours if process.name().endswith("-server")],
    }


def _own_cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cpu(process: psutil.Process) -> float:
    """Seconds of a process and all below it, those that have ended included."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:4])  # user, system, and both of ended children
    return total


def _memory(process: psutil.Process) -> tuple[float, float, float]:
    try:
        used = process.memory_full_info()
        peak = _PEAK.search(Path(f"/proc/{process.pid}/status").read_text())
    except (psutil.NoSuchProcess, FileNotFoundError):
        return 0, 0, 0
    return used.pss / _MB, used.uss / _MB, int(peak[1]) / 1_000 if peak else 0
