"""Files stand where their dispositions belong, with why beside those that failed."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update

from models import Delivery
from tests.factories import MAX_BYTES, arrived, story
from tests.waiting import wait_for
from worker import db, filing, folders, intake, ledger, operate
from worker.app import settings
from worker.core.enrich import enrich as enrich_articles
from worker.filing import Filing, path_of
from worker.tasks import base, enrich, persist
from worker.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from worker.config import Settings


@pytest.fixture
def ours(tmp_path: Path) -> Settings:
    """The settings of an intake whose folders are this test's."""
    quick = {"rescan_seconds": 0.2, "reconcile_seconds": 0.05}
    return settings.model_copy(update={"home": tmp_path, **quick})


@contextmanager
def watching(ours: Settings) -> Iterator[Path]:
    """An intake in a thread of this process, and the folder of a feed in its inbox."""
    watch = Watch(ours)
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        (ours.inbox / "vna").mkdir()
        yield ours.inbox / "vna"
    finally:
        watch.stop()
        thread.join()


@pytest.fixture
def mend(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Until this is called, enrich fails at everything."""
    faults = [RuntimeError("the disk of names is away")]

    def faulty(*arguments: Any) -> Any:
        if faults:
            raise faults[0]
        return enrich_articles(*arguments)

    monkeypatch.setattr(base, "_pause", lambda _failures: 0)
    monkeypatch.setattr(enrich, "enrich_articles", faulty)
    return faults.clear


def rows() -> list[Any]:
    """All deliveries, in their order."""
    with db.transaction() as connection:
        return list(connection.execute(select(Delivery.__table__).order_by(Delivery.id)))


def files(folder: Path) -> set[str]:
    """The names of all files below a folder."""
    return {path.name for path in folder.rglob("*") if not path.is_dir()}


def wait_until_filed(*folders: str) -> None:
    """Wait until the deliveries' files stand in these folders."""
    wait_for(lambda: tuple(row.folder for row in rows()) == folders, f"files in {folders}")


def failed(ours: Settings, data: bytes = b"a story", **names: str) -> Any:
    """A delivery that was taken and is quarantined now; its file is in processed/ yet."""
    file = arrived(data, **{"feed": "vna", **names})
    with db.transaction() as connection:
        (delivery,) = intake.deliver(connection, [file], MAX_BYTES, ours.after)
        ledger.dispose(connection, "quarantined", "enrich", {delivery.id: "KeyError: 'x'"})
    if path := path_of(ours, delivery):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return delivery


def succeed(**values: str) -> None:
    """What was quarantined was retried, and is stored now."""
    done = {"disposition": "stored", "content_hash": "sha256:1", "reason": None, **values}
    with db.transaction() as connection:
        connection.execute(update(Delivery).values(**done))


def place(ours: Settings) -> Path:
    """Where the only delivery's file stands."""
    (row,) = rows()
    path = path_of(ours, row)
    assert path is not None
    return path


def why(path: Path) -> Path:
    return path.with_name(f"{path.name}.why.txt")


# --- with intake and a worker -----------------------------------------------------------------


def test_a_rejected_file_is_filed_and_may_come_again(worker: None, ours: Settings) -> None:
    """It stands in rejected/ with the reason; corrected and dropped again it is a new delivery."""
    with watching(ours) as feed:
        (feed / "a.txt").write_bytes(b"")
        wait_until_filed("rejected")
        rejected = place(ours)
        assert rejected.is_relative_to(ours.rejected / "vna")
        assert rejected.read_bytes() == b""
        told = why(rejected).read_text()
        assert "rejected by dedupe" in told
        assert "drop it again" in told
        assert str(rejected) in told
        (feed / "a.txt").write_text(story())
        wait_for(lambda: [row.disposition for row in rows()] == ["rejected", "stored"], "the new")
    assert files(ours.processed) == {f"{rows()[1].id}-a.txt"}


def test_a_quarantined_file_goes_back_when_its_retry_ends_well(
    worker: None, ours: Settings, mend: Callable[[], None]
) -> None:
    """To where stored files go, and its why is gone, with the folders made for it."""
    content = story()
    with watching(ours) as feed:
        (feed / "a.txt").write_text(content)
        wait_until_filed("quarantine")
        quarantined = place(ours)
        assert quarantined.is_relative_to(ours.quarantine / "vna")
        assert quarantined.read_text() == content
        assert "RuntimeError: the disk of names is away" in why(quarantined).read_text()
        assert files(ours.processed) == set()
        mend()
        operate.retry([rows()[0].id], "ama")
        wait_until_filed("processed")
    assert place(ours).read_text() == content
    assert list(ours.quarantine.iterdir()) == []


def test_where_files_are_deleted_the_failed_are_there(
    worker: None, ours: Settings, mend: Callable[[], None]
) -> None:
    """Written from Postgres, and deleted again once they are stored."""
    content = story()
    with watching(ours.model_copy(update={"after": "delete"})) as feed:
        (feed / "a.txt").write_text(content)
        wait_until_filed("quarantine")
        assert place(ours).read_text() == content
        mend()
        operate.retry([rows()[0].id], "ama")
        wait_until_filed("deleted")
    assert list(ours.quarantine.iterdir()) == []
    assert not ours.processed.exists()


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        (os.fsencode("é" * 125 + ".html"), "é.html"),
        (b"a" * 255, "aa"),
        (b"a." + b"b" * 253, "bb"),
        (b"caf\xe9.txt", "-caf\\xe9.txt"),
        (b"two\nlines \x1b[31m.txt", "-two\\u000alines \\u001b[31m.txt"),
        (os.fsencode("evil\u202etxt.exe"), "-evil\\u202etxt.exe"),
        (b"-rf", "--rf"),
    ],
)
def test_every_name_can_be_filed(worker: None, ours: Settings, name: bytes, ending: str) -> None:
    """However long, and whatever is in it."""
    with watching(ours) as feed:
        (feed / os.fsdecode(name)).write_bytes(b"")
        wait_until_filed("rejected")
        assert list(feed.iterdir()) == []
    assert place(ours).name.endswith(ending)
    assert files(ours.rejected) == {place(ours).name, why(place(ours)).name}
    assert why(place(ours)).read_text().replace("\n", "").isprintable()


