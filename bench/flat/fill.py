"""Fill an empty database with stories as the chain would have left them, only much faster.

Rows are copied in by several processes while nothing is indexed or checked; then keys, indexes and
foreign keys are made again, which proves that all fits. What is done, and what is left, stands in
schema ``filling`` until the end: a run that was broken off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import time
import uuid
from collections import defaultdict
from dataclasses import fields, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
from psycopg import sql

from bench.flat.names import NAMES, name
from bench.flat.placing import places
from bench.flat.stories import CHUNK, Story, stories
from worker import pipeline
from worker.core.dedupe import NORMALISATION, content_hash
from worker.core.persist import rows
from worker.core.stories.fingerprint import FINGERPRINT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    Ending = tuple[str, str | None, str, int | None]
    Rows = dict[str, list[tuple[Any, ...]]]

BATCH: Final = 64
DUPLICATED: Final = 10  # one story in so many arrives twice
REJECTED: Final = 100  # beside one story in so many comes a file that is none
QUARANTINED: Final = 1_000
SAID: Final = 10_000  # articles between two lines of progress
WORKER: Final = "worker@bench:1:00000000"

_ARTICLE: Final = (
    *("title", "lead", "body", "published", "dateline_place", "dateline_agency", "byline"),
    *("signature", "credits", "related", "removed", "repairs", "language", "words", "format"),
    *("encoding", "flags", "cleaner", "recogniser", "enricher", "entities_by"),
)
_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "raw_contents": ("sha256", "data", "first_seen"),
    "deliveries": (
        *("id", "feed", "file", "arrival", "raw_sha256", "size", "received_at", "queued_at"),
        *("bulk", "disposition", "reason", "step", "content_hash", "duplicate_of", "level"),
        *("ended_at", "folder"),
    ),
    "claims": ("content_hash", "normalisation", "level", "delivery_id"),
    "articles": ("id", "delivery_id", "content_hash", "feed", "first_seen", *_ARTICLE),
    "mentions": (
        *("article_id", "field", "start_offset", "end_offset", "surface", "label", "found"),
        *("canonical", "entity_id"),
    ),
    "attempts": (
        *("delivery_id", "step", "task_id", "worker", "retries", "started_at", "ended_at"),
        *("outcome", "error"),
    ),
    "editions": (
        *("article_id", "story_id", "role", "version", "current", "notice", "notice_number"),
        *("fingerprint", "signature", "titles"),
    ),
    "twins": ("article_id", "twin_id", "tie", "jaccard", "containment"),
}


_BEGIN: Final = """
    CREATE SCHEMA filling;
    CREATE TABLE filling.since AS SELECT %(first)s::timestamptz AS since;
    CREATE TABLE filling.chunks (chunk int);
    CREATE TABLE filling.keys (article_id bigint, keys bigint[]);
    CREATE TABLE filling.left (at int GENERATED ALWAYS AS IDENTITY, statement text);
"""
_CONSTRAINTS: Final = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
            pg_get_constraintdef(oid))
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype = ANY(%s) ORDER BY conname
"""
_INDEXES: Final = """
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indexrelid
"""
_BANDS: Final = """
    INSERT INTO bands (key, article_id, first)
    SELECT key, article_id, article_id = min(article_id) OVER (PARTITION BY key)
    FROM filling.keys, unnest(keys) AS key
    ORDER BY article_id
"""
_LAST: Final = "SELECT setval(pg_get_serial_sequence('{}', 'id'), {})"


