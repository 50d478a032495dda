"""Where a delivery's file stands: below its folder, whatever its names are."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from worker.config import Settings
from worker.filing import NAME_BYTES, WHY, belongs, path_of, safe

SETTINGS = Settings(home=Path("/home"))


def path(folder: str | None, feed: str | None, file: str) -> Path | None:
    at = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=7)))
    facts = SimpleNamespace(id=7, feed=feed, file=file, received_at=at, folder=folder)
    return path_of(SETTINGS, facts)


def test_a_file_stands_below_feed_and_day() -> None:
    """Of its path in the inbox the last part is its name; the day is that of UTC."""
    home = SETTINGS.home
    assert path("processed", "vna", "2026/a.txt") == home / "processed/vna/2026-02-28/7-a.txt"
    assert path("quarantine", None, "a.txt") == home / "quarantine/2026-02-28/7-a.txt"
    assert path("rejected", "..", "..") == home / "rejected/_/2026-02-28/7-.."


@pytest.mark.parametrize("folder", [None, "deleted"])
def test_what_is_nowhere_has_no_path(folder: str | None) -> None:
    """Deleted, or never in the inbox."""
    assert path(folder, "vna", "a.txt") is None


@pytest.mark.parametrize(
    ("name", "made_safe"),
    [
        ("a.txt", "a.txt"),
        ("café\u00a0!.txt", "café\u00a0!.txt"),
        ("..", "_"),
        (".", "_"),
        ("a/b\0c", "a\\u002fb\\u0000c"),
        ("a\nb\x1b[0m", "a\\u000ab\\u001b[0m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
    ],
)
def test_names_are_made_safe(name: str, made_safe: str) -> None:
    """What is printable stays as it is."""
    assert made_safe == safe(name)


@pytest.mark.parametrize("name", ["é" * 300 + ".html", "a." + "b" * 300, "\n" * 250, "😀" * 70])
def test_long_names_are_cut_between_characters(name: str) -> None:
    """There is room for a number and for the why; an extension stays."""
    cut = safe(name)
    assert NAME_BYTES - 4 < len(cut.encode()) <= NAME_BYTES
    assert len(f"{cut}.999{WHY}".encode()) <= 255
    assert cut.endswith(".html") == name.endswith(".html")


def test_where_files_belong() -> None:
    """By what they came to."""
    assert belongs("quarantined", "delete") == "quarantine"
    assert belongs("rejected", "delete") == "rejected"
    assert belongs("stored", "move") == "processed"
    assert belongs("duplicate", "delete") == "deleted"
