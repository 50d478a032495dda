"""How long Postgres takes to answer what our pages of SQL ask, and what our own processes ask."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, func, select

from models import Article, Delivery, Edition, Twin
from worker import catalogue, contents, export, health, operate, pulse, reconcile, status
from worker.alarms import feeds
from worker.core.stories.fingerprint import bands
from worker.desk import articles, delivery, listing
from worker.desk.filters import Filters
from worker.explain import editions, lookup, tellings
from worker.filing import Filing
from worker.metrics import census
from worker.reprocess.run import _ALL_MADE
from worker.stories import keys, restory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from worker.config import Settings

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
SECTIONS: Final = (("schema.md", "Questions"), ("stories.md", "Asking"))
TIMES: Final = 3
SLOW_MS: Final = 1_000
"""What takes longer is asked once."""
BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What it took to answer a question."""

    question: str
    ms: float
    """By the clock, with the client's part: the median of `TIMES` answers, or of one."""
    first_ms: float
    """The first, with what was not in memory."""
    postgres_ms: float | None = None
    """What Postgres says that it took itself, by the plans."""
    rows: int | None = None
    pages: int | None = None
    """Of 8 KB, that were looked at."""
    by: tuple[str, ...] = ()
    """Indexes used, and tables that were read from end to end."""
    plans: tuple[str, ...] = ()
    """Of each statement, by `EXPLAIN (ANALYZE, BUFFERS)`."""


def documented(connection: Connection) -> Iterator[Answer]:
    """Every statement of our pages' sections on questions, as it stands there."""
    for page, title in SECTIONS:
        section = (DOCS / page).read_text(encoding="utf-8").partition(f"\n## {title}\n")[2]
        pieces = re.split(r"```(?:sql)?\n", section)
        for said, statements in pairwise(pieces):
            if statements.lstrip().startswith("SELECT"):
                words = said.strip().rpartition("\n\n")[2].replace("\n", " ")
                for statement in filter(str.strip, statements.split(";\n")):
                    yield _timed(words, connection, partial(_asked, statement))


def _asked(statement: str, connection: Connection) -> object:
    return connection.exec_driver_sql(statement.replace("%", "%%")).all()


def _timed(question: str, connection: Connection, ask: Callable[[Connection], object]) -> Answer:
    """An answer, by the clock; then how Postgres found it."""
    taken: list[float] = []
    while len(taken) < TIMES and max(taken, default=0) < SLOW_MS:
        started = time.perf_counter()
        with _statements(connection) as asked:
            ask(connection)
        taken.append(1e3 * (time.perf_counter() - started))
        connection.rollback()
    plans = [_explained(connection, *statement) for statement in asked]
    connection.rollback()
    nodes = [found["Plan"] for found, _ in plans]
    return Answer(
        question,
        median(taken),
        taken[0],
        sum(found["Planning Time"] + found["Execution Time"] for found, _ in plans),
        sum(int(plan["Actual Rows"]) for plan in nodes),
        sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in nodes),
        tuple(sorted({each for plan in nodes for each in _access(plan)})),
        tuple(text for _, text in plans),
    )


