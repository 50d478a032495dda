"""Watching the inbox: notice files, wait until they are complete, take them.

Events of the file system only say where to look; a periodic scan finds what they missed, and is
all there is where they do not come. Both lead to the same look and the same rule
(`worker.completeness`), at start-up as later.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import redis
import structlog
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import SQLAlchemyError
from watchdog.events import (
    DirModifiedEvent,
    FileClosedEvent,
    FileModifiedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
    FileSystemMovedEvent,
)
from watchdog.observers import Observer

from worker import broker, db, filing, health, intake, metrics, pipeline
from worker.alarms.watchman import Watchman
from worker.completeness import Candidate, Patience, first_seen
from worker.errors import UserError
from worker.folders import Gone, NotTakeable
from worker.inbox import Changed, Inbox, Look, printable
from worker.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchdog.observers.api import BaseObserver

    from worker.config import Settings

log = structlog.get_logger()

TICK_SECONDS = 0.1  # how soon a candidate is looked at again
TAKE_AT_MOST = 512  # files read into memory at a time: eight full batches
FULL_PAUSE_SECONDS = 0.5
FAULT_PAUSE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened to this path (relative to the inbox)."""

    path: Path
    closed: bool | None
    """True: closed by a writer or moved into place. False: written to. None: neither."""


class _Hints(FileSystemEventHandler):
    """Turns watchdog's events into hints."""

    def __init__(self, root: Path, hints: queue.SimpleQueue[Hint]) -> None:
        self._root = root
        self._hints = hints

    def on_any_event(self, event: FileSystemEvent) -> None:
        if isinstance(event, DirModifiedEvent):
            return  # said of the folder for every file in it
        if isinstance(event, FileSystemMovedEvent):
            self._hint(event.dest_path, closed=True)
        elif event.event_type in {"created", "modified", "closed"}:
            closed = {FileClosedEvent: True, FileModifiedEvent: False}.get(type(event))
            self._hint(event.src_path, closed=closed)

    def _hint(self, path: bytes | str, *, closed: bool | None) -> None:
        text = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
        self._hints.put(Hint(Path(text).relative_to(self._root), closed))


