"""What the chain costs, beside the limit and the last table. `bench/README.md` says how to read it.

Everything is real: a worker as `rotative worker` starts it, Postgres and Redis with their data on
disk, in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from bench import running
from bench.calibration import calibration
from bench.figures import Figures, Spread, as_lists, machine, spreads, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.measure import Case, Run

RESULTS: Final = Path(__file__).with_name("results.json")
STEPS: Final = ("dedupe", "clean", "enrich", "persist")
# For each process, by batch: what the chain does in six to ten seconds of one core.
ARTICLES: Final = {
    "null": {1: 96, 16: 384, 64: 768},
    "spacy": {1: 64, 16: 192, 64: 256},
}


class Row:
    """The figures of a case, beside those of the last table."""

    def __init__(self, case: Case, runs: Sequence[Run], last: Sequence[dict[str, Any]]) -> None:
        self.case = case
        chain = [run.figures for run in runs if (run.case, run.method) == (case, "chain")]
        loop = [run.figures for run in runs if (run.case, run.method) == (case, "loop")]
        self.articles = next(run.articles for run in runs if run.case == case)
        self.chain, self.loop = spreads(chain), spreads(loop)
        pairs = list(zip(chain, loop, strict=True))
        self.ratio = Spread.of(a["rate"] / b["rate"] for a, b in pairs)
        self.cpu_ratio = Spread.of(b["cpu"] / a["cpu"] for a, b in pairs)
        names = self.names()
        self._last = next((each for each in last if names.items() <= each.items()), None)

    def names(self) -> dict[str, Any]:
        """What tells it from the others."""
        case = self.case
        return {"recogniser": case.recogniser, "processes": case.processes, "batch": case.batch}

    def change(self, name: str) -> str:
        """How one of the chain's figures compares with the last table's, in words."""
        if self._last is None:
            return "–"
        return f"{self.chain[name].median / self._last['chain'][name][0] - 1:+.0%}"

    def results(self) -> dict[str, Any]:
        """As they are written down."""
        return {
            **self.names(),
            "articles": self.articles,
            **as_lists({"ratio": self.ratio, "cpu_ratio": self.cpu_ratio}),
            "chain": as_lists(self.chain),
            "loop": as_lists(self.loop),
        }


def tables(rows: Sequence[Row]) -> Iterable[Table]:
    """The figures for people."""
    yield _table(
        "Speed: articles per second, and processor time of everybody",
        {
            "chain/s": lambda row: row.chain["rate"].words(1),
            "loop/s": lambda row: row.loop["rate"].words(1),
            "chain ÷ loop": lambda row: row.ratio.words(2),
            "CPU ms\nchain": lambda row: f"{row.chain['cpu'].median:.1f}",
            "CPU ms\nloop": lambda row: f"{row.loop['cpu'].median:.1f}",
            "CPU\nloop ÷ chain": lambda row: row.cpu_ratio.words(2),
            "rate\nto last": lambda row: row.change("relative"),
            "CPU\nto last": lambda row: row.change("cpu_relative"),
        },
        rows,
    )
    yield _table(
        "Processor time: ms per article; of a step, its work + the rest",
        {
            **{step: lambda row, step=step: _step(row.chain, step) for step in STEPS},
            "Celery": lambda row: f"{row.chain['cpu.celery'].median:.2f}",
            "its share\nof workers": lambda row: f"{row.chain['celery_share'].median:.0%}",
            "Postgres": lambda row: f"{row.chain['cpu.postgres'].median:.2f}",
            "Redis": lambda row: f"{row.chain['cpu.redis'].median:.2f}",
        },
        rows,
    )
    yield _table(
        "Traffic per article, and memory in MB (shared by use / own / peak resident)",
        {
            "Redis\ncommands": lambda row: f"{row.chain['redis.commands'].median:.1f}",
            "round\ntrips": lambda row: f"{row.chain['redis.round_trips'].median:.1f}",
            "bytes": lambda row: f"{row.chain['redis.bytes'].median:.0f}",
            "Postgres\nstatements": lambda row: f"{row.chain['postgres.statements'].median:.2f}",
            "trans-\nactions": lambda row: f"{row.chain['postgres.transactions'].median:.2f}",
            "WAL\nbytes": lambda row: f"{row.chain['postgres.wal_bytes'].median:.0f}",
            "parent": lambda row: _memory(row.chain, "worker"),
            "child": lambda row: _memory(row.chain, "steps"),
        },
        rows,
    )


def _table(title: str, columns: dict[str, Any], rows: Sequence[Row]) -> Table:
    view = Table(title=title, title_justify="left", title_style="bold")
    view.add_column("Recogniser")
    for heading in ("Proc.", "Batch", *columns):
        view.add_column(heading, justify="right")
    for row in rows:
        names = map(str, row.names().values())
        view.add_row(*names, *(cell(row) for cell in columns.values()))
    return view


def _step(figures: Figures, step: str) -> str:
    work, whole = figures[f"{step}.work.cpu"].median, figures[f"{step}.step.cpu"].median
    return f"{work:.2f} + {whole - work:.2f}"


def _memory(figures: Figures, kind: str) -> str:
    return "/".join(
        f"{figures[f'memory.{kind}.{name}'].most:.0f}" for name in ("pss", "uss", "peak")
    )


def scale(rows: Sequence[Row]) -> Iterable[str]:
    """What more processes give."""
    few = {(row.case.recogniser, row.case.batch): row for row in reversed(rows)}
    for row in rows:
        one = few[row.case.recogniser, row.case.batch]
        if row.case.processes > one.case.processes:
            chain, loop = (
                now["rate"].median / before["rate"].median
                for now, before in ((row.chain, one.chain), (row.loop, one.loop))
            )
            yield (
                f"{row.case.recogniser}, batch {row.case.batch}: {one.case.processes} → "
                f"{row.case.processes} processes × {chain:.2f} (the loop × {loop:.2f})"
            )


def _articles(recogniser: str, batch: int) -> int:
    usual = ARTICLES[recogniser]
    return usual.get(batch, usual[16])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--recogniser", nargs="+", choices=("null", "spacy"), default=("null", "spacy")
    )
    parser.add_argument("--processes", type=int, nargs="+", default=(1, 2), metavar="N")
    parser.add_argument("--batch", type=int, nargs="+", default=(1, 16, 64), metavar="N")
    parser.add_argument(
        "--articles",
        type=int,
        help="of one run and process; default: six to ten seconds' work",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--last", type=Path, default=RESULTS, help="default: %(default)s")
    parser.add_argument("--output", type=Path, help="write the figures down there")
    return parser.parse_args()


def main() -> None:
    """Measure, show and, if asked to, write down."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 140)
    load = os.getloadavg()[0]
    runs: list[Run] = []
    with running.services() as settings, calibration(max(options.processes)) as calibrated:
        from bench.measure import Bench, Case  # noqa: PLC0415 - needs the services' addresses

        cases = {
            Case(*each): each[1] * (options.articles or _articles(each[0], each[2]))
            for each in product(options.recogniser, options.processes, options.batch)
        }
        for run in Bench(settings, calibrated).runs(cases, options.rounds):
            runs.append(run)
            console.print(
                f"{run.case.recogniser}, {run.case.processes} processes, batch {run.case.batch}: "
                f"{run.method} {run.articles} articles, {run.figures['rate']:.1f}/s, "
                f"{run.figures['cpu']:.1f} ms",
                highlight=False,
            )
    last = json.loads(options.last.read_text())["cases"] if options.last.exists() else []
    rows = [Row(case, runs, last) for case in dict.fromkeys(run.case for run in runs)]
    console.print(f"Median (min–max) of {options.rounds} rounds; load before {load:.2f}.")
    for table in tables(rows):
        console.print(table)
    for line in scale(rows):
        console.print(line, highlight=False)
    if options.output:
        results = {
            "machine": machine(load),
            "rounds": options.rounds,
            "cases": [row.results() for row in rows],
        }
        write(options.output, results)


if __name__ == "__main__":
    main()
