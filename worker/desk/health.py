"""For the health check: whether Flower answers and reaches Postgres, and nothing more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from flower.views import BaseHandler
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from tornado.ioloop import IOLoop

from worker import db

if TYPE_CHECKING:
    from asyncio import Future
    from typing import Any

WITHIN_SECONDS: Final = 5


class HealthHandler(BaseHandler):  # type: ignore[misc]  # Flower is untyped
    """Open to everybody, as the check knows no password: ``ok``, or 503."""

    asked: ClassVar[Future[None] | None] = None

    async def get(self) -> None:
        """Ask Postgres; however many want to know, and however long it hangs, once at a time."""
        if HealthHandler.asked is None or HealthHandler.asked.done():
            executor = self.application.executor
            HealthHandler.asked = IOLoop.current().run_in_executor(executor, _ask)
        try:
            await asyncio.wait_for(asyncio.shield(HealthHandler.asked), WITHIN_SECONDS)
        except (SQLAlchemyError, TimeoutError):
            self.set_status(503)
        else:
            self.write("ok")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer with the number alone."""
        self.set_status(status_code)
        self.finish()


def _ask() -> None:
    with db.transaction() as connection:
        connection.execute(text("SELECT 1"))
