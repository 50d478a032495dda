"""The order of the steps, and the one way into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery import chain

from worker.app import app, settings
from worker.intake import batches
from worker.messages import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from worker.intake import Delivered

STEPS = ("dedupe", "clean", "enrich", "persist")


def task_name(step: str) -> str:
    """The name of a step's Celery task."""
    return f"rotative.{step}"


def submit(deliveries: Collection[int], *, countdown: float = 0) -> None:
    """Hand deliveries to the workers as one batch, from the first step on.

    ``countdown`` is in seconds; keep it far below the broker's visibility timeout.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    first, *rest = (app.signature(task_name(step)) for step in STEPS)
    first = first.clone(args=(Message(tuple(deliveries)),))
    chain(first, *rest).apply_async(countdown=countdown)


def submit_batches(deliveries: Sequence[tuple[int, int]]) -> None:
    """Hand deliveries, given with their sizes in bytes, to the workers in batches.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    for batch in batches(deliveries, settings.batch, settings.batch_bytes):
        submit(batch)


def submit_new(delivered: Sequence[Delivered], sizes: Sequence[int]) -> None:
    """Hand over what intake has just delivered, given with the files' sizes.

    Raises:
        kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    pairs = zip(delivered, sizes, strict=True)
    submit_batches([(each.id, size) for each, size in pairs if each.pending])
