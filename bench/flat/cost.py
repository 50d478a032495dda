"""What storing a new article costs, beside so many that are stored already.

The same new stories go into corpora of several sizes, by turns, so that what else the machine does
slows all alike. All is done by the functions that the steps use, in their transactions, in batches
of 64; what is computed rather than stored (decode, clean, names, fingerprints) is done before the
clock starts.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psutil
from sqlalchemy import Text, func, select, text

from bench.flat.stories import CHUNK, Story, stories
from models import Article, Entity
from worker import entities, intake, ledger
from worker.contents import raw_articles
from worker.core.characters import squeeze
from worker.core.dedupe import content_hash
from worker.core.persist import rows
from worker.core.stories.told import told
from worker.sql import among
from worker.tasks import dedupe, persist

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from worker.tasks.base import Step

Out = TypeVar("Out")

BATCH: Final = 64
LONGEST_SECONDS: Final = 150
MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One batch in one step."""

    corpus: int
    """Articles that were stored when the measurement began."""
    step: str
    round: int
    turn: int
    """How many batches came before it since the last checkpoint."""
    articles: int
    seconds: float
    cpu: float
    """Seconds of this process; in hundredths, as the next one: good for sums only."""
    postgres: float
    """Seconds of its Postgres backend."""
    wal: float
    """Bytes written ahead."""


class Corpus:
    """A database with so many articles, and one connection to it."""

    def __init__(self, engine: Engine, size: int) -> None:
        self.engine = engine
        self.size = size
        self._connection = engine.connect()
        with self._connection.begin():
            pid = self._connection.scalars(select(func.pg_backend_pid())).one()
        self._processes = (psutil.Process(), psutil.Process(pid))

    def last(self) -> int:
        """The last number of an article."""
        with self._connection.begin():
            return self._connection.scalars(select(func.max(Article.id))).one()

    def known(self, some: Sequence[Story]) -> set[str]:
        """The keys of those that the stories name and that it has."""
        keys = sorted({one.key for story in some for one in story.names})
        found = select(Entity.key).where(Entity.key == among("keys", Text))
        with self._connection.begin():
            return set(self._connection.scalars(found, {"keys": keys}))

    def make_known(self, some: Sequence[Story], keys: Collection[str]) -> None:
        """Write those of the stories' entities that have these keys."""
        names = {one.key: one for story in some for one in story.names if one.key in keys}
        with self._connection.begin():
            ids = entities.write(self._connection, [one.row() for one in names.values()], {})
            spellings = {
                (ids[key], squeeze(surface))
                for key, one in names.items()
                for surface in one.surfaces
            }
            entities.add_aliases(self._connection, spellings)

    def store(self, some: Sequence[Story], round_: int, turn: int) -> Iterator[Sample]:
        """Take these stories in and through the steps that write; then take them in again."""
        files = {story.number: story.text.encode() for story in some}
        hashes = [content_hash(story.text) for story in some]
        made = [(rows(story.enriched), told(story.enriched.clean)) for story in some]
        ids: list[int] = []
        again: list[int] = []
        steps: dict[str, Callable[[], None]] = {
            "intake": lambda: ids.extend(self._arrive("first", some, files)),
            "dedupe": lambda: self._step(dedupe.STEP, ids, hashes),
            "persist": lambda: self._step(persist.STEP, ids, made),
            "intake again": lambda: again.extend(self._arrive("again", some, files)),
            "duplicates": lambda: self._step(dedupe.STEP, again, hashes),
        }
        for name, step in steps.items():
            before, started = self._used(), time.perf_counter()
            step()
            seconds = time.perf_counter() - started
            cpu, postgres, wal = (
                now - then for now, then in zip(self._used(), before, strict=True)
            )
            yield Sample(self.size, name, round_, turn, len(some), seconds, cpu, postgres, int(wal))

    def _arrive(self, time_: str, some: Sequence[Story], files: dict[int, bytes]) -> list[int]:
        arrived = [
            intake.Arrived(
                f"{time_}:{story.number}",
                story.feed,
                f"{story.number}.txt",
                len(files[story.number]),
                files[story.number],
            )
            for story in some
        ]
        with self._connection.begin():
            delivered = intake.deliver(self._connection, arrived, MAX_BYTES, "move")
        return [each.id for each in delivered]

    def _step(self, step: Step[Any, Out], ids: Sequence[int], made: Sequence[Out]) -> None:
        """What a step writes: the attempts, when it loads; then all else, where it ends well."""
        connection, task = self._connection, uuid.uuid4().hex
        with connection.begin():
            ledger.failed_attempts(connection, step.name, ids, task, LONGEST_SECONDS)
            attempts = ledger.begin(connection, step.name, ids, task, 0)
            if step.name == "dedupe":
                raw_articles(connection, ids)
        with connection.begin():
            held = ledger.pending(connection, ids)
            results = zip(ids, made, strict=True)
            step.store(connection, {i: result for i, result in results if i in held})
            ledger.end(connection, list(attempts.values()))

    def _used(self) -> tuple[float, float, float]:
        """Seconds of both processes, and bytes of WAL, so far."""
        with self._connection.begin():
            wal = float(self._connection.execute(_WAL).scalar_one())
        ours, postgres = (sum(one.cpu_times()[:2]) for one in self._processes)
        return ours, postgres, wal


_WAL = text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")


def measure(
    corpora: Sequence[Corpus], first: datetime, rounds: int, turns: int
) -> Iterator[Sample]:
    """Store the same new stories in each corpus, so many batches a round, by turns.

    Each round begins with a checkpoint. What the largest corpus knows of the stories' entities is
    made known to the others beforehand, so that all have the same to write.
    """
    largest = max(corpora, key=lambda corpus: corpus.size)
    chunks = count(largest.last() // CHUNK + 1)  # beyond those of an earlier measurement too
    new = (story for chunk in chunks for story in stories(chunk, first))
    for round_ in range(rounds):
        with largest.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
        for turn in range(turns):
            some = list(islice(new, BATCH))
            known = largest.known(some)
            for corpus in corpora:
                if corpus is not largest:
                    corpus.make_known(some, known)
                yield from corpus.store(some, round_, turn)
