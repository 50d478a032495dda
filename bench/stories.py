"""What it costs to look for twins among a million articles. `bench/README.md` says more.

Tables `bands` and `editions` are filled by the server with keys drawn by a hash; then articles are
looked up as persist does it. Everything is in a temporary folder that is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.console import Console
from sqlalchemy import text

from bench.figures import machine
from worker import db, embedded
from worker.core.stories.fingerprint import BANDS, FINGERPRINT, ROWS
from worker.sql import by_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

_Found = TypeVar("_Found")

RESULTS: Final = Path(__file__).with_name("stories.json")
_WARM: Final = 200  # lookups before those that are counted

_FILL: Final = (
    # Of the keys of each article one is shared with 43 others; of one article in twenty two more
    # are of one of twenty stock passages; every fifth is the twin of the one before it, at a
    # Jaccard index of .6 or so.
    """CREATE FUNCTION key_of(article bigint, band bigint) RETURNS bigint IMMUTABLE RETURN
    CASE WHEN band = 0 THEN hashint8extended(article % 22727, 1)
      WHEN band < 3 AND article % 20 = 0 THEN hashint8extended(article / 20 % 20 * 2 + band, 2)
      WHEN band BETWEEN 3 AND 10 AND article % 5 = 1 AND article > 1
        THEN hashint8extended((article - 1) * 64 + band, 3)
      ELSE hashint8extended(article * 64 + band, 3) END""",
    """CREATE FUNCTION is_first(article bigint, band bigint) RETURNS boolean IMMUTABLE RETURN
    CASE WHEN band = 0 THEN article <= 22727
      WHEN band < 3 AND article % 20 = 0 THEN article / 20 <= 20
      ELSE NOT (band BETWEEN 3 AND 10 AND article % 5 = 1 AND article > 1) END""",
    "SET statement_timeout = 0",
    "SET maintenance_work_mem = '512MB'",
    "SET session_replication_role = replica",  # no articles are needed for editions
    "DROP INDEX ix_bands_first, ix_bands_later",
    """INSERT INTO bands (key, article_id, first)
    SELECT key_of(article, band), article, is_first(article, band)
    FROM generate_series(1, :articles) article, generate_series(0, :bands - 1) band""",
    "CREATE UNIQUE INDEX ix_bands_first ON bands (key) WHERE first",
    "CREATE UNIQUE INDEX ix_bands_later ON bands (key, article_id) WHERE NOT first",
    """INSERT INTO editions
      (article_id, story_id, role, version, current, fingerprint, signature, titles)
    SELECT article, article, 'original', 1, true, :fingerprint,
      decode(left(repeat(md5(article::text), :bytes / 16 + 1), 2 * :bytes), 'hex'), '{}'
    FROM generate_series(1, :articles) article""",
    "SET session_replication_role = DEFAULT",
    "VACUUM ANALYZE bands",
    "VACUUM ANALYZE editions",
)
_KEYS_OF: Final = text("SELECT key_of(:article, band) FROM generate_series(0, :bands - 1) band")
_SIZE: Final = text("SELECT pg_total_relation_size(:name) / :articles")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one call, by the clock."""

    mean: float
    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """The figures of these calls."""
        ordered = sorted(1_000 * each for each in seconds)
        at = [ordered[int(len(ordered) * share)] for share in (0.5, 0.99)]
        return cls(*(round(each, 3) for each in (sum(ordered) / len(ordered), *at)))


def fill(articles: int) -> Iterator[tuple[str, float]]:
    """Fill the tables; yields what was done, and the seconds that it took."""
    values = {
        "articles": articles,
        "bands": BANDS,
        "fingerprint": FINGERPRINT,
        "bytes": 4 * BANDS * ROWS,
    }
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _FILL:
            begun = time.perf_counter()
            asked = text(statement)
            connection.execute(asked, {name: values[name] for name in asked._bindparams})  # noqa: SLF001
            yield statement.split("(")[0].strip(), time.perf_counter() - begun


def look_up(articles: int, lookups: int) -> dict[str, Any]:
    """Time the statements of persist, each for one article, in random order."""
    from worker.stories import keys  # noqa: PLC0415 - after the environment is set

    chance = random.Random(1)  # noqa: S311 - repeats itself
    seconds: dict[str, list[float]] = {"holders": [], "signatures": [], "write": []}
    candidates: list[int] = []

    def timed(name: str, call: Callable[..., _Found], *given: object) -> _Found:
        begun = time.perf_counter()
        found = call(connection, *given)
        seconds[name].append(time.perf_counter() - begun)
        return found

    with db.engine().connect() as connection:
        for number in range(lookups + _WARM):
            if number == _WARM:
                candidates.clear()
                for each in seconds.values():
                    each.clear()
            article = chance.randint(1, articles)
            own = connection.scalars(_KEYS_OF, {"article": article, "bands": BANDS}).all()
            found = timed("holders", keys.holders, own)
            others = {one for each in found.values() for one in each}
            timed("signatures", keys.signatures, others)
            timed("write", keys.write, {articles + 1: own})
            connection.rollback()
            candidates.append(len(others))
        plan = _explained(connection, own)
    return {
        **{name: asdict(Times.of(each)) for name, each in seconds.items()},
        "candidates": {"mean": round(mean(candidates), 1), "most": max(candidates)},
        "plan": plan,
    }


def _explained(connection: Connection, own: Sequence[int]) -> list[str]:
    from worker.stories import keys  # noqa: PLC0415 - after the environment is set

    compiled = keys._HOLDERS.compile(dialect=connection.dialect)  # noqa: SLF001
    values = compiled.construct_params(by_column(keys._KEYS, ([key] for key in sorted(own))))  # noqa: SLF001
    found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {compiled}", values)
    return [row[0] for row in found]


def main() -> None:
    """Fill, look up, show and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--lookups", type=int, default=2_000)
    parser.add_argument("--output", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    console = Console(highlight=False)
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="rotative-bench-") as home,
        embedded.running(Path(home)) as services,
    ):
        os.environ |= {"ROTATIVE_HOME": home, "DATABASE_URL": services.database_url}
        db.migrate(db.engine())
        for done, seconds in fill(options.articles):
            console.print(f"{seconds:8.1f} s  {done}")
        results = {
            "machine": machine(load),
            "articles": options.articles,
            "lookups": options.lookups,
            **look_up(options.articles, options.lookups),
        }
        with db.engine().connect() as connection:
            results["bytes_per_article"] = {
                name: connection.scalar(_SIZE, {"name": name, "articles": options.articles})
                for name in ("bands", "editions")
            }
        db.engine().dispose()
    console.print_json(data=results)
    options.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
