"""The four steps as Celery tasks, thin shells around `worker.core`; the operator's; a beat."""

from worker.tasks import clean, dedupe, enrich, health, operate, persist

__all__ = ["clean", "dedupe", "enrich", "health", "operate", "persist"]
