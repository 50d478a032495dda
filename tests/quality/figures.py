"""All figures of the clean step: computed once, printed as tables, held against the floors."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from tests.quality import articles, decoding, glue, markup, scoring

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.quality.articles import Gold

FLOORS: Final = Path(__file__).with_name("floors.json")
SHARED: Final = "shared"
GROUPS: Final = (SHARED, "seeds", "dev", "test", "glue", "decoding", "markup")
_DRAWS: Final = 5  # of what is lost, added up: false splits are few
_LENGTH: Final = 300  # characters of a snippet that is decoded


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one group of texts, and tables that show them."""

    values: dict[str, float]
    tables: list[Table] = field(default_factory=list)


def floors() -> dict[str, dict[str, dict[str, float]]]:
    """By group, "at least" and "at most" for each measure."""
    read: dict[str, dict[str, dict[str, float]]] = json.loads(FLOORS.read_text("utf-8"))
    return read


@cache
def figures(group: str) -> Figures:
    """The figures of a group; those of the shared gold are empty where it does not lie at hand."""
    match group:
        case "glue":
            return _glue()
        case "decoding":
            return _decoding()
        case "markup":
            return _markup()
        case "shared":
            return _articles(group, articles.shared())
    return _articles(group, articles.own(group))


def _articles(group: str, golds: Iterable[Gold]) -> Figures:
    scores = [scoring.score(gold) for gold in golds]
    if not scores:
        return Figures({})
    total = scoring.total("all", scores)
    table = Table(title=f"Clean: gold articles, {group}", title_justify="left")
    for column in ("article", "body F1", "boilerplate removed", "story lost"):
        table.add_column(column, no_wrap=True)
    for column in ("spaces found", "missed", "wrong"):
        table.add_column(column, justify="right")
    table.add_column("fields that differ")
    for score in (*scores, total):
        table.add_row(
            score.name,
            f"{score.tokens.f1:.4f}",
            f"{score.boilerplate.recall:.2%}",
            f"{1 - score.story.recall:.2%}",
            *(str(n) for n in (score.spaces.hit, score.spaces.missed, score.spaces.extra)),
            ", ".join(
                f"{name} {count.missed}" if score is total else name
                for name, count in score.exact.items()
                if count.missed
            ),
            end_section=score is scores[-1],
        )
    values = {
        **{name: count.recall for name, count in total.exact.items()},
        "body token F1": total.tokens.f1,
        "boilerplate removed": total.boilerplate.recall,
        "story lost": 1 - total.story.recall,
        "glue precision": total.spaces.precision,
        "glue recall": total.spaces.recall,
        "glue F1": total.spaces.f1,
        "false splits in 10,000 words": 1e4 * total.spaces.extra / max(1, total.words),
    }
    return Figures(values, [table, _summary(group, values, total)])


def _summary(group: str, values: dict[str, float], total: scoring.Score) -> Table:
    table = Table("measure", "value", "right", title=f"Clean: {group}", title_justify="left")
    for name, value in values.items():
        count = total.exact.get(name)
        right = f"{count.hit} of {count.hit + count.missed}" if count else ""
        table.add_row(name, f"{value:.4f}", right)
    return table


def _glue() -> Figures:
    stories, names = glue.held_out(), glue.names("heldout")
    variants: dict[str, tuple[float | None, Sequence[str]]] = {
        "as drawn": (None, ()),
        "other names": (None, names),
        "all newlines lost": (1.0, ()),
        "none lost": (0.0, ()),
        "other names, none lost": (0.0, names),
    }
    table = Table(title="Glued words: held-out Wikinews", title_justify="left")
    for column in ("stories", "F1", "precision", "recall", "false in 10,000 words", "words"):
        table.add_column(column)
    values: dict[str, float] = {}
    for name, (loss, others) in variants.items():
        draws = range(_DRAWS if loss is None else 1)
        score = reduce(
            add,
            (glue.measure(stories, glue.Options(seed, others, loss)) for seed in draws),
        )
        if score.glued:
            values[f"F1, {name}"] = score.f1
        values[f"false splits in 10,000 words, {name}"] = score.false_per_10k
        shares = (score.f1, score.precision, score.recall)
        table.add_row(
            name,
            *(f"{share:.4f}" if score.glued else "" for share in shares),
            f"{score.false_per_10k:.2f}",
            str(score.words),
        )
    return Figures(values, [table])


def _decoding() -> Figures:
    texts = decoding.texts(decoding.HELD_OUT)
    shares = decoding.measure(texts, _LENGTH)
    mojibake = decoding.measure(texts, _LENGTH, decoding.MOJIBAKE)
    tables = [
        _shares(f"Decoded exactly, {_LENGTH} characters, held out", shares),
        _shares("Mojibake undone exactly", mojibake),
    ]
    values = {
        **shares,
        "mean": decoding.macro(shares),
        **{f"mojibake: {name}": share for name, share in mojibake.items()},
    }
    return Figures(values, tables)


def _shares(title: str, shares: dict[str, float]) -> Table:
    table = Table("encoding", "exact", title=title, title_justify="left")
    for name, share in shares.items():
        table.add_row(name, f"{share:.4f}")
    return table


def _markup() -> Figures:
    scores = markup.measure()
    table = Table(title="Pages", title_justify="left")
    for column in ("page", "F1", "precision", "recall", "paragraphs"):
        table.add_column(column)
    for score in scores:
        shares = (score.f1, score.precision, score.recall, score.paragraphs)
        table.add_row(score.page, *(f"{share:.3f}" for share in shares))
    worst = min(score.f1 for score in scores)
    return Figures({"mean F1": markup.mean_f1(), "worst F1": worst}, [table])


def show(console: Console, groups: Iterable[str] = GROUPS) -> None:
    """Print the tables of the groups."""
    for group in groups:
        for table in figures(group).tables:
            console.print(table)


if __name__ == "__main__":
    show(Console(width=140), sys.argv[1:] or GROUPS)
