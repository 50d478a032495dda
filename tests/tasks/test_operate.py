"""An operator sends deliveries again: they run through the whole chain, and end once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from celery.app import autoretry
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from models import Article, Attempt, Delivery, Retry
from tests.factories import MAX_BYTES, story
from tests.tasks.conftest import wait_until_ended
from tests.waiting import wait_for
from worker import db, ledger, operate, pipeline, reconcile
from worker.app import app, settings
from worker.core.clean import clean as clean_text
from worker.core.enrich import enrich as enrich_articles
from worker.errors import Permanent
from worker.tasks import base, clean, enrich

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.clean.decode import Decoded
    from worker.core.enrich.recognise import Recogniser

    Run = Callable[..., Sequence[int]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries that need not be waited for."""
    monkeypatch.setattr(base, "_pause", lambda _failures: 0)
    monkeypatch.setattr(autoretry, "get_exponential_backoff_interval", lambda **_: 0)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """The enrich step fails as long as this says so."""
    state = {"now": True}

    def faulty(
        articles: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
    ) -> list[EnrichedArticle]:
        if state["now"]:
            raise KeyError("no model")
        return enrich_articles(articles, recognisers)

    monkeypatch.setattr(enrich, "enrich_articles", faulty)
    return state


def dispositions(ids: Collection[int]) -> list[str]:
    with db.transaction() as connection:
        statement = select(Delivery.disposition).where(Delivery.id.in_(ids)).order_by(Delivery.id)
        return list(connection.scalars(statement))


def count(model: type[Article | Attempt | Retry]) -> int:
    with db.transaction() as connection:
        return connection.scalar(select(func.count()).select_from(model)) or 0


def ask(task: str, *arguments: object, **options: object) -> None:
    """Start an operator's task as Flower's API does."""
    app.send_task(f"operate.{task}", args=arguments, kwargs=options)


def retried(ids: Sequence[int]) -> None:
    """Wait until the operator's task has taken these, and they have ended."""
    wait_for(lambda: count(Retry) >= len(ids), "the operator's task")
    wait_until_ended(ids)


def test_what_failed_is_stored_once_its_fault_is_gone(run: Run, broken: dict[str, bool]) -> None:
    """From its raw bytes, exactly once, with who sent it again."""
    ids = run(None, None, None)
    assert dispositions(ids) == ["quarantined"] * 3
    broken["now"] = False
    ask("retry", list(map(str, ids[:1])))
    retried(ids[:1])
    ask("retry_failed", step="enrich", error="no model", since="1h")
    retried(ids)
    assert dispositions(ids) == ["stored"] * 3
    assert (count(Article), count(Retry)) == (3, 3)


def test_two_operators_at_once_cause_one_run(run: Run, broken: dict[str, bool]) -> None:
    """One note, one start of each step, and one article for each delivery."""
    ids = run(None, None, None)
    broken["now"] = False
    started = count(Attempt)
    barrier = Barrier(2)

    def press(by: str) -> operate.Retried:
        barrier.wait()
        return operate.retry(ids, by)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(press, ("ana", "bea"))
    assert sorted(first.deliveries + second.deliveries) == list(ids)
    wait_until_ended(ids)
    assert dispositions(ids) == ["stored"] * 3
    assert (count(Article), count(Retry)) == (3, 3)
    assert count(Attempt) - started == len(pipeline.STEPS) * 3


def test_attempts_are_counted_afresh(run: Run, broken: dict[str, bool]) -> None:
    """Those from before the retry do not count; a fault that stays quarantines it again."""
    (delivery,) = run(None)
    failed = select(func.count()).where(Attempt.outcome == "failed")
    operate.retry([delivery], "ana")
    wait_until_ended([delivery])
    with db.transaction() as connection:
        assert connection.scalar(failed) == 2 * settings.attempts
    assert dispositions([delivery]) == ["quarantined"]


def test_a_duplicate_stays_one_when_its_owner_runs_again(run: Run, broken: dict[str, bool]) -> None:
    """The claim is still the owner's: one article, and no new one for its twin."""
    text = story()
    (owner,) = run(text)
    (twin,) = run(text)
    assert dispositions([owner, twin]) == ["quarantined", "duplicate"]
    broken["now"] = False
    assert operate.retry([owner, twin], "ana").left == 1
    wait_until_ended([owner])
    assert dispositions([owner, twin]) == ["stored", "duplicate"]
    assert count(Article) == 1


