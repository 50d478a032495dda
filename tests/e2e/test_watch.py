"""Intake: what is dropped is taken once it is complete, by events and by polling alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models import Delivery, RawContent
from tests.e2e.conftest import deliveries, running
from tests.factories import story
from tests.waiting import wait_for
from worker import db

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["events", "poll"])
def inbox(
    request: pytest.FixtureRequest, tmp_path: Path, worker: None, corpus: None
) -> Iterator[Path]:
    """The inbox of a running intake."""
    environment = {
        "ROTATIVE_HOME": str(tmp_path),
        "ROTATIVE_WATCH": request.param,
        "ROTATIVE_POLL_SECONDS": "0.2",
        # Should an event be missed in these tests, no scan is to hide it.
        "ROTATIVE_RESCAN_SECONDS": "3600",
    }
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "before.txt").write_text(story())  # lay there before intake came
    with running("watch", environment=environment):
        wait_for(lambda: "before.txt" in deliveries(), "the start-up scan")
        yield inbox


def drop(inbox: Path, name: str, text: str | None = None) -> None:
    """As a careful writer does: under another name first, then renamed into place."""
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text or story())
    unfinished.rename(path)


def stored(name: str) -> bool:
    return deliveries().get(name, (None, ""))[1] == "stored"


def test_a_dropped_file_becomes_a_row_and_moves(inbox: Path) -> None:
    """Its first folder is its feed; it is found again under the delivery's number."""
    drop(inbox, "vna/a.txt")
    wait_for(lambda: stored("a.txt"), "the article")
    assert deliveries()["a.txt"] == ("vna", "stored")
    wait_for(lambda: not (inbox / "vna/a.txt").exists(), "the file to leave")
    (moved,) = (inbox.parent / "processed/vna").glob("*/*-a.txt")
    assert moved.read_text().startswith("Le port de Lomé")


def test_a_writer_that_pauses_is_not_cut_short(inbox: Path) -> None:
    """While it has its file open, others come and go; then its file is taken whole."""
    text = story()
    (inbox / "vna").mkdir()
    with (inbox / "vna/slow.txt").open("w") as file:
        file.write(text[:100])
        file.flush()
        drop(inbox, "vna/quick.txt")
        wait_for(lambda: stored("quick.txt"), "the other file")
        assert "slow.txt" not in deliveries()
        file.write(text[100:])
    wait_for(lambda: stored("slow.txt"), "the slow file")
    with db.transaction() as connection:
        data = connection.scalar(
            select(RawContent.data).join(Delivery).where(Delivery.file == "slow.txt")
        )
    assert text.encode() == data


def test_what_is_not_to_be_taken_is_left_alone(inbox: Path, tmp_path: Path) -> None:
    """Unfinished and hidden names, links to files and to folders."""
    (inbox / "unfinished.txt.part").write_text(story())
    (inbox / ".hidden.txt").write_text(story())
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "secret.txt").write_text(story())
    (inbox / "file-link.txt").symlink_to(secret / "secret.txt")
    (inbox / "folder-link").symlink_to(secret)
    drop(inbox, "last.txt")
    wait_for(lambda: stored("last.txt"), "the file that came last")
    assert {"before.txt", "last.txt"} == set(deliveries())
    assert (secret / "secret.txt").exists()
    assert (inbox / "unfinished.txt.part").exists()


def test_the_same_name_again_is_a_new_delivery(inbox: Path) -> None:
    """With the same text, a duplicate of the first; both files are kept."""
    text = story()
    drop(inbox, "vna/a.txt", text)
    wait_for(lambda: stored("a.txt"), "the first")
    drop(inbox, "vna/a.txt", text)
    wait_for(lambda: deliveries()["a.txt"][1] == "duplicate", "the second")
    wait_for(
        lambda: len(list((inbox.parent / "processed/vna").glob("*/*-a.txt"))) == 2, "both files"
    )


def test_a_folder_moved_in_whole_is_seen(inbox: Path, tmp_path: Path) -> None:
    """With everything below it, and it is the feed."""
    outside = tmp_path / "prepared"
    (outside / "2026").mkdir(parents=True)
    (outside / "a.txt").write_text(story())
    (outside / "2026/b.txt").write_text(story())
    outside.rename(inbox / "aps")
    wait_for(lambda: stored("a.txt") and stored("2026/b.txt"), "both files")
    assert deliveries()["2026/b.txt"] == ("aps", "stored")


def test_many_at_once(inbox: Path) -> None:
    """None is left, none is taken twice."""
    for number in range(150):
        drop(inbox, f"bulk/{number}.txt")
    wait_for(lambda: len(deliveries()) == 151, "all deliveries")
    wait_for(lambda: {"stored"} == {row[1] for row in deliveries().values()}, "all articles")
    with db.transaction() as connection:
        assert len(connection.scalars(select(Delivery.id)).all()) == 151
    wait_for(lambda: list((inbox / "bulk").iterdir()) == [], "the inbox to be empty")
