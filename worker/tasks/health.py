"""The health check's task: consumed like any other, it writes to Postgres like any other."""

from __future__ import annotations

from worker import health
from worker.app import app


@app.task(name="rotative.beat")
def beat(name: str) -> None:
    """Write the heartbeat of the worker that consumed this."""
    health.beat(name)
