"""From runs to figures, a table and the facts of the machine that they were measured on."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Literal, Self

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Method = Literal["chain", "loop"]

_PACKAGES: Final = ("celery", "kombu", "psycopg", "redis", "spacy", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: so many articles, from the first start to the last disposition."""

    method: Method
    batch: int
    articles: int
    seconds: float
    worker_cpu: float
    """Seconds of the processes that do the steps; for the chain, with the worker's parent."""
    services_cpu: float
    """Seconds of Postgres and Redis."""

    @property
    def rate(self) -> float:
        """Articles per second."""
        return self.articles / self.seconds


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


@dataclass(frozen=True, slots=True)
class MethodFigures:
    """What one method does, and what it costs in processor time."""

    articles_per_second: Spread
    worker_cpu_ms: Spread
    """Per article."""
    services_cpu_ms: Spread
    """Per article."""

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Self:
        """The figures of these runs."""
        return cls(
            Spread.of(run.rate for run in runs),
            Spread.of(1_000 * run.worker_cpu / run.articles for run in runs),
            Spread.of(1_000 * run.services_cpu / run.articles for run in runs),
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured with batches of one size."""

    batch: int
    articles: int
    """Of one run."""
    ratio: Spread
    """Chain to loop; each is of two runs side by side."""
    chain: MethodFigures
    loop: MethodFigures


def figures(runs: Sequence[Run]) -> list[Figures]:
    """The figures for each size of batch."""
    found = []
    for batch in dict.fromkeys(run.batch for run in runs):
        chain = [run for run in runs if run.batch == batch and run.method == "chain"]
        loop = [run for run in runs if run.batch == batch and run.method == "loop"]
        ratio = Spread.of(a.rate / b.rate for a, b in zip(chain, loop, strict=True))
        found.append(
            Figures(
                batch, chain[0].articles, ratio, MethodFigures.of(chain), MethodFigures.of(loop)
            )
        )
    return found


def table(found: Sequence[Figures], title: str) -> Table:
    """The figures for people."""
    view = Table(title=title, title_justify="left", title_style="bold")
    for heading in ("Batch", "Articles/s, chain", "Articles/s, loop", "Chain ÷ loop"):
        view.add_column(heading, justify="right")
    for method in ("chain", "loop"):
        view.add_column(f"CPU ms per article,\n{method}: steps + services", justify="right")
    for each in found:
        view.add_row(
            str(each.batch),
            each.chain.articles_per_second.words(0),
            each.loop.articles_per_second.words(0),
            each.ratio.words(2),
            _cpu(each.chain),
            _cpu(each.loop),
        )
    return view


def _cpu(method: MethodFigures) -> str:
    return f"{method.worker_cpu_ms.median:.1f} + {method.services_cpu_ms.median:.1f}"


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
