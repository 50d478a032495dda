"""The limit: the core's functions and the same writes in plain processes, without a broker.

One transaction a batch. What the chain adds to that is what its promises cost: messages, four
tasks, an attempt written before each step, and the deliveries locked and looked at again.
"""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Literal

from worker import db, ledger
from worker.articles import write
from worker.contents import claim, raw_articles
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.dedupe import content_hash
from worker.core.enrich import enrich
from worker.core.enrich.recognise import Recogniser, load_recogniser
from worker.core.persist import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.pool import Pool
    from multiprocessing.synchronize import Barrier

RecogniserName = Literal["spacy", "null"]

_START_SECONDS = 120

recognisers = cache(load_recogniser)


def process(batch: Sequence[int], names: Mapping[str, Recogniser]) -> None:
    """Take deliveries from their raw bytes to their rows."""
    with db.transaction() as connection:
        raw = raw_articles(connection, batch)
        decoded = {i: decode(each.data) for i, each in raw.items()}
        claim(connection, {i: content_hash(each.text) for i, each in decoded.items()})
        articles = [clean(decoded[i], each.file) for i, each in raw.items()]
        enriched = enrich(articles, names)
        write(connection, dict(zip(decoded, map(rows, enriched), strict=True)))
        ledger.dispose(connection, "stored", "persist", dict.fromkeys(decoded))


@contextmanager
def loop(
    processes: int, recogniser: RecogniserName, warm_up: Sequence[Sequence[int]]
) -> Iterator[Loop]:
    """Processes that have everything loaded, each having worked on a batch of ``warm_up``."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes)
    with context.Pool(processes, _get_ready, (ready, recogniser)) as pool:
        running = Loop(pool, recogniser)
        running.run(warm_up)
        yield running


class Loop:
    """A plain loop over batches, shared by some processes."""

    def __init__(self, pool: Pool, recogniser: RecogniserName) -> None:
        self._pool = pool
        self._recogniser = recogniser

    def run(self, batches: Sequence[Sequence[int]]) -> None:
        """Work on all batches; whoever is free takes the next."""
        work = [(batch, self._recogniser) for batch in batches]
        self._pool.starmap(_process, work, chunksize=1)


def _process(batch: Sequence[int], recogniser: RecogniserName) -> None:
    process(batch, recognisers(recogniser))


def _get_ready(ready: Barrier, recogniser: RecogniserName) -> None:
    recognisers(recogniser)
    ready.wait(_START_SECONDS)
