"""What every step does alike: count the attempt, do the work, account for each delivery.

A step is three functions: ``load`` gathers what it needs, ``work`` is the core's pure function,
``store`` writes what came out. All that may go wrong between them is handled here, once:

* a delivery that has its disposition already is left out, so any message may come twice;
* ``Permanent`` rejects the one file;
* any other error of one article counts against that article alone: it is tried again, by itself
  and after a pause, and quarantined when its attempts are used up;
* a fault of the services (database, broker), or time that ran out waiting for them, sends the
  whole message back, with a growing pause, and counts against nobody.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog
from celery import Task
from celery.exceptions import Reject, SoftTimeLimitExceeded, TaskPredicate, TimeLimitExceeded
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from worker import db, ledger, metrics, pipeline
from worker.app import settings
from worker.errors import Permanent
from worker.messages import Message, UnknownMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Connection

log = structlog.get_logger()

In = TypeVar("In")
Out = TypeVar("Out")

LONGEST_PAUSE_SECONDS = 60
SERVICE_FAULTS = (OperationalError, InterfaceError)
LONGEST_WORDS = 2_000  # characters that are kept of an error's message


class Failed(Exception):  # noqa: N818 - the outcome's name
    """An error as logs and Flower may have it: its kind, and where it arose.

    Its words may quote the article, so they stand in table ``attempts`` alone. And the error itself
    may be one that Celery takes for its own, as it does a ``MemoryError``, which ends a worker's
    main process, or one that cannot even be shown.
    """


class StepTask(Task[Any, Any]):
    """What is common to the tasks of the steps."""

    max_retries = None  # faults of the services: no end; of an article: counted in Postgres

    def on_failure(
        self,
        exc: Exception,
        task_id: str,
        args: object,  # noqa: ARG002 - the signature is Celery's
        kwargs: object,  # noqa: ARG002
        einfo: object,  # noqa: ARG002
    ) -> None:
        """In the main process, of a task that it kills for the hard limit: note why.

        Aside, for the main process must not wait for Postgres. Should the task come again before
        that is done, it is only the reason that will be less exact.
        """
        if isinstance(exc, TimeLimitExceeded):
            threading.Thread(target=_note_hard_limit, args=(task_id,), daemon=True).start()


@dataclass(frozen=True, slots=True)
class Stored:
    """What a step's ``store`` did."""

    onward: Message = field(default_factory=lambda: Message(()))
    """What the next step works on; no deliveries if none goes on."""
    ended: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    """The deliveries that got their disposition, with what the log says of each."""


