"""These tests run the chain in a worker of this process, on the real broker and database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from celery.contrib.testing.worker import start_worker
from sqlalchemy import select

from models import Delivery
from tests.factories import deliver
from tests.fixtures import connection, corpus, schema
from tests.waiting import wait_for
from worker import db, pipeline
from worker.app import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["connection", "corpus", "schema"]


@pytest.fixture(scope="module")
def started_worker(schema: None) -> Iterator[None]:
    """A worker that does one task after the other."""
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield


@pytest.fixture
def worker(started_worker: None, corpus: None) -> None:
    """The worker, and an empty corpus for it."""


@pytest.fixture
def run(worker: None) -> Callable[..., Sequence[int]]:
    """Deliver contents as one batch, and wait until each has its disposition."""

    def deliver_and_wait(*contents: str | bytes | None) -> Sequence[int]:
        with db.transaction() as connection:
            ids = deliver(connection, *contents)
        pipeline.submit(ids)
        wait_until_ended(ids)
        return ids

    return deliver_and_wait


def wait_until_ended(ids: Sequence[int]) -> None:
    """Wait until each delivery has its disposition."""
    pending = select(Delivery.id).where(Delivery.id.in_(ids), Delivery.disposition == "pending")

    def all_ended() -> bool:
        with db.transaction() as connection:
            return not connection.scalars(pending).all()

    wait_for(all_ended, f"deliveries {ids}")
