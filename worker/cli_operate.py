"""The commands of whoever runs the stack: status, health, explain, retry, reprocess."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from worker import config, stack
from worker.terminal import console

app = typer.Typer(rich_markup_mode="markdown")


class Role(StrEnum):
    """Whose health is asked for."""

    worker = "worker"
    intake = "intake"
    flower = "flower"


@app.command()
def reprocess(  # noqa: PLR0913 - one for each option
    *,
    model_before: Annotated[
        str | None,
        typer.Option(help="Only articles that no model of ours has seen, or an older one."),
    ] = None,
    enricher_before: Annotated[
        str | None, typer.Option(help="Only articles that older rules have made.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also articles that today's versions have made.")
    ] = False,
    feed: Annotated[str | None, typer.Option(help="Only articles of this feed.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every change, not examples.")
    ] = False,
) -> None:
    """Find the entities of stored articles again, where today's versions would do it otherwise.

    Works on the cleaned text. What people decided about entities stays. It may be stopped at any
    time and started again. Exits with 1 if an article could not be enriched.
    """
    with stack.services() as settings:
        from worker import db  # noqa: PLC0415 - needs the services' addresses

        db.migrate(db.engine())
        from worker import reprocess as again  # noqa: PLC0415 - needs the services' addresses
        from worker.core.enrich.recognise import load_recogniser  # noqa: PLC0415

        selection = again.Selection(model_before, enricher_before, everything, feed)
        work = again.work(selection, load_recogniser(settings.recogniser))
        tally = again.show(work, settings.batch, console, write=not dry_run, verbose=verbose)
    if tally.failed:
        raise typer.Exit(1)


@app.command()
def status() -> None:
    """Show deliveries by disposition, what waits in the queue, and the workers."""
    with stack.services():
        from worker import db, report  # noqa: PLC0415 - needs the services' addresses

        with db.transaction() as connection:
            console.print(report.status_table(connection))
        console.print(report.queue_line())


@app.command()
def health(
    role: Annotated[Role, typer.Argument(help="Whose health.")],
    within: Annotated[float, typer.Option(help="Seconds to wait for a sign of work.")] = 20,
) -> None:
    """Prove that this machine's worker, intake or Flower does its work; exits with 1 if not.

    For a worker: a message is consumed and written to Postgres. For intake: its loop wrote to
    Postgres lately. For Flower: it serves pages.
    """
    settings = config.load()
    from worker import health as check  # noqa: PLC0415 - needs the services' addresses

    match role:
        case Role.worker:
            check.check_worker(within)
        case Role.intake:
            check.check_intake()
        case Role.flower:
            check.check_flower(settings.flower_port)
    console.print(f"{role} is healthy.")
