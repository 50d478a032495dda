"""Watching the inbox: notice files, wait until they are complete, take them.

Events of the file system only say where to look; a periodic scan finds what they missed, and is
all there is where they do not come. Both lead to the same look and the same rule
(`worker.completeness`), at start-up as later.

A feed from which many files come at once comes in bulk: it is taken from its scan, a portion at a
time, through a queue of its own, and no other feed waits for it (docs/decisions/0022).
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import redis
import structlog
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import SQLAlchemyError

from worker import broker, db, filing, folders, health, pipeline
from worker.alarms.watchman import Watchman
from worker.completeness import Candidate, Patience, first_seen
from worker.events import NO_FEED, Events
from worker.folders import Gone, NotTakeable
from worker.inbox import Inbox, Look
from worker.reconcile import reconcile
from worker.taking import BYTES_AT_MOST, FILES_AT_MOST, FULL, Taking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from worker.config import Settings
    from worker.events import Hints

log = structlog.get_logger()

TICK_SECONDS = 0.1  # how soon a candidate is looked at again
ASK_AGAIN_SECONDS = 0.5  # Redis, once it has said that it takes no more
AT_ONCE_SECONDS = 10.0  # many files of a feed within so long come in bulk
SOON_SECONDS = 1.0  # between scans of a feed from which many come
IDLE_SECONDS = 1.0
FAULT_PAUSE_SECONDS = 2
_FAULT = "all"
CANDIDATES_AT_MOST = 10_000
"""Files in bulk that are not complete; of more, those that come first are waited for first."""


@dataclass(slots=True)
class _Scan:
    """A feed's files, as far as they have not been looked at."""

    paths: Iterator[Path]
    new: int = 0
    """Files taken so far that were not known."""
    missed: bool = False
    """Whether something came meanwhile, perhaps where the scan had been already."""


