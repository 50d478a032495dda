"""Whatever is dropped, nothing stops, slows or goes wrong: one table says what becomes of each."""

from __future__ import annotations

import os
import socket
import stat
import time
import uuid
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest

from tests.factories import story
from tests.faults.plant import INTAKE, Account, Plant
from tests.oddities import CONTENTS, external, linked
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
ORDINARY = 500 if FULL else 40
AT_ONE_MOMENT = 10_000 if FULL else 200
PAUSE_SECONDS = 10.0 if FULL else 3.0
GROWING_SECONDS = 60.0 if FULL else 3.0
PATIENCE_SECONDS = 600
MEGABYTE = 1_000_000
LARGE = 50 * MEGABYTE
LARGE_COSTS_AT_MOST = 10 * MEGABYTE  # of intake's memory, for a file of 50 MB


class Place(NamedTuple):
    """Where a case may put things."""

    inside: Path
    """A folder of its own in the inbox."""
    outside: Path
    """A folder that is none of ours."""
    address: str
    """Somebody who listens, and must not be called."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something odd, and what becomes of it."""

    name: str
    drop: Callable[[Place], object]
    ends: tuple[str, ...] = ()
    """The dispositions of its deliveries, with the reason of those that are rejected."""
    said: str | None = None
    """Why it is left alone in the inbox, as intake's log says."""
    stays: int = 0
    """How many things stay in the inbox."""
    at_least: bool = False
    """Whether there may be more of the deliveries than said, depending on who is faster."""


# --- how they are made ------------------------------------------------------------------------


def _content(make: Callable[[], bytes]) -> Callable[[Place], object]:
    return lambda place: _whole(place.inside / "odd.txt", make())


def _whole(path: Path, data: bytes | None = None) -> None:
    unfinished = path.with_name(f".{uuid.uuid4()}")
    unfinished.write_bytes(story().encode() if data is None else data)
    unfinished.rename(path)


def _named(*names: bytes) -> Callable[[Place], object]:
    def drop(place: Place) -> None:
        for name in names:
            _whole(place.inside / os.fsdecode(name))

    return drop


def _linked_to(target: str) -> Callable[[Place], object]:
    return lambda place: (place.inside / "link.txt").symlink_to(target.format(place.outside))


def _hard_linked_inside(place: Place) -> None:
    _whole(place.inside / ".first")
    (place.inside / "second.txt").hardlink_to(place.inside / ".first")
    (place.inside / ".first").rename(place.inside / "first.txt")


def _hard_linked_outside(place: Place) -> None:
    (place.inside / "link.txt").hardlink_to(place.outside / "linked.txt")


def _fifo(place: Place) -> None:
    os.mkfifo(place.inside / "fifo.txt")


def _device(place: Place) -> None:
    """One without an end; a system that makes no devices has no such case."""
    with suppress(PermissionError):
        os.mknod(place.inside / "zero.txt", stat.S_IFCHR | 0o666, os.makedev(1, 5))


