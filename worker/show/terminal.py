"""Where commands print: for people on a console, for programs as JSON lines."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from worker.core.characters import DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where nobody looks, in a pipe or a log, 80 columns would only squeeze the tables.
console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 140)

# What a file may not do to the terminal: its control characters and those that turn the direction
# of writing are shown, never sent.
_PICTURES: Final = dict.fromkeys((*range(0x7F, 0xA0), *map(ord, DIRECTIONS)), 0xFFFD) | {
    n: 0x2400 + n for n in range(0x20) if chr(n) not in "\n\t"
}


def shown(text: str, style: str = "") -> Text:
    """Text out of a file, harmless to the terminal."""
    return Text(text.translate(_PICTURES), style=style)


def print_json(value: Mapping[str, object]) -> None:
    """Print an object on a line of its own; what JSON has no form for, as its text."""
    print(json.dumps(value, ensure_ascii=False, default=str))  # noqa: T201 - a program reads it


def articles_bar(console: Console) -> Progress:
    """How many articles are done, how many there are, and how long it takes; on a terminal only."""
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("articles"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
