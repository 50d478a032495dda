"""`rotative`, with what each step takes written down: ``python -m bench.timed FOLDER worker``.

What every step has (`worker.tasks.base.Step`: load, work, store) is wrapped, and nothing else is
changed. Each process keeps its sums in a file of its own below FOLDER, in memory that it shares
with whoever reads them.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from worker import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

STEPS: Final = ("dedupe", "clean", "enrich", "persist")
PARTS: Final = ("load", "work", "store", "step")
"""``step`` is the whole of a step, with the three others and what is common to all steps."""
SUMS: Final = ("cpu", "clock", "messages")
"""Seconds of processor time and by the clock, and how often."""
_SHAPE: Final = (len(STEPS), len(PARTS), len(SUMS))


def read(folder: Path) -> dict[str, float]:
    """The sums of all processes so far, as ``step.part.sum``."""
    total = np.zeros(_SHAPE)
    for path in folder.glob("*.times"):
        total += np.memmap(path, np.float64, "r", shape=_SHAPE)
    return {
        f"{step}.{part}.{name}": float(total[i, j, k])
        for i, step in enumerate(STEPS)
        for j, part in enumerate(PARTS)
        for k, name in enumerate(SUMS)
    }


class _Times:
    """The sums of this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums: NDArray[np.float64] | None = None
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._sums = None

    @contextmanager
    def of(self, step: str, part: str) -> Iterator[None]:
        """Add what passes meanwhile."""
        if self._sums is None:
            path = self._folder / f"{os.getpid()}.times"
            self._sums = np.memmap(path, np.float64, "w+", shape=_SHAPE)
        cpu, start = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            passed = (time.process_time() - cpu, time.perf_counter() - start, 1)
            self._sums[STEPS.index(step), PARTS.index(part)] += passed

    def timed(self, step: str, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        def run(*arguments: Any) -> Any:
            with self.of(step, part):
                return function(*arguments)

        return run


def _time_steps(times: _Times) -> None:
    from worker import tasks  # noqa: PLC0415 - needs the services' addresses
    from worker.tasks.base import Step  # noqa: PLC0415

    for name in STEPS:
        module = getattr(tasks, name)
        step = module.STEP
        module.STEP = replace(
            step, **{part: times.timed(name, part, getattr(step, part)) for part in PARTS[:3]}
        )
    run = Step.run

    def run_timed(step: Step[Any, Any], *arguments: Any) -> Any:
        with times.of(step.name, "step"):
            return run(step, *arguments)

    setattr(Step, "run", run_timed)  # noqa: B010 - no assignment that a type checker would allow


if __name__ == "__main__":
    _time_steps(_Times(Path(sys.argv.pop(1))))
    cli.main()