def _socket(place: Place) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        # Its address has room for 108 bytes: the path goes through an open folder.
        folder = os.open(place.inside, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/socket.txt")
        os.close(folder)


def _unreadable(place: Place) -> None:
    _whole(place.inside / ".odd")
    (place.inside / ".odd").chmod(0)
    (place.inside / ".odd").rename(place.inside / "odd.txt")


def _replaced(place: Place) -> None:
    """Again and again, at moments at which it is just being taken too."""
    for number in range(8):
        time.sleep(0.3 + number * 0.05)
        _whole(place.inside / "odd.txt", story(f"Version {number}").encode())
    time.sleep(0.2)
    _whole(place.inside / "odd.txt", LAST_VERSION.encode())


def _deleted(place: Place) -> None:
    with (place.inside / "odd.txt").open("wb") as file:
        file.write(story().encode())
        file.flush()
        time.sleep(1)
        (place.inside / "odd.txt").unlink()


def _growing(place: Place) -> None:
    """Nobody has it open in between."""
    text = GREW.encode()
    steps = int(GROWING_SECONDS / 0.2)
    for number in range(steps):
        start, end = (len(text) * each // steps for each in (number, number + 1))
        with (place.inside / "odd.txt").open("ab") as file:
            file.write(text[start:end])
        time.sleep(0.2)


def _held_open(place: Place) -> None:
    text = PAUSED.encode()
    with (place.inside / "odd.txt").open("wb") as file:
        file.write(text[:200])
        file.flush()
        time.sleep(PAUSE_SECONDS)
        file.write(text[200:])


def _rewritten(place: Place) -> None:
    """Where it was, and where it was moved to."""
    path = place.inside / "odd.txt"
    _whole(path)
    wait_for(lambda: not path.exists(), "the first version to be taken")
    path.write_text(story())
    processed = place.inside.parents[1] / "processed" / place.inside.name
    wait_for(lambda: any(processed.rglob("*odd*.txt")), "it to be moved")
    for taken in processed.rglob("*odd*.txt"):
        taken.write_bytes(b"\0")


def _folder(files: int, below: str = "folder") -> Callable[[Place], object]:
    def drop(place: Place) -> None:
        folder = place.outside / f"folder of {files}"
        deepest = folder / below
        deepest.mkdir(parents=True)
        for number in range(files):
            (deepest / f"{number}.txt").write_text(story())
        folder.rename(place.inside / "whole")

    return drop


def _unfinished(place: Place) -> None:
    for name in ("a.part", "~a", "README.txt"):
        (place.inside / name).write_text(story())


PAUSED = story("Le rédacteur fait une pause")
GREW = story("Le fichier grandit")
LAST_VERSION = story("La dernière version")
READS_ALL = os.geteuid() == 0

CASES = (
    *(Case(name, _content(make), (ends,)) for name, (make, ends) in CONTENTS.items()),
    Case("a line of 5 MB", _content(lambda: b"Le port. " * 555_556), ("rejected: too-large",)),
    Case(
        "an entity that is fetched",
        lambda place: _whole(place.inside / "odd.xml", external(place.address)),
        ("rejected: unsupported",),
    ),
    Case(
        "a page that fetches",
        lambda place: _whole(place.inside / "odd.html", linked(place.address)),
        ("stored",),
    ),
    # --- names ------------------------------------------------------------------------------
    Case("a newline in the name", _named(b"a\nb.txt"), ("stored",)),
    Case("quotes in the name", _named(b"a'b.txt", b'a"b.txt', b"a`$(id)`;--.txt"), ("stored",) * 3),
    Case("directions in the name", _named("a\u202etxt.exe\u2066.txt".encode()), ("stored",)),
    Case("a name of 255 bytes", _named(b"a" * 251 + b".txt"), ("stored",)),
    Case("a name of 255 bytes in 85 characters", _named("船".encode() * 85), ("stored",)),
    Case("a name that is not UTF-8", _named(b"d\xe9p\xeache \xff.txt"), ("stored",)),
    Case("a name of a terminal's commands", _named(b"\x1b[2J\x1b]0;a\x07.txt"), ("stored",)),
    Case("names that differ in case", _named(b"story.txt", b"Story.TXT"), ("stored",) * 2),
    Case(
        "names that differ in Unicode's form",
        _named("é.txt".encode(), "e\u0301.txt".encode()),
        ("stored",) * 2,
    ),
    Case("names that look like options", _named(b"-rf", b"--help", b"%s%n.txt"), ("stored",) * 3),
    Case("names for what is unfinished", _unfinished, stays=3),
    # --- what is no file: never opened for its content, never followed ------------------------
    Case("a link to a file", _linked_to("{}/secret.txt"), (), "is a symbolic link", 1),
    Case("a link to a folder", _linked_to("{}"), (), "is a symbolic link", 1),
    Case("a link to /etc/passwd", _linked_to("/etc/passwd"), (), "is a symbolic link", 1),
    Case("a link to itself", _linked_to("link.txt"), (), "is a symbolic link", 1),
    Case("a link to nothing", _linked_to("nothing"), (), "is a symbolic link", 1),
    Case("a link to the inbox", _linked_to("../.."), (), "is a symbolic link", 1),
    # The kernel lets nobody link to what he may not write: such a link is a file like any other,
    # and of its names the one in the inbox is moved.
    Case("hard links to a file", _hard_linked_inside, ("duplicate", "stored")),
    Case("a hard link to a file outside", _hard_linked_outside, ("stored",)),
    Case("a FIFO", _fifo, (), "is no regular file", 1),
    Case("a device", _device, (), "is no regular file", 1),
    Case("a socket", _socket, (), "cannot be opened", 1),
    # Root may read everything.
    Case("an unreadable file", _unreadable, ("stored",))
    if READS_ALL
    else Case("an unreadable file", _unreadable, (), "cannot be opened", 1),
    # --- what others do to it meanwhile: taken once it is complete ----------------------------
    Case("replaced again and again", _replaced, ("stored",), at_least=True),
    Case("deleted before it is complete", _deleted),
    Case("growing for a while", _growing, ("stored",)),
    Case("held open by a writer that pauses", _held_open, ("stored",)),
    Case("rewritten after it was taken", _rewritten, ("stored",) * 2),
    # --- folders ----------------------------------------------------------------------------
    Case("a folder moved in whole", _folder(5), ("stored",) * 5),
    Case("50 folders deep", _folder(1, "d/" * 50), ("stored",)),
    Case("many at one moment", _folder(AT_ONE_MOMENT), ("stored",) * AT_ONE_MOMENT),
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody who would be called."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


def test_all_at_once(plant: Plant, table: list[tuple[str, ...]], listener: socket.socket) -> None:
    """Each ends as the table says, ordinary stories among them are stored, nothing restarts."""
    outside = plant.home / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(secret := story("Un secret"))
    (outside / "linked.txt").write_text(linked_to := story("Un fichier à deux noms"))
    address = "http://{}:{}/rotative".format(*listener.getsockname())
    processes = dict(plant.processes)
    _drop_what_is_too_large(plant)

    places = {
        case: Place(plant.home / "inbox" / f"case {n}", outside, address)
        for n, case in enumerate(CASES)
    }
    for place in places.values():
        place.inside.mkdir()
    ordinary = [story() for _ in range(ORDINARY)]
    folder = plant.home / "inbox" / "ordinary"
    folder.mkdir()
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        drops = [pool.submit(case.drop, place) for case, place in places.items()]
        drops += [
            pool.submit(_whole, folder / f"{n}.txt", each.encode())
            for n, each in enumerate(ordinary)
        ]
        # What takes its time is dropped last, and by as many hands as there are such cases.
        for drop in drops:
            drop.result()
    due = {case: len(case.ends) for case in CASES}
    _wait_until_ended(plant, sum(due.values()) + ORDINARY + 2)
    took = time.monotonic() - began

    ends = _ends(plant)
    assert not _wrong(ends, places)
    assert ends["ordinary"] == Counter({"stored": ORDINARY})
    assert plant.processes == processes  # none has died
    _nobody_stumbled(plant)
    left = [path for path in (plant.home / "inbox").rglob("*") if _is_no_folder(path)]
    assert Counter(path.parent for path in left) == Counter(
        {
            place.inside: len(list(place.inside.iterdir()))
            for case, place in places.items()
            if case.stays
        }
    )
    _left_alone_aloud(plant, places)

    bodies = {str(body) for (body,) in plant.query("SELECT title FROM articles")}
    for text in (PAUSED, GREW, LAST_VERSION, linked_to):
        assert text.split("\n")[0] in bodies
    assert (outside / "secret.txt").read_text() == secret
    assert (outside / "linked.txt").read_text() == linked_to
    assert sorted(path.name for path in outside.iterdir()) == ["linked.txt", "secret.txt"]
    for canary in (secret.split("\n")[0], Path("/etc/passwd").read_text().splitlines()[0]):
        assert _nowhere(plant, canary)
    with pytest.raises(BlockingIOError):
        listener.accept()

    every = sum(ends.values(), Counter[str]())
    account = Account(
        files=sum(every.values()),
        stored=every["stored"],
        duplicates=every["duplicate"],
        rejected=sum(n for end, n in every.items() if end.startswith("rejected")),
        quarantined=every["quarantined"],
        lost=max(0, ORDINARY - ends["ordinary"]["stored"]),
        doubled=0,
    )
    slowest = _slowest(plant)
    table.append(
        (
            "hostile and odd input",
            str(len(CASES)),
            *map(str, account),
            f"{slowest:.1f}",
            f"{took:.1f}",
        )
    )


def _is_no_folder(path: Path) -> bool:
    return path.is_symlink() or not path.is_dir()


def _drop_what_is_too_large(plant: Plant) -> None:
    """A file of 50 MB is refused, and costs intake no memory: it is not read."""
    intake = psutil.Process(plant.processes[INTAKE].pid)
    before = _most_memory(intake)
    inside = plant.home / "inbox" / "large"
    inside.mkdir()
    _whole(inside / "large.txt", b"Le port. " * (LARGE // 9))
    wait_for(lambda: "large" in _ends(plant), "a file of 50 MB to be refused")
    assert _ends(plant)["large"] == Counter({"rejected: too-large": 1})
    assert _most_memory(intake) < before + LARGE_COSTS_AT_MOST
    rejected = plant.home / "rejected" / "large"
    wait_for(lambda: list(rejected.rglob("*large.txt")), "it to be moved there")
    [kept] = rejected.rglob("*large.txt")
    assert kept.stat().st_size == LARGE // 9 * 9


def _most_memory(process: psutil.Process) -> int:
    """The most that it ever had, in bytes."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the system does not say")


def _wait_until_ended(plant: Plant, files: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        plant.pass_time(0.5)
        [(every, pending)] = plant.query(
            "SELECT count(*), count(*) FILTER (WHERE disposition = 'pending') FROM deliveries"
        )
        if int(str(every)) >= files and not pending:
            break
    plant.pass_time(1)  # what would be delivered twice is seen


def _ends(plant: Plant) -> dict[str, Counter[str]]:
    """How many deliveries of each feed ended how."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for feed, disposition, reason, count in plant.query(
        "SELECT feed, disposition, split_part(reason, ':', 1), count(*) "
        "FROM deliveries GROUP BY 1, 2, 3"
    ):
        how = f"{disposition}: {reason}" if disposition == "rejected" else str(disposition)
        ends[str(feed)][how] += int(str(count))
    return ends


def _wrong(ends: dict[str, Counter[str]], places: dict[Case, Place]) -> dict[str, object]:
    """The cases that ended otherwise than the table says, and how."""
    wrong: dict[str, object] = {}
    for case, place in places.items():
        found, due = ends[place.inside.name], Counter(case.ends)
        as_said = set(found) == set(due) and found >= due if case.at_least else found == due
        if not as_said:
            wrong[case.name] = dict(found)
    return wrong


def _left_alone_aloud(plant: Plant, places: dict[Case, Place]) -> None:
    said = (plant.home / "logs" / f"{INTAKE}.log").read_text()
    for case, place in places.items():
        there = list(place.inside.iterdir()) if case.stays else []
        if case.said and there:
            [line] = [each for each in said.splitlines() if f"{place.inside.name}/" in each]
            assert "left_alone" in line
            assert case.said in line


def _nobody_stumbled(plant: Plant) -> None:
    """No process of ours, children included, has raised what nobody expected."""
    for log in (plant.home / "logs").iterdir():
        said = log.read_text()
        for fault in ("Traceback", "WorkerLostError", "intake_waits"):
            assert fault not in said, f"{log.name}: {said[-2_000:]}"


def _nowhere(plant: Plant, canary: str) -> bool:
    """Whether a text is neither among the raw bytes nor in an article."""
    looked_for = f"'\\x{canary.encode().hex()}'::bytea"
    [(found,)] = plant.query(
        "SELECT (SELECT count(*) FROM raw_contents "  # noqa: S608 - hexadecimal
        f"WHERE position({looked_for} IN data) > 0) + (SELECT count(*) FROM articles "
        f"WHERE position({looked_for} IN convert_to(concat(title, lead, body), 'UTF8')) > 0)"
    )
    return found == 0


def _slowest(plant: Plant) -> float:
    """Seconds from the delivery of an ordinary story to its disposition, at most."""
    [(seconds,)] = plant.query(
        "SELECT extract(epoch FROM max(ended_at - received_at)) FROM deliveries "
        "WHERE feed = 'ordinary'"
    )
    return float(str(seconds))
