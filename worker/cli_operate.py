"""The commands of whoever runs the stack: status, health, explain, retry, reprocess, restory."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from worker import asked, stack
from worker.errors import UserError
from worker.reprocess.versions import Selection
from worker.show.terminal import console

app = typer.Typer(rich_markup_mode="markdown")


class Role(StrEnum):
    """Whose health is asked for."""

    worker = "worker"
    intake = "intake"
    flower = "flower"


@app.command()
def retry(  # noqa: PLR0913 - one for each option
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Deliveries, by their numbers.", show_default=False),
    ] = None,
    *,
    step: Annotated[asked.Step | None, typer.Option(help="Only what failed at this step.")] = None,
    error: Annotated[
        str | None, typer.Option(help="Only what failed for a reason with this in it.")
    ] = None,
    cause: Annotated[
        str | None, typer.Option(help="Only what failed for exactly this cause, see `status`.")
    ] = None,
    feed: Annotated[str | None, typer.Option(help="Only what came by this feed.")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only what failed since then: 2031-05-04, 2031-05-04T08:00, 2h or 3d."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only what failed until then.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is in quarantine.")] = False,
    limit: Annotated[
        int, typer.Option(help="At most so many, the oldest first.", min=1)
    ] = asked.LIMIT,
    by: Annotated[str | None, typer.Option(help="Who wants it; else the user's name.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many it would be, and do nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Run deliveries again from their raw bytes: these, or those in quarantine that are meant.

    Options narrow down what is in quarantine. Deliveries that were rejected run again too, if they
    are named by number. Exits with 1 if one of the named cannot run again.
    """
    narrowed = any(option is not None for option in (step, error, cause, feed, since, until))
    if ids and (narrowed or everything):
        raise UserError(
            "Name deliveries by their numbers, or say what they have in common: not both."
        )
    if not (ids or narrowed or everything):
        raise UserError(
            "Say which deliveries are meant: by their numbers, by --step, --error, --cause, "
            "--feed, --since or --until, or --all that are in quarantine."
        )
    numbers = asked.ids(ids or [])
    times = [None if typed is None else asked.moment(typed) for typed in (since, until)]
    with stack.services():
        from worker import db, operate, resend  # noqa: PLC0415 - needs the services' addresses

        db.migrate(db.engine())
        if not numbers:
            failed = operate.Failed(step, error, cause, feed, *times)
            resend.quarantined(failed, limit, by, console, dry_run=dry_run, sure=yes)
        elif not resend.these(numbers, by, console, dry_run=dry_run):
            raise typer.Exit(1)


@app.command()
def reprocess(  # noqa: PLR0913 - one for each option
    *,
    cleaner_before: Annotated[
        str | None,
        typer.Option(help="Only articles that older rules have cleaned; from their raw bytes."),
    ] = None,
    model_before: Annotated[
        str | None,
        typer.Option(help="Only articles that no model of ours has seen, or an older one."),
    ] = None,
    enricher_before: Annotated[
        str | None, typer.Option(help="Only articles whose names older rules have found.")
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
    """Make stored articles again, where today's versions would make them otherwise.

    Finds their entities again in the cleaned text; with --cleaner-before, makes the whole article
    again from its raw bytes. What people decided about entities stays, and so does an article whose
    file would be rejected today. It may be stopped at any time and started again. Exits with 1 if
    an article failed.
    """
    selection = Selection(cleaner_before, model_before, enricher_before, everything, feed)
    with stack.services() as settings:
        from worker import db  # noqa: PLC0415 - needs the services' addresses

        db.migrate(db.engine())
        from worker.core.enrich.recognise import load_recogniser  # noqa: PLC0415
        from worker.reprocess.run import Reprocess  # noqa: PLC0415 - needs the services' addresses
        from worker.show.reprocess import show  # noqa: PLC0415

        again = Reprocess(selection, load_recogniser(settings.recogniser), settings.max_bytes)
        tally = show(again, settings.batch, console, write=not dry_run, verbose=verbose)
    if tally.failed:
        raise typer.Exit(1)


@app.command()
def restory(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also articles that today's rules have compared.")
    ] = False,
) -> None:
    """Find the stories of articles that were stored without, or compared by older rules.

    What was stored before there were stories is a story each until this has run. It may be stopped
    at any time and started again, and workers may go on beside it.
    """
    with stack.services() as settings:
        from worker import db  # noqa: PLC0415 - needs the services' addresses

        db.migrate(db.engine())
        from worker.show.restory import show  # noqa: PLC0415 - needs the services' addresses

        show(settings.batch, settings.max_bytes, console, everything=everything)


@app.command()
def status(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show it again every 2 s, until Ctrl-C.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of it as a JSON object, for programs.")
    ] = False,
) -> None:
    """Show how things stand: deliveries, backlog, rate, workers, quarantine, alarms.

    With what to type to retry what is quarantined.
    """
    with stack.services():
        from worker.show import refresh  # noqa: PLC0415 - needs the services' addresses

        (refresh.keep_showing if watch else refresh.show)(console, json=as_json)


@app.command()
def explain(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|ID...",
            help="A delivery's number; a file, in the inbox or elsewhere; or the name that it "
            "came by, with its feed or without.",
            show_default=False,
        ),
    ],
    *,
    tracebacks: Annotated[
        bool, typer.Option("--traceback", help="Add the tracebacks of errors.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, an object a line.")] = False,
) -> None:
    """Say what became of a file: when it came, each step, errors, where it is, what to do.

    Also why a file in the inbox is not taken. Exits with 1 if nothing is known of one.
    """
    with stack.services():
        from worker import db  # noqa: PLC0415 - needs the services' addresses
        from worker.show import story as tell  # noqa: PLC0415 - needs the services' addresses

        db.migrate(db.engine())
        known = [tell.tell(each, console, as_json=as_json, tracebacks=tracebacks) for each in what]
    if not all(known):
        raise typer.Exit(1)


@app.command()
def health(
    role: Annotated[Role | None, typer.Argument(help="Whose health; else the stack's.")] = None,
    within: Annotated[float, typer.Option(help="Seconds to wait for a sign of work.")] = 20,
) -> None:
    """Prove that the stack, or this machine's worker, intake or Flower, works; exits with 1 if not.

    For the stack: a message of the common queue is consumed and written to Postgres, and intake
    wrote lately. For a worker: it does so itself. For intake: its loop wrote to Postgres lately.
    For Flower: it serves a page that reaches Postgres.
    """
    try:
        with stack.services() as settings:
            from worker import health as check  # noqa: PLC0415 - needs the services' addresses

            match role:
                case None:
                    for sentence in check.check_stack(within):
                        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
                    return
                case Role.worker:
                    check.check_worker(within)
                case Role.intake:
                    check.check_intake()
                case Role.flower:
                    check.check_flower(settings.flower_port)
    except UserError as error:
        # Docker wants 1: other numbers are not for health checks.
        typer.echo(f"Not healthy: {error}", err=True)
        raise typer.Exit(1) from error
    console.print(f"{role} is healthy.")
