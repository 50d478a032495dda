"""What `rotative diff` prints: what changed from one article to another."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from worker.core.article import RawArticle
from worker.core.process import made_of
from worker.core.stories.changes import compare, telling
from worker.errors import Permanent, UserError
from worker.inbox import find, printable
from worker.show.terminal import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rich.console import RenderableType

    from worker.config import Settings
    from worker.core.stories.changes import Changes, Differences, Passage, Run, RunKind, Telling

_LARGEST: Final = 2**63 - 1  # that Postgres has as an id
_STYLES: Final[dict[RunKind, str]] = {"same": "", "gone": "red", "new": "bold green"}
_MARKS: Final[dict[RunKind, tuple[str, str]]] = {
    "same": ("", ""),
    "gone": ("[-", "-]"),
    "new": ("{+", "+}"),
}
"""Around words, as wdiff prints them: a pipe or a blind eye knows no colours."""


def of_articles(before: int, after: int) -> RenderableType:
    """What changed between two stored articles, by their ids.

    Raises:
        UserError: there is no such article.
    """
    from worker import db  # noqa: PLC0415 - needs the database's address
    from worker.explain.tellings import gather  # noqa: PLC0415

    with db.transaction() as connection:
        found = gather(connection, [each for each in (before, after) if each <= _LARGEST])
    for each in (before, after):
        if each not in found:
            raise UserError(f"There is no article {each}: `rotative export` prints their ids.")
    return changed(found[before], found[after])


def of_files(before: Path, after: Path, settings: Settings) -> RenderableType:
    """What changed between the articles of two files.

    Raises:
        UserError: a file cannot be read, or is no article.
    """
    raws = [_raw(path, settings.max_bytes) for path in (before, after)]
    from worker.core.enrich.recognise import load_recogniser  # noqa: PLC0415 - it is slow

    recognisers = load_recogniser(settings.recogniser)
    tellings = []
    for raw in raws:
        try:
            article = made_of(raw, recognisers, settings.max_bytes)
        except Permanent as error:
            raise UserError(f"{raw.file} is no article: {error.detail}.") from error
        tellings.append(telling(article))
    return changed(*tellings)


def _raw(path: Path, max_bytes: int) -> RawArticle:
    if path.is_dir():
        raise UserError(f"{path} is a folder: name two files, or two articles by their numbers.")
    ((inbox, name),) = find([path], ())
    return RawArticle(printable(path.name), None, inbox.slurp(name, max_bytes))


def changed(before: Telling, after: Telling) -> RenderableType:
    """Title and paragraphs with what is gone and what is new; then figures and entities alone."""
    changes = compare(before, after)
    if not changes.any:
        return Text("They tell the same in the same words.")
    return Group(*_told(changes.passages), *_summary(changes))


def _told(passages: Iterable[Passage]) -> Iterator[Text]:
    for same, run in groupby(passages, key=_is_left_out):
        paragraphs = list(run)
        if same:
            number = len(paragraphs)
            are = "paragraph is" if number == 1 else "paragraphs are"
            yield Text(f"… {number} {are} the same", "dim").append("\n")
            continue
        for passage in paragraphs:
            words = Text(" ").join(map(_marked, passage.runs))
            if passage.field == "title":
                words.stylize_before("bold")
            yield words.append("\n")


def _is_left_out(passage: Passage) -> bool:
    return passage.kind == "same" and passage.field != "title"


def _marked(run: Run) -> Text:
    before, after = _MARKS[run.kind]
    return shown(f"{before}{run.text}{after}", _STYLES[run.kind])


def _summary(changes: Changes) -> Iterator[Text]:
    gone, new = changes.words
    yield Text.assemble("Words:    ", (f"{gone} gone", "red"), ", ", (f"{new} new", "bold green"))
    yield from _line("Figures:  ", changes.figures)
    yield from _line("Entities: ", changes.entities)


def _line(head: str, differences: Differences) -> Iterator[Text]:
    marked = [
        *(shown(f"− {each}", _STYLES["gone"]) for each in differences.gone),
        *(shown(f"+ {each}", _STYLES["new"]) for each in differences.new),
    ]
    if marked:
        yield Text(head).append_text(Text(", ").join(marked))
