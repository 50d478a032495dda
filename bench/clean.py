"""How long the clean step takes, stage by stage. `bench/README.md` says how to read it.

All is processor time of this process, but for the time until ready, which is a new process's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import psutil
from rich.console import Console
from rich.table import Table
from trafilatura import extract

from bench.corpus import SEEDS
from bench.figures import Spread, machine
from tests.quality import articles, glue
from tests.unit.test_clean_work import HOSTILE
from worker.core.clean import clean, repairs, warm_up
from worker.core.clean.decode import decode
from worker.core.clean.glue import missing_spaces
from worker.core.clean.source import read
from worker.core.clean.structure import label
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from worker.core.article import CleanArticle

RESULTS: Final = Path(__file__).with_suffix(".json")
PAGES: Final = articles.HERE / "markup"
WORDS: Final = 700  # of the article that figures are given for
SIZES: Final = (100_000, 200_000, 1_000_000)  # characters of a hostile file; the last is the limit
QUICK_MS: Final = 250  # up to this it is measured again, and the least is taken
AGAIN: Final = 2
PROSE: Final = frozenset({"title", "lead", "body"})
STAGES: Final = ("decode", "source", "structure", "characters", "glue")
PACKAGES: Final = ("ftfy", "lxml", "trafilatura")

READY: Final = """
import time
start = time.perf_counter()
import worker.core.clean
imported = time.perf_counter()
worker.core.clean.warm_up()
print(imported - start, time.perf_counter() - imported, time.process_time(), flush=True)
input()
"""
BARE: Final = "print(0, 0, 0, flush=True); input()"

_Result = TypeVar("_Result")


class File(NamedTuple):
    """A file that holds a story."""

    name: str
    data: bytes
    words: int
    """Of the file; of a page, of the story in it."""
    glued: bool
    """Whether words in it had lost the space between."""


class Clock:
    """Adds up processor time by what it was spent on."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def time(self, stage: str, work: Callable[[], _Result]) -> _Result:
        """Do the work, and count what it took."""
        start = time.process_time()
        result = work()
        self.seconds[stage] += time.process_time() - start
        return result


@dataclass(frozen=True, slots=True)
class ArticleFigures:
    """Milliseconds for an article of 700 words, and the baselines beside it."""

    files: str
    articles: int
    words: int
    """Of all articles together."""
    stages: dict[str, Spread]
    """``characters`` and ``glue`` are the two halves of the repairs."""
    whole: Spread
    """All that the step does, each file a new one."""
    again: Spread
    """The same for files that were just seen: what words cost is still remembered."""
    plain: Spread
    """A loop that decodes UTF-8, splits lines and counts words."""
    to_plain: Spread
    """``whole`` over ``plain``, each of one round."""
    trafilatura: Spread | None
    """``trafilatura.extract`` by itself; None where there is no markup."""
    to_trafilatura: Spread | None


@dataclass(frozen=True, slots=True)
class GlueFigures:
    """Milliseconds of the repair of lost spaces for 1,000 words of held-out stories."""

    text: str
    words: int
    new: Spread
    again: Spread
    """The text was just seen."""


@dataclass(frozen=True, slots=True)
class ReadyFigures:
    """A new process until it can clean a story and a page."""

    import_seconds: Spread
    warm_up_seconds: Spread
    cpu_seconds: Spread
    """Of all that the process did, the start of Python too."""
    memory_mb: Spread
    python_mb: Spread
    """Of a process that has imported nothing."""


@dataclass(frozen=True, slots=True)
class HostileFigures:
    """Milliseconds for a file of one hostile kind, by its characters."""

    kind: str
    ends: str
    ms: dict[int, float]
    doubled: float
    """What twice the characters take over what they take once."""
    tenfold: float


def stories() -> list[File]:
    """The sample files and the project's gold that hold a story."""
    files = {path.name: path.read_bytes() for path in sorted(SEEDS.rglob("*.txt"))}
    golds = [*articles.own("dev"), *articles.own("test")]
    files |= {f"{gold.name}.txt": gold.raw.encode() for gold in golds}
    found = []
    for name, data in files.items():
        try:
            decoded = decode(data)
            article = clean(decoded, name)
        except Permanent:
            continue
        found.append(File(name, data, len(decoded.text.split()), _is_glued(article)))
    return found


def pages() -> list[File]:
    """The pages that the quality gate reads."""
    found = []
    for path in sorted(PAGES.glob("*.html")):
        data = path.read_bytes()
        decoded = decode(data)
        words = len(read(decoded, path.name).text.split())
        found.append(File(path.name, data, words, _is_glued(clean(decoded, path.name))))
    return found