def fill(url: str, articles: int, first: datetime, processes: int) -> None:
    """Fill the database at ``url``, which has its tables and nothing in them; go on where it was.

    Args:
        url: as libpq takes it; of a superuser.
        articles: how many are to be stored; a multiple of `CHUNK`.
        first: when the first of them arrived.
        processes: how many make and copy them.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        if not _one(connection, "SELECT to_regnamespace('filling') IS NOT NULL"):
            with connection.transaction():
                _begin(connection, articles, first)
        since = _one(connection, "SELECT since FROM filling.since")
        done = {chunk for (chunk,) in connection.execute("SELECT chunk FROM filling.chunks")}
        work = [(url, chunk, since) for chunk in range(articles // CHUNK) if chunk not in done]
        _copy_chunks(work, articles, processes)
        if not _one(connection, "SELECT EXISTS (SELECT FROM entities)"):
            with connection.transaction():
                _copy_names(connection)
        _finish(connection)


def _one(connection: psycopg.Connection[Any], asked: LiteralString) -> Any:
    row = connection.execute(asked).fetchone()
    return row and row[0]


def _begin(connection: psycopg.Connection[Any], articles: int, first: datetime) -> None:
    """Take down what is indexed and checked, and write what is left to be done then."""
    psycopg.ClientCursor(connection).execute(_BEGIN, {"first": first})
    keys = connection.execute(_CONSTRAINTS, [["p", "u"]]).fetchall()
    foreign = connection.execute(_CONSTRAINTS, [["f"]]).fetchall()
    indexes = connection.execute(_INDEXES).fetchall()
    for drop, _ in (*foreign, *keys, *indexes):
        connection.execute(drop)
    lasts = {"deliveries": 2 * articles, "articles": articles, "entities": NAMES}
    left = [
        *(_LAST.format(table, last) for table, last in lasts.items()),
        _BANDS,
        *(make for _, make in (*keys, *indexes, *foreign)),
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO filling.left (statement) VALUES (%s)", zip(left))


def _copy_chunks(work: Sequence[tuple[str, int, datetime]], articles: int, processes: int) -> None:
    """Copy chunks, and say now and then how far it is."""
    started, before = time.monotonic(), articles - CHUNK * len(work)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for number, _ in enumerate(pool.imap_unordered(_copy_chunk, work), 1):
            if number % (SAID // CHUNK) == 0 or number == len(work):
                seconds = time.monotonic() - started
                left = seconds / number * (len(work) - number)
                print(
                    f"{before + CHUNK * number:,} of {articles:,} copied,"
                    f" {CHUNK * number / seconds:.0f} a second, {left / 60:.0f} minutes left",
                    flush=True,
                )


def _finish(connection: psycopg.Connection[Any]) -> None:
    """Do what is left, a transaction each."""
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET work_mem = '1GB'")
    connection.execute("SET max_parallel_maintenance_workers = 2")
    left = connection.execute("SELECT at, statement FROM filling.left ORDER BY at").fetchall()
    for at, statement in left:
        started = time.monotonic()
        with connection.transaction():
            connection.execute(statement)
            connection.execute("DELETE FROM filling.left WHERE at = %s", [at])
        if (seconds := time.monotonic() - started) > 1:
            print(f"{seconds:.0f} s: {' '.join(statement.split())[:90]}", flush=True)
    connection.execute("DROP SCHEMA filling CASCADE")
    connection.execute("VACUUM (ANALYZE)")


def _copy_chunk(work: tuple[str, int, datetime]) -> None:
    """Copy a chunk of stories, in one transaction."""
    url, chunk, first = work
    found = stories(chunk, first)
    placed = places(found)
    written: Rows = defaultdict(list)
    for story in found:
        _add(story, placed.bodies.get(story.number + 1), written)
    written["editions"], written["twins"] = placed.editions, placed.twins
    with psycopg.connect(url) as connection:
        connection.execute("SET synchronous_commit = off")
        for table, columns in _COLUMNS.items():
            _copy(connection, ("public", table), columns, written[table])
        _copy(connection, ("filling", "keys"), ("article_id", "keys"), placed.keys)
        connection.execute("INSERT INTO filling.chunks VALUES (%s)", [chunk])


def _copy(
    connection: psycopg.Connection[Any],
    table: tuple[str, str],
    columns: Sequence[str],
    lines: Sequence[Sequence[object]],
) -> None:
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for line in lines:
            copy.write_row(line)


def _copy_names(connection: psycopg.Connection[Any]) -> None:
    """Entities and their spellings: those that mentions name."""
    named = connection.execute("SELECT DISTINCT entity_id FROM mentions WHERE found IS NOT NULL")
    names = [name(entity - 1) for (entity,) in named.fetchall()]
    columns = ("id", "key", "label", "named", "named_by", "wikidata")
    _copy(
        connection,
        ("public", "entities"),
        columns,
        [(one.rank + 1, *one.row()) for one in sorted(names, key=lambda one: one.rank)],
    )
    spellings = [(one.rank + 1, spelt) for one in names for spelt in dict.fromkeys(one.surfaces)]
    _copy(connection, ("public", "aliases"), ("entity_id", "surface"), spellings)


def _add(story: Story, body: str | None, to: Rows) -> None:
    """Add the rows of a story, but for its place, and of what arrived beside it."""
    number, enriched = story.number, story.enriched
    article, delivery, beside = number + 1, 2 * number + 1, 2 * number + 2
    text = story.text
    data, content = text.encode(), content_hash(text)
    raw = _sha256(data)
    clean = enriched.clean
    spans = {"removed": clean.removed, "repairs": clean.repairs}
    # As JSON from here: `rows` makes dicts of them, which takes longer than all the rest of it.
    made = rows(replace(enriched, clean=replace(clean, removed=(), repairs=())))
    values = made.article | {field: _json(some) for field, some in spans.items()}
    to["raw_contents"].append((raw, data, story.received))
    to["claims"].append((content, NORMALISATION, "text", delivery))
    if body:
        to["claims"].append((body, FINGERPRINT, "body", delivery))
    line = (article, delivery, content, story.feed, story.received)
    to["articles"].append((*line, *(values[column] for column in _ARTICLE)))
    ids = {one.key: one.rank + 1 for one in story.names}
    for mention in made.mentions:
        key = mention.entity
        to["mentions"].append(
            (
                *(article, mention.field, mention.start, mention.end, mention.surface),
                *(mention.label, key, None if key else mention.canonical, key and ids[key]),
            )
        )
    _deliver(story, to, delivery, (raw, len(data), content), ("stored", None, "persist", None))
    if number % DUPLICATED == 0:
        ending: Ending = ("duplicate", None, "dedupe", delivery)
        _deliver(story, to, beside, (raw, len(data), content), ending)
        return
    for every, failing in {
        QUARANTINED: ("quarantined", "ValueError: a made-up fault", "enrich", None),
        REJECTED: ("rejected", "no-body: the file has no body", "clean", None),
    }.items():
        if number % every == 1:
            furniture = text.rpartition("\n\n")[2]
            data, content = furniture.encode(), content_hash(furniture)
            raw = _sha256(data)
            to["raw_contents"].append((raw, data, story.received))
            _deliver(story, to, beside, (raw, len(data), content), failing)
            return


def _deliver(
    story: Story,
    to: Rows,
    delivery: int,
    content: tuple[str, int, str],
    ending: Ending,
) -> None:
    """A delivery with its attempts, each step a second after the one before."""
    raw, size, hash_ = content
    disposition, reason, last, duplicate_of = ending
    received = story.received + timedelta(minutes=5 * (delivery % 2 == 0))
    steps = pipeline.STEPS[: pipeline.STEPS.index(last) + 1]
    ended = received + timedelta(seconds=len(steps) + 1)
    arrival = f"{delivery:x}:{raw[7:39]}:{received.timestamp():.0f}"
    folder = {"rejected": "rejected", "quarantined": "quarantine"}.get(disposition, "processed")
    to["deliveries"].append(
        (
            *(delivery, story.feed, f"{received:%Y/%m}/{story.number}-depeche.txt", arrival),
            *(raw, size, received, received, False, disposition, reason, last, hash_),
            *(duplicate_of, "bytes" if duplicate_of else None, ended, folder),
        )
    )
    for at, step in enumerate(steps, 1):
        failed = "ValueError: a made-up fault" if reason and step == last == "enrich" else None
        begun = received + timedelta(seconds=at)
        to["attempts"].append(
            (
                *(
                    delivery,
                    step,
                    _task(delivery // BATCH, step),
                    WORKER,
                    0,
                    begun,
                    begun + timedelta(seconds=1),
                ),
                *("failed" if failed else "done", failed),
            )
        )


@lru_cache
def _task(batch: int, step: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{batch} {step}"))


def _json(spans: Sequence[Any]) -> str:
    names = [field.name for field in fields(spans[0])] if spans else []
    return json.dumps([{name: getattr(span, name) for name in names} for span in spans])


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
