"""All figures of clean, enrich and stories: printed as tables, held against the floors."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from rich.console import Console
from rich.table import Table

from tests.quality import (
    articles,
    decoding,
    entities,
    glue,
    linking,
    markup,
    scoring,
    stories,
    values,
)
from tests.quality.mentions import BESIDE, LABELS, NAMES, OWN, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.quality.articles import Gold
    from tests.quality.entities import Result
    from tests.quality.mentions import Set
    from tests.quality.scoring import Count

FLOORS: Final = Path(__file__).with_name("floors.json")
SHARED: Final = ("shared", "entities-shared")
"""Groups of what lies beside the checkout."""
_DRAWS: Final = 5  # of what is lost, added up: false splits are few
_LENGTH: Final = 300  # characters of a snippet that is decoded
_RULES_ON: Final = ("winer", "dev")  # sets that are large, and may be looked at


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
    """The figures of a group; those of ``SHARED`` are empty where their gold is not at hand."""
    return _MEASURES[group]()


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


def _entities(names: Sequence[Set]) -> Figures:
    if not all(map(documents, names)):
        return Figures({})
    measured: dict[str, float] = {}
    tables = []
    for name in names:
        for language in entities.languages(name):
            ours = entities.result(name, language, entities.ours)
            base = entities.result(name, language, entities.base) if language == "fr" else None
            values = _recognised(name, ours, base)
            measured |= {f"{name} {language}: {each}": value for each, value in values.items()}
            tables.append(_labels(name, language, ours, base))
        if name in _RULES_ON:
            tables.append(_rules(name))
    if names == OWN:
        measured["long stories without a mention"] = entities.silent()
    return Figures(measured, tables)


def _recognised(name: Set, ours: Result, base: Result | None) -> dict[str, float]:
    three, four = ours.count(*NAMES[:3]).f1, ours.count(*NAMES).f1
    values = {"three": three, "four": four}
    if base:
        values["three, more than the base model"] = three - base.count(*NAMES[:3]).f1
    if name == "winer":  # large enough for each label; no dates, no amounts, no canonical names
        return values | {label: ours.count(label).f1 for label in NAMES}
    values |= {"six": ours.count(*LABELS).f1, "linked": ours.led(*NAMES).recall}
    for label in LABELS[len(NAMES) :]:
        values |= {label: ours.count(label).f1, f"{label} exact": ours.led(label).recall}
    return values


def _labels(name: Set, language: str, ours: Result, base: Result | None) -> Table:
    """By label, what was found, and what of it led to the gold's entity or value."""
    table = Table("label", title=f"Entities: {name}, {language}", title_justify="left")
    for column in ("F1", "precision", "recall", "in the gold", "led to"):
        table.add_column(column, justify="right")
    for column in ("F1", "precision", "recall"):
        table.add_column(f"{column}, {entities.BASE}", justify="right")
    labels = documents(name)[0].labels
    rows = {label: (label,) for label in labels} | {"three": NAMES[:3], "four": NAMES}
    if labels == LABELS:
        rows["six"] = LABELS
    for row, of in rows.items():
        count = ours.count(*of)
        table.add_row(
            row,
            *_rates(count),
            str(count.hit + count.missed),
            f"{ours.led(*of).recall:.4f}" if labels == LABELS else "",
            *(_rates(base.count(*of)) if base and {*of} <= {*NAMES} else ()),
        )
    return table


def _rates(count: Count) -> list[str]:
    return [f"{share:.4f}" for share in (count.f1, count.precision, count.recall)]


def _rules(name: Set) -> Table:
    """What each rule around the model gains by itself: F1 of the French names."""
    title = f"Rules around the recogniser: {name}, fr"
    table = Table("", *NAMES, "three", "four", title=title, title_justify="left")
    for variant, result in entities.by_rules(name, "fr").items():
        groups = [*((label,) for label in NAMES), NAMES[:3], NAMES]
        table.add_row(variant, *(f"{result.count(*of).f1:.4f}" for of in groups))
    return table


def _linking() -> Figures:
    table = Table("cases", "right", "of", "share", title="Linked", title_justify="left")
    measured: dict[str, float] = {}
    for split in get_args(linking.Split):
        by_label = linking.canonical(split)
        counts = by_label | {
            "canonical": reduce(add, by_label.values()),
            "together": linking.together(split),
        }
        for name, count in counts.items():
            of = count.hit + count.missed
            table.add_row(f"{split}: {name}", str(count.hit), str(of), f"{count.recall:.4f}")
        clashes = len(linking.clashes(split))
        table.add_row(f"{split}: clashes", str(clashes), end_section=True)
        measured |= {f"{split}: {name}": counts[name].recall for name in ("canonical", "together")}
        measured[f"{split}: clashes"] = clashes
    return Figures(measured, [table])


def _values() -> Figures:
    table = Table("texts", "exact", "of", "share", title="Dates, amounts", title_justify="left")
    measured = {}
    for kind in get_args(values.Kind):
        for language, count in values.measure(kind).items():
            name, of = f"{kind}, {language}", count.hit + count.missed
            measured[name] = count.recall
            table.add_row(name, str(count.hit), str(of), f"{count.recall:.4f}")
    return Figures(measured, [table])


def _stories() -> Figures:
    *_, total = rows = stories.held_out()
    measured = {"recall": total.recall, "precision": total.precision}
    return Figures(measured, [stories.table(rows, "Stories told again: held-out Wikinews")])


_MEASURES: Final[Mapping[str, Callable[[], Figures]]] = {
    "shared": lambda: _articles("shared", articles.shared()),
    "seeds": lambda: _articles("seeds", articles.own("seeds")),
    "dev": lambda: _articles("dev", articles.own("dev")),
    "test": lambda: _articles("test", articles.own("test")),
    "glue": _glue,
    "decoding": _decoding,
    "markup": _markup,
    "entities-shared": lambda: _entities(BESIDE),
    "entities": lambda: _entities(OWN),
    "linking": _linking,
    "values": _values,
    "stories": _stories,
}
GROUPS: Final = tuple(_MEASURES)


def show(console: Console, groups: Iterable[str] = GROUPS) -> None:
    """Print the tables of the groups."""
    for group in groups:
        for table in figures(group).tables:
            console.print(table)


if __name__ == "__main__":
    show(Console(width=140), sys.argv[1:] or GROUPS)
