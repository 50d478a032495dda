"""A delivery's story as the database has it, and finding the delivery that somebody means."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
import redis
from sqlalchemy import delete, func, insert, select, text, update

from models import Attempt, Delivery, Heartbeat, Retry
from tests.factories import arrived, enriched, store
from worker import broker, intake, ledger
from worker.config import load
from worker.errors import UserError
from worker.explain.lookup import find
from worker.explain.story import SHOWN, gather
from worker.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

STORY = "Le port de Lomé reçoit un navire."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of a stack of our own, which is where we are."""
    monkeypatch.setenv("ROTATIVE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home/inbox/vna").mkdir(parents=True)
    return tmp_path / "home"


def deliver(connection: Connection, *files: tuple[str | None, str, str]) -> list[int]:
    """Deliver files, given by feed, name and content, to be moved; returns the deliveries' ids."""
    arriving = [arrived(content, file=file, feed=feed) for feed, file, content in files]
    delivered = [each.id for each in intake.deliver(connection, arriving, 100_000)]
    values = {"folder": "processed"}
    connection.execute(update(Delivery).where(Delivery.id.in_(delivered)).values(values))
    return delivered


def one(connection: Connection, file: str = "a.txt", content: str = STORY) -> int:
    """Deliver one file to the feed vna."""
    return deliver(connection, ("vna", file, content))[0]


def attempt(
    connection: Connection, delivery: int, step: str, error: str | None = None, *, task: str = ""
) -> None:
    """Begin a step and bring it to its end."""
    (begun,) = ledger.begin(connection, step, [delivery], task or str(uuid.uuid4()), 0).values()
    if error:
        ledger.fail(connection, begun, error, f"Traceback of {error}")
    else:
        ledger.end(connection, [begun])


# --- Stories --------------------------------------------------------------------------------


def test_a_stored_delivery(connection: Connection, home: Path) -> None:
    """Its article, its attempts, its duplicates and its file."""
    store(connection, enriched("Zorbatou voit Zorbatou.", {"Zorbatou": "per:zorbatou"}))
    delivery = connection.scalar(select(func.max(Delivery.id))) or 0
    connection.execute(
        update(Delivery).where(Delivery.id == delivery).values(folder="processed", file="b.txt")
    )
    attempt(connection, delivery, "dedupe")
    twins = [one(connection, f"{number}.txt") for number in range(SHOWN + 1)]
    ledger.dispose_duplicates(connection, "dedupe", dict.fromkeys(twins, delivery))
    story = gather(connection, delivery)
    assert story.article is not None
    assert (story.article.title, story.article.mentions) == ("Un titre", 2)
    assert [(each.step, each.outcome, each.run) for each in story.tries] == [("dedupe", "done", 0)]
    assert story.tries[0].took is not None
    assert story.duplicates == SHOWN + 1
    assert [each.id for each in story.latest_duplicates] == twins[:0:-1]
    day = story.received_at.strftime("%Y-%m-%d")
    assert story.path == home / "processed" / day / f"{delivery}-b.txt"
    assert (story.original, story.alike, story.waiting, story.can_be_retried) == (
        None,
        0,
        None,
        False,
    )


def test_a_duplicate_knows_its_original(connection: Connection) -> None:
    """And how that stands."""
    original, twin = one(connection), one(connection, "b.txt")
    ledger.dispose(connection, "quarantined", "enrich", {original: "KeyError: 'x'"})
    ledger.dispose_duplicates(connection, "dedupe", {twin: original})
    story = gather(connection, twin)
    assert story.original is not None
    assert (story.original.id, story.original.name) == (original, "vna/a.txt")
    assert (story.original.disposition, story.original.step) == ("quarantined", "enrich")
    assert story.original.raw_sha256 == story.raw_sha256


