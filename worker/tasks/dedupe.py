"""Dedupe: the first delivery of a content owns it, later ones are duplicates of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker import ledger
from worker.app import app
from worker.contents import claim, raw_articles
from worker.core.clean.decode import decode
from worker.core.dedupe import content_hash
from worker.messages import Message
from worker.pipeline import task_name
from worker.tasks.base import Step, StepTask, Stored
from worker.tasks.isolate import each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery import Task
    from sqlalchemy import Connection

    from worker.core.article import RawArticle


def _store(connection: Connection, hashes: Mapping[int, str]) -> Stored:
    owners = claim(connection, hashes)
    duplicates = {delivery: owner for delivery, owner in owners.items() if owner != delivery}
    return Stored(
        onward=Message(tuple(i for i, owner in owners.items() if owner == i)),
        ended=ledger.dispose_duplicates(connection, STEP.name, duplicates),
    )


STEP: Step[RawArticle, str] = Step(
    name="dedupe",
    load=lambda connection, _message, ids: raw_articles(connection, ids),
    work=each(lambda raw: content_hash(decode(raw.data).text)),
    store=_store,
)


@app.task(name=task_name(STEP.name), bind=True, base=StepTask)
def dedupe(task: Task[Any, Any], message: object) -> Message:
    """Hash the normalised text of each delivery and claim it."""
    return STEP.run(task, message)
