"""What every step does alike: count the attempt, do the work, account for each delivery.

A step is three functions: ``load`` gathers what it needs, ``work`` is the core's pure function,
``store`` writes what came out. All that may go wrong between them is handled here, once:

* a delivery that has its disposition already is left out, so any message may come twice;
* ``Permanent`` rejects the one file;
* any other error of one article counts against that article alone: it is tried again, by itself
  and after a pause, and quarantined when its attempts are used up;
* a fault of the services (database, broker) sends the whole message back, with a growing pause,
  and counts against nobody.
"""

from __future__ import annotations

import random
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog
from celery import Task
from sqlalchemy.exc import InterfaceError, OperationalError

from worker import db, ledger, metrics, pipeline
from worker.app import settings
from worker.errors import Permanent
from worker.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Connection

log = structlog.get_logger()

In = TypeVar("In")
Out = TypeVar("Out")

LONGEST_PAUSE_SECONDS = 60
SERVICE_FAULTS = (OperationalError, InterfaceError)


class StepTask(Task[Any, Any]):
    """What is common to the tasks of the steps."""

    max_retries = None  # faults of the services: no end; of an article: counted in Postgres


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
            UnknownMessage: the message is none that this code understands.
            celery.exceptions.Retry: the message comes again later.
            Exception: the only delivery of the message was quarantined because of it.
        """
        message = Message.from_wire(wire)
        with structlog.contextvars.bound_contextvars(step=self.name, task=task.request.id):
            try:
                onward = self._run(task, message)
            except SERVICE_FAULTS as fault:
                log.warning("database_fault", error=type(fault).__name__, deliveries=repr(message))
                pause = _pause(task.request.retries)
                raise task.retry((message,), exc=fault, countdown=pause) from fault
        if not onward.deliveries:
            task.request.chain = None  # nothing goes on; see docs/decisions/0005
        return onward

    def _run(self, task: Task[Any, Any], message: Message) -> Message:
        started = time.monotonic()
        task_id = str(task.request.id)
        with db.transaction() as connection:
            ledger.excuse(connection, self.name, task_id, task.request.retries)
            failed = ledger.failed_attempts(
                connection, self.name, message.deliveries, task_id, settings.hard_limit_seconds
            )
            plan = ledger.plan(failed, settings.attempts)
            give_up: dict[int, str | None] = dict.fromkeys(
                plan.give_up, f"its worker died {settings.attempts} times"
            )
            given_up = ledger.pending(connection, give_up) if give_up else {}
            ledger.dispose(connection, "quarantined", self.name, give_up)
            attempts = ledger.begin(connection, self.name, plan.run, task_id, task.request.retries)
            inputs = self.load(connection, message, plan.run)
        for delivery in plan.alone:
            pipeline.submit([delivery])

        results = dict(zip(inputs, self.work(list(inputs.values())), strict=True))
        try:
            stored = self._account(results, attempts, task_id)
        except SERVICE_FAULTS:
            raise
        except Exception as error:  # noqa: BLE001 - written down as the fault of each
            # The rows of one article spoiled the transaction: each is to be tried alone.
            results = dict.fromkeys(results, error)
            stored = self._account(results, attempts, task_id)

        ended = {
            **stored.ended,
            **{
                i: {"feed": feed, "disposition": "quarantined", "reason": give_up[i]}
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
        self._try_again(task, message, results, failed)
        return stored.onward

    def _account(
        self,
        results: Mapping[int, Out | Exception],
        attempts: Mapping[int, int],
        task_id: str,
    ) -> Stored:
        """Write the outcome of every delivery in one transaction."""
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
            if failed:
                # Counted again: an operator's retry may have left this attempt behind meanwhile.
                failures = ledger.failed_attempts(
                    connection, self.name, failed, task_id, settings.hard_limit_seconds
                )
                quarantined = {i: failed[i] for i, n in failures.items() if n >= settings.attempts}
            stored = self.store(connection, good) if good else Stored()
            ledger.dispose(connection, "rejected", self.name, rejected)
            ledger.dispose(connection, "quarantined", self.name, quarantined)
            ledger.end(connection, [attempts[i] for i in results if i not in failed])
        ended = {
            **stored.ended,
            **{i: {"disposition": "rejected", "reason": why} for i, why in rejected.items()},
            **{i: {"disposition": "quarantined", "reason": why} for i, why in quarantined.items()},
        }
        return Stored(stored.onward, {i: {"feed": held[i], **facts} for i, facts in ended.items()})

    def _try_again(
        self,
        task: Task[Any, Any],
        message: Message,
        results: Mapping[int, Out | Exception],
        failed_before: Mapping[int, int],
    ) -> None:
        """Send what failed again: a batch's members alone, a lone one as the task that it is."""
        for delivery, error in results.items():
            if not isinstance(error, Exception) or isinstance(error, Permanent):
                continue
            failures = failed_before[delivery] + 1
            last = failures >= settings.attempts
            if len(message.deliveries) > 1:
                if not last:
                    pipeline.submit([delivery], countdown=_pause(failures))
            elif last:
                raise error  # Flower shows the task as failed, with its traceback
            else:
                # As it shows itself: its wire form would put the article into Flower and events.
                raise task.retry((message,), exc=error, countdown=_pause(failures))


def _pause(failures: int) -> float:
    """Seconds to wait after so many failures: doubling, bounded, jittered by half."""
    longest = min(LONGEST_PAUSE_SECONDS, settings.backoff_seconds * 2.0 ** min(failures, 10))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
