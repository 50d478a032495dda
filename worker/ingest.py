"""One shot: take files from anywhere, leave them where they are, wait for the end."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from worker import broker, db, intake, pipeline
from worker.app import app, settings
from worker.errors import UserError
from worker.folders import Gone, NotTakeable
from worker.inbox import Changed, Inbox, find, printable
from worker.reconcile import reconcile, take_over
from worker.show import deliveries as report
from worker.stack import Child, stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Console


LOOK_SECONDS = 0.2
LINE_SECONDS = 5  # between lines of progress where there is no terminal
READ_AT_A_TIME = 512
LOOK_AT_MOST = 2_000  # outstanding deliveries asked for at a time


@dataclass(slots=True)
class Run:
    """The deliveries of one run, and what has become of them."""

    ids: list[int] = field(default_factory=list)
    outstanding: dict[int, None] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    left_alone: list[tuple[str, str]] = field(default_factory=list)
    """Files that were not taken, and why."""


def ingest(paths: Sequence[Path], feed: str | None, console: Console) -> Run:
    """Take the files, wait until each has its disposition, and tell what came of them.

    Raises:
        UserError: there is nothing to take, or the worker cannot run.
    """
    files = find(paths, settings.ignore)
    if not files:
        raise UserError(f"There are no files to take in {', '.join(map(str, paths))}.")
    db.migrate(db.engine())
    run = Run()
    with _worker(console) as worker:
        if worker:
            _take_over(run, console)
        total = len(files) + len(run.ids)
        with _Progress(console, total) as progress:
            _take(files, feed, run, worker, progress)
    return run


def _take_over(run: Run, console: Console) -> None:
    """What an earlier run left behind is finished too: nobody else is there to do it."""
    with db.transaction() as connection:
        left = take_over(connection, settings.batch)
    if left:
        console.print(f"{len(left)} deliveries of an earlier run are pending: finishing them too.")
    run.ids += left
    run.outstanding |= dict.fromkeys(left)


def _take(
    files: Sequence[tuple[Inbox, Path]],
    feed: str | None,
    run: Run,
    worker: Child | None,
    progress: _Progress,
) -> None:
    bulk = pipeline.in_bulk(len(files))
    for start in range(0, len(files), READ_AT_A_TIME):
        while broker.obstacle(bulk=bulk):
            _look(run, worker, progress)
        _deliver(files[start : start + READ_AT_A_TIME], feed, run, bulk=bulk)
    reconcile_at = time.monotonic() + settings.reconcile_seconds
    while run.outstanding:
        _look(run, worker, progress)
        if time.monotonic() >= reconcile_at:
            with db.transaction() as connection:
                reconcile(connection, settings.batch)
            reconcile_at = time.monotonic() + settings.reconcile_seconds


def show(run: Run, console: Console) -> None:
    """Print what was stored, which of it tells one story, what was not stored and why."""
    with db.transaction() as connection:
        tables = (
            report.stored_table(connection, run.ids),
            report.stories_table(connection, run.ids),
            report.not_stored_table(connection, run.ids),
        )
    for table in tables:
        if table.row_count:
            console.print(table)
        if table.row_count == report.MOST_ROWS:
            console.print(f"… these are the first {report.MOST_ROWS}; SQL has the others.")
    for file, why in run.left_alone:
        # As Text: a file's name is no markup, whatever is in it.
        console.print(Text.assemble(("Left alone: ", "yellow"), f"{file} {why}."))
    total = ", ".join(f"{run.counts[name]} {name}" for name in report.COLOURS if run.counts[name])
    noun = "delivery" if len(run.ids) == 1 else "deliveries"
    console.print(f"{len(run.ids)} {noun}: {total or 'none'}.")


def _deliver(
    files: Sequence[tuple[Inbox, Path]], feed: str | None, run: Run, *, bulk: bool
) -> None:
    arrived: list[intake.Arrived] = []
    for inbox, path in files:
        try:
            look = inbox.look(path)
            data = inbox.read(look, settings.max_bytes)
        except Changed:
            run.left_alone.append((printable(str(path)), "is being written"))
        except (Gone, NotTakeable) as why:
            run.left_alone.append((printable(str(path)), str(why) or "is gone"))
        else:
            arrival = f"ingest:{uuid.uuid4()}"
            arrived.append(intake.Arrived(arrival, feed or look.feed, look.file, look.size, data))
    with db.transaction() as connection:
        delivered = intake.deliver(connection, arrived, settings.max_bytes, bulk=bulk)
    run.ids += [delivery.id for delivery in delivered]
    run.outstanding |= dict.fromkeys(delivery.id for delivery in delivered)
    pipeline.submit_new(delivered, [file.size for file in arrived], bulk=bulk)


def _look(run: Run, worker: Child | None, progress: _Progress) -> None:
    """Find out which deliveries have ended since, and show it."""
    if worker and worker.died():
        raise UserError(f"The worker died; its log is {worker.log}.")
    asked = list(run.outstanding)[:LOOK_AT_MOST]
    with db.transaction() as connection:
        ended = report.ended(connection, asked)
    for delivery, disposition in ended.items():
        del run.outstanding[delivery]
        run.counts[disposition] += 1
    progress.show(run.counts)
    if len(ended) < len(asked):
        time.sleep(LOOK_SECONDS)


@contextmanager
def _worker(console: Console) -> Iterator[Child | None]:
    """A worker for this run, unless one is there that consumes."""
    if _consumed():
        yield None
        return
    log = settings.home / "logs" / "worker.log"
    console.print(
        f"No worker is consuming: starting one for this run (its log is {log}).", markup=False
    )
    child = Child("worker", log)
    child.start()
    try:
        yield child
    finally:
        stop([child])


def _consumed() -> bool:
    """Whether a worker takes messages from our queue; others on the same Redis do not count."""
    answers = app.control.inspect(timeout=1.0).active_queues() or {}
    return any(queue["name"] == settings.queue for queues in answers.values() for queue in queues)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} files/s" if speed else "", style="dim")


class _Progress:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._line_at = time.monotonic() + LINE_SECONDS
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("the worker loads its models", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, counts: Counter[str]) -> None:
        """Show how many deliveries have ended, and how."""
        done = counts.total()
        if not done:
            return
        words = " · ".join(
            f"[{colour}]{counts[name]} {name}[/]"
            for name, colour in report.COLOURS.items()
            if counts[name]
        )
        self._bar.update(self._task, completed=done, description=words)
        if self._bar.disable and (time.monotonic() >= self._line_at or done == self._total):
            self._line_at = time.monotonic() + LINE_SECONDS
            self._console.print(f"{done} of {self._total}: {words}")
