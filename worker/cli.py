"""The `rotative` command: one subcommand for each thing a person does."""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from rich.console import Console
from rich.text import Text
from sqlalchemy.exc import OperationalError

from worker import cli_entities, cli_operate, config, logs, stack
from worker.errors import UserError, last_words
from worker.show.terminal import console, print_json

app = typer.Typer(
    help="Turn a folder that articles are dropped into, into a Postgres corpus.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(cli_operate.app)
app.add_typer(cli_entities.app, name="entities")
Paths = Annotated[list[Path], typer.Argument(help="Files, or folders with all that is in them.")]


class Format(StrEnum):
    """What `export` can write."""

    jsonl = "jsonl"


@app.command()
def up() -> None:
    """Run the whole stack here: services, intake, a worker and Flower. Ctrl-C stops it all.

    Postgres and Redis are embedded unless DATABASE_URL and REDIS_URL name others. Drop files
    into a subfolder of the inbox; the subfolder is their feed.
    """
    with stack.services() as settings:
        logs.setup(settings)
        _migrate()
        settings.inbox.mkdir(parents=True, exist_ok=True)
        console.print(f"Inbox:   {settings.inbox.resolve()}", highlight=False, markup=False)
        console.print(
            f"Flower:  http://{settings.flower_address}:{settings.flower_port}", highlight=False
        )
        console.print("Ctrl-C stops everything.")
        stack.supervise(["watch", "worker", "flower"])


@app.command()
def ingest(
    paths: Paths,
    feed: Annotated[
        str | None, typer.Option(help="The feed of all files; else their first folder.")
    ] = None,
) -> None:
    """Take files once, wait for the end, and show what was stored, what not, and why.

    The files stay where they are. Exits with 0 if none is quarantined or was left alone.
    """
    with stack.services():
        from worker import ingest as one_shot  # noqa: PLC0415 - needs the services' addresses

        run = one_shot.ingest(paths, feed, console)
        one_shot.show(run, console)
    if run.counts["quarantined"] or run.outstanding or run.left_alone:
        raise typer.Exit(1)


@app.command()
def watch() -> None:
    """Run intake alone: watch the inbox and hand what is complete to the workers."""
    with stack.services() as settings:
        logs.setup(settings)
        from worker.metrics.exposition import of_intake  # noqa: PLC0415 - others start faster without
        from worker.watch import Watch  # noqa: PLC0415 - needs the services' addresses

        intake = Watch(settings)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: intake.stop())
        with of_intake(settings):
            intake.run()


@app.command()
def worker() -> None:
    """Run a worker: ROTATIVE_CONCURRENCY processes that do the steps."""
    with stack.services() as settings:
        from worker import pulse  # noqa: PLC0415
        from worker.app import app as celery  # noqa: PLC0415 - needs the broker's address
        from worker.health import name_of  # noqa: PLC0415
        from worker.metrics.exposition import of_worker  # noqa: PLC0415

        arguments = [
            "--quiet",  # no banner: it is no line of a log
            "worker",
            f"--hostname={name_of('worker')}",
            f"--concurrency={settings.concurrency}",
            f"--queues={settings.queue},{settings.bulk_queue}",
            f"--loglevel={settings.log_level}",
            # Workers need not know of each other; without it they start a second sooner.
            "--without-gossip",
            "--without-mingle",
        ]
        with of_worker(settings), pulse.beating():
            celery.worker_main(arguments)


@app.command()
def flower() -> None:
    """Run Flower, the operator's page."""
    with stack.services() as settings:
        from worker import flower as page  # noqa: PLC0415 - needs the broker's address

        page.run(settings)


@app.command()
def migrate() -> None:
    """Bring the database's schema to the newest version."""
    with stack.services():
        _migrate()
    console.print("The schema is up to date.")


@app.command()
def process(
    files: Paths,
    *,
    raw: Annotated[
        bool, typer.Option("--raw", help="Add the text that the offsets refer to.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show each file before and after clean, side by side.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Show each article with its mentions in colour.")
    ] = False,
) -> None:
    """Clean and enrich files without database or broker, and print a JSON object for each."""
    from worker.core.article import RawArticle  # noqa: PLC0415 - the model's libraries are slow
    from worker.inbox import find, printable  # noqa: PLC0415

    settings = config.load()
    articles = (
        RawArticle(printable(path.name), None, inbox.slurp(path, settings.max_bytes))
        for inbox, path in find(files, settings.ignore)
    )
    if diff:
        from worker.show.diff import side_by_side  # noqa: PLC0415

        for article in articles:
            console.print(side_by_side(article))
        return

    from worker.core.clean.decode import decode  # noqa: PLC0415
    from worker.core.clean.source import read  # noqa: PLC0415
    from worker.core.enrich.recognise import load_recogniser  # noqa: PLC0415
    from worker.core.process import process as run  # noqa: PLC0415

    recognisers = load_recogniser(settings.recogniser)
    if show:
        from worker.show.article import in_colour  # noqa: PLC0415

        for article in articles:
            console.print(in_colour(article, recognisers, settings.max_bytes))
        return

    for article in articles:
        found = run(article, recognisers, settings.max_bytes)
        if raw and found["disposition"] == "stored":
            found["raw"] = read(decode(article.data), article.file).text
        print_json(found)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="An article's number, or a file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The same of a later one.")],
) -> None:
    """Show what changed from one article to another: words, figures, entities.

    Stored articles are named by the `id` that `export` prints. Two files are compared as they would
    be stored, without database or broker.
    """
    from worker.show import changes  # noqa: PLC0415 - others start faster without

    if before.isdecimal() and after.isdecimal():
        with stack.services():
            console.print(changes.of_articles(int(before), int(after)))
    else:
        console.print(changes.of_files(Path(before), Path(after), config.load()))


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.jsonl,
    *,
    current: Annotated[
        bool,
        typer.Option(
            "--current",
            help="Each story once, as its newest version, with `story` and `version`; none that "
            "was withdrawn.",
        ),
    ] = False,
) -> None:
    """Write all stored articles to standard output, a JSON object a line."""
    with stack.services():
        from worker import db  # noqa: PLC0415 - needs the database's address
        from worker.export import export as articles  # noqa: PLC0415

        with db.snapshot() as connection:
            for article in articles(connection, current=current):
                match form:
                    case Format.jsonl:
                        print_json(article)


def main() -> None:
    """Run the command; what a person can put right is said in a sentence."""
    # Leave through every `finally`, also as the first process of a container, which has no default
    # for SIGTERM, and when a terminal is closed.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    try:
        app()
    except UserError as error:
        _fail(str(error))
    except OperationalError as error:
        _fail(f"Postgres cannot be reached: {last_words(error)} Is DATABASE_URL right?")
    except (RedisError, BrokerError) as error:
        _fail(f"Redis cannot be reached: {last_words(error)} Is REDIS_URL right?")
    except BrokenPipeError:
        # Whoever read our output has left, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(sentence: str) -> NoReturn:
    text = Text.assemble(("rotative: ", "red"), sentence)
    Console(stderr=True).print(text, highlight=False, soft_wrap=True)
    sys.exit(2)


def _migrate() -> None:
    from worker import db  # noqa: PLC0415 - needs the database's address

    db.migrate(db.engine())


if __name__ == "__main__":
    main()
