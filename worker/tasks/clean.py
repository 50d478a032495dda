"""Clean: from bytes to a story without what surrounded it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.app import app
from worker.contents import raw_articles
from worker.core.clean import clean as clean_text
from worker.core.clean.decode import decode
from worker.messages import Message
from worker.pipeline import task_name
from worker.tasks.base import Step, StepTask, Stored
from worker.tasks.isolate import each

if TYPE_CHECKING:
    from celery import Task

    from worker.core.article import CleanArticle, RawArticle

STEP: Step[RawArticle, CleanArticle] = Step(
    name="clean",
    load=lambda connection, _message, ids: raw_articles(connection, ids),
    work=each(lambda raw: clean_text(decode(raw.data), raw.file)),
    store=lambda _connection, articles: Stored(onward=Message.with_clean(articles)),
)


@app.task(name=task_name(STEP.name), bind=True, base=StepTask)
def clean(task: Task[Any, Any], message: object) -> Message:
    """Decode each delivery and find its title, date, lead and body."""
    return STEP.run(task, message)
