"""Persist: article, entities, mentions, story and disposition, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker import ledger
from worker.app import app
from worker.articles import write
from worker.contents import claim_bodies, lead_on
from worker.core.persist import ArticleRows, rows
from worker.core.stories.told import Told, told
from worker.judgements import in_force
from worker.pipeline import task_name
from worker.stories import place
from worker.tasks.base import Step, StepTask, Stored
from worker.tasks.isolate import each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery import Task
    from sqlalchemy import Connection

    from worker.core.article import EnrichedArticle
    from worker.messages import Message


def _store(connection: Connection, articles: Mapping[int, tuple[ArticleRows, Told]]) -> Stored:
    judgements = in_force(connection)  # first of all locks; see `worker.stories`
    bodies = {delivery: told.body for delivery, (_, told) in articles.items() if told.body}
    owners = claim_bodies(connection, bodies)
    duplicates = {delivery: owner for delivery, owner in owners.items() if owner != delivery}
    lead_on(connection, duplicates)
    ended = ledger.dispose_duplicates(connection, STEP.name, duplicates)
    new = {delivery: rows for delivery, (rows, _) in articles.items() if delivery not in duplicates}
    written = write(connection, new, judgements) if new else {}
    place(connection, {article: articles[delivery][1] for delivery, article in written.items()})
    ledger.dispose(connection, "stored", STEP.name, dict.fromkeys(written))
    stored = {
        delivery: {"disposition": "stored", "article": article}
        for delivery, article in written.items()
    }
    return Stored(ended=ended | stored)


STEP: Step[EnrichedArticle, tuple[ArticleRows, Told]] = Step(
    name="persist",
    load=lambda _connection, message, ids: message.enriched(ids),
    work=each(lambda enriched: (rows(enriched), told(enriched.clean))),
    store=_store,
)


@app.task(name=task_name(STEP.name), bind=True, base=StepTask)
def persist(task: Task[Any, Any], message: object) -> Message:
    """Store each article with its entities and mentions, and end its delivery."""
    return STEP.run(task, message)