def test_an_old_message_in_the_queue_does_no_harm(run: Run, broken: dict[str, bool]) -> None:
    """Both run, whichever comes first stores the article, the other finds nothing to do."""
    (delivery,) = run(None)
    broken["now"] = False
    operate.retry([delivery], "ana")
    pipeline.submit([delivery])
    wait_until_ended([delivery])
    run(None)  # behind it in the queue
    assert dispositions([delivery]) == ["stored"]
    assert (count(Article), count(Retry)) == (2, 1)


def test_a_retry_in_the_middle_of_an_old_step(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given up and sent again while a step is still at it: one article."""
    first = [True]

    def slow(decoded: Decoded, file: str) -> CleanArticle:
        if first.pop() if first else False:
            with db.transaction() as connection:
                ids = connection.scalars(select(Delivery.id)).all()
                ledger.dispose(connection, "quarantined", "clean", dict.fromkeys(ids, "died"))
            operate.retry(ids, "ana")
        return clean_text(decoded, file)

    monkeypatch.setattr(clean, "clean_text", slow)
    ids = run(None)
    monkeypatch.undo()
    run(None)  # behind it in the queue
    assert dispositions(ids) == ["stored"]
    assert (count(Article), count(Retry)) == (2, 1)


def test_an_old_steps_failure_does_not_count_after_a_retry(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began before the retry, which gives the delivery all its attempts."""
    old = [True]

    def slow(decoded: Decoded, file: str) -> CleanArticle:
        if old.pop() if old else False:
            with db.transaction() as connection:
                ids = connection.scalars(select(Delivery.id)).all()
                ledger.dispose(connection, "quarantined", "clean", dict.fromkeys(ids, "died"))
            operate.retry(ids, "ana")
            raise KeyError("no rules")
        return clean_text(decoded, file)

    monkeypatch.setattr(clean, "clean_text", slow)
    monkeypatch.setattr(base, "settings", settings.model_copy(update={"attempts": 1}))
    ids = run(None)
    wait_for(lambda: dispositions(ids) == ["stored"], "its second run")
    assert (count(Article), count(Retry)) == (1, 1)


def test_what_rules_of_today_take_is_stored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rejected delivery gave up its claim, and runs again like any other."""

    def stricter(_decoded: Decoded, _file: str) -> CleanArticle:
        raise Permanent("no-body", "no paragraph of a story is left")

    monkeypatch.setattr(clean, "clean_text", stricter)
    ids = run(None, "x" * (MAX_BYTES + 1))
    assert dispositions(ids) == ["rejected", "rejected"]
    monkeypatch.undo()
    assert operate.retry(ids, "ana").deliveries == (ids[0],)
    wait_until_ended(ids)
    assert dispositions(ids) == ["stored", "rejected"]


def test_a_retry_without_redis_runs_when_it_is_back(
    run: Run, broken: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The delivery is pending in Postgres; the reconciler hands it over."""
    (delivery,) = run(None)
    broken["now"] = False

    def refuse(_deliveries: Collection[int], **_: object) -> None:
        raise BrokerError("Connection refused")

    with monkeypatch.context() as without:
        without.setattr(pipeline, "submit", refuse)
        assert not operate.retry([delivery], "ana").queued
    with db.transaction() as connection:
        ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 10)
        connection.execute(update(Delivery).values(queued_at=ago))
        connection.execute(update(Attempt).values(started_at=ago, ended_at=ago))
    with db.transaction() as connection:
        assert reconcile.reconcile(connection, batch=64) == [delivery]
    wait_until_ended([delivery])
    assert dispositions([delivery]) == ["stored"]


def test_a_fault_of_the_database_is_waited_for(
    run: Run, broken: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator's task goes back to the queue, as a step does."""
    ids = run(None)
    broken["now"] = False
    faults = [2]
    real = operate.retry

    def faulty(ids: Collection[int], by: str) -> operate.Retried:
        if faults[0]:
            faults[0] -= 1
            raise OperationalError("UPDATE", None, Exception("the server closed the connection"))
        return real(ids, by)

    monkeypatch.setattr(operate, "retry", faulty)
    ask("retry", ids)
    retried(ids)
    assert dispositions(ids) == ["stored"]


def test_what_cannot_be_understood_fails_with_a_sentence(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """And does nothing."""
    ask("retry", "seventeen")
    ask("retry_failed", stepp="enrich")
    run(None)  # behind them in the queue
    assert "'seventeen' is no id: name deliveries by numbers such as 17" in caplog.text
    assert "stepp: Unexpected keyword argument" in caplog.text
    assert count(Retry) == 0
