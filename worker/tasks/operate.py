"""What an operator starts from Flower's own API: retry and reprocess, by ids and filters.

``POST /api/task/async-apply/operate.retry`` with ``{"args": [[17, 18]]}`` needs nothing that stock
Flower lacks. The task's result says in numbers what it came to.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from celery import Task
from kombu.exceptions import OperationalError as BrokerError

from worker import db, operate
from worker.app import app, settings
from worker.asked import LIMIT, Count, Ids, Moment, Step, checked
from worker.reprocess import run as again  # as a module: it needs `worker.tasks` itself
from worker.reprocess.versions import Selection
from worker.tasks.base import LONGEST_PAUSE_SECONDS, SERVICE_FAULTS
from worker.tasks.enrich import recognisers

if TYPE_CHECKING:
    from celery.result import AsyncResult

log = structlog.get_logger()

FEW = 5  # of a list, in what Flower shows
REPROCESS_LIMIT = 100_000  # articles
LAST = 9  # the lowest priority that Redis knows: what is new goes first


class OperatorTask(Task[Any, Any]):
    """Shows in Flower what it was asked, and tries again when Postgres or Redis is away.

    What was done before a fault is not done twice. What comes again only counts what was left, and
    a limit holds for each time.
    """

    autoretry_for: ClassVar[tuple[type[Exception], ...]] = (*SERVICE_FAULTS, BrokerError)
    max_retries = None
    retry_backoff = True
    retry_backoff_max = LONGEST_PAUSE_SECONDS
    typing = False  # arguments are checked where the task runs, which can say what it takes

    def apply_async(
        self,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        *others: Any,
        **options: Any,
    ) -> AsyncResult[Any]:
        """Send it, with arguments that people can read."""
        readable = {
            "argsrepr": ", ".join(map(_shown, args or ())),
            "kwargsrepr": ", ".join(f"{name}={_shown(it)}" for name, it in (kwargs or {}).items()),
        }
        return super().apply_async(args, kwargs, *others, **readable | options)


def _shown(value: object) -> str:
    if not isinstance(value, list | tuple):
        return repr(value)
    more = f", … ({len(value)})" if len(value) > FEW else ""
    return ", ".join(map(repr, value[:FEW])) + more


@app.task(name="operate.retry", base=OperatorTask)
@checked
def retry(ids: Ids, *, by: str = "API") -> dict[str, int]:
    """Send these deliveries again. Unknown ones, and those that did not fail, are left alone."""
    done = operate.retry(ids, by)
    return {"retried": len(done.deliveries), "left": done.left}


@app.task(name="operate.retry_failed", base=OperatorTask)
@checked
def retry_failed(  # noqa: PLR0913 - one for each filter
    *,
    step: Step | None = None,
    error: str | None = None,
    feed: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cause: str | None = None,
    limit: Count = LIMIT,
    dry_run: bool = False,
    by: str = "API",
) -> dict[str, int]:
    """Send the quarantined deliveries again that all of this is true of, the oldest first.

    ``left`` are those beyond the limit.
    """
    failed = operate.Failed(step, error, cause, feed, since, until)
    if dry_run:
        with db.transaction() as connection:
            count = failed.count(connection)
        return {"would_be_retried": min(count, limit), "left": max(0, count - limit)}
    done = operate.retry_failed(failed, limit, by)
    return {"retried": len(done.deliveries), "left": done.left}


@app.task(name="operate.reprocess", base=OperatorTask)
@checked
def reprocess(  # noqa: PLR0913 - one for each restriction
    *,
    cleaner_before: str | None = None,
    model_before: str | None = None,
    enricher_before: str | None = None,
    everything: bool = False,
    feed: str | None = None,
    limit: Count = REPROCESS_LIMIT,
    dry_run: bool = False,
) -> dict[str, int]:
    """Make stored articles again, as `worker.reprocess.versions.Selection` says, by all workers.

    Sent twice, the second message finds its articles done, and leaves them.
    """
    selection = Selection(cleaner_before, model_before, enricher_before, everything, feed)
    ids = _reprocess(selection).ids()
    taken = [] if dry_run else ids[:limit]
    batches = [taken[at : at + settings.batch] for at in range(0, len(taken), settings.batch)]
    said = {name: value for name, value in asdict(selection).items() if value}
    for batch in batches:
        reprocess_articles.apply_async((batch, said), priority=LAST)
    articles = min(len(ids), limit)
    return {"articles": articles, "messages": len(batches), "left": len(ids) - articles}


@app.task(name="operate.reprocess_articles", base=OperatorTask)
@checked
def reprocess_articles(articles: Ids, selection: Selection) -> dict[str, int]:
    """Make those of the articles again that the selection still takes."""
    done = _reprocess(selection).make(articles, write=True)
    for article, error in done.failed.items():
        log.warning("reprocess_failed", article=article, error=f"{type(error).__name__}: {error}")
    return {
        "articles": len(done.changes),
        "changed": sum(change.any for change in done.changes),
        "rejected": len(done.rejected),
        "passed_over": len(done.passed_over),
        "failed": len(done.failed),
    }


def _reprocess(selection: Selection) -> again.Reprocess:
    return again.Reprocess(selection, recognisers(), settings.max_bytes)
