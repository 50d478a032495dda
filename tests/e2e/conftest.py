"""These tests run our commands as processes, as their users do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models import Delivery
from tests.fixtures import corpus, schema
from tests.waiting import PATIENCE_SECONDS
from worker import db

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["corpus", "schema"]

ENVIRONMENT = {
    "ROTATIVE_RECOGNISER": "spacy",  # as in production
    "ROTATIVE_QUEUE": f"{os.environ['ROTATIVE_QUEUE']}_processes",  # not that of workers in tests
}
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours that runs in the background, and is stopped as an operator would."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "worker.cli", *arguments],
        env={**os.environ, **ENVIRONMENT, **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def deliveries() -> dict[str, tuple[str | None, str]]:
    """Feed and disposition of every delivery, by file."""
    with db.transaction() as connection:
        rows = connection.execute(
            select(Delivery.file, Delivery.feed, Delivery.disposition).order_by(Delivery.id)
        )
        return {row[0]: (row[1], row[2]) for row in rows}


@pytest.fixture(scope="session")
def worker(schema: None) -> Iterator[None]:
    """A worker as it is in production: its children, its model."""
    with running("worker", environment={"ROTATIVE_CONCURRENCY": "2"}):
        yield


@pytest.fixture
def rotative(tmp_path: Path) -> Command:
    """Run a command of ours to its end."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "worker.cli", *map(str, arguments)],
            env=os.environ | ENVIRONMENT | {"ROTATIVE_HOME": str(tmp_path / "home"), **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    return run
