"""Fixtures of the tests that need services; their conftest.py imports them from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models import Base
from tests import services as _services  # noqa: F401 - before anything reads the environment
from worker import db
from worker.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@pytest.fixture(scope="session", autouse=True)
def schema() -> None:
    """The schema, as the migrations make it."""
    db.migrate(db.engine())


@pytest.fixture
def connection(schema: None) -> Iterator[Connection]:
    """A connection whose work is undone at the end."""
    with db.engine().connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def corpus(schema: None) -> Iterator[None]:
    """An empty corpus and an empty queue, for tests that commit."""
    _empty()  # of what a process that was killed has left
    yield
    _empty()


def _empty() -> None:
    app.control.purge()
    with db.transaction() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
