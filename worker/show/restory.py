"""What `rotative restory` prints: how far it is, and the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.show.terminal import articles_bar
from worker.stories.restory import due, place_all

if TYPE_CHECKING:
    from rich.console import Console


def show(batch: int, max_bytes: int, console: Console, *, everything: bool) -> None:
    """Place articles in their stories, so many at a time, and say how many they were."""
    done = 0
    with articles_bar(console) as progress:
        bar = progress.add_task("articles", total=due(everything=everything))
        for number in place_all(batch, max_bytes, everything=everything):
            done += number
            progress.advance(bar, number)
    console.print(f"{done} articles compared with all others.", highlight=False)
