"""The `rotative entities` commands: look at entities, and decide about them."""

from __future__ import annotations

import getpass
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from worker import stack
from worker.errors import UserError
from worker.terminal import console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from worker.core.enrich.judgements import Judgement, Judgements, Kind
    from worker.judgements import Outcome

app = typer.Typer(
    help="Look at the entities that articles name, and put right what the machine got wrong. "
    "What is decided holds for stored articles at once and for all that come.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Key = Annotated[
    str, typer.Argument(help="An entity's key, or its name if only one is called that.")
]
By = Annotated[str | None, typer.Option("--by", help="Who decides; else the user's name.")]
Note = Annotated[str | None, typer.Option("--note", help="Why, for those who come later.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, an object a line.")]


class Label(StrEnum):
    """What an entity may be."""

    PER = "PER"
    ORG = "ORG"
    LOC = "LOC"
    MISC = "MISC"


@contextmanager
def _corpus() -> Iterator[Connection]:
    """A transaction on a database that has our schema."""
    with stack.services():
        from worker import db  # noqa: PLC0415 - needs the database's address

        db.migrate(db.engine())
        with db.transaction() as connection:
            yield connection


# --- Looking --------------------------------------------------------------------------------


@app.command("list")
def list_(
    *,
    label: Annotated[Label | None, typer.Option(help="Only these.", case_sensitive=False)] = None,
    like: Annotated[
        str | None, typer.Option(help="Only those with this in a name, a spelling or the key.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """List entities, the most named first."""
    from worker import catalogue  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        rows = catalogue.listed(connection, label and label.value, like, limit)
    if as_json:
        for row in rows:
            print_json(row._asdict())
        return
    table = Table()
    table.add_column("Name", overflow="fold")
    table.add_column("Key", overflow="fold")
    for column in ("Label", "Mentions", "Articles", "Spellings"):
        table.add_column(column, justify="left" if column == "Label" else "right")
    for row in rows:
        table.add_row(Text(row.name), Text(row.key), row.label, *map(str, row[3:]))
    console.print(table if rows else "There are no such entities.")


@app.command()
def show(key: Key, *, as_json: AsJson = False) -> None:
    """Show an entity: its spellings, its latest articles, and what was decided about it."""
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        decided = judgements.in_force(connection)
        asked = catalogue.resolve(connection, decided, key)
        entity = catalogue.shown(connection, decided.merged(asked))
        known = judgements.history(connection)
    merged = decided.merged_into(entity.key)
    about = {number: each for number, each in known.items() if _concerns(each, entity.key)}
    if as_json:
        print_json(
            entity._asdict()
            | {
                "spellings": [spelling._asdict() for spelling in entity.spellings],
                "articles": [article._asdict() for article in entity.articles],
                "ignored": decided.is_ignored(entity.key),
                "merged": merged,
                "judgements": [
                    {"id": number, **judgements.to_json(each)} for number, each in about.items()
                ],
            }
        )
        return
    if asked != entity.key:
        _say(f"{asked} was merged into {entity.key}.")
    known_as = f", {entity.wikidata}" if entity.wikidata else ""
    _say(f"{entity.name} ({entity.label}, {entity.key}{known_as})")
    if decided.is_ignored(entity.key):
        _say("Its own mentions are ignored.")
    if merged:
        _say(f"Merged into it: {', '.join(merged)}.")
    _print_table(
        "Spellings",
        ("Spelling", "Mentions", "Articles"),
        [(row.surface, str(row.mentions), str(row.articles)) for row in entity.spellings],
    )
    _print_table(
        "Latest articles",
        ("Title", "Date", "Article", "Mentions"),
        [
            (row.title or "no title", str(row.published or "–"), str(row.id), str(row.mentions))
            for row in entity.articles
        ],
    )
    _print_history(about, decided)


@app.command()
def history(
    key: Annotated[str | None, typer.Argument(help="Only what concerns this key.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List what was decided, with the numbers that `undo` takes."""
    from worker import judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        decided = judgements.in_force(connection)
        known = judgements.history(connection)
    about = {number: each for number, each in known.items() if not key or _concerns(each, key)}
    if as_json:
        for number, judgement in about.items():
            print_json({"id": number, **judgements.to_json(judgement)})
    elif about:
        _print_history(about, decided)
    else:
        console.print("Nothing was decided yet.")


# --- Deciding -------------------------------------------------------------------------------


@app.command()
def merge(
    key: Key,
    into: Annotated[str, typer.Argument(help="The entity that it is, by key or name.")],
    *,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="INTO is a key that no article has named yet.")
    ] = False,
    by: By = None,
    note: Note = None,
) -> None:
    """Say that two entities are one: every mention found as KEY is INTO."""
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        decided = judgements.alone(connection)
        target = into if unseen else catalogue.resolve(connection, decided, into)
        key = catalogue.resolve(connection, decided, key)
        made = _judgement("merge", key, by, note, target=target)
        number, outcome = judgements.make(connection, made)
    _tell(number, made, outcome)


@app.command()
def split(  # noqa: PLR0913 - one for each piece of evidence
    key: Key,
    *,
    name: Annotated[str, typer.Option(help="The other's name, which its key is made from too.")],
    surface: Annotated[
        str | None, typer.Option(help="Where the name is spelt so; case and accents aside.")
    ] = None,
    article: Annotated[int | None, typer.Option(help="In the article of this id.")] = None,
    with_: Annotated[
        str | None, typer.Option("--with", help="In articles that also name this entity.")
    ] = None,
    by: By = None,
    note: Note = None,
) -> None:
    """Say that some mentions are of another who has the same name.

    Which ones, is told by at least one of --surface, --article and --with; if by several, all must
    hold.
    """
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load
    from worker.core.characters import squeeze  # noqa: PLC0415
    from worker.core.enrich.folding import entity_key  # noqa: PLC0415

    if surface is None and article is None and with_ is None:
        raise UserError("Say which mentions are meant: by --surface, --article or --with.")
    with _corpus() as connection:
        decided = judgements.alone(connection)
        key = catalogue.resolve(connection, decided, key)
        target = entity_key(name, Label(key.partition(":")[0].upper()).value)
        if target == key:
            raise UserError(
                f"Under the name {name} both would have the key {key}: give one that tells them "
                f"apart, as “{name} (footballeur)”; `rotative entities rename` can shorten it."
            )
        made = _judgement(
            "split",
            key,
            by,
            note,
            target=target,
            name=squeeze(name),
            surface=surface and squeeze(surface),
            content_hash=None if article is None else catalogue.content_hash(connection, article),
            with_key=with_ and catalogue.resolve(connection, decided, with_),
        )
        number, outcome = judgements.make(connection, made)
    _tell(number, made, outcome)


@app.command()
def rename(
    key: Key,
    name: Annotated[str, typer.Argument(help="The name to show.")],
    *,
    by: By = None,
    note: Note = None,
) -> None:
    """Give an entity another canonical name; its key stays."""
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load
    from worker.core.characters import squeeze  # noqa: PLC0415

    with _corpus() as connection:
        decided = judgements.alone(connection)
        key = catalogue.resolve(connection, decided, key)
        if (merged := decided.merged(key)) != key:
            raise UserError(f"{key} was merged into {merged}: rename that.")
        made = _judgement("rename", key, by, note, name=squeeze(name))
        number, outcome = judgements.make(connection, made)
    _tell(number, made, outcome)


@app.command()
def ignore(key: Key, *, by: By = None, note: Note = None) -> None:
    """Say that something is no entity: its mentions are left out everywhere."""
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        key = catalogue.resolve(connection, judgements.alone(connection), key)
        made = _judgement("ignore", key, by, note)
        number, outcome = judgements.make(connection, made)
    _tell(number, made, outcome)


@app.command()
def undo(
    number: Annotated[int, typer.Argument(help="The judgement, as `history` numbers it.")],
) -> None:
    """Take a judgement back: everything is as if it had never been made."""
    from worker import judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        undone, outcome = judgements.undo(connection, number)
    _say(f"Undone: {undone}; {_moved(outcome)}.")


# --- Taking judgements elsewhere ------------------------------------------------------------


@app.command()
def export() -> None:
    """Write all judgements to standard output, a JSON object a line, for `replay`."""
    from worker import judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        known = judgements.history(connection)
    for judgement in known.values():
        print_json(judgements.to_json(judgement))


@app.command()
def replay(
    file: Annotated[
        typer.FileText,
        typer.Argument(
            help="What `export` wrote; - reads the input.",
            encoding="utf-8",
            errors="surrogateescape",
        ),
    ],
) -> None:
    """Take over judgements from a file, here or in another database; twice is as good as once."""
    from worker import judgements  # noqa: PLC0415 - the models are slow to load

    read = list(_read(file))
    with _corpus() as connection:
        taken, outcome = judgements.replay(connection, read)
        void = judgements.in_force(connection).void
    _say(f"{len(taken)} of {len(read)} judgements were new; {_moved(outcome)}.")
    for judgement in void:
        _say(f"Not in force, since it would lead back to itself: {judgement}.")


def _read(file: IO[str]) -> Iterator[Judgement]:
    from worker.judgements import from_json  # noqa: PLC0415 - the models are slow to load

    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield from_json(line)
            except ValueError as error:
                raise UserError(f"Line {number} of {file.name} is no judgement: {error}.") from None


# --- Words ----------------------------------------------------------------------------------


def _judgement(kind: Kind, key: str, by: str | None, note: str | None, **others: Any) -> Judgement:
    from worker.core.characters import squeeze  # noqa: PLC0415 - the models are slow to load
    from worker.core.enrich.judgements import Judgement  # noqa: PLC0415

    try:
        made_by = by or getpass.getuser()
    except (KeyError, OSError):
        raise UserError("This user has no name here: say who decides with --by.") from None
    try:
        return Judgement(
            uuid=uuid.uuid4(),
            made_at=datetime.now(UTC),
            made_by=made_by,
            kind=kind,
            key=key,
            note=note and squeeze(note),
            **others,
        )
    except ValueError as error:
        raise UserError(f"That cannot be decided: {error}.") from None


def _concerns(judgement: Judgement, key: str) -> bool:
    return key in {judgement.key, judgement.target, judgement.with_key}


def _tell(number: int, judgement: Judgement, outcome: Outcome) -> None:
    changed = "" if judgement.kind == "rename" else f"; {_moved(outcome)}"
    _say(f"{judgement}{changed}. `rotative entities undo {number}` takes it back.")


def _moved(outcome: Outcome) -> str:
    mentions = "1 mention" if outcome.mentions == 1 else f"{outcome.mentions} mentions"
    articles = "1 article" if outcome.articles == 1 else f"{outcome.articles} articles"
    return f"{mentions} in {articles} changed"


def _say(sentence: str) -> None:
    # As Text: a name is no markup, whatever is in it.
    console.print(Text(sentence), highlight=False, soft_wrap=True)


def _print_table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _print_history(known: dict[int, Judgement], decided: Judgements) -> None:
    def state(judgement: Judgement) -> str:
        if judgement.undone_at:
            return f"undone {judgement.undone_at:%Y-%m-%d}"
        return "leads back to itself" if judgement in decided.void else ""

    _print_table(
        "Judgements",
        ("Judgement", "Number", "Made", "By", "Note", "State"),
        [
            (
                str(judgement),
                str(number),
                f"{judgement.made_at:%Y-%m-%d %H:%M}",
                judgement.made_by,
                judgement.note or "",
                state(judgement),
            )
            for number, judgement in known.items()
        ],
    )
