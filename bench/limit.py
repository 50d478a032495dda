"""The limit: the core's functions and the same writes in plain processes, without a broker.

One transaction a batch. What the chain adds to that is what its promises cost: messages, four
tasks, an attempt written before each step, and the deliveries locked and looked at again.
"""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import psutil
import structlog

from worker import config, db, intake, ledger
from worker.articles import write
from worker.contents import claim, claim_bodies, raw_articles
from worker.core.article import RawArticle
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.dedupe import content_hash
from worker.core.enrich import enrich
from worker.core.enrich.recognise import Recogniser, load_recogniser
from worker.core.persist import rows
from worker.core.stories.told import told
from worker.judgements import in_force
from worker.stories import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.pool import Pool
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    from sqlalchemy import Connection

RecogniserName = Literal["spacy", "null"]

FEED: Final = "limit"
_START_SECONDS: Final = 120

recognisers = cache(load_recogniser)


def process(
    connection: Connection, raw: Mapping[int, RawArticle], names: Mapping[str, Recogniser]
) -> None:
    """Take deliveries from their bytes to their rows.

    Work comes before the first lock, as in the chain, so that processes wait for each other no more
    than workers do.
    """
    decoded = {i: decode(each.data) for i, each in raw.items()}
    hashes = {i: content_hash(each.text) for i, each in decoded.items()}
    articles = [clean(decoded[i], each.file) for i, each in raw.items()]
    made = dict(zip(decoded, enrich(articles, names), strict=True))
    stories = {i: told(each.clean) for i, each in made.items()}
    written_rows = {i: rows(each) for i, each in made.items()}

    judgements = in_force(connection)
    claim(connection, hashes)
    claim_bodies(connection, {i: each.body for i, each in stories.items() if each.body})
    written = write(connection, written_rows, judgements)
    place(connection, {article: stories[i] for i, article in written.items()})
    ledger.dispose(connection, "stored", "persist", dict.fromkeys(decoded))


def deliver(connection: Connection, files: Sequence[Path]) -> dict[int, RawArticle]:
    """Read files and take them in; they stay where they are."""
    arrived = []
    for path in files:
        data = path.read_bytes()
        arrived.append(intake.Arrived(str(path), FEED, path.name, len(data), data))
    delivered = intake.deliver(connection, arrived, config.load().max_bytes, bulk=True)
    return {
        delivery.id: RawArticle(file.file, FEED, file.data or b"")
        for delivery, file in zip(delivered, arrived, strict=True)
    }


@contextmanager
def loop(
    processes: int, recogniser: RecogniserName, warm_up: Sequence[Sequence[int]]
) -> Iterator[Loop]:
    """Processes that have everything loaded, each having worked on a batch of ``warm_up``."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes)
    others = set(multiprocessing.active_children())
    with context.Pool(processes, _get_ready, (ready, recogniser)) as pool:
        ours = set(multiprocessing.active_children()) - others
        running = Loop(pool, recogniser, [psutil.Process(child.pid) for child in ours])
        running.run(warm_up)
        yield running


class Loop:
    """A plain loop over batches, shared by some processes."""

    def __init__(
        self, pool: Pool, recogniser: RecogniserName, processes: Sequence[psutil.Process]
    ) -> None:
        self._pool = pool
        self._recogniser = recogniser
        self.processes = processes

    def run(self, batches: Sequence[Sequence[int]]) -> None:
        """Work on all batches of deliveries; whoever is free takes the next."""
        self._pool.starmap(_run, [(b, self._recogniser) for b in batches], chunksize=1)

    def run_files(self, batches: Sequence[Sequence[Path]]) -> None:
        """The same of files that are no deliveries yet."""
        self._pool.starmap(_run_files, [(b, self._recogniser) for b in batches], chunksize=1)


def _run(batch: Sequence[int], recogniser: RecogniserName) -> None:
    with db.transaction() as connection:
        process(connection, raw_articles(connection, batch), recognisers(recogniser))


def _run_files(batch: Sequence[Path], recogniser: RecogniserName) -> None:
    with db.transaction() as connection:
        process(connection, deliver(connection, batch), recognisers(recogniser))


def _get_ready(ready: Barrier, recogniser: RecogniserName) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    recognisers(recogniser)
    ready.wait(_START_SECONDS)
