"""One engine per process, and migrations."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine, make_url, text

from worker import config
from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parent.parent
MIGRATION_LOCK = 0x726F7461  # any constant will do: all migrators must name the same

# A database that hangs or a row that stays locked must end in a retry, not in a hung worker.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "tcp_user_timeout": 30_000,
    "options": " ".join(
        f"-c {setting}"
        for setting in (
            "statement_timeout=60s",
            "lock_timeout=20s",
            "idle_in_transaction_session_timeout=60s",
        )
    ),
}


def database_url(settings: config.Settings) -> URL:
    """The database's address with our driver, whichever way it was written.

    Raises:
        UserError: none is set, or it is no Postgres address.
    """
    if settings.database_url is None:
        raise UserError("DATABASE_URL is not set: name a Postgres, for example postgresql://…")
    url = make_url(settings.database_url.get_secret_value())
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise UserError(f"DATABASE_URL must name a Postgres, not {url.get_backend_name()}.")
    return url.set(drivername="postgresql+psycopg")


def make_engine(url: URL) -> Engine:
    """An engine that never shows what its statements carry.

    Connections are not tried before use, which would be a seventh of a small step's time: after a
    restart of Postgres whoever comes first fails, all old connections are dropped, and steps as
    well as intake try again.
    """
    return create_engine(
        url,
        pool_size=2,
        hide_parameters=True,
        connect_args=_PATIENCE,
    )


@cache
def engine() -> Engine:
    """The process's engine. A forked child leaves its parent's connections to the parent."""
    made = make_engine(database_url(config.load()))
    os.register_at_fork(after_in_child=lambda: made.dispose(close=False))
    return made


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back if anything is raised."""
    with engine().begin() as connection:
        yield connection


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version; several at once wait for each other."""
    from alembic.config import Config  # noqa: PLC0415

    from alembic import command  # noqa: PLC0415 - only migrations need it

    configuration = Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")
