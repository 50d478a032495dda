"""A real Postgres and a real Redis for tests that need them.

DATABASE_URL and REDIS_URL are used if set, embedded servers otherwise. Either way the tests get a
database and a queue of their own, so nothing that was there before is touched. Importing this
module does it: `worker.app` reads the environment when it is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path

import psycopg
from psycopg import sql

from worker import embedded

_OURS = f"rotative_test_{uuid.uuid4().hex[:12]}"


def _start() -> None:
    stack = ExitStack()
    home = Path(tempfile.mkdtemp(prefix="rotative-test-"))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    os.environ["ROTATIVE_HOME"] = str(home)
    os.environ["ROTATIVE_QUEUE"] = _OURS
    os.environ["ROTATIVE_RECOGNISER"] = "null"  # tests that are about names ask for the model
    if not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        services = stack.enter_context(embedded.running(home, durable=False))
        os.environ.setdefault("DATABASE_URL", services.database_url)
        os.environ.setdefault("REDIS_URL", services.redis_url)
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_OURS)))
    stack.callback(_drop, server)
    os.environ["DATABASE_URL"] = f"{server.rpartition('/')[0]}/{_OURS}"
    atexit.register(stack.close)


def _drop(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_OURS))
        connection.execute(statement)


_start()
