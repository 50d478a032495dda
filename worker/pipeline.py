"""The order of the steps, and the one way into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import chain

from worker.app import app, settings
from worker.intake import batches
from worker.messages import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from celery import Task

    from worker.intake import Delivered

STEPS = ("dedupe", "clean", "enrich", "persist")


def task_name(step: str) -> str:
    """The name of a step's Celery task."""
    return f"rotative.{step}"


FRESH_AT_MOST = 64
"""More deliveries at once come in bulk: they have a queue of their own."""


def in_bulk(deliveries: int) -> bool:
    """Whether so many deliveries at once come in bulk."""
    return deliveries > FRESH_AT_MOST


def queue(*, bulk: bool) -> str:
    """The broker's queue of what comes in bulk, or of what is fresh."""
    return settings.bulk_queue if bulk else settings.queue


def came_in_bulk(task: Task[Any, Any]) -> bool:
    """Whether the message that a task works on came through the queue of what comes in bulk."""
    return bool((task.request.delivery_info or {}).get("routing_key") == settings.bulk_queue)


def submit(deliveries: Collection[int], *, countdown: float = 0, bulk: bool = False) -> None:
    """Hand deliveries to the workers as one batch, from the first step on.

    ``countdown`` is in seconds; keep it far below the broker's visibility timeout. All steps go
    through the same `queue`.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    lane = queue(bulk=bulk)
    first, *rest = (app.signature(task_name(step), queue=lane) for step in STEPS)
    first = first.clone(args=(Message(tuple(deliveries)),))
    chain(first, *rest).apply_async(countdown=countdown)


def submit_batches(deliveries: Sequence[tuple[int, int]], *, bulk: bool) -> None:
    """Hand deliveries, given with their sizes in bytes, to the workers in batches.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    for batch in batches(deliveries, settings.batch, settings.batch_bytes):
        submit(batch, bulk=bulk)


def submit_new(delivered: Sequence[Delivered], sizes: Sequence[int], *, bulk: bool) -> None:
    """Hand over what intake has just delivered, given with the files' sizes.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    pairs = zip(delivered, sizes, strict=True)
    submit_batches([(each.id, size) for each, size in pairs if each.pending], bulk=bulk)
