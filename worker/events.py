"""Events of the file system: hints where in the inbox to look.

They only hint: some get lost, some come twice, and on some file systems none come at all. However
many come, they take little memory: where too many do, only the feed is told of.
"""

from __future__ import annotations

import os
import queue
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
    FileSystemMovedEvent,
)
from watchdog.observers import Observer

from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from watchdog.observers.api import BaseObserver

log = structlog.get_logger()

# Of other events, our own opening and closing of each file among them, the kernel tells nothing.
_USED: dict[type[FileSystemEvent], bool | None] = {
    DirCreatedEvent: None,
    DirMovedEvent: True,
    FileCreatedEvent: None,
    FileModifiedEvent: False,
    FileClosedEvent: True,
    FileMovedEvent: True,
}
"""What is asked for, and whether it says that a file was closed; see `Hint.closed`."""

NO_FEED = ""  # what lies in none
AT_MOST = 10_000  # hints that wait; whoever takes them may have to wait for Postgres


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened to this path (relative to the inbox)."""

    path: Path
    closed: bool | None
    """True: closed by a writer or moved into place. False: written to. None: neither."""


class Hints(FileSystemEventHandler):
    """What watchdog told of a folder, until somebody takes note of it."""

    def __init__(self, root: Path, busy: AbstractSet[str]) -> None:
        self.queue: queue.SimpleQueue[Hint] = queue.SimpleQueue()
        self._root = root
        self._begins = len(os.path.join(root, ""))  # noqa: PTH118 - a Path has no slash at its end
        self._busy = busy
        self._stirred: set[str] = set()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Keep a hint, or if there are too many of its feed, or of all, only the feed."""
        path = event.dest_path if isinstance(event, FileSystemMovedEvent) else event.src_path
        text = os.fsdecode(path)
        feed, below, _ = text[self._begins :].partition("/")
        feed = feed if below else NO_FEED
        if feed in self._busy or self.queue.qsize() >= AT_MOST:
            self._stirred.add(feed)
        else:
            self.queue.put(Hint(Path(text).relative_to(self._root), _USED[type(event)]))

    def stirred(self) -> Iterator[str]:
        """The feeds in which something came that there is no hint of."""
        while self._stirred:
            yield self._stirred.pop()


class Events:
    """What the system tells of a folder, for as long as it does."""

    def __init__(
        self,
        root: Path,
        mode: Literal["auto", "events", "poll"],
        *,
        remote: bool,
        busy: AbstractSet[str] = frozenset(),
    ) -> None:
        """Ask for events of a resolved folder, unless they are not wanted or would not come.

        ``busy`` may change meanwhile: the feeds of which it is enough to know that something came.

        Raises:
            UserError: ``mode`` demands events, and the system sends none.
        """
        self.hints = Hints(root, busy)
        self._observer = None
        if mode == "events" or (mode == "auto" and not remote):
            self._observer = _observe(root, self.hints, must=mode == "events")

    def come(self) -> bool:
        """Whether all of them may be relied on to come."""
        if self._observer and not all(emitter.is_alive() for emitter in self._observer.emitters):
            log.warning("polling_instead_of_events", error="the watch of a folder failed")
            self.end()
        return self._observer is not None

    def end(self) -> None:
        """Ask for no more."""
        if self._observer:
            self._observer.stop()
            self._observer.join()
            self._observer = None


def _observe(root: Path, hints: Hints, *, must: bool) -> BaseObserver | None:
    observer = Observer()
    observer.schedule(hints, str(root), recursive=True, event_filter=[*_USED])
    try:
        observer.start()
    except (OSError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "folders are nested too deep"
        if must:
            raise UserError(
                f"The system sends no events for {root} ({why}): set "
                "ROTATIVE_WATCH=poll, or raise fs.inotify.max_user_watches."
            ) from error
        log.warning("polling_instead_of_events", error=why)
        return None
    return observer
