"""One engine per process, and migrations."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from worker import config
from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parent.parent
MIGRATION_LOCK = 0x726F7461  # any constant will do: all migrators must name the same

_TOO_MUCH = "54"  # SQLSTATE class: a limit of Postgres that no time and no repair moves
_NOT_NOW = {"25006", "25P03", "25P04"}  # only reading; transaction idle, or open, for too long


def at_fault(error: BaseException) -> bool:
    """Whether the database failed and may do better later, whatever it was given."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated
        or state in _NOT_NOW
        or (isinstance(error, OperationalError | InterfaceError) and state[:2] != _TOO_MUCH)
    )


def database_url(settings: config.Settings) -> URL:
    """The database's address with our driver, whichever way it was written.

    Raises:
        UserError: none is set, or it is no Postgres address.
    """
    if settings.database_url is None:
        raise UserError("DATABASE_URL is not set: name a Postgres, for example postgresql://…")
    return with_driver(settings.database_url.get_secret_value())


def with_driver(address: str) -> URL:
    """A database's address with our driver.

    Raises:
        UserError: it is no Postgres address.
    """
    url = make_url(address)
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise UserError(f"DATABASE_URL must name a Postgres, not {url.get_backend_name()}.")
    return url.set(drivername="postgresql+psycopg")


def make_engine(url: URL, longest_seconds: float = 60) -> Engine:
    """An engine that never shows what its statements carry.

    A database that hangs or a row that stays locked must end in a retry, not in a hung worker:
    a statement may take ``longest_seconds``, a third of it waiting for a lock.

    Connections are not tried before use, which would be a seventh of a small step's time: after a
    restart of Postgres whoever comes first fails, all old connections are dropped, and steps as
    well as intake try again.
    """
    return create_engine(
        url,
        pool_size=2,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "tcp_user_timeout": 30_000,
            "options": f"-c statement_timeout={longest_seconds * 1000:.0f} "
            f"-c lock_timeout={longest_seconds * 1000 / 3:.0f} "
            "-c idle_in_transaction_session_timeout=60s",
        },
    )


@cache
def engine() -> Engine:
    """The process's engine. A forked child leaves its parent's connections to the parent."""
    settings = config.load()
    made = make_engine(database_url(settings), settings.soft_limit_seconds / 2)
    os.register_at_fork(after_in_child=lambda: made.dispose(close=False))
    return made


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back if anything is raised."""
    with engine().begin() as connection:
        yield connection


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A transaction that only reads, and sees all as it was when it began."""
    with engine().connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
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
