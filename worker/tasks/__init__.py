"""The four steps as Celery tasks, thin shells around `worker.core`, and the health check's."""

from worker.tasks import clean, dedupe, enrich, health, persist

__all__ = ["clean", "dedupe", "enrich", "health", "persist"]
