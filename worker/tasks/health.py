"""The health check's task: consumed like any other, it writes to Postgres like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker import health
from worker.app import app

if TYPE_CHECKING:
    from celery import Task


@app.task(name="rotative.beat", bind=True)
def beat(task: Task[Any, Any], name: str) -> None:
    """Write a heartbeat of that name; one that ends in a colon wants the worker's name added."""
    health.beat(f"{name}{task.request.hostname}" if name.endswith(":") else name)