def _is_glued(article: CleanArticle) -> bool:
    return any(repair.rule == "glue" for repair in article.repairs)


def measure_articles(title: str, files: Sequence[File], rounds: int) -> ArticleFigures:
    """Time each stage by itself, and all of them as the step runs them."""
    words = sum(file.words for file in files)
    clocks = [_round(files) for _ in range(rounds)]
    marked_up = "trafilatura" in clocks[0]

    def spread(stage: str) -> Spread:
        return Spread.of(1_000 * WORDS / words * spent[stage] for spent in clocks)

    def ratio(to: str) -> Spread:
        return Spread.of(spent["whole"] / spent[to] for spent in clocks)

    return ArticleFigures(
        files=title,
        articles=len(files),
        words=words,
        stages={stage: spread(stage) for stage in STAGES},
        whole=spread("whole"),
        again=spread("again"),
        plain=spread("plain"),
        to_plain=ratio("plain"),
        trafilatura=spread("trafilatura") if marked_up else None,
        to_trafilatura=ratio("trafilatura") if marked_up else None,
    )


def _round(files: Sequence[File]) -> dict[str, float]:
    """Seconds of all files together, by stage."""
    clock = Clock()
    _forget()
    for file in files:
        _stages(clock, file)
    _forget()
    for stage in ("whole", "again"):
        for file in files:
            clock.time(stage, partial(_whole, file))
    for file in files:
        clock.time("plain", partial(_plain, file))
        if file.name.endswith(".html"):
            clock.time("trafilatura", partial(extract, file.data.decode()))
    return clock.seconds


def _stages(clock: Clock, file: File) -> None:
    """What ``clean`` does, in its order."""
    decoded = clock.time("decode", lambda: decode(file.data))
    source = clock.time("source", lambda: read(decoded, file.name))
    text = source.text
    segments = clock.time("structure", lambda: label(text, source.title))
    prose = [segment.stretch for segment in segments if segment.part in PROSE]
    passages = clock.time("characters", lambda: [repairs.read(text, each) for each in prose])
    clock.time("glue", lambda: repairs.unglue(text, passages))


def _whole(file: File) -> None:
    clean(decode(file.data), file.name)


def _plain(file: File) -> int:
    return sum(len(line.split()) for line in file.data.decode(errors="replace").splitlines())


def _forget() -> None:
    """Empty the caches that words fill, so that a file seen before is a new one again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("worker.core.clean"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and value.cache_parameters()["maxsize"]:
                    value.cache_clear()


def measure_glue(text: str, loss: float, rounds: int) -> GlueFigures:
    """Time the repair of lost spaces by itself, ``loss`` being the share of newlines lost."""
    held_out = glue.held_out()
    stories = [
        glue.glue(story.paragraphs, random.Random(number), loss)[0]  # noqa: S311 - repeats itself
        for number, story in enumerate(held_out)
    ]
    words = sum(len(paragraph.split()) for story in held_out for paragraph in story.paragraphs)
    clocks = []
    for _ in range(rounds):
        clock = Clock()
        _forget()
        for stage in ("new", "again"):
            for paragraphs in stories:
                clock.time(stage, partial(missing_spaces, paragraphs))
        clocks.append(clock.seconds)
    new, again = (
        Spread.of(1e6 / words * spent[stage] for spent in clocks) for stage in ("new", "again")
    )
    return GlueFigures(text, words, new, again)


def measure_ready(rounds: int) -> ReadyFigures:
    """Start new processes, one after the other."""
    started = [_started(READY) for _ in range(rounds)]
    bare = [_started(BARE) for _ in range(rounds)]
    imports, warm_ups, cpu, memory = (Spread.of(values) for values in zip(*started, strict=True))
    return ReadyFigures(imports, warm_ups, cpu, memory, Spread.of(each[-1] for each in bare))


def _started(program: str) -> list[float]:
    """The figures that a program prints, and the megabytes that it holds then."""
    with subprocess.Popen(  # noqa: S603 - our own lines
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the process has no pipes")
        printed = process.stdout.readline()
        memory = psutil.Process(process.pid).memory_info().rss
        process.stdin.write("\n")
    return [*map(float, printed.split()), memory / 1e6]


def measure_hostile(kind: str) -> HostileFigures:
    """Time what the tests of the work count, at sizes that they could not wait for."""
    unit = HOSTILE[kind]
    ms: dict[int, float] = {}
    ends = ""
    for size in SIZES:
        data = (unit * -(-size // len(unit)))[:size].encode()
        ms[size], ends = _milliseconds(data)
        if ms[size] < QUICK_MS:
            ms[size] = min(ms[size], *(_milliseconds(data)[0] for _ in range(AGAIN)))
    small, twice, large = (ms[size] for size in SIZES)
    rounded = {size: round(each, 1) for size, each in ms.items()}
    return HostileFigures(kind, ends, rounded, round(twice / small, 2), round(large / small, 2))


def _milliseconds(data: bytes) -> tuple[float, str]:
    """What a file took, and what became of it."""
    ends = "cleaned"
    start = time.process_time()
    try:
        clean(decode(data))
    except Permanent as error:
        ends = error.reason
    return 1_000 * (time.process_time() - start), ends


def _right(title: str, *columns: str) -> Table:
    """A table of figures, the first column of which names them."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(columns[0], no_wrap=True)
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def articles_table(found: Iterable[ArticleFigures]) -> Table:
    """The figures of articles for people."""
    table = _right(
        f"CPU ms for {WORDS} words; median (min–max)",
        *("", "articles", *STAGES, "whole", "again", "plain loop", "÷ plain", "trafilatura"),
        "÷ trafilatura",
    )
    for each in found:
        table.add_row(
            each.files,
            str(each.articles),
            *(f"{each.stages[stage].median:.2f}" for stage in STAGES),
            each.whole.words(1),
            f"{each.again.median:.1f}",
            f"{each.plain.median:.3f}",
            f"{each.to_plain.median:.0f}",
            f"{each.trafilatura.median:.1f}" if each.trafilatura else "",
            f"{each.to_trafilatura.median:.2f}" if each.to_trafilatura else "",
        )
    return table


