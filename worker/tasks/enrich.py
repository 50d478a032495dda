"""Enrich: language, and who and what the story names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from worker.app import app, settings
from worker.core.enrich import enrich as enrich_articles
from worker.core.enrich.aliases import known
from worker.core.enrich.language import detect
from worker.core.enrich.recognise import Recogniser, load_recogniser
from worker.messages import Message
from worker.pipeline import task_name
from worker.tasks.base import Step, StepTask, Stored
from worker.tasks.isolate import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery import Task

    from worker.core.article import CleanArticle, EnrichedArticle


@cache
def recognisers() -> Mapping[str, Recogniser]:
    """The recogniser of each language, loaded once per process."""
    return load_recogniser(settings.recogniser)


def load_models() -> None:
    """Load all that the first article would otherwise wait for."""
    recognisers()
    detect("Ces mots ne servent qu’à charger le modèle.")
    known("fr")


STEP: Step[CleanArticle, EnrichedArticle] = Step(
    name="enrich",
    load=lambda _connection, message, ids: message.clean(ids),
    work=together(lambda articles: enrich_articles(articles, recognisers())),
    store=lambda _connection, articles: Stored(onward=Message.with_enriched(articles)),
)


@app.task(name=task_name(STEP.name), bind=True, base=StepTask)
def enrich(task: Task[Any, Any], message: object) -> Message:
    """Detect the language of each article and recognise its entities."""
    return STEP.run(task, message)
