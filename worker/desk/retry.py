"""Retry: asked once more with the number of deliveries, then done for exactly those."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import func, select
from tornado.web import HTTPError, authenticated

from worker import operate
from worker.desk import filters, listing
from worker.desk.formats import counted
from worker.desk.handlers import DeskHandler
from worker.explain.words import named

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from worker.desk.filters import Filters
    from worker.operate import Failed, Retried

SHOWN: Final = 10
_TASK: Final = re.compile(r"[\w-]{1,100}", re.ASCII)


class RetryHandler(DeskHandler):
    """The confirmation, and what its button does."""

    def prepare(self) -> None:
        """Nothing of it is there where Flower may only show.

        Raises:
            HTTPError: 403, it may.
        """
        if self.current_user and self.read_only:
            raise HTTPError(403, "This Flower is read-only: retry from another, or the shell.")

    @authenticated
    async def get(self) -> None:
        """Ask whether these are meant: ``id`` (more than one), ``task``, or the list's filters."""
        arguments = self.request.query_arguments
        task = filters.text(arguments, "task")
        if task is not None:
            question = await self.query(about_task, task)
        elif "id" in arguments or "selected" in arguments:
            ids = filters.delivery_ids(arguments)
            if not ids:
                raise HTTPError(400, "None is selected: go back, and tick those to be retried.")
            question = await self.query(about_ids, ids)
        else:
            wanted = filters.read(arguments)
            if wanted.disposition not in {None, "quarantined"}:
                raise HTTPError(400, "Only what is quarantined can be retried all at once.")
            question = await self.query(about_filters, wanted)
        self.render("retry.html", **question._asdict())

    @authenticated
    async def post(self) -> None:
        """Retry what the confirmation showed, then say what it came to."""
        arguments = self.request.query_arguments
        ids = filters.delivery_ids(arguments)
        if ids:
            shown = len(set(ids))
            retried = await self.aside(operate.retry, ids, self.operator)
        else:
            wanted, count = filters.read(arguments), filters.number(arguments, "count")
            if wanted.until is None or count is None:
                raise HTTPError(400, "Name deliveries by id, or confirm their number first.")
            shown = count
            retried = await self.aside(operate.retry_failed, wanted.failed, count, self.operator)
        task = filters.text(arguments, "task")
        if task is not None and _TASK.fullmatch(task) and retried.deliveries and retried.queued:
            self.redirect(self.reverse_url("task", task), status=303)  # it shows what becomes of it
            return
        self.tell(came_to(retried, shown))
        one = self.reverse_url("delivery", ids[0]) if ids and shown == 1 else None
        self.redirect(one or self.reverse_url("articles"), status=303)


class OfTaskHandler(DeskHandler):
    """The deliveries of a task, for our script on Flower's page of it."""

    @authenticated
    async def get(self, task: str) -> None:
        """``{"deliveries": [{"id", "file", "disposition", …}]}``."""
        rows = await self.query(listing.of_task, task)
        self.write({"deliveries": [self._told(row) for row in rows]})

    def _told(self, row: Row[Any]) -> dict[str, Any]:
        return {
            "id": row.id,
            "file": named(row.feed, row.file),
            "disposition": row.disposition,
            "step": row.step,
            "reason": row.reason,
            "article": row.article,
            "duplicate_of": row.duplicate_of,
            "can_retry": row.failed and not self.read_only,
        }


class Question(NamedTuple):
    """What the confirmation asks."""

    what: str
    """Which are meant, in words."""
    number: int
    """How many of them can be retried."""
    rows: Sequence[Row[Any]]
    """The first of those."""
    query: str
    """Of the address that retries exactly those."""
    obstacles: Mapping[int, str] = MappingProxyType({})
    """Why others that were asked for cannot be."""
    known: Collection[int] = ()
    """The deliveries asked for that there are."""


def about_ids(connection: Connection, ids: Collection[int]) -> Question:
    """Deliveries that are named one by one."""
    rows = listing.named(connection, ids)
    obstacles = operate.obstacles(connection, ids)
    failed = [row for row in rows if row.id not in obstacles]
    query = urlencode([("id", row.id) for row in failed])
    known = [row.id for row in rows]
    return Question(counted(len(failed)), len(failed), failed[:SHOWN], query, obstacles, known)


def about_task(connection: Connection, task: str) -> Question:
    """The deliveries that a task has begun to work on."""
    return about_ids(connection, [row.id for row in listing.of_task(connection, task)])


def about_filters(connection: Connection, wanted: Filters) -> Question:
    """Quarantined deliveries; those that fail from now on, by Postgres's clock, are not meant."""
    now = connection.scalars(select(func.clock_timestamp())).one()
    wanted = replace(wanted, until=min(wanted.until or now, now))
    count = wanted.failed.count(connection)
    rows = listing.first(connection, wanted.failed, SHOWN)
    return Question(described(count, wanted.failed), count, rows, wanted.address(count=count))


def described(count: int, failed: Failed) -> str:
    """``30 deliveries quarantined at enrich because of “KeyError: …” in feed vna``."""
    at, _, why = (failed.cause or "").partition(": ")
    step = at or failed.step
    parts = [
        f"{counted(count)} quarantined at {step}"
        if step
        else counted(count, "quarantined delivery", "quarantined deliveries"),
        why and f"because of “{why}”",
        failed.feed and f"in feed {failed.feed}",
        failed.error and f"with “{failed.error}” in the reason",
        failed.since and f"since {failed.since:%Y-%m-%d %H:%M} UTC",
    ]
    return " ".join(part for part in parts if part)


def came_to(retried: Retried, shown: int) -> str:
    """What a retry of so many has come to, as one or more sentences."""
    again, left = len(retried.deliveries), shown - len(retried.deliveries)
    said = [f"{counted(again)} {'runs' if again == 1 else 'run'} again."]
    if left:
        had = "had not failed any more: perhaps somebody was faster, or cannot be retried"
        said.append(f"{left:,} {had}.")
    if not retried.queued:
        said.append("Redis cannot be reached: they run once it is back.")
    return " ".join(said)