class Watch:
    """One intake: it notices, waits and takes, until told to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Resolved once: what watchdog reports must lie below what we asked it to watch.
        self._root = settings.inbox.resolve()
        self._root.mkdir(parents=True, exist_ok=True)
        self._inbox = Inbox(self._root, settings.ignore)
        self._taking = Taking(settings, self._inbox)
        self._patience = Patience(settings.quiet_seconds, settings.unseen_quiet_seconds)
        self._hinted: dict[Path, bool | None] = {}
        self._candidates: dict[Path, Candidate] = {}
        self._scans: dict[str, _Scan] = {}
        self._bulk: set[str] = set()
        self._recent: Counter[str] = Counter()
        self._recent_until = 0.0
        self._scan_at = 0.0
        self._busy = False
        self._waits: dict[str, str] = {}
        self._ask_at: dict[str, float] = {}
        self._filing = filing.Filing(settings)
        self._watchman = Watchman(settings)
        self._tend_at = self._file_at = 0.0
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish what is being taken, then return from `run`."""
        self._stop.set()

    def run(self) -> None:
        """Watch until stopped; faults of the services are waited out, files stay in the inbox."""
        settings = self._settings
        events = Events(self._root, settings.watch, remote=self._inbox.remote, busy=self._bulk)
        self._watchman.start()
        log.info("watching", inbox=str(self._root), by="events" if events.come() else "polling")
        try:
            while not self._stop.is_set():
                try:
                    if time.monotonic() >= self._scan_at:
                        self._begin_scans()
                        seen = events.come()
                        pause = settings.rescan_seconds if seen else settings.poll_seconds
                        self._scan_at = time.monotonic() + pause
                    self._notice(events.hints)
                    self._take_fresh()
                    self._take_scanned()
                    self._tend()
                    self._goes_on(_FAULT)
                except (SQLAlchemyError, redis.RedisError, BrokerError, OSError) as fault:
                    self._wait(_FAULT, _sentence(fault))
                    self._stop.wait(FAULT_PAUSE_SECONDS)
                    self._scans.clear()
                    self._scan_at = 0.0  # what was noticed and not taken is still there
        finally:
            self._watchman.stop()
            events.end()

    # --- noticing ---------------------------------------------------------------------------

    def _notice(self, hints: Hints) -> None:
        """Wait for a hint or the next tick, and take note of all hints that came by then.

        Many files of one feed come in bulk: they are left to its scan.
        """
        waits = self._candidates or self._hinted or self._scans
        timeout = 0.0 if self._busy else TICK_SECONDS if waits else IDLE_SECONDS
        noticed = self._taken_lately() + Counter(map(_feed, {*self._candidates, *self._hinted}))
        with suppress(queue.Empty):
            hint = hints.queue.get(block=timeout > 0, timeout=timeout)
            while True:
                if self._inbox.wants(hint.path):
                    feed = _feed(hint.path)
                    if hint.path not in self._hinted and hint.path not in self._candidates:
                        noticed[feed] += 1
                    if feed in self._bulk or pipeline.in_bulk(noticed[feed]):
                        self._leave_to_scan(feed)
                    else:
                        self._hinted[hint.path] = hint.closed
                hint = hints.queue.get_nowait()
        for feed in hints.stirred():
            self._scan_again(feed)

    def _taken_lately(self) -> Counter[str]:
        """How many fresh files were taken of each feed, in the last seconds."""
        if time.monotonic() >= self._recent_until:
            self._recent.clear()
            self._recent_until = time.monotonic() + AT_ONCE_SECONDS
        return self._recent

    def _leave_to_scan(self, feed: str) -> None:
        """There is more in this feed than is looked at file by file."""
        if feed not in self._bulk:
            self._bulk.add(feed)
            self._hinted = {p: closed for p, closed in self._hinted.items() if _feed(p) != feed}
        self._scan_again(feed)

    def _scan_again(self, feed: str) -> None:
        """Something came, perhaps where a scan had been already."""
        if feed in self._scans:
            self._scans[feed].missed = True
        else:
            self._scan_soon()

    def _scan_soon(self) -> None:
        self._scan_at = min(self._scan_at, time.monotonic() + SOON_SECONDS)

    def _begin_scans(self) -> None:
        """Begin to scan each feed, unless a scan of it is going on."""
        self._taking.forget_gone()
        files, feeds = self._inbox.entries()
        paths = {NO_FEED: files} | {feed.name: self._inbox.scan(feed) for feed in feeds}
        self._bulk.intersection_update(paths)
        for feed in paths.keys() - self._scans.keys():
            self._scans[feed] = _Scan(paths[feed])

    def _take_fresh(self) -> None:
        """Take what events told of, or was not complete before, as far as it is by now."""
        waiting = [path for path in self._candidates if _feed(path) not in self._bulk]
        if not (waiting or self._hinted) or not self._has_room(bulk=False):
            return
        noticed: dict[Path, bool | None] = dict.fromkeys(waiting)
        noticed |= self._hinted
        self._hinted = {}
        complete: list[Look] = []
        for path, closed in noticed.items():
            files = list(islice(self._inbox.expand(path), pipeline.FRESH_AT_MOST + 1))
            if not files:
                self._candidates.pop(path, None)
            elif pipeline.in_bulk(len(files)):  # a folder that came with all its files
                self._leave_to_scan(_feed(files[0]))
            else:
                looks = [self._completed(file, closed=closed) for file in files]
                complete += filter(None, looks)
        self._recent.update(_feed(look.path) for look in complete)
        self._taking.take(complete, bulk=False)

    def _take_scanned(self) -> None:
        """Take the next portion of each scan, so that no feed waits for another."""
        self._busy = False
        if not self._scans:
            return
        room = {bulk: self._has_room(bulk=bulk) for bulk in (False, True)}
        fresh: list[Look] = []
        for feed, scan in list(self._scans.items()):
            if self._stop.is_set() or len(fresh) >= FILES_AT_MOST:
                break
            if not room[feed in self._bulk]:
                continue
            self._scans[feed] = self._scans.pop(feed)  # the others have their turn first
            looked, complete = self._portion(scan.paths)
            known = scan.new + self._taken_lately()[feed] + self._candidates_of(feed)
            if pipeline.in_bulk(known + len(complete)):
                self._bulk.add(feed)
            bulk = feed in self._bulk
            if not room[bulk]:  # it is the first that is known of them: begin again later
                del self._scans[feed]
                self._scan_soon()
                continue
            self._busy = True
            if not looked:
                self._end_scan(feed)
            elif not bulk:
                fresh += complete
                scan.new += len(complete)
            elif complete:
                scan.new += self._taking.take(complete, bulk=True)
                room[True] = self._has_room(bulk=True)
        self._taking.take(fresh, bulk=False)

    @folders.kept_open()
    def _portion(self, paths: Iterator[Path]) -> tuple[int, list[Look]]:
        """How many of the next files were looked at, and those that are complete."""
        looked = size = 0
        complete: list[Look] = []
        for path in islice(paths, FILES_AT_MOST):
            looked += 1
            if look := self._completed(path, closed=None):
                complete.append(look)
                size += look.size
                if size >= BYTES_AT_MOST:
                    break
        return looked, complete

    def _end_scan(self, feed: str) -> None:
        """What comes from now on is fresh, unless there is still much."""
        scan = self._scans.pop(feed)
        if not pipeline.in_bulk(max(scan.new, self._candidates_of(feed))):
            self._bulk.discard(feed)
        if feed in self._bulk or scan.missed:
            self._scan_soon()

    def _candidates_of(self, feed: str) -> int:
        return sum(_feed(path) == feed for path in self._candidates)

    def _completed(self, path: Path, *, closed: bool | None) -> Look | None:
        """A look at the file if it is complete by now; else it is, or stays, a candidate."""
        now = time.monotonic()
        try:
            look = self._inbox.look(path)
        except (Gone, NotTakeable) as why:
            self._candidates.pop(path, None)
            if isinstance(why, NotTakeable):
                self._taking.leave_alone(path, str(why))
            return None
        candidate = self._candidates.get(path)
        if candidate is None:
            candidate = first_seen(look, now, remote=self._inbox.remote)
        candidate.see(look, now, closed=closed)
        if candidate.complete(now, self._patience):
            self._candidates.pop(path, None)
            return look
        if _feed(path) not in self._bulk or len(self._candidates) < CANDIDATES_AT_MOST:
            self._candidates[path] = candidate
        else:
            self._scan_soon()  # it is found again
        return None

    # --- waiting ----------------------------------------------------------------------------

    def _has_room(self, *, bulk: bool) -> bool:
        """Whether Redis takes more of what comes in bulk, or of what is fresh."""
        kind = "bulk" if bulk else "fresh"
        if time.monotonic() < self._ask_at.get(kind, 0.0):
            return False
        if why := broker.obstacle(bulk=bulk):
            self._wait(kind, f"{why}.")
            self._ask_at[kind] = time.monotonic() + ASK_AGAIN_SECONDS
            return False
        self._goes_on(kind)
        return True

    def _wait(self, kind: str, why: str) -> None:
        """Say once why files stay in the inbox."""
        if kind not in self._waits:
            said = log.info if kind == "bulk" else log.warning  # it is in the nature of bulk
            said("intake_waits", why=f"{why} Files wait in the inbox.", files=kind)
        self._waits[kind] = why

    def _goes_on(self, kind: str) -> None:
        if self._waits.pop(kind, None) and kind != "bulk":
            log.info("intake_goes_on", files=kind)

    def _tend(self) -> None:
        """Now and then, however busy: hand over what is stranded, show that we are alive, file."""
        if time.monotonic() >= self._tend_at:
            with db.transaction() as connection:
                reconcile(connection, self._settings.batch)
            health.beat(health.name_of("intake"))
            self._tend_at = time.monotonic() + self._settings.reconcile_seconds
        if time.monotonic() >= self._file_at:
            more = self._filing.some()
            self._file_at = time.monotonic() + (0 if more else self._settings.reconcile_seconds)


def _feed(path: Path) -> str:
    return path.parts[0] if len(path.parts) > 1 else NO_FEED


def _sentence(fault: Exception) -> str:
    """What is in the way."""
    reason = str(getattr(fault, "orig", None) or fault).strip().splitlines()[0].rstrip(".")
    match fault:
        case SQLAlchemyError():
            return f"Postgres takes nothing: {reason}."
        case redis.RedisError() | BrokerError():
            return f"Redis takes nothing: {reason}."
        case OSError() if fault.errno in FULL:
            return f"There is no room for what was taken: {fault.strerror}."
    return f"A folder cannot be used: {reason}."
