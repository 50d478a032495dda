"""What `rotative explain` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console

from worker import db
from worker.errors import UserError
from worker.explain import clock, in_a_line, sentences
from worker.explain.lookup import find
from worker.explain.story import gather
from worker.show.terminal import print_json, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.explain.story import Story


def tell(what: str, console: Console, *, as_json: bool, tracebacks: bool) -> bool:
    """Print what is known of a file or a number; False if that is nothing."""
    try:
        with db.transaction() as connection:
            found = find(connection, what)
            story = gather(connection, found.deliveries[0].id) if found.deliveries else None
    except UserError as error:
        _print(Console(stderr=True), [str(error)])
        return False
    said = [*found.sentences, *(sentences(story) if story else ())]
    others = found.deliveries[1:]
    if as_json:
        print_json(
            {
                "asked": what,
                "sentences": said,
                "delivery": story and asdict(story),
                "deliveries": found.in_all,
                "others": [asdict(other) for other in others],
            }
        )
        return True
    _print(console, said)
    if tracebacks and story:
        _print(console, _tracebacks(story))
    if story and others:
        head = f"Delivery {story.id} is the newest of {found.in_all:,}, these the ones before:"
        _print(console, ["", head, *map(in_a_line, others)])
    console.print()
    return True


def _tracebacks(story: Story) -> list[str]:
    return [
        f"\n{each.step} at {clock(story, each.started_at)}:\n{each.traceback.rstrip()}"
        for each in story.tries
        if each.traceback
    ]


def _print(console: Console, lines: Sequence[str]) -> None:
    for line in lines:
        console.print(shown(line), soft_wrap=True)
