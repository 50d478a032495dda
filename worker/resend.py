"""`rotative retry`: how many it would be, whether that is meant, and what it came to."""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import typer
from sqlalchemy import func, select

from worker import db, operate
from worker.show.terminal import shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.console import Console

    from worker.operate import Failed, Retried

WATCH = "Watch them with `rotative status --watch`."


def these(ids: Collection[int], by: str | None, console: Console, *, dry_run: bool) -> bool:
    """Send these deliveries again, and say of each that cannot be why; False if there are any."""
    meant = set(ids)
    if not dry_run:
        done = operate.retry(meant, by or _user())
        _tell(done, console)
        meant -= set(done.deliveries)
    with db.transaction() as connection:
        left = operate.obstacles(connection, meant)
    if dry_run:
        console.print(f"{len(meant) - len(left)} would run again.", highlight=False)
    for delivery, why in sorted(left.items()):
        console.print(shown(f"{delivery} is left alone: it {why}."), soft_wrap=True)
    return not left


def quarantined(  # noqa: PLR0913 - one for each option
    failed: Failed, limit: int, by: str | None, console: Console, *, dry_run: bool, sure: bool
) -> None:
    """Send all that is meant again; on a terminal only if the user says yes to the number."""
    with db.transaction() as connection:
        now = connection.scalars(select(func.clock_timestamp())).one()
        failed = replace(failed, until=failed.until or now)  # what the number counts, and no more
        count = failed.count(connection)
    most = min(count, limit)
    if not count:
        console.print("Nothing like that is in quarantine.")
        return
    if dry_run:
        console.print(f"{most} would run again{_beyond(count - most)}.", highlight=False)
        return
    if not sure and sys.stdin.isatty():
        typer.confirm(f"Run {most} again{_beyond(count - most)}?", abort=True)
    done = operate.retry_failed(failed, limit, by or _user())
    _tell(done, console)
    if done.left:
        line = f"{done.left} are left: beyond --limit, or sent again by somebody else just now."
        console.print(line, highlight=False)


def _tell(done: Retried, console: Console) -> None:
    watch = WATCH if done.deliveries else ""
    console.print(f"{len(done.deliveries)} run again. {watch}".rstrip(), highlight=False)
    if not done.queued:
        console.print("Redis cannot be reached: they are sent as soon as it can be.")


def _beyond(left: int) -> str:
    return f", and {left} are beyond --limit" if left else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "shell"
