"""What an article costs from the folder to the row, beside so many that are stored already."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.figures import Spread, as_lists, spreads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECOGNISERS: Final = ("spacy", "null")
_WHOLE: Final = ("bench.whole", "--without-limit", "--rounds", "1")
Figures = dict[str, list[float]]
"""As `bench.whole` writes them down: median, least and most, of one round."""


def measure(
    home: Path, databases: Sequence[str], rounds: int, processes: int
) -> Iterator[list[dict[str, Figures]]]:
    """Run the whole stack on each database by turns, on the same new articles.

    Yields:
        for each round, by database in their order, the figures by recogniser.
    """
    for round_ in range(rounds):
        seed = f"flat-{datetime.now(UTC):%Y%m%d%H%M%S}-{round_}"  # new to what is kept as well
        yield [_whole(home, database, seed, processes) for database in databases]


def _whole(home: Path, database: str, seed: str, processes: int) -> dict[str, Figures]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "whole.json"
        options: dict[str, Any] = {
            "home": home,
            "database": database,
            "seed": seed,
            "processes": processes,
            "output": output,
        }
        asked = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        command = [sys.executable, "-m", *_WHOLE, "--recogniser", *RECOGNISERS, *asked]
        # What it prints is in its figures too.
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"bench.whole failed on {database}:\n{done.stderr}")
        found = json.loads(output.read_text(encoding="utf-8"))
    return {each["recogniser"]: each["stack"] for each in found["figures"]}


def summary(
    rounds: Sequence[Sequence[dict[str, Figures]]], sizes: Sequence[int]
) -> list[dict[str, Any]]:
    """For each recogniser: what an article takes beside each corpus, and the ratios.

    Ratios are of the last corpus to the first, in one round: of ``seconds`` by the clock, and of
    ``cpu``, processor time of everybody.
    """
    return [
        {
            "recogniser": recogniser,
            "stored": [
                {"stored": size, **_costs([each[at][recogniser] for each in rounds])}
                for at, size in enumerate(sizes)
            ],
            "ratio": as_lists(
                {
                    name: Spread.of(
                        cost(each[-1][recogniser]) / cost(each[0][recogniser]) for each in rounds
                    )
                    for name, cost in (("seconds", _seconds), ("cpu", _cpu))
                }
            ),
        }
        for recogniser in RECOGNISERS
    ]


def _costs(found: Sequence[Figures]) -> dict[str, list[float]]:
    names = ("rate", "cpu", "cpu.steps", "cpu.postgres", "postgres.wal_bytes")
    return as_lists(spreads([{name: each[name][0] for name in names} for each in found]))


def _seconds(figures: Figures) -> float:
    return 1 / figures["rate"][0]


def _cpu(figures: Figures) -> float:
    return figures["cpu"][0]
