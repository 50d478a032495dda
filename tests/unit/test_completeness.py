"""Complete: nobody is writing, and it has been quiet for long enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from worker.completeness import Candidate, Patience, first_seen
from worker.inbox import Look

PATIENCE = Patience(quiet=0.5, unseen=15)
LOOK = Look(Path("a.txt"), size=10, inode=1, mtime_ns=1, ctime_ns=1, writer="none", age=0)


def test_quiet_and_closed_is_complete() -> None:
    """Half a second after the last change, by default."""
    candidate = Candidate(LOOK, since=100)
    assert not candidate.complete(100.4, PATIENCE)
    assert candidate.complete(100.5, PATIENCE)


def test_an_open_writer_is_waited_for_however_long() -> None:
    """A pause of ten seconds, or of a day, cuts no file short."""
    candidate = Candidate(replace(LOOK, writer="writing"), since=100)
    assert not candidate.complete(100 + 86_400, PATIENCE)


def test_where_nothing_is_known_of_writers_more_patience_is_needed() -> None:
    """The pause must be longer than those that writers make."""
    candidate = Candidate(replace(LOOK, writer="unknown"), since=100)
    assert not candidate.complete(110, PATIENCE)
    assert candidate.complete(115, PATIENCE)


def test_a_seen_close_is_as_good_as_knowing() -> None:
    """The event tells what the kernel would not."""
    candidate = Candidate(replace(LOOK, writer="unknown"), since=100)
    candidate.see(candidate.look, 100, closed=True)
    assert candidate.complete(100.5, PATIENCE)


def test_writing_after_a_close_takes_it_back() -> None:
    """A writer that opens the file again is waited for again."""
    candidate = Candidate(replace(LOOK, writer="unknown"), since=100, closed=True)
    candidate.see(replace(LOOK, writer="unknown", size=20), 101, closed=False)
    assert not candidate.complete(102, PATIENCE)


def test_a_change_starts_the_wait_again() -> None:
    """Every look that finds another size, time or file does."""
    candidate = Candidate(LOOK, since=100)
    candidate.see(replace(LOOK, mtime_ns=2), 100.4)
    assert not candidate.complete(100.8, PATIENCE)
    assert candidate.complete(100.9, PATIENCE)


def test_an_old_file_need_not_wait_again() -> None:
    """At start-up the rule is the same, and the wait is over."""
    assert first_seen(replace(LOOK, age=60), 100, remote=False).complete(100, PATIENCE)


def test_another_machines_clock_is_not_believed() -> None:
    """On a network file system we wait ourselves: two looks, whatever its times say."""
    candidate = first_seen(replace(LOOK, age=60), 100, remote=True)
    assert not candidate.complete(100, PATIENCE)


def test_a_time_in_the_future_does_not_wait_for_it() -> None:
    """A clock that runs fast costs no more than the usual wait."""
    assert first_seen(replace(LOOK, age=-60), 100, remote=False).complete(100.5, PATIENCE)