def test_why_is_that_of_the_last_failure(
    worker: None, ours: Settings, mend: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a retry came to the same end for another reason."""

    def faulty(*_: object) -> None:
        raise LookupError("no such key")

    with watching(ours) as feed:
        (feed / "a.txt").write_text(story())
        wait_until_filed("quarantine")
        assert "of names is away" in why(place(ours)).read_text()
        mend()
        monkeypatch.setattr(persist, "write", faulty)
        operate.retry([rows()[0].id], "ama")
        wait_for(lambda: "no such key" in why(place(ours)).read_text(), "the new reason")
    assert rows()[0].folder == "quarantine"


# --- filing alone -----------------------------------------------------------------------------


def test_a_crash_before_the_commit_is_made_good(corpus: None, ours: Settings) -> None:
    """The next round finds the file at its target, and says why if that was not yet said."""
    delivery = failed(ours)
    Filing(ours).some()
    quarantined = place(ours)
    why(quarantined).unlink()
    with db.transaction() as connection:
        connection.execute(update(Delivery).values(folder="processed"))
    Filing(ours).some()
    assert files(ours.home) == {quarantined.name, why(quarantined).name}
    succeed()
    Filing(ours).some()
    succeed(folder="quarantine")
    Filing(ours).some()
    assert place(ours) == path_of(ours, delivery)
    assert files(ours.home) == {place(ours).name}


@pytest.mark.parametrize("there", ["nothing", "another file", "a link"])
def test_what_is_not_our_file_is_left_and_ours_is_written(
    corpus: None, ours: Settings, tmp_path: Path, there: str
) -> None:
    """Postgres has the bytes."""
    failed(ours, b"our bytes")
    taken = place(ours)
    (tmp_path / "secret").write_bytes(b"our bytes")
    taken.unlink()
    if there == "another file":
        taken.write_bytes(b"not ours!")
    elif there == "a link":
        taken.symlink_to(tmp_path / "secret")
    before = files(ours.processed)
    Filing(ours).some()
    assert place(ours).read_bytes() == b"our bytes"
    assert not place(ours).is_symlink()
    assert before == files(ours.processed)
    assert (tmp_path / "secret").read_bytes() == b"our bytes"


def test_another_file_system_is_written_to(
    corpus: None, ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a rename will not do."""
    monkeypatch.setattr(folders, "move", lambda *_: False)
    failed(ours)
    Filing(ours).some()
    assert place(ours).read_bytes() == b"a story"
    assert files(ours.home) == {place(ours).name, why(place(ours)).name}


def test_another_file_at_the_target_stays(corpus: None, ours: Settings) -> None:
    """One of an earlier corpus, perhaps: ours stands beside it under a number, and is found."""
    delivery = failed(ours, b"our bytes")
    target = ours.quarantine / filing.below(delivery)
    target.parent.mkdir(parents=True)
    target.write_bytes(b"another's")
    Filing(ours).some()
    beside = target.with_name(f"{delivery.id}-a.2.txt")
    assert beside.read_bytes() == b"our bytes"
    assert str(beside) in why(beside).read_text()
    succeed()
    Filing(ours).some()
    assert files(ours.quarantine) == {target.name}
    assert place(ours).read_bytes() == b"our bytes"


@pytest.mark.parametrize("link", ["vna", "vna/{day}"])
def test_planted_links_are_not_followed(
    corpus: None, ours: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, link: str
) -> None:
    """What cannot be filed for them is said once, and is filed when they are gone."""
    delivery = failed(ours)
    outside = tmp_path / "outside"
    outside.mkdir()
    planted = ours.quarantine / link.format(day=filing.below(delivery).parent.name)
    planted.parent.mkdir(parents=True)
    planted.symlink_to(outside)
    ours_only = Filing(ours)
    ours_only.some()
    ours_only.some()
    assert list(outside.iterdir()) == []
    (said,) = [record for record in caplog.records if "not_filed" in record.getMessage()]
    assert f"'delivery': {delivery.id}" in said.getMessage()
    assert "symbolic link" in said.getMessage()
    assert place(ours).exists()
    planted.unlink()
    ours_only.some()
    assert rows()[0].folder == "quarantine"


def test_a_configured_folder_may_be_a_link(corpus: None, ours: Settings, tmp_path: Path) -> None:
    """To another disk, for one."""
    failed(ours)
    (tmp_path / "elsewhere").mkdir()
    ours.quarantine.symlink_to(tmp_path / "elsewhere")
    Filing(ours).some()
    assert files(tmp_path / "elsewhere") == {place(ours).name, why(place(ours)).name}


def test_a_link_in_processed_leads_nowhere(corpus: None, ours: Settings, tmp_path: Path) -> None:
    """The file behind it, though ours to the byte, is not taken."""
    failed(ours)
    (ours.processed / "vna").rename(tmp_path / "outside")
    (ours.processed / "vna").symlink_to(tmp_path / "outside")
    Filing(ours).some()
    assert place(ours).read_bytes() == b"a story"
    assert len(files(tmp_path / "outside")) == 1


def test_a_full_disk_holds_nobody_up(
    corpus: None, ours: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What does not fit is tried again, and what comes after it is filed."""
    many = [failed(ours, f"story {n}".encode()) for n in range(filing.AT_A_TIME + 1)]
    real = folders.write
    full = [True]

    def write(folder: int, name: str, source: Any) -> None:
        if full and not name.startswith(f"{many[-1].id}-"):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(folder, name, source)

    monkeypatch.setattr(folders, "write", write)
    ours_only = Filing(ours)
    assert ours_only.some()
    assert not ours_only.some()
    assert [row.folder for row in rows()] == [*["processed"] * filing.AT_A_TIME, "quarantine"]
    assert caplog.text.count("No space left on device") == filing.AT_A_TIME
    full.clear()
    ours_only.some()
    assert {row.folder for row in rows()} == {"quarantine"}
    assert len(files(ours.quarantine)) == 2 * len(many)
    assert files(ours.processed) == set()


def test_two_at_once_share_the_work(corpus: None, ours: Settings) -> None:
    """Each file is moved once."""
    many = [failed(ours, f"story {n}".encode()) for n in range(3 * filing.AT_A_TIME)]
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        while Filing(ours).some():
            pass

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Filing(ours).some()
    assert {row.folder for row in rows()} == {"quarantine"}
    assert len(files(ours.quarantine)) == 2 * len(many)
    assert files(ours.processed) == set()


def test_what_was_ingested_is_not_ours_to_file(corpus: None, ours: Settings) -> None:
    """Its file stays where it was."""
    with db.transaction() as connection:
        (delivery,) = intake.deliver(connection, [arrived(b"a story")], MAX_BYTES)
        ledger.dispose(connection, "quarantined", "enrich", {delivery.id: "KeyError: 'x'"})
    Filing(ours).some()
    assert [row.folder for row in rows()] == [None]
    assert path_of(ours, delivery) is None
    assert not ours.quarantine.exists()


def test_a_file_that_was_filed_meanwhile_leaves_the_inbox(
    worker: None, ours: Settings, mend: Callable[[], None]
) -> None:
    """It could not be moved, was written from Postgres, and is not there twice in the end."""
    ours.home.mkdir(exist_ok=True)
    ours.processed.write_text("in the way")
    with watching(ours) as feed:
        (feed / "a.txt").write_text(story())
        wait_until_filed("quarantine")
        wait_for(lambda: list(feed.iterdir()) == [], "the inbox to be empty")
        ours.processed.unlink()
    assert files(ours.quarantine) == {place(ours).name, why(place(ours)).name}
    assert not ours.processed.exists()


def test_the_index_answers(connection: Connection) -> None:
    """A round asks nothing of deliveries that are where they belong."""
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    statement = filing._MISFILED.compile(connection)
    explained = connection.exec_driver_sql(f"EXPLAIN {statement}", {"after": 0, "param_1": 25})
    assert "ix_deliveries_misfiled" in "\n".join(explained.scalars())
