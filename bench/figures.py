"""From runs to figures, and the facts of the machine that they were measured on."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.calibration import Pace

_PACKAGES: Final = ("celery", "kombu", "psycopg", "redis", "spacy", "sqlalchemy")
_TIME: Final = re.compile(r"^cpu\.|\.(cpu|clock)$")
_LIST_OF_NUMBERS: Final = re.compile(r"\[\s+([-\d.,\s]+?)\s+\]")


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some runs, and the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """The spread of these values."""
        ordered = sorted(values)
        return cls(*(round(x, 3) for x in (statistics.median(ordered), ordered[0], ordered[-1])))

    def words(self, digits: int) -> str:
        """As a cell of the table."""
        median, least, most = (f"{x:.{digits}f}" for x in (self.median, self.least, self.most))
        return f"{median} [dim]({least}–{most})[/]"


Figures = dict[str, Spread]
"""Spreads by name; the names are those of `per_article` and `bench.meter`."""


def per_article(
    used: Mapping[str, float], articles: int, seconds: float, pace: Pace
) -> dict[str, float]:
    """What one run comes to, for each article.

    Args:
        used: what was added to a reading of `bench.meter.Meter`.
        articles: how many were taken to their end.
        seconds: from the first start to the last disposition.
        pace: of as many processes as the run had, in the same minute.

    Returns:
        ``rate`` in articles a second, ``relative`` to 1,000 units of the calibration; ``cpu`` in
        milliseconds, of everybody and, after a dot, of each, ``cpu_relative`` to a unit's, and
        ``cpu.celery``: what a worker spends outside its steps; times of steps in milliseconds.
    """
    found = {
        name: value * (1_000 if _TIME.search(name) else 1) / articles
        for name, value in used.items()
    }
    total = sum(value for name, value in found.items() if name.startswith("cpu."))
    if "cpu.worker" in found:
        inside = sum(value for name, value in found.items() if name.endswith(".step.cpu"))
        both = found["cpu.worker"] + found["cpu.steps"]
        found |= {"cpu.celery": both - inside, "celery_share": (both - inside) / both}
    return {
        "rate": articles / seconds,
        "relative": 1_000 * articles / seconds / pace.units_per_second,
        "cpu": total,
        "cpu_relative": total / pace.cpu_ms,
        **found,
    }


def spreads(runs: Sequence[Mapping[str, float]]) -> Figures:
    """The spread of each figure over some runs of the same."""
    return {name: Spread.of(run[name] for run in runs) for name in runs[0]}


def machine(load: float) -> dict[str, object]:
    """What the figures depend on; ``load`` is how many processes ran before we came."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def as_lists(found: Figures) -> dict[str, list[float]]:
    """Median, least and most of each, as they are written down."""
    return {name: [each.median, each.least, each.most] for name, each in found.items()}


def write(path: Path, results: Mapping[str, Any]) -> None:
    """Write results down as JSON, a list of numbers on one line."""
    text = json.dumps(results, indent=2)
    text = _LIST_OF_NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text)
    path.write_text(f"{text}\n")
