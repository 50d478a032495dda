"""Persist: article, entities, mentions and disposition, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker import ledger
from worker.app import app
from worker.articles import write
from worker.core.persist import ArticleRows, rows
from worker.pipeline import task_name
from worker.tasks.base import Step, StepTask, Stored
from worker.tasks.isolate import each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery import Task
    from sqlalchemy import Connection

    from worker.core.article import EnrichedArticle
    from worker.messages import Message


def _store(connection: Connection, articles: Mapping[int, ArticleRows]) -> Stored:
    written = write(connection, articles)
    ledger.dispose(connection, "stored", STEP.name, dict.fromkeys(articles))
    return Stored(
        ended={
            delivery: {"disposition": "stored", "article": article}
            for delivery, article in written.items()
        }
    )


STEP: Step[EnrichedArticle, ArticleRows] = Step(
    name="persist",
    load=lambda _connection, message, ids: message.enriched(ids),
    work=each(rows),
    store=_store,
)


@app.task(name=task_name(STEP.name), bind=True, base=StepTask)
def persist(task: Task[Any, Any], message: object) -> Message:
    """Store each article with its entities and mentions, and end its delivery."""
    return STEP.run(task, message)
