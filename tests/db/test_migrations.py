"""The migrations make the schema that the models describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from alembic import command
from models import STORIES, Base, Delivery
from tests.factories import deliver
from worker import db, ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@pytest.fixture
def empty_database() -> Iterator[Connection]:
    """A connection to a schema of its own, in which there is nothing yet."""
    with db.engine().connect() as connection, connection.begin() as transaction:
        connection.execute(text("CREATE SCHEMA migrating"))
        connection.execute(text("SET LOCAL search_path TO migrating"))
        yield connection
        transaction.rollback()


def configuration(connection: Connection) -> Config:
    config = Config(toml_file=db.ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config


def test_upgrade_makes_what_the_models_describe(empty_database: Connection) -> None:
    """After an upgrade from nothing, Alembic finds no difference to the models."""
    config = configuration(empty_database)
    command.upgrade(config, "head")
    tables = set(inspect(empty_database).get_table_names(schema="migrating"))
    assert set(Base.metadata.tables) | {"alembic_version"} == tables
    command.check(config)


def test_constraints_have_the_names_that_the_models_give(empty_database: Connection) -> None:
    """Alembic does not compare checks; a later migration must find them by name."""
    command.upgrade(configuration(empty_database), "head")
    found = empty_database.scalars(
        text("SELECT conname FROM pg_constraint WHERE connamespace = 'migrating'::regnamespace")
    )
    named = {
        empty_database.dialect.identifier_preparer.format_constraint(constraint)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint is not table.primary_key or table.primary_key.columns
    }
    generated = {name for name in found if not name.endswith("_not_null")}
    assert named | {"alembic_version_pkc"} == generated


def test_downgrade_leaves_nothing(empty_database: Connection) -> None:
    """Every migration can be undone."""
    config = configuration(empty_database)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    left = inspect(empty_database)
    assert left.get_table_names(schema="migrating") == ["alembic_version"]
    assert left.get_view_names(schema="migrating") == []


def test_views_are_as_the_models_say(empty_database: Connection) -> None:
    """Alembic compares tables only."""
    command.upgrade(configuration(empty_database), "head")
    made, dialect = inspect(empty_database), empty_database.dialect
    assert made.get_view_names(schema="migrating") == [STORIES.name]
    columns = made.get_columns(STORIES.name, schema="migrating")
    found = [(each["name"], each["type"].compile(dialect)) for each in columns]
    assert found == [(each.name, each.type.compile(dialect)) for each in STORIES.columns]


BEFORE_JUDGEMENTS = """
INSERT INTO raw_contents (sha256, data) VALUES ('sha256:1', '');
INSERT INTO deliveries (file, arrival, raw_sha256, size, disposition, content_hash, ended_at)
SELECT 'a.txt', arrival, 'sha256:1', 0, 'stored', 'sha256:1', now()
FROM unnest('{one,two}'::text[]) AS arrival;
INSERT INTO articles (delivery_id, content_hash, first_seen, body, credits, related, removed,
                      repairs, words, encoding, cleaner, recogniser)
SELECT id, arrival, now(), 'Kribi, le 4 mai', '{}', '{}', '[]', '[]', 4, 'utf-8', '1',
       CASE arrival WHEN 'one' THEN 'fr_core_news_md-3.8.0' ELSE 'none' END
