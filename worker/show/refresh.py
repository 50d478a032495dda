"""Showing how things stand: once, or again and again while an operator looks on."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.live import Live
from rich.text import Text
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from worker import db, status
from worker.errors import UserError
from worker.show.status import BAD, as_json, in_colour
from worker.show.terminal import print_json

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from worker.status import Status, WorkerNow

SECONDS: Final = 2
_UNKNOWN: Final = {"42P01", "42703"}  # a table, a column


def look() -> tuple[Status, list[WorkerNow]]:
    """How things stand, all of it in one snapshot of Postgres.

    Raises:
        UserError: the database is of another version.
        sqlalchemy.exc.OperationalError: Postgres cannot be reached.
    """
    try:
        with db.snapshot() as connection:
            now = status.gather(connection)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) in _UNKNOWN:
            raise UserError(
                "The database lacks tables of this version: run `rotative migrate`, or `rotative "
                "up`, which does it too."
            ) from error
        raise
    return now, [] if now.waiting is None else status.workers()


def show(console: Console, *, json: bool) -> None:
    """Print how things stand."""
    now, workers = look()
    if json:
        print_json(as_json(now, workers))
    else:
        console.print(in_colour(now, workers), crop=False)


def keep_showing(console: Console, *, json: bool) -> None:
    """Show it again and again until interrupted: on a terminal in its place, else one by one.

    On a terminal it stays when Postgres goes, and tells when it is back.
    """
    with suppress(KeyboardInterrupt):
        if json or not console.is_terminal:
            while True:
                show(console, json=json)
                console.file.flush()
                time.sleep(SECONDS)
        _keep_in_place(console)


def _keep_in_place(console: Console) -> None:
    view: RenderableType = Text()
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                try:
                    view = in_colour(*look())
                    live.update(view, refresh=True)
                except (OperationalError, InterfaceError):
                    gone = Text("Postgres cannot be reached; trying again.", style=BAD)
                    live.update(Group(gone, Text(), view), refresh=True)
                time.sleep(SECONDS)
    finally:
        console.print(view, crop=False)  # the terminal's own screen is back, and keeps it