class Watch:
    """One intake: it notices, waits and takes, until told to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Resolved once: what watchdog reports must lie below what we asked it to watch.
        self._root = settings.inbox.resolve()
        self._root.mkdir(parents=True, exist_ok=True)
        self._inbox = Inbox(self._root, settings.ignore)
        self._keep_apart()
        self._patience = Patience(settings.quiet_seconds, settings.unseen_quiet_seconds)
        self._hints: queue.SimpleQueue[Hint] = queue.SimpleQueue()
        self._candidates: dict[Path, Candidate] = {}
        self._left_alone: dict[Path, str] = {}
        self._filing = filing.Filing(settings)
        self._watchman = Watchman(settings)
        self._tend_at = self._file_at = 0.0
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish what is being taken, then return from `run`."""
        self._stop.set()

    def run(self) -> None:
        """Watch until stopped; faults of the services are waited out, files stay in the inbox."""
        observer = self._observe()
        self._watchman.start()
        rescan = self._settings.rescan_seconds if observer else self._settings.poll_seconds
        log.info("watching", inbox=str(self._root), by="events" if observer else "polling")
        scan_at = time.monotonic()
        try:
            while not self._stop.is_set():
                try:
                    if time.monotonic() >= scan_at:
                        self._take_complete((path, None) for path in self._inbox.scan())
                        self._forget_left_alone()
                        scan_at = time.monotonic() + rescan
                    self._take_hinted()
                    self._tend()
                except (SQLAlchemyError, redis.RedisError, BrokerError, OSError) as fault:
                    log.warning("intake_waits", error=_first_line(fault))
                    self._stop.wait(FAULT_PAUSE_SECONDS)
                    scan_at = time.monotonic()  # what was noticed and not taken is still there
        finally:
            self._watchman.stop()
            if observer:
                observer.stop()
                observer.join()

    def _keep_apart(self) -> None:
        """What is put away must not be taken again, for ever.

        Raises:
            UserError: files would go to a folder of the inbox.
        """
        settings = self._settings
        for folder in (settings.processed, settings.rejected, settings.quarantine):
            place = folder.resolve()
            if place.is_relative_to(self._root) and self._inbox.wants(
                place.relative_to(self._root)
            ):
                raise UserError(
                    f"{folder} lies in the inbox, so that what is put there would be taken again: "
                    "set ROTATIVE_PROCESSED, ROTATIVE_REJECTED and ROTATIVE_QUARANTINE to folders "
                    "elsewhere."
                )

    def _observe(self) -> BaseObserver | None:
        """Ask for events, unless they would not come."""
        mode = self._settings.watch
        if mode == "poll" or (mode == "auto" and self._inbox.remote):
            return None
        observer = Observer()
        observer.schedule(_Hints(self._root, self._hints), str(self._root), recursive=True)
        try:
            observer.start()
        except OSError as error:
            if mode == "events":
                raise UserError(
                    f"The system sends no events for {self._root} ({error.strerror}): set "
                    "ROTATIVE_WATCH=poll, or raise fs.inotify.max_user_watches."
                ) from error
            log.warning("polling_instead_of_events", error=error.strerror)
            return None
        return observer

    # --- noticing ---------------------------------------------------------------------------

    def _take_hinted(self) -> None:
        """Wait for a hint or the next tick, and take what is complete by then."""
        timeout = TICK_SECONDS if self._candidates else 1.0
        noticed: dict[Path, bool | None] = dict.fromkeys(self._candidates)
        with suppress(queue.Empty):
            hint = self._hints.get(timeout=timeout)
            while True:
                if self._inbox.wants(hint.path):
                    noticed[hint.path] = hint.closed
                hint = self._hints.get_nowait()
        self._take_complete(
            (file, closed) for path, closed in noticed.items() for file in self._inbox.expand(path)
        )

    def _take_complete(self, files: Iterable[tuple[Path, bool | None]]) -> None:
        complete: list[Look] = []
        for path, closed in files:
            if self._stop.is_set():
                return
            if look := self._completed(path, closed=closed):
                complete.append(look)
            if len(complete) >= TAKE_AT_MOST:
                self._take(complete)
                complete = []
        if complete:
            self._take(complete)

    def _completed(self, path: Path, *, closed: bool | None) -> Look | None:
        """A look at the file if it is complete by now; else it is, or stays, a candidate."""
        now = time.monotonic()
        try:
            look = self._inbox.look(path)
        except (Gone, NotTakeable) as why:
            self._candidates.pop(path, None)
            if isinstance(why, NotTakeable):
                self._leave_alone(path, str(why))
            return None
        candidate = self._candidates.get(path)
        if candidate is None:
            candidate = first_seen(look, now, remote=self._inbox.remote)
        candidate.see(look, now, closed=closed)
        if candidate.complete(now, self._patience):
            self._candidates.pop(path, None)
            return look
        self._candidates[path] = candidate
        return None

    def _leave_alone(self, path: Path, why: str) -> None:
        """Say once what is not taken, and why."""
        if self._left_alone.get(path) != why:
            self._left_alone[path] = why
            log.warning("left_alone", file=printable(str(path)), why=why)

    def _forget_left_alone(self) -> None:
        """Forget what is gone, so that the list stays as short as the folder's own."""
        for path in [p for p in self._left_alone if not (self._root / p).is_symlink()]:
            if not (self._root / path).exists():
                del self._left_alone[path]

    # --- taking -----------------------------------------------------------------------------

    def _take(self, looks: list[Look]) -> None:
        """Deliver complete files, move them out, and hand them to the workers."""
        if not self._queue_has_room():
            return
        arrived: dict[Look, intake.Arrived] = {}
        for look in looks:
            try:
                data = self._inbox.read(look, self._settings.max_bytes)
            except (Changed, Gone, NotTakeable):
                continue  # the next look tells
            arrived[look] = intake.Arrived(look.arrival, look.feed, look.file, look.size, data)
        if not arrived:
            return
        with db.transaction() as connection:
            delivered = intake.deliver(
                connection, list(arrived.values()), self._settings.max_bytes, self._settings.after
            )
        for look, delivery in zip(arrived, delivered, strict=True):
            self._clear(look, delivery)
            log.info("taken", delivery=delivery.id, feed=look.feed, file=look.file, size=look.size)
            if delivery.new:
                metrics.file_taken(look.feed, rejected=not delivery.pending)
        pipeline.submit_new(delivered, [look.size for look in arrived])

    def _clear(self, look: Look, delivery: intake.Delivered) -> None:
        """Move the file out of the inbox; what Postgres did not keep is never deleted."""
        settings = self._settings
        try:
            if delivery.kept and delivery.folder not in {None, "processed"}:
                # To be deleted; or it could not be moved before, and was filed from Postgres since.
                self._inbox.delete(look)
                return
            if delivery.folder == "rejected":
                with db.transaction() as connection:
                    filing.explain_beside(connection, settings, delivery)
            root = filing.root_of(settings, delivery)
            self._inbox.file_away(look, root, filing.below(delivery))
        except OSError as error:
            # Its arrival is known: the next scan finds it here and tries again.
            why = f"is delivery {delivery.id}, but cannot be moved ({error.strerror or error})"
            self._leave_alone(look.path, why)

    def _queue_has_room(self) -> bool:
        """Wait for room in the queue; False if we are to stop meanwhile."""
        full = False
        while broker.waiting() >= self._settings.queue_limit:
            if not full:
                log.info("intake_waits", error="the queue is full")
            full = True
            self._tend()
            if self._stop.wait(FULL_PAUSE_SECONDS):
                return False
        self._tend()
        return True

    def _tend(self) -> None:
        """Now and then, however busy: hand over what is stranded, show that we are alive, file."""
        if time.monotonic() >= self._tend_at:
            with db.transaction() as connection:
                reconcile(connection, self._settings.stranded_seconds, self._settings.batch)
            health.beat(health.name_of("intake"))
            self._tend_at = time.monotonic() + self._settings.reconcile_seconds
        if time.monotonic() >= self._file_at:
            more = self._filing.some()
            self._file_at = time.monotonic() + (0 if more else self._settings.reconcile_seconds)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
