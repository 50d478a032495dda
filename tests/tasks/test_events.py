"""What Flower is told of: each task, though events travel in groups."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from celery.contrib.testing.worker import start_worker

from tests.factories import deliver
from tests.tasks.conftest import wait_until_ended
from tests.waiting import wait_for
from worker import db, pipeline
from worker.app import app

if TYPE_CHECKING:
    from kombu import Connection


def test_a_worker_that_stops_tells_what_it_has_done(corpus: None) -> None:
    """Its last tasks too, whose events would have waited for others."""
    ended: list[str] = []

    def note(event: dict[str, Any]) -> None:
        if event["pid"] == os.getpid():  # Redis may have other tests' workers too
            ended.append(event["uuid"])

    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"task-succeeded": note})
        with receiver.consumer_context() as (listening, _, _):
            _all_told(listening, ended)  # from here on it hears what is told
            # Without an event loop, so that nothing but its end tells what fills no group.
            with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
                with db.transaction() as transaction:
                    ids = deliver(transaction, None)
                pipeline.submit(ids)
                wait_until_ended(ids)
            wait_for(lambda: _all_told(listening, ended), "events of the end of each step")


def _all_told(listening: Connection, ended: list[str]) -> bool:
    """Whether it is all, once what has come is read."""
    with suppress(TimeoutError):
        listening.drain_events(timeout=0.1)
    return len(set(ended)) == len(pipeline.STEPS)
