"""These tests do harm to real processes, and count what became of every file."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests import services as _services  # noqa: F401 - before anything reads the environment
from tests.faults.plant import Plant, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20_260_301
TABLE = pytest.StashKey[list[tuple[str, ...]]]()
HEAD = (
    *("fault", "times", "files", "stored", "duplicates", "rejected", "quarantined"),
    *("lost", "doubled", "work again after s", "all ended after s"),
)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """A stack that runs: services, intake, two workers."""
    with running(tmp_path, random.Random(SEED)) as plant:  # noqa: S311 - repeats
        yield plant


@pytest.fixture
def table(request: pytest.FixtureRequest) -> list[tuple[str, ...]]:
    """What is printed at the end, a row a fault."""
    return request.config.stash.setdefault(TABLE, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was done, and what became of the files."""
    rows = config.stash.get(TABLE, [])
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    terminalreporter.section("faults")
    for row in (HEAD, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        terminalreporter.write_line("  ".join(cells))
