"""Bulk throughput through the whole stack, from the folder, beside the limit.

Files are moved into the inbox; intake, chain, Postgres and Redis do the rest. The limit reads files
that lie as these did. `bench/README.md` says how to read it.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from bench import corpus, running
from bench.calibration import Calibration, Pace, calibration
from bench.figures import Spread, as_lists, machine, per_article, spreads, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.limit import Loop, RecogniserName
    from worker.config import Settings

BATCH: Final = 64
# About forty seconds' work of two cores.
FILES: Final = {"spacy": 1_536, "null": 4_096}
Round = dict[str, dict[str, float]]
"""The figures of a round, by method: ``stack`` and, where it is asked for, ``limit``."""


def rounds(
    settings: Settings,
    calibrated: Calibration,
    recogniser: RecogniserName,
    options: argparse.Namespace,
) -> Iterator[Round]:
    """Stack and limit by turns, on new files each time."""
    from bench import folder, limit  # noqa: PLC0415 - needs the services' addresses

    articles = corpus.articles(f"{options.seed} {recogniser}")
    number = options.files or FILES[recogniser]
    with (
        folder.stack(
            settings,
            recogniser,
            options.processes,
            list(islice(articles, folder.WARM_UP)),
            f"{options.seed}-{recogniser}",
        ) as stack,
        nullcontext()
        if options.without_limit
        else limit.loop(options.processes, recogniser, []) as loop,
    ):
        if loop:
            warm_up = folder.stage(
                settings, f"loop-{recogniser}", islice(articles, BATCH * options.processes)
            )
            loop.run_files(_batches(warm_up))
        for each in range(options.rounds):
            feed = f"{options.seed}-{recogniser}-{each}"
            files = folder.stage(settings, feed, islice(articles, number))
            load = stack.drop(files, feed, calibrated)
            if load.dispositions["stored"] < number:
                raise SystemExit(f"Not all files were stored: {dict(load.dispositions)}.")
            found = {"stack": load.figures}
            if loop:
                files = folder.stage(settings, f"limit-{feed}", islice(articles, number))
                found["limit"] = _limit(settings, calibrated, loop, files, options.processes)
            yield found


def _limit(
    settings: Settings, calibrated: Calibration, loop: Loop, files: Sequence[Path], processes: int
) -> dict[str, float]:
    from bench import folder  # noqa: PLC0415 - needs the services' addresses
    from bench.limit import FEED  # noqa: PLC0415
    from bench.meter import Meter  # noqa: PLC0415

    meter = Meter(settings, {"loop": loop.processes})
    pace = calibrated.pace(processes)
    before, start = meter.read(), folder.now()
    loop.run_files(_batches(files))
    used = meter.since(before)
    end = folder.ended(FEED).last or start
    pace = Pace.between(pace, calibrated.pace(processes))
    return per_article(used, len(files), (end - start).total_seconds(), pace) | meter.memory()


def _batches(files: Sequence[Path]) -> list[Sequence[Path]]:
    return [files[start : start + BATCH] for start in range(0, len(files), BATCH)]


class Row:
    """What the rounds with one recogniser came to."""

    def __init__(self, recogniser: str, rounds: Sequence[Round]) -> None:
        self._recogniser = recogniser
        self.methods = {method: spreads([each[method] for each in rounds]) for method in rounds[0]}
        both = [(each["stack"], each["limit"]) for each in rounds if "limit" in each]
        self.ratios = (
            {
                "ratio": Spread.of(stack["rate"] / limit["rate"] for stack, limit in both),
                "cpu_ratio": Spread.of(limit["cpu"] / stack["cpu"] for stack, limit in both),
            }
            if both
            else {}
        )

    def results(self) -> dict[str, Any]:
        """As they are written down."""
        return {
            "recogniser": self._recogniser,
            **as_lists(self.ratios),
            **{method: as_lists(figures) for method, figures in self.methods.items()},
        }

    def cells(self) -> Iterator[str]:
        """Of the table for people."""
        stack, limit = self.methods["stack"], self.methods.get("limit")
        yield self._recogniser
        yield stack["rate"].words(1)
        yield limit["rate"].words(1) if limit else "–"
        for name in ("ratio", "cpu_ratio"):
            yield self.ratios[name].words(2) if limit else "–"
        for kind in ("intake", "worker", "steps", "postgres", "redis"):
            yield f"{stack[f'cpu.{kind}'].median:.2f}"
        limits = [limit[f"cpu.{kind}"].median for kind in ("loop", "postgres")] if limit else []
        yield " + ".join(f"{each:.2f}" for each in limits) or "–"
        yield f"{stack['first'].median:.1f}"
        yield f"{stack['taken'].median:.1f}"


_HEADINGS: Final = (
    *("stack/s", "limit/s", "stack ÷ limit", "CPU: limit\n÷ stack", "CPU ms\nintake"),
    *("worker's\nparent", "steps", "Postgres", "Redis", "limit:\nsteps + P."),
    *("first row\nafter s", "last taken\nafter s"),
)


def main() -> None:
    """Measure, show and, if asked to, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--recogniser", nargs="+", choices=("spacy", "null"), default=("spacy", "null")
    )
    parser.add_argument("--files", type=int, help="of one run; default: some forty seconds' work")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--without-limit", action="store_true", help="the stack alone")
    parser.add_argument("--seed", default="whole", help="of other articles, in another feed")
    parser.add_argument("--home", type=Path, help="servers to be taken: a folder of bench.flat")
    parser.add_argument("--database", help="one of theirs, for example stored_1000000")
    parser.add_argument("--output", type=Path, help="write the figures down there")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    load = os.getloadavg()[0]
    rows: list[Row] = []
    with (
        running.services(options.home, options.database) as settings,
        calibration(options.processes) as calibrated,
    ):
        for recogniser in options.recogniser:
            found: list[Round] = []
            for each in rounds(settings, calibrated, recogniser, options):
                found.append(each)
                said = (
                    f"{method} {figures['rate']:.1f}/s, {figures['cpu']:.1f} ms"
                    for method, figures in each.items()
                )
                console.print(f"{recogniser}: {'; '.join(said)}", highlight=False)
            rows.append(Row(recogniser, found))
    table = Table(
        "Recogniser",
        title=f"From the folder to the row, {options.processes} processes; "
        f"median (min–max) of {options.rounds} rounds; load before {load:.2f}",
        title_justify="left",
    )
    for heading in _HEADINGS:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row.cells())
    console.print(table)
    if options.output:
        results = {
            "machine": machine(load),
            "processes": options.processes,
            "rounds": options.rounds,
            "figures": [row.results() for row in rows],
        }
        write(options.output, results)


if __name__ == "__main__":
    main()
