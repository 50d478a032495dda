"""The figures of `bench.flat` for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def tables(results: Mapping[str, Any]) -> Iterator[Table | str]:
    """Tables, and lines between them."""
    yield _whole(results)
    for each in results["whole"]:
        yield from (
            _ratio(f"{each['recogniser']} {name}", *those) for name, those in each["ratio"].items()
        )
    yield _costs(results)
    yield from (_ratio(name, *those) for name, those in results["ratio"].items())
    yield _questions(results)
    yield _sizes(results)


def _whole(results: Mapping[str, Any]) -> Table:
    view = _table(
        "From the folder to the row: milliseconds of processor time for each article",
        ("recogniser",),
        ("stored", "a second", "all", "steps", "Postgres", "kB of WAL"),
    )
    for each in results["whole"]:
        for row in each["stored"]:
            times = (f"{row[name][0]:.2f}" for name in ("cpu", "cpu.steps", "cpu.postgres"))
            view.add_row(
                each["recogniser"],
                f"{row['stored']:,}",
                f"{row['rate'][0]:.1f}",
                *times,
                f"{row['postgres.wal_bytes'][0] / 1e3:.0f}",
            )
    return view


def _costs(results: Mapping[str, Any]) -> Table:
    view = _table(
        "Storing alone, for each article",
        ("step", "when"),
        ("stored", "ms", "CPU ms", "Postgres CPU", "kB of WAL"),
    )
    for row in results["cost"]:
        times = (f"{row[each]:.2f}" for each in ("ms", "cpu_ms", "postgres_ms"))
        view.add_row(row["step"], row["when"], f"{row['stored']:,}", *times, f"{row['wal_kb']:.0f}")
    return view


def _ratio(name: str, middle: float, least: float, most: float) -> str:
    return f"{name}: {middle:.2f} ({least:.2f}–{most:.2f}) ×"


def _questions(results: Mapping[str, Any]) -> Table:
    view = _table("Questions", ("question",), ("ms", "first", "Postgres", "rows", "pages"), ("by",))
    for each in results["questions"]:
        view.add_row(
            each["question"],
            *(_figure(each[name], 1) for name in ("ms", "first_ms", "postgres_ms")),
            *(_figure(each[name]) for name in ("rows", "pages")),
            ", ".join(each["by"]),
        )
    return view


def _sizes(results: Mapping[str, Any]) -> Table:
    view = _table("Sizes", ("table",), ("rows", "MB", "MB of indexes"))
    for name, size in results["tables"].items():
        view.add_row(name, *(f"{size[key]:,.0f}" for key in ("rows", "mb", "index_mb")))
    return view


def _table(
    title: str, words: tuple[str, ...], figures: tuple[str, ...], after: tuple[str, ...] = ()
) -> Table:
    view = Table(title=title, title_justify="left", title_style="bold")
    for heading in words:
        view.add_column(heading)
    for heading in figures:
        view.add_column(heading, justify="right")
    for heading in after:
        view.add_column(heading)
    return view


def _figure(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
