"""Articles per second through the chain, beside the limit. `bench/README.md` says how to read it.

Everything is real: a worker as `rotative worker` starts it, Postgres and Redis with their data on
disk, in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from bench.figures import Run, figures, machine, table
from worker import config, db, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.limit import RecogniserName

RESULTS: Final = Path(__file__).with_name("results.json")
BATCHES: Final = (1, 16, 64)
# By batch: about what the chain does in ten seconds on two cores.
ARTICLES: Final = {
    "null": {1: 500, 16: 2_400, 64: 4_096},
    "spacy": {1: 256, 16: 384, 64: 640},
}


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure."""

    batches: Sequence[int]
    articles: int | None
    rounds: int
    processes: int
    recogniser: RecogniserName
    output: Path

    def articles_at(self, batch: int) -> int:
        """Articles of one run with batches of this size."""
        usual = ARTICLES[self.recogniser]
        return self.articles or usual.get(batch, usual[16])


@contextmanager
def _services(options: Options) -> Iterator[config.Settings]:
    """Servers and settings of our own, whatever the environment names: we fill the database."""
    with (
        tempfile.TemporaryDirectory(prefix="rotative-bench-") as home,
        embedded.running(Path(home)) as services,
    ):
        os.environ |= {
            "ROTATIVE_HOME": home,
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "ROTATIVE_RECOGNISER": options.recogniser,
            "ROTATIVE_CONCURRENCY": str(options.processes),
        }
        db.migrate(db.engine())
        yield config.load()
        db.engine().dispose()


def _options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, nargs="+", default=BATCHES, metavar="N")
    parser.add_argument("--articles", type=int, help="of one run; default: about ten seconds' work")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--recogniser", choices=("null", "spacy"), default="null")
    parser.add_argument("--output", type=Path, default=RESULTS, help="default: %(default)s")
    given = parser.parse_args()
    return Options(
        batches=given.batch,
        articles=given.articles,
        rounds=given.rounds,
        processes=given.processes,
        recogniser=given.recogniser,
        output=given.output,
    )


def main() -> None:
    """Measure, show and write down."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 120)
    load = os.getloadavg()[0]
    runs: list[Run] = []
    with _services(options) as settings:
        from bench.measure import Bench  # noqa: PLC0415 - needs the services' addresses

        for run in Bench(options, settings).runs():
            runs.append(run)
            console.print(
                f"{run.method} at batch {run.batch}: {run.articles} articles in "
                f"{run.seconds:.1f} s, {run.rate:.0f}/s",
                highlight=False,
            )
    found = figures(runs)
    title = f"{options.recogniser} recogniser, {options.processes} processes"
    console.print(table(found, f"{title}; median (min–max) of {options.rounds} rounds"))
    results = {
        "machine": machine(load),
        "recogniser": options.recogniser,
        "processes": options.processes,
        "rounds": options.rounds,
        "figures": [asdict(each) for each in found],
    }
    options.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
