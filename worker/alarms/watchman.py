"""The watchman: looks every minute whether something is not as usual, beside intake's own work.

A thread of intake, so that it runs where files are taken, and nothing of it holds intake up. Of
several intakes one looks at a time: whoever has the lock, which ends with its connection.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import redis
import structlog
from sqlalchemy import func, select

from worker import alarms, broker, db
from worker.alarms import webhook

if TYPE_CHECKING:
    from worker.config import Settings

log = structlog.get_logger()

LOCK = 0x616C6172  # any constant will do: all watchmen must name the same


class Watchman:
    """Looks, writes down what came of it, and tells."""

    def __init__(self, settings: Settings) -> None:
        """Get ready.

        Raises:
            UserError: the webhook's address cannot be used.
        """
        self._settings = settings
        self._webhook = webhook.address(settings)
        self._turn = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchman", daemon=True)

    def start(self) -> None:
        """Look from now on; the first time when intake has had time to take what lay there."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the look, and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._settings.alarm_seconds):
            try:
                self.look()
            except Exception as fault:  # noqa: BLE001 - no fault of ours may end the watch
                error = f"{type(fault).__name__}: {fault}".partition("\n")[0]
                log.warning("watchman_waits", error=error)

    def look(self) -> bool:
        """Look once; False if another one is looking."""
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as lock:
            if not lock.scalar(select(func.pg_try_advisory_lock(LOCK))):
                return False
            try:
                self._look()
            finally:
                lock.execute(select(func.pg_advisory_unlock(LOCK)))
        return True

    def _look(self) -> None:
        limit = timedelta(seconds=self._settings.pending_limit_seconds)
        taking = self._taking()
        with db.transaction() as connection:
            at = connection.execute(select(func.now())).scalar_one()
            changed = alarms.look(connection, at, limit, taking=taking, turn=self._turn)
        self._turn += 1
        for notice in changed:
            event = "alarm_raised" if notice.event == "raised" else "alarm_cleared"
            log.warning(
                event,
                alarm=notice.id,
                kind=notice.kind,
                feed=notice.feed,
                figure=notice.figure,
                usual=(notice.usual_low, notice.usual_high),
                sentence=notice.sentence,
            )
        if self._webhook:
            webhook.tell(self._webhook, self._stop.is_set)

    def _taking(self) -> bool:
        """Whether files are taken as they come: intake waits while the queue is full."""
        try:
            return broker.waiting(self._settings.queue) < self._settings.queue_limit / 2
        except redis.RedisError:
            return False
