"""What an article costs, and a question takes, beside a million articles that are stored.

`bench/README.md` says how to read it. Postgres is the embedded one, in a folder of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import structlog
from rich.console import Console

from bench.figures import Spread, as_lists, machine, write
from bench.flat import chain
from bench.flat.tables import tables
from worker import config, db, embedded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.flat.cost import Sample

RESULTS: Final = Path(__file__).parent.with_suffix(".json")
SIZES: Final = (1_000, 1_000_000)
NEW: Final = ("intake", "dedupe", "persist")
KNOWN: Final = ("intake again", "duplicates")
SMALL: Final = 20_000
JUST_AFTER: Final = 4  # batches count as those just after a checkpoint
PATIENCE_SECONDS: Final = 3_600

_SIZES: Final = """
    SELECT relname, reltuples, pg_table_size(oid), pg_indexes_size(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND pg_total_relation_size(oid) > 1e6
    ORDER BY pg_total_relation_size(oid) DESC
"""
_INDEX_SIZES: Final = """
    SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes
    WHERE pg_relation_size(indexrelid) > 1e6 ORDER BY 2 DESC
"""


def main() -> None:
    """Fill what is not filled yet, measure, show and write down."""
    options = _options()
    # What is bounded is said for every batch.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    load = os.getloadavg()[0]
    folder = nullcontext(str(options.home)) if options.home else tempfile.TemporaryDirectory()
    with folder as home:
        _fill(Path(home), options)
        if options.fill:
            return
        with embedded.running(Path(home)) as services:
            _environment(home, services, max(options.sizes))
            results = _measure(services, options)
        sizes = sorted(options.sizes)
        rounds = chain.measure(
            Path(home), [_name(size) for size in sizes], options.rounds, options.processes
        )
        results["whole"] = chain.summary(list(rounds), sizes)
    results = {"machine": machine(load), **results}
    console = Console(width=None if sys.stdout.isatty() else 140)
    for each in tables(results):
        console.print(each, highlight=False)
    write(options.output, results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--turns", type=int, default=32, help="batches of 64 in a round")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="that fill, and work"
    )
    parser.add_argument("--home", type=Path, help="keep what is filled in this folder")
    parser.add_argument("--fill", action="store_true", help="fill the folder, measure nothing yet")
    parser.add_argument("--output", type=Path, default=RESULTS, help="default: %(default)s")
    return parser.parse_args()


def _name(size: int) -> str:
    return f"stored_{size}"


def _url(services: embedded.Services, size: int) -> str:
    return f"{services.database_url.rpartition('/')[0]}/{_name(size)}"


def _environment(home: str, services: embedded.Services, size: int) -> None:
    """What our own modules read: the largest corpus is the one that they ask."""
    os.environ |= {
        "ROTATIVE_HOME": home,
        "DATABASE_URL": _url(services, size),
        "REDIS_URL": services.redis_url,
        "ROTATIVE_SOFT_LIMIT_SECONDS": str(PATIENCE_SECONDS),
        "ROTATIVE_HARD_LIMIT_SECONDS": str(PATIENCE_SECONDS + 1),
    }


def _fill(home: Path, options: argparse.Namespace) -> None:
    """Make the corpora that the folder does not have; what was broken off goes on.

    A small one is made anew each time, without what was stored beside it when it was measured.
    """
    with (
        embedded.running(home, durable=False) as services,
        psycopg.connect(services.database_url, autocommit=True) as connection,
    ):
        _environment(str(home), services, max(options.sizes))
        from bench.flat.fill import fill  # noqa: PLC0415 - needs the services' addresses

        connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
        connection.execute("SELECT pg_reload_conf()")
        for size in options.sizes:
            if size <= SMALL:
                connection.execute(f"DROP DATABASE IF EXISTS {_name(size)}")
            there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            filled = _name(size) in there
            name = _name(size) if filled else f"{_name(size)}_unfinished"
            if not filled and name not in there:
                connection.execute(f"CREATE DATABASE {name}")
            url = f"{services.database_url.rpartition('/')[0]}/{name}"
            engine = db.make_engine(db.with_driver(url), PATIENCE_SECONDS)
            db.migrate(engine)
            engine.dispose()
            if not filled:
                fill(url, size, _first(size), options.processes)
                connection.execute(f"ALTER DATABASE {name} RENAME TO {_name(size)}")
        connection.execute("ALTER SYSTEM RESET max_wal_size")


def _first(size: int) -> datetime:
    """When the first of so many stories arrived, if the last one has just come."""
    from bench.flat.stories import A_DAY  # noqa: PLC0415

    return datetime.now(UTC) - timedelta(days=size / A_DAY)


def _measure(services: embedded.Services, options: argparse.Namespace) -> dict[str, Any]:
    from bench.flat.cost import Corpus, measure  # noqa: PLC0415 - need the services' addresses
    from bench.flat.questions import documented, ours  # noqa: PLC0415

    largest = max(options.sizes)
    with psycopg.connect(_url(services, largest)) as connection:
        tables = connection.execute(_SIZES).fetchall()
        indexes = connection.execute(_INDEX_SIZES).fetchall()
    with db.engine().connect() as asking:
        answers = [*documented(asking), *ours(asking, config.load())]
    corpora = [
        Corpus(db.make_engine(db.with_driver(_url(services, size)), PATIENCE_SECONDS), size)
        for size in sorted(options.sizes)
    ]
    samples = list(measure(corpora, _first(largest), options.rounds, options.turns))
    return {
        "sizes": sorted(options.sizes),
        "cost": _costs(samples),
        "ratio": _ratios(samples, options),
        "questions": [asdict(answer) for answer in answers],
        "tables": {
            name: {"rows": round(rows), "mb": _mb(own), "index_mb": _mb(index)}
            for name, rows, own, index in tables
        },
        "indexes_mb": {name: _mb(size) for name, size in indexes},
    }


def _mb(size: int) -> float:
    return round(size / 1e6, 1)


def _costs(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """What an article takes, by step, size and time since the last checkpoint."""
    found = []
    for step, size, late in dict.fromkeys(
        (one.step, one.corpus, one.turn >= JUST_AFTER) for one in samples
    ):
        some = [
            one
            for one in samples
            if (one.step, one.corpus, one.turn >= JUST_AFTER) == (step, size, late)
        ]
        found.append(
            {
                "step": step,
                "stored": size,
                "when": "later" if late else "just after a checkpoint",
                "ms": round(1e3 * _each(some, "seconds"), 3),
                "cpu_ms": round(1e3 * _each(some, "cpu"), 3),
                "postgres_ms": round(1e3 * _each(some, "postgres"), 3),
                "wal_kb": round(_each(some, "wal") / 1e3, 1),
            }
        )
    return found


def _each(samples: Sequence[Sample], what: str) -> float:
    """The mean for an article: what comes now and then, and takes long, counts too."""
    return float(sum(getattr(one, what) for one in samples) / sum(one.articles for one in samples))


def _ratios(samples: Sequence[Sample], options: argparse.Namespace) -> dict[str, list[float]]:
    """How many times what it takes in the smallest corpus an article takes in the largest."""
    steps = {"new": NEW, "known": KNOWN} | {step: (step,) for step in (*NEW, *KNOWN)}
    found = {}
    for name, those in steps.items():
        for what in ("seconds", "cpu", "postgres", "wal"):
            by_round = []
            for round_ in range(options.rounds):
                large, small = (
                    sum(
                        getattr(one, what)
                        for one in samples
                        if one.step in those and one.corpus == size and one.round == round_
                    )
                    for size in (max(options.sizes), min(options.sizes))
                )
                by_round.append(large / small if small else float("nan"))
            found[f"{name} {what}"] = Spread.of(by_round)
    return as_lists(found)


if __name__ == "__main__":
    main()
