"""What every page of the desk has in common: who may come in, and how it reaches the database."""

from __future__ import annotations

from base64 import b64decode
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

import structlog
from flower.views import BaseHandler
from sqlalchemy.exc import OperationalError
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler

from worker import db
from worker.desk import formats

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

_SAID: Final = "desk_said"  # the cookie that carries a sentence over a redirect


class DeskHandler(BaseHandler):  # type: ignore[misc]  # Flower is untyped
    """A handler behind Flower's own authentication; its methods are ``@web.authenticated``."""

    async def query(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``function(connection, …)`` in a transaction, beside Flower's loop; maybe twice."""

        def work() -> T:
            with db.transaction() as connection:
                return function(connection, *args, **kwargs)

        def work_again() -> T:
            try:
                return work()
            except OperationalError as error:
                if not error.connection_invalidated:
                    raise
            # Postgres was started again since the last page: its old connections are gone now.
            return work()

        return await self.aside(work_again)

    async def aside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what waits for the database, beside Flower's loop.

        Raises:
            HTTPError: 503, Postgres cannot be reached.
        """
        work = partial(function, *args, **kwargs)
        try:
            return await IOLoop.current().run_in_executor(self.application.executor, work)
        except OperationalError as error:
            log.warning("desk_without_postgres", error=str(error.orig))
            raise HTTPError(
                503, "Postgres cannot be reached, or is too busy to answer. Try again in a moment."
            ) from error

    @property
    def read_only(self) -> bool:
        """Whether this Flower may only show."""
        return bool(self.application.options.read_only)

    @property
    def operator(self) -> str:
        """Who asks: the user's name, else ``Flower``."""
        if isinstance(self.current_user, str):  # signed in by OAuth
            return self.current_user
        if not self.application.options.basic_auth:
            return "Flower"
        _, _, credentials = self.request.headers["Authorization"].partition(" ")
        return b64decode(credentials).decode().partition(":")[0] or "Flower"

    def check_xsrf_cookie(self) -> None:
        """Refuse what another site has sent, whatever the authentication.

        Flower lets everything pass where no password is set, and asks for no token where one is.
        """
        if not self.current_user:  # its absence is told first, as 401 where there is a password
            raise HTTPError(403)
        headers = self.request.headers
        site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
        if site is None:
            foreign = origin is not None and urlsplit(origin).netloc != self.request.host
        else:
            foreign = site != "same-origin"
        if foreign:
            raise HTTPError(403, "This was sent by a page of another site, and nothing was done.")
        RequestHandler.check_xsrf_cookie(self)

    def tell(self, sentence: str) -> None:
        """Have the next page of the desk say this, once."""
        self.set_secure_cookie(_SAID, sentence, expires_days=None)

    def told(self) -> str | None:
        """What the page before wanted said."""
        said: bytes | None = self.get_secure_cookie(_SAID)
        if said is None:
            return None
        self.clear_cookie(_SAID)
        return said.decode()

    def get_template_namespace(self) -> dict[str, Any]:
        """What templates can use: ``badge``, ``moment``, ``named``, ``read_only``."""
        return {
            **super().get_template_namespace(),
            **formats.FOR_TEMPLATES,
            "read_only": self.read_only,
        }

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Show the sentence of a 4xx or 503 on a page."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        if status_code in {401, 500} or not isinstance(error, HTTPError):
            super().write_error(status_code, **kwargs)
            return
        if not hasattr(self, "_current_user"):  # do not ask for it again while saying why not
            self.current_user = None
        self.render("sorry.html", message=error.get_message() or f"{status_code}: {self._reason}")