def test_attempts_belong_to_the_run_that_they_began_in(connection: Connection) -> None:
    """A retry begins a new one; what was open before it has died."""
    delivery = one(connection)
    ledger.begin(connection, "clean", [delivery], "first", 0)
    attempt(connection, delivery, "enrich", "KeyError: 'x'")
    values = {"delivery_id": delivery, "made_by": "ana", "disposition": "quarantined"}
    connection.execute(insert(Retry).values(values))
    ledger.begin(connection, "clean", [delivery], "second", 0)
    story = gather(connection, delivery)
    assert [(each.run, each.step, each.outcome, each.error) for each in story.tries] == [
        (0, "clean", "died", None),
        (0, "enrich", "failed", "KeyError: 'x'"),
        (1, "clean", "running", None),
    ]
    assert story.tries[1].traceback == "Traceback of KeyError: 'x'"
    assert [(retry.made_by, retry.disposition) for retry in story.retries] == [
        ("ana", "quarantined")
    ]


def test_what_runs_and_what_has_died(connection: Connection) -> None:
    """A task that is back has lost its worker, and so has one that is at it for too long."""
    delivery = one(connection)
    ledger.begin(connection, "clean", [delivery], "same", 0)
    ledger.begin(connection, "clean", [delivery], "same", 0)
    ledger.begin(connection, "clean", [delivery], "other", 0)
    assert [each.outcome for each in gather(connection, delivery).tries] == [
        "died",
        "running",
        "running",
    ]
    long_ago = func.now() - text("interval '1 h'")
    connection.execute(
        update(Attempt).where(Attempt.delivery_id == delivery).values(started_at=long_ago)
    )
    assert {each.outcome for each in gather(connection, delivery).tries} == {"died"}


def test_what_has_ended_is_not_at_work(connection: Connection) -> None:
    """Whoever else had begun on it."""
    delivery = one(connection)
    ledger.begin(connection, "clean", [delivery], "task", 0)
    ledger.dispose(connection, "rejected", "clean", {delivery: "no-body: none"})
    story = gather(connection, delivery)
    assert [each.outcome for each in story.tries] == ["died"]
    assert story.can_be_retried


def test_others_of_the_same_cause_are_counted(connection: Connection) -> None:
    """Those that are quarantined, itself left out."""
    ids = [one(connection, f"{number}.txt") for number in range(4)]
    reasons: dict[int, str | None] = {each: f"KeyError: 'p{each}'" for each in ids[:3]}
    ledger.dispose(connection, "quarantined", "enrich", {**reasons, ids[3]: "OSError: x"})
    assert [gather(connection, each).alike for each in ids] == [2, 2, 2, 0]


def test_a_file_that_is_not_where_it_was_put(connection: Connection, home: Path) -> None:
    """Where the folder cannot be seen from here, nothing is claimed."""
    delivery = one(connection)
    story = gather(connection, delivery)
    assert story.path is not None
    assert not story.missing
    story.path.parent.mkdir(parents=True)
    assert gather(connection, delivery).missing
    story.path.write_text("x")
    assert not gather(connection, delivery).missing


def test_no_such_delivery(connection: Connection) -> None:
    """A sentence."""
    with pytest.raises(UserError, match=r"There is no delivery 0\."):
        gather(connection, 0)


def test_what_is_pending_knows_the_queue(connection: Connection) -> None:
    """It waits in it."""
    assert gather(connection, one(connection)).waiting == 0


# --- Finding --------------------------------------------------------------------------------


def found(connection: Connection, what: object) -> tuple[list[int], str]:
    """The deliveries that something stands for, and what is said before."""
    result = find(connection, str(what))
    assert result.in_all == len(result.deliveries)
    return [each.id for each in result.deliveries], " ".join(result.sentences)


def test_by_number_unless_a_file_has_that_name(connection: Connection) -> None:
    """A file is more than its name."""
    delivery = one(connection)
    assert found(connection, delivery) == ([delivery], "")
    Path(str(delivery)).write_text(STORY)
    ids, said = found(connection, delivery)
    assert ids == [delivery]
    assert "its very bytes came as a delivery." in said


def test_by_the_name_that_it_came_by(connection: Connection, home: Path) -> None:
    """With its feed or without, and as the path that it had in the inbox; the newest first."""
    names = [("vna", "a.txt"), (None, "a.txt"), ("vna", "deep/a.txt"), ("aps", "a_txt")]
    first, second, third, _ = deliver(connection, *[(*name, STORY) for name in names])
    assert found(connection, "a.txt") == ([third, second, first], "")
    assert found(connection, "vna/a.txt") == ([first], "")
    assert found(connection, "vna/deep/a.txt") == ([third], "")
    assert found(connection, "deep/a.txt") == ([third], "")
    assert found(connection, home / "inbox/vna/a.txt") == ([first], "")
    with pytest.raises(UserError, match=r"Nothing is known of b\.txt: there is no such file"):
        find(connection, "b.txt")


