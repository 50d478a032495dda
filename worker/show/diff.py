"""A file before and after clean, side by side, for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.clean.segments import is_removed
from worker.core.clean.source import read
from worker.core.clean.structure import label
from worker.errors import Permanent
from worker.show.terminal import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from worker.core.article import CleanArticle, RawArticle, Repair
    from worker.core.clean.segments import Segment

_GONE: Final = "red"
_FIELD: Final = "green"
_BEFORE: Final = "bold red"
_AFTER: Final = "bold green"
_MARKED: Final = frozenset({"glue", "invisible"})
"""Rules whose repairs are worth a colour; odd blanks would only make the page restless."""


def side_by_side(raw: RawArticle) -> RenderableType:
    """A table of the file's pieces in order: what each is, as it was delivered, and as it reads."""
    try:
        decoded = decode(raw.data)
        source = read(decoded, raw.file)
        article = clean(decoded, raw.file)
    except Permanent as error:
        return shown(f"{raw.file}: rejected, {error.reason}: {error.detail}", "yellow")
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("Part", no_wrap=True)
    table.add_column("As delivered", ratio=1)
    table.add_column("As stored", ratio=1)
    for segment in label(source.text, source.title):
        if segment.part != "whitespace":
            table.add_row(*_row(source.text, segment, article.repairs))
    title = shown(f"{raw.file} ({source.format}, {source.encoding})", "bold")
    return Group(title, table, _summary(source.text, article))


def _row(text: str, segment: Segment, repairs: Sequence[Repair]) -> tuple[Text, Text, Text]:
    if is_removed(segment.part):
        return (
            Text(segment.part, style=_GONE),
            shown(segment.stretch.of(text), _GONE),
            Text(),
        )
    start, end = segment.stretch
    inside = [repair for repair in repairs if start <= repair.start < end]
    before, after = Text(), Text()
    for part, repair in _pieces(text, start, end, inside):
        before.append_text(shown(part))
        after.append_text(shown(part))
        if repair:
            marked = repair.rule in _MARKED
            before.append_text(shown(repair.before, _BEFORE if marked else ""))
            after.append_text(shown(repair.after, _AFTER if marked else ""))
    return Text(segment.part, style=_FIELD), before, after


def _pieces(
    text: str, start: int, end: int, repairs: Sequence[Repair]
) -> Iterator[tuple[str, Repair | None]]:
    """The stretches between repairs, each with the repair that follows it."""
    for repair in repairs:
        yield text[start : repair.start], repair
        start = repair.end
    yield text[start:end], None


def _summary(text: str, article: CleanArticle) -> Text:
    """How many characters were left out, by what they are, and how many words put right."""
    removed = Counter[str]()
    for span in article.removed:
        removed[span.kind] += len("".join(text[span.start : span.end].split()))
    del removed["whitespace"]
    rules = Counter(repair.rule for repair in article.repairs)
    lines = [
        f"Published {article.published or 'unknown'}"
        + (f", flags: {', '.join(article.flags)}" if article.flags else ""),
        _counted("Characters removed", removed),
        _counted("Repairs", rules),
    ]
    return Text("\n".join(lines))


def _counted(what: str, counts: Counter[str]) -> str:
    named = ", ".join(f"{name} {number}" for name, number in counts.most_common())
    return f"{what}: {counts.total()}{f' ({named})' if named else ''}"
