"""What comes to nothing is found in a folder, with why, by whoever dropped it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.conftest import deliveries, running
from tests.factories import story
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Command


def test_a_rejected_file_is_found_with_why_and_corrected(
    worker: None, corpus: None, tmp_path: Path
) -> None:
    """Dropped again under its name, it is a new delivery, and the first one's file stays."""
    feed = tmp_path / "inbox" / "vna"
    feed.mkdir(parents=True)
    environment = {"ROTATIVE_HOME": str(tmp_path), "ROTATIVE_RECONCILE_SECONDS": "0.2"}
    rejected = tmp_path / "rejected" / "vna"
    with running("watch", environment=environment):
        (feed / "a.txt").write_text("Voir plus\n\nUn autre titre\n")
        wait_for(lambda: list(rejected.glob("*/*-a.txt.why.txt")), "the file and its why")
        (file,) = rejected.glob("*/*-a.txt")
        assert file.read_text() == "Voir plus\n\nUn autre titre\n"
        told = file.with_name(f"{file.name}.why.txt").read_text()
        assert f"Its file is {file}." in told
        assert "the file holds no story" in told
        (feed / "a.txt").write_text(story())
        wait_for(lambda: deliveries()["a.txt"] == ("vna", "stored"), "the corrected file")
        wait_for(lambda: list(feed.iterdir()) == [], "the inbox to be empty")
    assert file.exists()
    assert len(list((tmp_path / "processed" / "vna").glob("*/*-a.txt"))) == 1


def test_folders_in_the_inbox_are_refused(rotative: Command, tmp_path: Path) -> None:
    """What is put away would be taken again, for ever."""
    inside = tmp_path / "home" / "inbox" / "quarantine"
    done = rotative("watch", ROTATIVE_QUARANTINE=str(inside))
    assert done.returncode != 0
    assert f"{inside} lies in the inbox" in " ".join(done.stderr.split())
