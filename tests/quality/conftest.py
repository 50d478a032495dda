"""Shows the tables of the gate at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from tests.quality.figures import GROUPS, show

if TYPE_CHECKING:
    import pytest

_WIDTH = 140  # columns


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of the groups that were tested."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    tested = [
        group
        for group in GROUPS
        if any(f"test_gate.py::test_floors[{group}]" in report.nodeid for report in reports)
    ]
    if tested:
        console = Console(width=_WIDTH)
        with console.capture() as printed:
            show(console, tested)
        terminalreporter.section("figures of clean and enrich")
        terminalreporter.write(printed.get())
