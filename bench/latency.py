"""How soon a file dropped alone is a row: on an idle stack, and while a bulk load is worked on.

A trigger of the benchmark's own tells of a delivery's end, so nothing is asked while time runs.
`bench/README.md` says how to read it.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
import psycopg
from rich.console import Console
from rich.table import Table

from bench import corpus, running
from bench.calibration import Pace, calibration
from bench.figures import machine, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.config import Settings

FEED: Final = "fresh"
BULK: Final = "archive"
PAUSE_SECONDS: Final = (0.3, 1.3)  # at random, or all would come at the same moment of a tick
LOST_SECONDS: Final = 120
PERCENT: Final = (50, 95, 99, 100)

# The delivery's end is told at its commit, to whom listens.
_TELL: Final = f"""
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_notify('ended', NEW.file); RETURN NULL; END$$;
CREATE TRIGGER tell AFTER UPDATE OF disposition ON deliveries FOR EACH ROW
    WHEN (NEW.feed = '{FEED}') EXECUTE FUNCTION tell();
LISTEN ended
"""
_MOMENTS: Final = """
SELECT attempts.step, extract(epoch FROM started_at)::float8,
       extract(epoch FROM attempts.ended_at)::float8, extract(epoch FROM received_at)::float8
FROM attempts JOIN deliveries ON deliveries.id = delivery_id
WHERE feed = %s AND file = %s ORDER BY attempts.id
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one file took, in seconds."""

    latency: float
    """From when it was complete to its committed row."""
    spans: dict[str, float]
    """The same, cut where something was written down; see `bench/README.md`."""


class Dropper:
    """Drops one file after the other, and sees what becomes of each."""

    def __init__(self, settings: Settings) -> None:
        if settings.database_url is None:
            raise ValueError("the services are to be started first")
        address = settings.database_url.get_secret_value()
        self._listener = psycopg.connect(address, autocommit=True)
        self._listener.execute(_TELL)
        self._folder = settings.inbox / FEED
        self._folder.mkdir(parents=True, exist_ok=True)
        self._quiet = settings.quiet_seconds
        self._number = 0

    def drop(self, data: bytes) -> Seen:
        """Write a file into the inbox, close it, and wait for its row."""
        self._number += 1
        file = self._folder / f"{self._number:05}.txt"
        file.write_bytes(data)
        complete = time.time() + self._quiet
        if not list(self._listener.notifies(timeout=LOST_SECONDS, stop_after=1)):
            raise SystemExit(f"{file.name} has no row after {LOST_SECONDS} s.")
        return self._seen(file.name, complete, time.time())

    def _seen(self, file: str, complete: float, row: float) -> Seen:
        moments = self._listener.execute(_MOMENTS, (FEED, file)).fetchall()
        spans = {"noticed": moments[0][3] - complete, "queued": moments[0][1] - moments[0][3]}
        for (_, _, ended, _), (step, started, _, _) in pairwise(moments):
            spans[f"to {step}"] = started - ended
        for step, started, ended, _ in moments:
            spans[step] = ended - started
        spans["committed"] = row - moments[-1][2]
        return Seen(row - complete, spans)


def idle(dropper: Dropper, articles: Iterator[bytes], files: int) -> Iterator[Seen]:
    """Files that come alone, each when the one before is stored."""
    for data in islice(articles, files):
        time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - guards nothing
        yield dropper.drop(data)


def loaded(
    settings: Settings, dropper: Dropper, articles: Iterator[bytes], options: argparse.Namespace
) -> Iterator[Seen]:
    """The same while a bulk load in another feed is worked on, for as long as it lasts."""
    from bench import folder  # noqa: PLC0415 - needs the services' addresses

    folder.move_in(settings, folder.stage(settings, BULK, islice(articles, options.bulk)), BULK)
    while not folder.ended(BULK).taken:
        time.sleep(folder.LOOK_SECONDS)
    for seen in idle(dropper, articles, options.files):
        if folder.ended(BULK).files >= options.bulk:
            return
        yield seen


def percentiles(found: Sequence[Seen]) -> dict[str, float]:
    """The least latency that so many percent of the files do not exceed, in seconds."""
    latencies = [seen.latency for seen in found]
    values = np.percentile(latencies, PERCENT, method="inverted_cdf")
    return {f"p{percent}": round(float(x), 3) for percent, x in zip(PERCENT, values, strict=True)}


def spans(found: Sequence[Seen]) -> dict[str, float]:
    """The median of each span, in seconds."""
    return {name: round(median(seen.spans[name] for seen in found), 4) for name in found[0].spans}


def main() -> None:
    """Measure, show and, if asked to, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recogniser", choices=("spacy", "null"), default="spacy")
    parser.add_argument("--files", type=int, default=100, help="that come alone, in either case")
    parser.add_argument("--bulk", type=int, default=10_000, help="files of the load; 0: no load")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, help="write the figures down there")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    load = os.getloadavg()[0]
    articles = corpus.articles("latency")
    found: dict[str, list[Seen]] = {}
    with running.services() as settings, calibration(options.processes) as calibrated:
        from bench import folder  # noqa: PLC0415 - needs the services' addresses

        warm_up = list(islice(articles, folder.WARM_UP))
        with folder.stack(settings, options.recogniser, options.processes, warm_up):
            dropper = Dropper(settings)
            pace = calibrated.pace(1)
            found["idle"] = list(idle(dropper, articles, options.files))
            pace = Pace.between(pace, calibrated.pace(1))
            if options.bulk:
                found["loaded"] = list(loaded(settings, dropper, articles, options))
                if not found["loaded"]:
                    raise SystemExit("The load was over before a file came alone: more of it.")
    table = Table(
        "",
        *("files", "p50", "p95", "p99", "most"),
        title=f"Seconds from complete to row, {options.recogniser}; load before {load:.2f}; "
        f"a unit of the calibration takes {pace.cpu_ms:.2f} ms",
        title_justify="left",
    )
    for name, seen in found.items():
        table.add_row(name, str(len(seen)), *(f"{x:.3f}" for x in percentiles(seen).values()))
    console.print(table)
    for name, seen in found.items():
        where = ", ".join(f"{span} {1_000 * x:.0f}" for span, x in spans(seen).items())
        console.print(f"{name}, median ms: {where}", highlight=False)
    if options.output:
        results = {
            "machine": machine(load),
            "recogniser": options.recogniser,
            "processes": options.processes,
            "bulk": options.bulk,
            "unit_ms": round(pace.cpu_ms, 3),
            **{
                name: {"files": len(seen), **percentiles(seen), "spans": spans(seen)}
                for name, seen in found.items()
            },
        }
        write(options.output, results)


if __name__ == "__main__":
    main()
