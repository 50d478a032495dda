"""Taking: complete files leave the inbox, and become deliveries that workers are told of."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import structlog

from worker import db, filing, folders, intake, metrics, pipeline
from worker.errors import UserError
from worker.folders import Gone, NotTakeable
from worker.inbox import Changed, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from worker.config import Settings
    from worker.inbox import Inbox, Look

log = structlog.get_logger()

FILES_AT_MOST = 512  # at a time: eight full batches
BYTES_AT_MOST = 16_000_000  # of files in memory at a time
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
"""Errors that mean that a folder takes nothing, whatever the file."""


class Taking:
    """Takes complete files, and keeps in mind those that it cannot."""

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        """Raises UserError where what is put away would be taken again."""
        self._settings = settings
        self._inbox = inbox
        self._left_alone: dict[Path, str] = {}
        _keep_apart(settings, inbox)

    def take(self, looks: Sequence[Look], *, bulk: bool) -> int:
        """Take complete files, so many at a time as memory allows; returns how many were new.

        Raises:
            OSError: there is no room for them where they are put; they are handed over all the
                same, and moved later.
        """
        new = size = 0
        some: list[Look] = []
        for look in looks:
            some.append(look)
            size += look.size
            if size >= BYTES_AT_MOST or len(some) >= FILES_AT_MOST:
                new += self._take(some, bulk=bulk)
                some, size = [], 0
        return new + self._take(some, bulk=bulk)

    @folders.kept_open()
    def _take(self, looks: Sequence[Look], *, bulk: bool) -> int:
        """Deliver them, move them out, and hand them to the workers."""
        settings = self._settings
        arrived: list[tuple[Look, intake.Arrived]] = []
        for look in looks:
            try:
                data = self._inbox.read(look, settings.max_bytes)
            except (Changed, Gone, NotTakeable):
                continue  # the next look tells
            file = intake.Arrived(look.arrival, look.feed, look.file, look.size, data)
            arrived.append((look, file))
        if not arrived:
            return 0
        files = [file for _, file in arrived]
        with db.transaction() as connection:
            delivered = intake.deliver(
                connection, files, settings.max_bytes, settings.after, bulk=bulk
            )
        full: OSError | None = None
        for (look, _), delivery in zip(arrived, delivered, strict=True):
            try:
                self._clear(look, delivery)
                facts = {"feed": look.feed, "file": look.file, "size": look.size}
                log.info("taken", delivery=delivery.id, **facts)
            except OSError as error:
                if error.errno in FULL:
                    full = error
                else:
                    # Its arrival is known: the next scan finds it here and tries again.
                    why = f"is delivery {delivery.id}, but cannot be moved"
                    self.leave_alone(look.path, f"{why} ({error.strerror or error})")
            if delivery.new:
                metrics.file_taken(look.feed, rejected=not delivery.pending)
        pipeline.submit_new(delivered, [file.size for file in files], bulk=bulk)
        if full:
            raise full
        return sum(delivery.new for delivery in delivered)

    def _clear(self, look: Look, delivery: intake.Delivered) -> None:
        """Move the file out of the inbox; what Postgres did not keep is never deleted.

        Raises:
            OSError: it cannot be moved.
        """
        settings = self._settings
        if delivery.kept and delivery.folder not in {None, "processed"}:
            # To be deleted; or it could not be moved before, and was filed from Postgres since.
            self._inbox.delete(look)
            return
        if delivery.folder == "rejected":
            with db.transaction() as connection:
                filing.explain_beside(connection, settings, delivery)
        self._inbox.file_away(look, filing.root_of(settings, delivery), filing.below(delivery))

    def leave_alone(self, path: Path, why: str) -> None:
        """Say once what is not taken, and why."""
        if self._left_alone.get(path) != why:
            self._left_alone[path] = why
            log.warning("left_alone", file=printable(str(path)), why=why)

    def forget_gone(self) -> None:
        """Forget what was left alone and is gone, so that the list stays as short as the inbox."""
        for path in list(self._left_alone):
            if not os.path.lexists(self._inbox.root / path):
                del self._left_alone[path]


def _keep_apart(settings: Settings, inbox: Inbox) -> None:
    """What is put away must not be taken again, for ever.

    Raises:
        UserError: files would go to a folder of the inbox.
    """
    for folder in (settings.processed, settings.rejected, settings.quarantine):
        place = folder.resolve()
        if place.is_relative_to(inbox.root) and inbox.wants(place.relative_to(inbox.root)):
            raise UserError(
                f"{folder} lies in the inbox, so that what is put there would be taken again: "
                "set ROTATIVE_PROCESSED, ROTATIVE_REJECTED and ROTATIVE_QUARANTINE to folders "
                "elsewhere."
            )