@dataclass(frozen=True, slots=True)
class Step(Generic[In, Out]):
    """What sets one step apart from the others."""

    name: str
    load: Callable[[Connection, Message, Collection[int]], Mapping[int, In]]
    """What the work needs, for these of the message's deliveries."""
    work: Callable[[Sequence[In]], Sequence[Out | Exception]]
    """The results in the order of the inputs; see `worker.tasks.isolate`."""
    store: Callable[[Connection, Mapping[int, Out]], Stored]
    """Write the results of deliveries that are locked and pending."""

    def run(self, task: Task[Any, Any], wire: object) -> Message:
        """Do the step for the deliveries of a message; returns the next step's message.

        Raises:
            celery.exceptions.Reject: the message is none that this code understands.
            celery.exceptions.Retry: the message comes again later.
            Failed: the only delivery of the message was quarantined.
        """
        with structlog.contextvars.bound_contextvars(step=self.name, task=task.request.id):
            try:
                message = Message.from_wire(wire)
                onward = self._run(task, message)
            except UnknownMessage as why:
                log.error("message_refused", why=str(why))  # noqa: TRY400 - it says it all
                raise Reject(str(why), requeue=False) from None
            except (TaskPredicate, Failed):
                raise
            except Exception as fault:  # noqa: BLE001 - raised again, as what may be shown
                if not _excused(fault):
                    raise _failed(fault) from None
                log.warning("database_fault", error=type(fault).__name__, deliveries=repr(message))
                pause = _pause(task.request.retries)
                raise task.retry(
                    (message,), exc=_failed(fault), countdown=pause, throw=False
                ) from None
        if not onward.deliveries:
            task.request.chain = None  # nothing goes on; see docs/decisions/0005
        return onward

    def _run(self, task: Task[Any, Any], message: Message) -> Message:
        started = time.monotonic()
        task_id = str(task.request.id)
        bulk = pipeline.came_in_bulk(task)
        with db.transaction() as connection:
            ledger.excuse(connection, self.name, task_id, task.request.retries)
            failed, attempts = ledger.begin_unfailed(
                connection,
                self.name,
                message.deliveries,
                task_id,
                task.request.retries,
                longest=settings.hard_limit_seconds,
            )
            plan = ledger.plan(failed, settings.attempts)
            if others := failed.keys() - attempts.keys():
                ledger.close_failed(
                    connection, self.name, others, task_id, settings.hard_limit_seconds
                )
                left = [i for i in plan.run if i in others]
                attempts |= ledger.begin(connection, self.name, left, task_id, task.request.retries)
            give_up = ledger.reasons(connection, self.name, plan.give_up)
            given_up = ledger.pending(connection, give_up) if give_up else {}
            ledger.dispose(connection, "quarantined", self.name, give_up)
            ledger.postpone(connection, dict.fromkeys(plan.alone, 0.0))
            inputs = self._load(connection, message, plan.run)
        for delivery in plan.alone:
            _submit(delivery, bulk=bulk)

        unreadable = isinstance(inputs, Exception)
        results = self._work(inputs, attempts)
        try:
            stored, again = self._account(results, attempts, task_id)
        except Exception as error:
            if _excused(error):
                raise
            # The rows of one article spoiled the transaction: each is to be tried alone.
            results = dict.fromkeys(results, error)
            stored, again = self._account(results, attempts, task_id)

        ended = {
            **stored.ended,
            **{
                i: {"feed": feed, "disposition": "quarantined", "error": "again and again"}
                for i, feed in given_up.items()
            },
        }
        for delivery, facts in ended.items():
            log.info("delivery_ended", delivery=delivery, **facts)
        seconds = time.monotonic() - started
        log.info(
            "step_finished",
            deliveries=list(message.deliveries),
            worked_on=len(results),
            went_on=len(stored.onward.deliveries),
            ended=len(ended),
            seconds=round(seconds, 4),
        )
        metrics.step_finished(self.name, seconds, results, ended)
        if unreadable or len(message.deliveries) > 1:
            for delivery, pause in again.items():
                _submit(delivery, pause, bulk=bulk)
        else:
            self._try_again(task, message, results, again, ended)
        return stored.onward

    def _load(
        self, connection: Connection, message: Message, ids: Collection[int]
    ) -> Mapping[int, In] | Exception:
        """What the work needs, or why the message does not yield it."""
        try:
            return self.load(connection, message, ids)
        except (DBAPIError, UnknownMessage, SoftTimeLimitExceeded):
            raise  # UnknownMessage: forged, or of a newer worker's; no file is to blame
        except Exception as error:  # noqa: BLE001 - written down as the fault of each
            return error

    def _work(
        self, inputs: Mapping[int, In] | Exception, ids: Collection[int]
    ) -> dict[int, Out | Exception]:
        if isinstance(inputs, Exception):
            return dict.fromkeys(ids, inputs)
        try:
            return dict(zip(inputs, self.work(list(inputs.values())), strict=True))
        except Exception as error:  # noqa: BLE001 - written down as the fault of each
            return dict.fromkeys(inputs, error)

    def _account(
        self,
        results: Mapping[int, Out | Exception],
        attempts: Mapping[int, int],
        task_id: str,
    ) -> tuple[Stored, dict[int, float]]:
        """Write the outcome of every delivery in one transaction.

        Returns also the seconds after which those that failed are to be tried again.
        """
        with db.transaction() as connection:
            held = ledger.pending(connection, results)
            good: dict[int, Out] = {}
            rejected: dict[int, str] = {}
            failed: dict[int, str] = {}
            for delivery in held:
                match results[delivery]:
                    case Permanent() as fault:
                        rejected[delivery] = str(fault)
                    case Exception() as error:
                        trace = "".join(traceback.format_exception(error))
                        ledger.fail(connection, attempts[delivery], _words(error), trace)
                        failed[delivery] = _words(error)
                    case result:
                        good[delivery] = result
            quarantined: dict[int, str] = {}
            again: dict[int, float] = {}
            if failed:
                # Counted again: an operator's retry may have left this attempt behind meanwhile.
                failures = ledger.failed_attempts(
                    connection, self.name, failed, task_id, settings.hard_limit_seconds
                )
                quarantined = {i: failed[i] for i, n in failures.items() if n >= settings.attempts}
                again = {i: _pause(n) for i, n in failures.items() if i not in quarantined}
            stored = self.store(connection, good) if good else Stored()
            ledger.dispose(connection, "rejected", self.name, rejected)
            ledger.dispose(connection, "quarantined", self.name, quarantined)
            ledger.postpone(connection, again)
            ledger.end(connection, [attempts[i] for i in results if i not in failed])
        ended = {
            **stored.ended,
            **{i: {"disposition": "rejected", "reason": why} for i, why in rejected.items()},
            **{i: {"disposition": "quarantined", "error": _kind(results[i])} for i in quarantined},
        }
        ended = {i: {"feed": held[i], **facts} for i, facts in ended.items()}
        return Stored(stored.onward, ended), again

    def _try_again(
        self,
        task: Task[Any, Any],
        message: Message,
        results: Mapping[int, Out | Exception],
        again: Mapping[int, float],
        ended: Collection[int],
    ) -> None:
        """Send a delivery that was alone, and failed, again as the task that it is."""
        for delivery, error in results.items():
            if not isinstance(error, Exception) or isinstance(error, Permanent):
                continue
            if delivery in again:
                # As it shows itself: its wire form would put the article into Flower and events.
                raise task.retry((message,), exc=_failed(error), countdown=again[delivery])
            if delivery in ended:
                raise _failed(error)  # Flower shows the task as failed, with its traceback