@contextmanager
def _statements(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, but for settings, with their parameters."""
    asked: list[tuple[str, Any]] = []

    def note(*sent: Any) -> None:
        if not sent[2].startswith("SET"):
            asked.append((sent[2], sent[3]))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


def _explained(connection: Connection, statement: str, values: Any) -> tuple[dict[str, Any], str]:
    """What Postgres did, in figures and in words."""
    found = [
        connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS{form}) {statement}", values).all()
        for form in (", FORMAT JSON", "")
    ]
    return found[0][0][0][0], "\n".join(line for (line,) in found[1])


def _access(plan: Mapping[str, Any]) -> Iterator[str]:
    if "Index Name" in plan:
        yield plan["Index Name"]
    elif plan["Node Type"] == "Seq Scan":
        yield f"all of {plan['Relation Name']}"
    for part in plan.get("Plans", ()):
        yield from _access(part)


def ours(connection: Connection, settings: Settings) -> Iterator[Answer]:
    """What intake and workers ask every few seconds, and people of the commands and the desk."""
    now = datetime.now(UTC)
    filing = Filing(settings)
    last = connection.scalar(select(func.max(Article.id))) or 0
    known = connection.execute(
        select(Delivery.id, Delivery.content_hash)
        .where(Delivery.disposition == "stored")
        .order_by(Delivery.id.desc())
        .limit(BATCH)
    ).all()
    hashes = {delivery: text for delivery, text in known if text}
    some = connection.execute(
        select(Edition.article_id, Edition.signature)
        .where(Edition.article_id > last // 2)
        .order_by(Edition.article_id)
        .limit(BATCH)
    ).all()
    own = [key for _, minima in some for key in bands(keys._minima(minima))]  # noqa: SLF001
    pair = connection.execute(select(Twin.article_id, Twin.twin_id).limit(1)).one()
    twin = connection.scalars(
        select(Article.delivery_id).where(Article.id == pair.article_id)
    ).one()
    file = connection.scalars(select(Delivery.file).where(Delivery.id == twin)).one()
    connection.rollback()
    asked: dict[str, Callable[[Connection], object]] = {
        "dedupe: who owns 64 texts": lambda c: contents.claim(c, hashes),
        "persist: who has the keys of 64 articles": lambda c: keys.holders(c, own),
        "persist: the minima of 64 articles": lambda c: keys.signatures(
            c, [article for article, _ in some]
        ),
        "reconciler: dead workers": pulse.bury,
        "reconciler: what is in no message": lambda c: reconcile.stranded(c, idle=False),
        "reconciler: the same of bulk": lambda c: reconcile.stranded(c, idle=False, bulk=True),
        "alarms: feeds": lambda c: feeds.lasts(c, now),
        "alarms: windows of all feeds": lambda c: feeds.gather(c, feeds.lasts(c, now), now),
        "alarms: silences": lambda c: feeds.silences(
            c, {feed: at - timedelta(days=2) for feed, at in feeds.lasts(c, now).items()}, now
        ),
        "metrics": census.corpus,
        "rotative status": status.gather,
        "rotative explain, by number": lambda c: lookup.find(c, str(twin)),
        "rotative explain, by name": lambda c: lookup.find(c, file),
        "rotative explain: the story": lambda c: editions.gather(c, pair.article_id),
        "rotative diff": lambda c: tellings.gather(c, list(pair)),
        "rotative export: 1,000 articles": lambda c: _taken(export.export(c)),
        "rotative export --current: 1,000 articles": lambda c: _taken(
            export.export(c, current=True)
        ),
        "rotative restory: what is due": lambda c: c.execute(restory._COUNT, {"everything": False}),  # noqa: SLF001
        "rotative reprocess: what made all": lambda c: c.execute(_ALL_MADE, {"feed": None}),
        "desk: first page": lambda c: articles.gather(c, Filters(), None),
        "desk: newest deliveries": lambda c: listing.page(c, Filters(), None),
        "desk: of a feed, rejected": lambda c: listing.page(
            c, Filters(disposition="rejected", feed="vna"), None
        ),
        "desk: of a feed": lambda c: listing.page(c, Filters(feed="vna"), None),
        "desk: page in the middle": lambda c: listing.page(c, Filters(feed="vna"), last),
        "desk: causes": lambda c: listing.causes(c, operate.Failed()),
        "desk: a delivery's page": lambda c: delivery.gather(c, twin, None),
        "entities: the most named": lambda c: catalogue.listed(c, None, None, 20),
        "entities: by name": lambda c: catalogue.listed(c, None, "Vietnam", 20),
        "entities: one that many name": lambda c: catalogue.shown(c, "loc:VN"),
    }
    for question, ask in asked.items():
        yield _timed(question, connection, ask)
    aside: dict[str, Callable[[], object]] = {
        "intake: misfiled files": filing.some,
        "intake: heartbeat": lambda: health.beat("intake@bench"),
    }
    for question, call in aside.items():  # each with a connection of its own
        taken: list[float] = []
        for _ in range(TIMES):
            started = time.perf_counter()
            call()
            taken.append(1e3 * (time.perf_counter() - started))
        yield Answer(question, median(taken), taken[0])


def _taken(some: Iterator[object]) -> Sequence[object]:
    return list(islice(some, 1_000))
