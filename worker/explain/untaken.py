"""A file that still lies in the inbox: why has intake not taken it?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import redis
from sqlalchemy import func, select

from models import Delivery, Heartbeat
from worker.completeness import Patience, first_seen
from worker.errors import UserError
from worker.explain.words import duration, plain
from worker.folders import Gone, NotTakeable
from worker.health import LATE_SECONDS
from worker.inbox import Inbox, printable

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection

    from worker.config import Settings
    from worker.inbox import Look


@dataclass(frozen=True, slots=True)
class Lying:
    """What there is to know of a file in the inbox that intake may take."""

    look: Look
    complete: bool
    patience: Patience
    delivery: int | None
    """The delivery that it is already."""
    beat: timedelta | None
    """How long ago intake last showed that it is alive; None if it never did."""
    redis: bool
    """Whether Redis can be reached."""
    obstacle: str | None
    """Why intake takes nothing at all."""
    bulk_obstacle: str | None
    """Why intake takes nothing of a feed from which many files come at once."""
    rescan: float
    """Seconds between intake's scans."""


def explain(connection: Connection, settings: Settings, path: Path) -> tuple[list[str], int | None]:
    """Why the file at this path, relative to the inbox, has not been taken, in sentences.

    And the delivery that it is, should it be one already. No link is followed.

    Raises:
        UserError: it is a folder, or gone.
    """
    name = plain(printable(str(path)))
    delivery = None
    inbox = Inbox(settings.inbox.resolve(), settings.ignore)
    try:
        if not inbox.wants(path):
            why, advice = _ignored(settings, path)
        else:
            facts = _gather(connection, settings, inbox.look(path))
            delivery = facts.delivery
            why, advice = _about_file(facts) or _about_stack(facts)
    except Gone:
        raise UserError(f"{name} has just left the inbox: ask again.") from None
    except NotTakeable as reason:
        if (inbox.root / path).is_dir() and not (inbox.root / path).is_symlink():
            raise UserError(f"{name} is a folder of the inbox: name a file in it.") from None
        why = f"It is not taken, as it {reason}."
        advice = "put a regular file in its place, and let intake read it."
    return [f"{name} lies in the inbox.", why, f"What to do: {advice}"], delivery


def _ignored(settings: Settings, path: Path) -> tuple[str, str]:
    part, pattern = next(
        (part, pattern)
        for part in path.parts
        for pattern in settings.ignore
        if not Inbox(settings.inbox, (pattern,)).wants(Path(part))
    )
    return (
        (
            f"It is ignored: {plain(printable(part))} matches {pattern}, one of the patterns of "
            "ROTATIVE_IGNORE for names of unfinished and hidden files."
        ),
        "give it another name if it is an article.",
    )


def _gather(connection: Connection, settings: Settings, look: Look) -> Lying:
    now = time.monotonic()
    patience = Patience(settings.quiet_seconds, settings.unseen_quiet_seconds)
    delivered = select(Delivery.id).where(Delivery.arrival == look.arrival)
    beat = select(func.clock_timestamp() - func.max(Heartbeat.beat_at)).where(
        Heartbeat.name.startswith("intake@")
    )
    reached, fresh, bulk = _obstacles()
    return Lying(
        look=look,
        # Its clock is believed even where it is another machine's: nothing is taken on its word.
        complete=first_seen(look, now, remote=False).complete(now, patience),
        patience=patience,
        delivery=connection.scalar(delivered),
        beat=connection.scalar(beat),
        redis=reached,
        obstacle=fresh,
        bulk_obstacle=bulk,
        rescan=max(settings.rescan_seconds, settings.poll_seconds),
    )


def _obstacles() -> tuple[bool, str | None, str | None]:
    """Whether Redis can be reached; what keeps it from what is fresh; from what comes in bulk."""
    from worker import broker  # noqa: PLC0415 - needs the broker's address

    try:
        return True, broker.obstacle(bulk=False), broker.obstacle(bulk=True)
    except redis.RedisError:
        return False, None, None


def _about_file(facts: Lying) -> tuple[str, str] | None:
    """What about the file keeps it from being taken, and what to do; None if nothing does."""
    patience = facts.patience
    if facts.delivery is not None:
        return (
            f"It is delivery {facts.delivery} already, and could only not be moved out of the way.",
            "let intake write to its folder and to that of taken files; it tries at every scan.",
        )
    if facts.look.writer == "writing":
        return (
            "It is still being written: somebody has it open.",
            f"wait; it is taken when it has been closed for {patience.quiet:g} s.",
        )
    if facts.complete:
        return None
    sure = facts.look.writer == "none"
    quiet = patience.quiet if sure else patience.unseen
    blind = "" if sure else ", as it cannot be known whether somebody has it open"
    return (
        f"It changed {max(0.0, facts.look.age):.1f} s ago, which is too fresh.",
        f"wait; it is taken when it has been left alone for {quiet:g} s{blind}.",
    )


def _about_stack(facts: Lying) -> tuple[str, str]:
    """What else keeps a complete file from being taken, and what to do."""
    if facts.beat is None or facts.beat.total_seconds() > LATE_SECONDS:
        last = f"not shown itself for {duration(facts.beat)}" if facts.beat else "never run"
        return (
            f"It is complete, but intake has {last}.",
            "start intake, with `rotative up` or `rotative watch`.",
        )
    if not facts.redis:
        return (
            "It is complete, but Redis cannot be reached, and intake waits for it.",
            "see to Redis; what lies in the inbox is taken when it is back.",
        )
    if facts.obstacle:
        return (
            f"It is complete, but {facts.obstacle}.",
            "wait for the workers; `rotative status` shows whether they run.",
        )
    if facts.bulk_obstacle:
        return (
            (
                "It is complete. If many files of its feed came at once, it waits for its turn: "
                f"{facts.bulk_obstacle}."
            ),
            "wait for the workers; `rotative status` shows whether they run.",
        )
    return (
        f"It is complete, and intake runs: it is taken within {facts.rescan:g} s.",
        "wait. Should it stay, intake may not read it: its log says `left_alone`, and why.",
    )
