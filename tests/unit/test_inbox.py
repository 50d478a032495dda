"""The inbox: what lies in it is looked at without trust, and moved without loss."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker import folders
from worker.config import IGNORED_NAMES
from worker.folders import Gone, NotTakeable
from worker.inbox import Changed, Inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    root = tmp_path / "inbox"
    root.mkdir()
    return Inbox(root, IGNORED_NAMES)


def drop(inbox: Inbox, name: str, data: bytes = b"text") -> Path:
    path = inbox.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Path(name)


def test_first_folder_is_the_feed(inbox: Inbox) -> None:
    """Deeper folders belong to the file's name."""
    look = inbox.look(drop(inbox, "vna/2026/mars/a.txt"))
    assert (look.feed, look.file) == ("vna", "2026/mars/a.txt")


def test_a_file_at_the_top_has_no_feed(inbox: Inbox) -> None:
    """Nobody is made up to have sent it."""
    look = inbox.look(drop(inbox, "a.txt"))
    assert (look.feed, look.file) == (None, "a.txt")


def test_scan_leaves_unfinished_and_hidden_names_alone(inbox: Inbox) -> None:
    """Writers' names for what is not finished, READMEs, and all below a hidden folder."""
    for name in (
        *("a.part", "b.tmp", "c.txt~", "~d.txt", ".e.txt", "f.crdownload", "README.md"),
        ".hidden/g.txt",
    ):
        drop(inbox, name)
    drop(inbox, "vna/wanted.txt")
    assert [Path("vna/wanted.txt")] == list(inbox.scan())


def test_scan_follows_no_link(inbox: Inbox, tmp_path: Path) -> None:
    """A link to a folder leads nowhere, a link to itself does not loop."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (inbox.root / "link").symlink_to(outside)
    (inbox.root / "loop").symlink_to(inbox.root)
    for path in inbox.scan():
        with pytest.raises(NotTakeable, match="symbolic link"):
            inbox.look(path)
    with pytest.raises(NotTakeable, match="symbolic link"):
        inbox.look(Path("link/secret.txt"))


def test_without_patterns_every_name_is_wanted(inbox: Inbox) -> None:
    """As where somebody names a file."""
    assert Inbox(inbox.root, ()).wants(Path(".hidden/a.part"))


def test_a_link_to_a_file_is_not_read(inbox: Inbox) -> None:
    """Not even one to a file that everybody may read."""
    (inbox.root / "passwd.txt").symlink_to("/etc/passwd")
    with pytest.raises(NotTakeable, match="symbolic link"):
        inbox.look(Path("passwd.txt"))


def test_a_pipe_does_not_hang(inbox: Inbox) -> None:
    """Opening one would wait for a writer for ever."""
    os.mkfifo(inbox.root / "pipe.txt")
    with pytest.raises(NotTakeable, match="no regular file"):
        inbox.look(Path("pipe.txt"))


def test_what_is_gone_is_gone(inbox: Inbox) -> None:
    """Somebody was faster."""
    with pytest.raises(Gone):
        inbox.look(Path("vna/a.txt"))


def test_an_open_writer_is_seen(inbox: Inbox) -> None:
    """However long it pauses, and although it has closed nothing yet."""
    path = drop(inbox, "a.txt")
    assert inbox.look(path).writer == "none"
    with (inbox.root / path).open("ab"):
        assert inbox.look(path).writer == "writing"
    assert inbox.look(path).writer == "none"


def test_a_reader_is_no_writer(inbox: Inbox) -> None:
    """Somebody who looks at a file does not keep it in the inbox."""
    path = drop(inbox, "a.txt")
    with (inbox.root / path).open("rb"):
        assert inbox.look(path).writer == "none"


def test_read_gives_the_bytes(inbox: Inbox) -> None:
    """As they are."""
    path = drop(inbox, "a.txt", b"\x00\xff")
    assert inbox.read(inbox.look(path), limit=10) == b"\x00\xff"


def test_read_of_too_large_a_file_gives_nothing(inbox: Inbox) -> None:
    """It is not even read."""
    path = drop(inbox, "a.txt", b"12345678901")
    assert inbox.read(inbox.look(path), limit=10) is None


def test_read_notices_a_change_since_the_look(inbox: Inbox) -> None:
    """A file that was replaced or written to meanwhile was not complete."""
    path = drop(inbox, "a.txt", b"before")
    look = inbox.look(path)
    drop(inbox, "a.txt", b"afterwards")
    with pytest.raises(Changed):
        inbox.read(look, limit=100)


def test_read_notices_a_writer(inbox: Inbox) -> None:
    """Somebody who opened it after the look may be about to write."""
    path = drop(inbox, "a.txt")
    look = inbox.look(path)
    with (inbox.root / path).open("ab"), pytest.raises(Changed):
        inbox.read(look, limit=100)


def test_arrival_is_stable_until_dropped_again(inbox: Inbox) -> None:
    """The same name with the same text and times, dropped later, is a new arrival."""
    path = drop(inbox, "a.txt")
    first = inbox.look(path)
    assert first.arrival == inbox.look(path).arrival
    (inbox.root / path).rename(inbox.root.parent / "taken.txt")
    drop(inbox, "a.txt")
    os.utime(inbox.root / path, ns=(first.mtime_ns, first.mtime_ns))
    assert first.arrival != inbox.look(path).arrival


def test_file_away_moves(inbox: Inbox, tmp_path: Path) -> None:
    """The file leaves the inbox as it is."""
    path = drop(inbox, "vna/a.txt", b"story")
    moved = inbox.file_away(inbox.look(path), tmp_path / "processed", Path("vna/7-a.txt"))
    assert tmp_path / "processed/vna/7-a.txt" == moved
    assert moved.read_bytes() == b"story"
    assert list(inbox.scan()) == []


def test_file_away_never_overwrites(inbox: Inbox, tmp_path: Path) -> None:
    """A file of that name, from an earlier corpus perhaps, stays."""
    (tmp_path / "7-a.txt").write_text("older")
    moved = inbox.file_away(inbox.look(drop(inbox, "a.txt", b"newer")), tmp_path, Path("7-a.txt"))
    assert tmp_path / "7-a.2.txt" == moved
    assert (tmp_path / "7-a.txt").read_text() == "older"


def test_file_away_copies_to_another_file_system(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a rename will not do; nothing but the file is left there."""
    monkeypatch.setattr(folders, "move", lambda *_: False)
    look = inbox.look(drop(inbox, "a.txt", b"story"))
    moved = inbox.file_away(look, tmp_path / "processed", Path("7-a.txt"))
    assert moved is not None
    assert moved.read_bytes() == b"story"
    assert list(moved.parent.iterdir()) == [moved]
    assert list(inbox.scan()) == []