FROM deliveries;
INSERT INTO entities (key, label, canonical) VALUES ('loc:kribi', 'LOC', 'Kribi');
INSERT INTO mentions
SELECT a.id, 'body', 0, 5, 'Kribi', 'LOC', 'KRIBI', e.id FROM articles a, entities e
WHERE a.recogniser <> 'none'
UNION SELECT id, 'body', 10, 15, '4 mai', 'DATE', '2031-05-04', NULL FROM articles
WHERE recogniser <> 'none';
"""
MENTIONS = """
SELECT m.surface, m.canonical, e.key, e.canonical FROM mentions m
LEFT JOIN entities e ON e.id = m.entity_id ORDER BY start_offset
"""


def test_what_is_stored_survives_the_judgements(empty_database: Connection) -> None:
    """What the linker found is known from then on, and is what is left after the way back."""
    config = configuration(empty_database)
    command.upgrade(config, "0002")
    empty_database.execute(text(BEFORE_JUDGEMENTS))
    command.upgrade(config, "0003")

    date = ("4 mai", "2031-05-04", None, None)
    assert [("Kribi", None, "loc:kribi", "Kribi"), date] == rows(empty_database, MENTIONS)
    found = rows(empty_database, "SELECT found FROM mentions ORDER BY start_offset")
    assert found == [("loc:kribi",), (None,)]
    versions = "SELECT recogniser, enricher, entities_by FROM articles ORDER BY content_hash"
    assert rows(empty_database, versions) == [
        ("fr_core_news_md-3.8.0", "0", "model"),
        ("none", "0", "none"),
    ]

    empty_database.execute(text("UPDATE mentions SET entity_id = NULL"))  # as when ignored
    empty_database.execute(text("UPDATE entities SET renamed = 'Batanga'"))
    command.downgrade(config, "0002")
    assert [("Kribi", "Kribi", "loc:kribi", "Kribi"), date] == rows(empty_database, MENTIONS)


BEFORE_OPERATING = """
INSERT INTO raw_contents (sha256, data) VALUES ('sha256:1', '');
INSERT INTO deliveries (file, arrival, raw_sha256, size, disposition, step, reason, ended_at)
VALUES ('large.txt', 'one', NULL, 9, 'rejected', 'intake', 'too-large: so it is', now()),
       ('pending.txt', 'two', 'sha256:1', 0, 'pending', NULL, NULL, NULL),
       ('failed.txt', 'three', 'sha256:1', 0, 'quarantined', 'enrich', 'KeyError: "x7"', now()),
       ('elsewhere.txt', 'ingest:4', 'sha256:1', 0, 'pending', NULL, NULL, NULL);
"""


def test_what_was_delivered_before_can_be_operated(empty_database: Connection) -> None:
    """Where its file stands is known, and why it was quarantined."""
    config = configuration(empty_database)
    command.upgrade(config, "0003")
    empty_database.execute(text(BEFORE_OPERATING))
    command.upgrade(config, "0004")
    known = "SELECT file, folder, cause FROM deliveries ORDER BY id"
    assert rows(empty_database, known) == [
        ("large.txt", "rejected", None),
        ("pending.txt", "processed", None),
        ("failed.txt", "processed", "enrich: KeyError: …"),
        ("elsewhere.txt", None, None),
    ]


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (["its worker died 3 times", "its worker died 5 times"], "enrich: its worker died … times"),
        (
            ["E: 'Lomé' is none in l'article", "E: 'Kara' is none in l'article"],
            "enrich: E: … is none in l'article",
        ),
        (["E: <Doc 0x7f12ab34cd56>", "E: <Doc 0x7f12ab34cd99>"], "enrich: E: <Doc …>"),
        (["E: line 3\nand more", "E: line 12,5\nand less"], "enrich: E: line …"),
        (["E: a faced decade"], "enrich: E: a faced decade"),
    ],
)
def test_one_cause_for_what_fails_alike(
    connection: Connection, reasons: list[str], cause: str
) -> None:
    """Names, numbers and addresses make no difference."""
    ids = deliver(connection, *[None] * len(reasons))
    ledger.dispose(connection, "quarantined", "enrich", dict(zip(ids, reasons, strict=True)))
    found = connection.scalars(select(Delivery.cause)).all()
    assert found == [cause] * len(reasons)


def rows(connection: Connection, statement: str) -> list[tuple[object, ...]]:
    return list(map(tuple, connection.execute(text(statement))))


def test_migrations_are_one_numbered_line() -> None:
    """Revisions are numbered in the order in which they apply, without branches."""
    script = ScriptDirectory.from_config(Config(toml_file=db.ROOT / "pyproject.toml"))
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    assert [f"{number:04}" for number in range(1, len(revisions) + 1)] == revisions


def test_migrating_twice_changes_nothing(schema: None) -> None:
    """A second start of the stack finds the schema there."""
    db.migrate(db.engine())
    with db.transaction() as connection:
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    head = ScriptDirectory.from_config(Config(toml_file=db.ROOT / "pyproject.toml"))
    assert head.get_current_head() == version