def glue_table(found: Iterable[GlueFigures]) -> Table:
    """The figures of the repair of lost spaces for people."""
    table = _right("Lost spaces: CPU ms for 1,000 words", "text", "words", "new", "again")
    for each in found:
        table.add_row(each.text, f"{each.words:,}", each.new.words(1), each.again.words(1))
    return table


def ready_table(found: ReadyFigures) -> Table:
    """The figures of a new process for people."""
    table = _right("Until ready, in a new process", "", "median (min–max)")
    table.add_row("import, seconds", found.import_seconds.words(2))
    table.add_row("warm_up, seconds", found.warm_up_seconds.words(2))
    table.add_row("CPU with the start of Python, seconds", found.cpu_seconds.words(2))
    table.add_row("memory, MB", found.memory_mb.words(0))
    table.add_row("of which Python alone, MB", found.python_mb.words(0))
    return table


def hostile_table(found: Iterable[HostileFigures]) -> Table:
    """The figures of hostile files for people."""
    sizes = [f"{size:,}" for size in SIZES]
    table = _right("Hostile files: CPU ms by characters", "kind", *sizes, "×2", "×10", "ends")
    for each in found:
        ms = [f"{value:,.0f}" for value in each.ms.values()]
        table.add_row(each.kind, *ms, f"{each.doubled:.2f}", f"{each.tenfold:.1f}", each.ends)
    return table


def _hostile(console: Console) -> Iterator[HostileFigures]:
    """All kinds, as many at a time as there are cores: only their ratios are of interest."""
    with Pool(initializer=warm_up) as pool:
        for nth, found in enumerate(pool.imap(measure_hostile, HOSTILE, 1), 1):
            console.print(f"{nth} of {len(HOSTILE)} kinds of hostile files", highlight=False)
            yield found


def main() -> None:
    """Measure, show and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    rounds: int = options.rounds
    console = Console(width=None if sys.stdout.isatty() else 160)
    facts = machine(os.getloadavg()[0])
    facts["packages"] = {name: version(name) for name in PACKAGES}
    ready = measure_ready(rounds)
    console.print(ready_table(ready))
    warm_up()
    texts = stories()
    groups = {
        "stories": [file for file in texts if not file.glued],
        "glued stories": [file for file in texts if file.glued],
        "pages": pages(),
    }
    of_articles = [measure_articles(title, files, rounds) for title, files in groups.items()]
    console.print(articles_table(of_articles))
    losses = {"clean": 0.0, "glued": 1.0}
    of_glue = [measure_glue(text, loss, rounds) for text, loss in losses.items()]
    console.print(glue_table(of_glue))
    of_hostile = list(_hostile(console))
    console.print(hostile_table(of_hostile))
    results = {
        "machine": facts,
        "rounds": rounds,
        "words": WORDS,
        "articles": [asdict(each) for each in of_articles],
        "glue": [asdict(each) for each in of_glue],
        "ready": asdict(ready),
        "hostile": [asdict(each) for each in of_hostile],
    }
    options.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
