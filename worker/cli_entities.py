"""The `rotative entities` commands: look at entities, and decide about them."""

from __future__ import annotations

import getpass
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from worker import stack
from worker.errors import UserError
from worker.show import entities as show_entities
from worker.show.terminal import print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from worker.core.enrich.judgements import Judgement, Kind

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
    else:
        show_entities.print_list(rows)


@app.command()
def show(key: Key, *, as_json: AsJson = False) -> None:
    """Show an entity: its spellings, its latest articles, and what was decided about it."""
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        decided = judgements.in_force(connection)
        asked = catalogue.resolve(connection, decided, key)
        entity = catalogue.shown(connection, decided.merged(asked))
        known = judgements.history(connection)
    about = {number: each for number, each in known.items() if _concerns(each, entity.key)}
    if as_json:
        show_entities.print_entity_json(entity, about, decided)
    else:
        show_entities.print_entity(entity, asked, about, decided)


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
        show_entities.print_history_json(about)
    elif about:
        show_entities.print_history(about, decided)
    else:
        show_entities.say("Nothing was decided yet.")


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
    show_entities.say_made(number, made, outcome)


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
    show_entities.say_made(number, made, outcome)


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
    show_entities.say_made(number, made, outcome)


@app.command()
def ignore(key: Key, *, by: By = None, note: Note = None) -> None:
    """Say that something is no entity: its mentions are left out everywhere."""
    from worker import catalogue, judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        key = catalogue.resolve(connection, judgements.alone(connection), key)
        made = _judgement("ignore", key, by, note)
        number, outcome = judgements.make(connection, made)
    show_entities.say_made(number, made, outcome)


@app.command()
def undo(
    number: Annotated[int, typer.Argument(help="The judgement, as `history` numbers it.")],
) -> None:
    """Take a judgement back: everything is as if it had never been made."""
    from worker import judgements  # noqa: PLC0415 - the models are slow to load

    with _corpus() as connection:
        undone, outcome = judgements.undo(connection, number)
    show_entities.say(f"Undone: {undone}; {show_entities.moved(outcome)}.")


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
    show_entities.say(
        f"{len(taken)} of {len(read)} judgements were new; {show_entities.moved(outcome)}."
    )
    for judgement in void:
        show_entities.say(f"Not in force, since it would lead back to itself: {judgement}.")


def _read(file: IO[str]) -> Iterator[Judgement]:
    from worker.judgements import from_json  # noqa: PLC0415 - the models are slow to load

    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield from_json(line)
            except ValueError as error:
                raise UserError(f"Line {number} of {file.name} is no judgement: {error}.") from None


# --- Judgements -----------------------------------------------------------------------------


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