def _note_hard_limit(task_id: str) -> None:
    try:
        with db.transaction() as connection:
            ledger.close_timed_out(connection, task_id, settings.hard_limit_seconds)
    except SQLAlchemyError as fault:
        log.warning("hard_limit_not_noted", error=type(fault).__name__, task=task_id)


def _pause(failures: int) -> float:
    """Seconds to wait after so many failures: doubling, bounded, jittered by half."""
    longest = min(LONGEST_PAUSE_SECONDS, settings.backoff_seconds * 2.0 ** min(failures, 10))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing


def _excused(error: Exception) -> bool:
    """Whether no article is to blame: what they raise themselves has become a result."""
    return db.at_fault(error) or isinstance(error, SoftTimeLimitExceeded)


def _submit(delivery: int, pause: float = 0, *, bulk: bool) -> None:
    """Send a delivery by itself; it is noted as sent, so if Redis is away, the reconciler does."""
    try:
        pipeline.submit([delivery], countdown=pause, bulk=bulk)
    except BrokerError as fault:
        log.warning("broker_fault", error=type(fault).__name__, delivery=delivery)


def _failed(error: Exception) -> Failed:
    return Failed(f"{_kind(error)}; table attempts says more").with_traceback(error.__traceback__)


def _kind(error: object) -> str:
    return type(error).__name__


def _words(error: Exception) -> str:
    if isinstance(error, SoftTimeLimitExceeded):
        return ledger.too_long(settings.soft_limit_seconds)
    try:
        message = str(error)[:LONGEST_WORDS]
    except Exception:  # noqa: BLE001 - it may raise anything
        message = "its message cannot be shown"
    return f"{_kind(error)}: {message}".removesuffix(": ")