def test_of_many_some_are_listed(connection: Connection) -> None:
    """And all are counted."""
    ids = deliver(connection, *[("vna", "a.txt", STORY)] * 30)
    result = find(connection, "a.txt")
    assert (result.in_all, result.deliveries[0].id, len(result.deliveries)) == (30, ids[-1], 20)


@pytest.mark.parametrize("folder", ["processed", "rejected", "quarantine"])
def test_by_the_path_that_it_was_put_at(connection: Connection, home: Path, folder: str) -> None:
    """Also where it is no longer there, and for what explains it; not by a number alone."""
    delivery = one(connection, "long" * 100 + ".txt")
    connection.execute(update(Delivery).where(Delivery.id == delivery).values(folder=folder))
    path = gather(connection, delivery).path
    assert path is not None
    assert found(connection, path) == ([delivery], "")
    path.parent.mkdir(parents=True)
    path.write_text("x")
    assert found(connection, path) == ([delivery], "")
    assert found(connection, f"{path}.why.txt") == ([delivery], "")
    with pytest.raises(UserError, match="Nothing is known"):
        find(connection, str(path.with_name(f"{delivery}-other.txt")))


def test_by_its_bytes(connection: Connection, tmp_path: Path) -> None:
    """Wherever they lie, under whatever name."""
    first, second = one(connection), one(connection, "b.txt")
    copy = tmp_path / "copy.txt"
    copy.write_text(STORY)
    ids, said = found(connection, copy)
    assert ids == [second, first]
    assert said.endswith("copy.txt lies outside the inbox; its very bytes came as 2 deliveries.")


def test_files_that_nothing_is_known_of(connection: Connection, tmp_path: Path) -> None:
    """Each says why; a link is not followed."""
    one(connection)
    (tmp_path / "new.txt").write_text("new")
    (tmp_path / "copy.txt").write_text(STORY)
    (tmp_path / "link.txt").symlink_to("copy.txt")
    (tmp_path / "large.txt").write_bytes(b"x" * 1_000_001)
    for name, why in {
        "new.txt": "new.txt was never delivered: it lies outside the inbox, and no delivery",
        "link.txt": "link.txt is a symbolic link.",
        "large.txt": "large.txt has more than 1,000,000 bytes",
        "home": "home is a folder: name a file.",
    }.items():
        with pytest.raises(UserError, match=re.escape(why)):
            find(connection, name)


def test_hostile_words(connection: Connection) -> None:
    """What is asked for is no pattern, no SQL and no path that surprises."""
    one(connection)
    for what in (
        "%",
        "' OR true --",
        "%.txt",
        "\\",
        "/",
        "..",
        "９",
        "-1",
        "9" * 19,
        "vna/",
        "\udcff",
    ):
        with pytest.raises(UserError):
            find(connection, what)


# --- What lies in the inbox -----------------------------------------------------------------


@pytest.fixture
def lying(home: Path) -> Path:
    """A file in the inbox that was left alone for long."""
    path = home / "inbox/vna/a.txt"
    path.write_text(STORY)
    return path


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there is old enough."""
    monkeypatch.setenv("ROTATIVE_QUIET_SECONDS", "0")
    monkeypatch.setenv("ROTATIVE_UNSEEN_QUIET_SECONDS", "0")


def beat(connection: Connection, seconds_ago: int) -> None:
    """Intake showed itself so long ago."""
    ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds_ago)
    connection.execute(insert(Heartbeat).values(name="intake@here", beat_at=ago))


def why(connection: Connection, path: Path) -> str:
    ids, said = found(connection, path)
    assert ids == []
    return said


def test_what_is_complete_waits_for_intake(
    connection: Connection, lying: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which does not run, or waits for Redis or the workers, or is about to take it."""
    assert why(connection, lying) == (
        "vna/a.txt lies in the inbox. It is complete, but intake has never run. "
        "What to do: start intake, with `rotative up` or `rotative watch`."
    )
    beat(connection, 300)
    assert "but intake has not shown itself for 5 min" in why(connection, lying)
    connection.execute(delete(Heartbeat))
    beat(connection, 3)
    assert "It is complete, and intake runs: it is taken within 30 s." in why(connection, lying)
    full = {True: "the queue for many is full", False: None}
    monkeypatch.setattr(broker, "obstacle", lambda *, bulk: full[bulk])
    assert "it waits for its turn: the queue for many is full." in why(connection, lying)
    full[False] = "the queue is full"
    assert "It is complete, but the queue is full." in why(connection, lying)
    monkeypatch.setattr(broker, "obstacle", Mock(side_effect=redis.ConnectionError))
    assert "but Redis cannot be reached" in why(connection, lying)


