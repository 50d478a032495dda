"""An article with its mentions in colour, for a person at a terminal."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from worker.core.article import FIELDS
from worker.core.process import made_of
from worker.errors import Permanent
from worker.show.terminal import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from worker.core.article import EnrichedArticle, FieldName, Label, Mention, RawArticle
    from worker.core.enrich.recognise import Recogniser

COLOURS: Final[Mapping[Label, str]] = {
    "PER": "bold magenta",
    "ORG": "bold blue",
    "LOC": "bold green",
    "MISC": "bold yellow",
    "DATE": "cyan",
    "MONEY": "red",
}


def in_colour(
    raw: RawArticle, recognisers: Mapping[str, Recogniser], max_bytes: int
) -> RenderableType:
    """The fields of a file's article with its mentions marked, and a table of what they mean."""
    try:
        article = made_of(raw, recognisers, max_bytes)
    except Permanent as error:
        return shown(f"{raw.file}: rejected, {error.reason}: {error.detail}", "yellow")
    head = f"{raw.file}: {article.language or 'unknown language'}, names by {article.recogniser}"
    fields = (_field(article, name) for name in FIELDS if article.clean.field(name))
    return Group(shown(head, "dim"), _legend(), "", *fields, _table(article.mentions), "")


def _legend() -> Text:
    return Text("  ").join(Text(label, style) for label, style in COLOURS.items())


def _field(article: EnrichedArticle, name: FieldName) -> Text:
    text = article.clean.field(name)
    style = "bold" if name == "title" else ""
    marked, last = Text(), 0
    for mention in article.mentions:
        if mention.field == name:
            marked.append_text(shown(text[last : mention.start], style))
            marked.append_text(shown(mention.surface, COLOURS[mention.label]))
            last = mention.end
    marked.append_text(shown(text[last:], style))
    return marked.append("\n")


def _table(mentions: Sequence[Mention]) -> Table:
    """What the mentions mean: each entity, date and amount once, with its spellings."""
    surfaces: dict[tuple[Label, str | None, str | None], dict[str, int]] = defaultdict(dict)
    for each in mentions:
        spellings = surfaces[each.label, each.canonical, each.entity]
        spellings[each.surface] = spellings.get(each.surface, 0) + 1
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("Label", "Canonical", "Key", "As printed"):
        table.add_column(column, overflow="fold")
    for (label, canonical, entity), spellings in sorted(
        surfaces.items(), key=lambda item: (tuple(COLOURS).index(item[0][0]), item[0][1] or "")
    ):
        table.add_row(
            Text(label, COLOURS[label]),
            shown(canonical or ""),
            shown(entity or ""),
            shown(", ".join(f"{name} ×{n}" if n > 1 else name for name, n in spellings.items())),
        )
    return table
