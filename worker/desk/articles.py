"""The page *Articles*: how things stand, what failed for what, and every delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.web import authenticated

from models.delivery import DISPOSITIONS
from worker import status
from worker.desk import filters, listing
from worker.desk.handlers import DeskHandler
from worker.pipeline import STEPS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from worker.desk.filters import Filters


class ArticlesHandler(DeskHandler):
    """The list, under the state of the whole."""

    @authenticated
    async def get(self) -> None:
        """Show the deliveries that the address asks for."""
        arguments = self.request.query_arguments
        wanted = filters.read(arguments)
        before = filters.number(arguments, "before")
        found = await self.query(gather, wanted, before)
        self.render(
            "articles.html",
            wanted=wanted,
            before=before,
            dispositions=DISPOSITIONS,
            steps=STEPS,
            said=self.told(),
            **found,
        )


def gather(connection: Connection, wanted: Filters, before: int | None) -> dict[str, Any]:
    """What the page shows, but for what its address says."""
    now = status.gather(connection)
    causes = now.causes
    if wanted.disposition == "quarantined" and wanted.narrow:
        causes = listing.causes(connection, wanted.failed)
    return {"now": now, "causes": causes, "page": listing.page(connection, wanted, before)}