def test_file_away_follows_no_link(inbox: Inbox, tmp_path: Path) -> None:
    """One that was planted where files go."""
    (tmp_path / "processed").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "processed/vna").symlink_to(tmp_path / "outside")
    path = drop(inbox, "vna/a.txt")
    with pytest.raises(NotTakeable, match="symbolic link"):
        inbox.file_away(inbox.look(path), tmp_path / "processed", Path("vna/7-a.txt"))
    assert list((tmp_path / "outside").iterdir()) == []
    assert (inbox.root / path).exists()


def test_file_away_leaves_a_changed_file(inbox: Inbox, tmp_path: Path) -> None:
    """What was written after we read it has yet to be delivered."""
    path = drop(inbox, "a.txt", b"before")
    look = inbox.look(path)
    drop(inbox, "a.txt", b"afterwards")
    assert inbox.file_away(look, tmp_path, Path("7-a.txt")) is None
    assert (inbox.root / path).read_bytes() == b"afterwards"


def test_file_away_leaves_a_link_that_took_the_files_place(inbox: Inbox, tmp_path: Path) -> None:
    """It was no link when we read it."""
    look = inbox.look(drop(inbox, "a.txt"))
    (inbox.root / "a.txt").rename(tmp_path / "a.txt")
    (inbox.root / "a.txt").symlink_to(tmp_path / "a.txt")
    assert inbox.file_away(look, tmp_path, Path("7-a.txt")) is None
    inbox.delete(look)
    assert (inbox.root / "a.txt").is_symlink()


@pytest.mark.parametrize("instead", ["folder", "link"])
def test_a_folder_that_is_kept_open_stays_the_one_it_was(
    inbox: Inbox, tmp_path: Path, instead: str
) -> None:
    """Whatever takes its name meanwhile: our file is taken from where it is now, no other is."""
    path = drop(inbox, "vna/a.txt", b"ours")
    away = tmp_path / "away"
    other = inbox.root / "vna" if instead == "folder" else tmp_path / "outside"
    with folders.kept_open():
        look = inbox.look(path)
        (inbox.root / "vna").rename(away)
        other.mkdir()
        (other / "a.txt").write_bytes(b"another's")
        if instead == "link":
            (inbox.root / "vna").symlink_to(other)
        assert inbox.read(look, limit=10) == b"ours"
        moved = inbox.file_away(look, tmp_path / "processed", Path("vna/7-a.txt"))
    assert moved is not None
    assert moved.read_bytes() == b"ours"
    assert list(away.iterdir()) == []
    assert (other / "a.txt").read_bytes() == b"another's"


def descriptors() -> int:
    """How many this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_few_folders_are_kept_open(inbox: Inbox) -> None:
    """However many there are, and none for longer than wanted."""
    paths = [drop(inbox, f"{number}/a.txt") for number in range(2 * folders.KEPT_AT_MOST)]
    before = descriptors()
    with folders.kept_open():
        for path in paths:
            inbox.look(path)
        assert descriptors() == before + folders.KEPT_AT_MOST
    assert descriptors() == before


def test_delete_leaves_a_changed_file(inbox: Inbox) -> None:
    """The same, where files are deleted."""
    path = drop(inbox, "a.txt", b"before")
    look = inbox.look(path)
    drop(inbox, "a.txt", b"afterwards")
    inbox.delete(look)
    assert (inbox.root / path).read_bytes() == b"afterwards"
    inbox.delete(inbox.look(path))
    assert list(inbox.scan()) == []


def test_names_that_are_no_text_are_shown_escaped(inbox: Inbox) -> None:
    """And the file can be taken all the same."""
    name = os.fsdecode(b"caf\xe9\n'\".txt")
    look = inbox.look(drop(inbox, name))
    assert look.file == "caf\\xe9\n'\".txt"
    assert inbox.read(look, limit=10) == b"text"


def test_a_folder_stands_for_its_files(inbox: Inbox) -> None:
    """One moved in whole is one event."""
    drop(inbox, "vna/x/a.txt")
    drop(inbox, "vna/b.txt")
    assert {Path("vna/x/a.txt"), Path("vna/b.txt")} == set(inbox.expand(Path("vna")))
    assert [Path("vna/b.txt")] == list(inbox.expand(Path("vna/b.txt")))
    assert list(inbox.expand(Path("gone"))) == []
