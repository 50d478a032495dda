"""Entities, and what was decided about them: tables and sentences for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from worker.show.terminal import console, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.catalogue import Listed, Shown
    from worker.core.enrich.judgements import Judgement, Judgements
    from worker.judgements import Outcome


def say(sentence: str) -> None:
    """Print a sentence on a line of its own."""
    # As Text: a name is no markup, whatever is in it.
    console.print(Text(sentence), highlight=False, soft_wrap=True)


def print_list(rows: Sequence[Listed]) -> None:
    """Print entities, one a line of a table."""
    table = Table()
    table.add_column("Name", overflow="fold")
    table.add_column("Key", overflow="fold")
    for column in ("Label", "Mentions", "Articles", "Spellings"):
        table.add_column(column, justify="left" if column == "Label" else "right")
    for row in rows:
        table.add_row(Text(row.name), Text(row.key), row.label, *map(str, row[3:]))
    console.print(table if rows else "There are no such entities.")


def print_entity(
    entity: Shown, asked: str, about: Mapping[int, Judgement], decided: Judgements
) -> None:
    """Print all about an entity.

    Args:
        entity: what is shown.
        asked: the key that was asked for, which may be merged into the entity's.
        about: the judgements that concern it, by number.
        decided: all that are in force.
    """
    if asked != entity.key:
        say(f"{asked} was merged into {entity.key}.")
    known_as = f", {entity.wikidata}" if entity.wikidata else ""
    say(f"{entity.name} ({entity.label}, {entity.key}{known_as})")
    if decided.is_ignored(entity.key):
        say("Its own mentions are ignored.")
    if merged := decided.merged_into(entity.key):
        say(f"Merged into it: {', '.join(merged)}.")
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
    print_history(about, decided)


def print_entity_json(entity: Shown, about: Mapping[int, Judgement], decided: Judgements) -> None:
    """Print all about an entity as one JSON object; the arguments are ``print_entity``'s."""
    print_json(
        entity._asdict()
        | {
            "spellings": [spelling._asdict() for spelling in entity.spellings],
            "articles": [article._asdict() for article in entity.articles],
            "ignored": decided.is_ignored(entity.key),
            "merged": decided.merged_into(entity.key),
            "judgements": [_numbered(number, each) for number, each in about.items()],
        }
    )


def print_history(known: Mapping[int, Judgement], decided: Judgements) -> None:
    """Print judgements by their numbers; ``decided`` says which are not in force."""

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


def print_history_json(known: Mapping[int, Judgement]) -> None:
    """Print judgements with their numbers, a JSON object a line."""
    for number, judgement in known.items():
        print_json(_numbered(number, judgement))


def say_made(number: int, judgement: Judgement, outcome: Outcome) -> None:
    """Say what a new judgement changed, and how to take it back."""
    changed = "" if judgement.kind == "rename" else f"; {moved(outcome)}"
    say(f"{judgement}{changed}. `rotative entities undo {number}` takes it back.")


def moved(outcome: Outcome) -> str:
    """How much a judgement changed, as part of a sentence."""
    mentions = "1 mention" if outcome.mentions == 1 else f"{outcome.mentions} mentions"
    articles = "1 article" if outcome.articles == 1 else f"{outcome.articles} articles"
    return f"{mentions} in {articles} changed"


def _numbered(number: int, judgement: Judgement) -> dict[str, object]:
    from worker.judgements import to_json  # noqa: PLC0415 - the models are slow to load

    return {"id": number, **to_json(judgement)}


def _print_table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
