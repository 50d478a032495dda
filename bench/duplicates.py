"""A known archive dropped again: files per second, beside new ones, and that nothing is written.

`bench/README.md` says how to read it.
"""

from __future__ import annotations

import argparse
import os
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench import corpus, running
from bench.calibration import calibration
from bench.figures import Spread, as_lists, machine, spreads, write
from worker import db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.calibration import Calibration
    from bench.folder import Load
    from worker.config import Settings

TABLES: Final = ("articles", "mentions", "entities", "aliases")


def rows() -> dict[str, tuple[int, str]]:
    """How many rows each table of the corpus has, and a hash of where each is and who wrote it."""
    found = {}
    with db.transaction() as connection:
        for table in TABLES:
            which = "coalesce(md5(string_agg(ctid || ' ' || xmin, ',' ORDER BY ctid)), '')"
            asked = text(f"SELECT count(*), {which} FROM {table}")  # noqa: S608 - ours
            number, rows = connection.execute(asked).one()
            found[table] = (number, rows)
    return found


def loads(
    settings: Settings, calibrated: Calibration, options: argparse.Namespace
) -> Iterator[Load]:
    """The archive, then the same again in each round."""
    from bench import folder  # noqa: PLC0415 - needs the services' addresses

    articles = corpus.articles("duplicates")
    warm_up = list(islice(articles, folder.WARM_UP))
    archive = list(islice(articles, options.files))
    with folder.stack(settings, options.recogniser, options.processes, warm_up) as stack:
        for each in range(1 + options.rounds):
            feed = f"archive-{each}"
            before = rows()
            load = stack.drop(folder.stage(settings, feed, archive), feed, calibrated)
            expected = "duplicate" if each else "stored"
            if load.dispositions[expected] < options.files:
                raise SystemExit(f"Not all files are {expected}: {dict(load.dispositions)}.")
            if each and rows() != before:
                raise SystemExit("Duplicates have changed the corpus.")
            yield load


def main() -> None:
    """Measure, show and, if asked to, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recogniser", choices=("spacy", "null"), default="spacy")
    parser.add_argument("--files", type=int, default=6_144)
    parser.add_argument("--rounds", type=int, default=3, help="times that they come again")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, help="write the figures down there")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    load = os.getloadavg()[0]
    with running.services() as settings, calibration(options.processes) as calibrated:
        new, *again = (each.figures for each in loads(settings, calibrated, options))
    found = {"new": spreads([new]), "again": spreads(again)}
    ratio = Spread.of(each["relative"] / new["relative"] for each in again)
    table = Table(
        "",
        *("files/s", "intake", "worker's parent", "steps", "Postgres", "Redis"),
        title=f"{options.files} files, new and {options.rounds} times again, "
        f"{options.recogniser}; CPU in ms a file; load before {load:.2f}",
        title_justify="left",
    )
    for name, figures in found.items():
        cpu = (figures[f"cpu.{k}"] for k in ("intake", "worker", "steps", "postgres", "redis"))
        table.add_row(name, figures["rate"].words(0), *(f"{each.median:.2f}" for each in cpu))
    console.print(table)
    console.print(
        f"Again ÷ new, by the calibration: {ratio.words(1)}. No row of "
        f"{', '.join(TABLES)} was written.",
    )
    if options.output:
        results = {
            "machine": machine(load),
            "recogniser": options.recogniser,
            "processes": options.processes,
            "files": options.files,
            "rounds": options.rounds,
            **as_lists({"ratio": ratio}),
            **{name: as_lists(figures) for name, figures in found.items()},
        }
        write(options.output, results)


if __name__ == "__main__":
    main()