def test_what_is_being_written(connection: Connection, lying: Path) -> None:
    """Somebody has it open."""
    with lying.open("a"):
        assert "It is still being written: somebody has it open." in why(connection, lying)


def test_what_is_too_fresh(
    connection: Connection, lying: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock that intake goes by."""
    monkeypatch.setenv("ROTATIVE_QUIET_SECONDS", "3600")
    monkeypatch.setenv("ROTATIVE_UNSEEN_QUIET_SECONDS", "3600")
    said = why(connection, lying)
    assert re.search(r"It changed \d+\.\d s ago, which is too fresh\.", said)
    assert "wait; it is taken when it has been left alone for 3600 s" in said


@pytest.mark.parametrize(
    ("name", "part", "pattern"),
    [
        ("vna/a.part", "a.part", "*.part"),
        ("vna/.a.txt", ".a.txt", ".*"),
        (".sync/a.txt", ".sync", ".*"),
        ("README.md", "README.md", "README*"),
    ],
)
def test_names_that_are_ignored(
    connection: Connection, home: Path, name: str, part: str, pattern: str
) -> None:
    """Which part, and by which pattern."""
    path = home / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(STORY)
    assert f"It is ignored: {part} matches {pattern}, one of" in why(connection, path)


def test_what_is_no_file_of_ours(connection: Connection, home: Path, lying: Path) -> None:
    """Links, also to folders, and pipes; nothing is read through them."""
    os.mkfifo(home / "inbox/vna/pipe")
    (home / "inbox/vna/link").symlink_to(lying)
    (home / "inbox/feed").symlink_to(home / "inbox/vna")
    for name, what in {
        "vna/pipe": "is no regular file",
        "vna/link": "is a symbolic link",
        "feed": "is a symbolic link",
        "feed/a.txt": "is a symbolic link",
    }.items():
        assert f"It is not taken, as it {what}" in why(connection, home / "inbox" / name)
    with pytest.raises(UserError, match="vna is a folder of the inbox: name a file in it"):
        find(connection, str(home / "inbox/vna"))


def test_what_is_a_delivery_already(connection: Connection, home: Path, lying: Path) -> None:
    """It could not be moved out of the way."""
    settings = load()
    look = Inbox(settings.inbox.resolve(), settings.ignore).look(Path("vna/a.txt"))
    delivery = one(connection)
    connection.execute(update(Delivery).where(Delivery.id == delivery).values(arrival=look.arrival))
    ids, said = found(connection, lying)
    assert ids == [delivery]
    assert f"It is delivery {delivery} already, and could only not be moved" in said


def test_a_relative_path_and_one_through_a_link(
    connection: Connection, tmp_path: Path, lying: Path
) -> None:
    """The inbox is found whichever way it is named."""
    (tmp_path / "other").symlink_to(tmp_path / "home")
    for path in ("home/inbox/vna/a.txt", "home/inbox/../inbox/vna/a.txt", "other/inbox/vna/a.txt"):
        assert "vna/a.txt lies in the inbox." in why(connection, Path(path))


def test_lines_of_names(connection: Connection, home: Path) -> None:
    """A name of several lines is told in one."""
    path = home / "inbox/vna/a\n\x1b[31m.txt"
    path.write_text(STORY)
    names: Sequence[str] = find(connection, str(path)).sentences
    assert names[0] == "vna/a \ufffd[31m.txt lies in the inbox."
