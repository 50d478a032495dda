"""Telling a webhook of alarms: each is told when it is raised and when it is over.

What is to be told stands in table ``alarms``, so a webhook that is down misses nothing: the next
look tries again. An alarm that was raised and cleared in the meantime is told once, as cleared.
The address may hold a secret and is never logged.
"""

from __future__ import annotations

import html
import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import bindparam, func, select, update

from models import Alarm
from worker import db
from worker.alarms import NOTICE, Notice
from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Settings

log = structlog.get_logger()

TIMEOUT_SECONDS = 5
AT_MOST = 100  # at a time; the next look finds the rest
STALE_HOURS = 24
"""What has been over for longer is no news any more."""


def address(settings: Settings) -> str | None:
    """The webhook's address, or None if there is none.

    Raises:
        UserError: it cannot be used.
    """
    url = settings.alarm_webhook.get_secret_value()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or not (url.isascii() and url.isprintable()):
        raise UserError("ROTATIVE_ALARM_WEBHOOK must be an address: https://… or http://…")
    return url


_STALE = func.now() - func.make_interval(0, 0, 0, 0, STALE_HOURS)
_UNTOLD = (
    select(*NOTICE)
    .where(
        Alarm.cleared_at.is_(None) & Alarm.told_at.is_(None)
        | (Alarm.cleared_at > _STALE)
        & (Alarm.told_at.is_(None) | (Alarm.told_at < Alarm.cleared_at))
    )
    .order_by(Alarm.id)
    .limit(AT_MOST)
)
# One that is cleared while we tell that it was raised is not told in full yet.
_TOLD = (
    update(Alarm)
    .where(
        Alarm.id == bindparam("alarm"),
        Alarm.cleared_at.is_not_distinct_from(bindparam("known", type_=Alarm.cleared_at.type)),
    )
    .values(told_at=func.clock_timestamp())
)


def tell(url: str, stopping: Callable[[], bool]) -> None:
    """Tell what has not been told, with no transaction open meanwhile, unless we are to stop.

    A webhook that does not answer is left alone until the next call.
    """
    with db.transaction() as connection:
        untold = [Notice(*row) for row in connection.execute(_UNTOLD)]
    for notice in untold:
        if stopping():
            break
        try:
            _post(url, body(notice))
        except urllib.error.HTTPError as error:
            error.close()
            log.warning("webhook_refuses", alarm=notice.id, status=error.code)
            continue
        except (OSError, HTTPException, ValueError) as error:
            # Its text may hold the address.
            log.warning("webhook_away", error=type(error).__name__)
            break
        with db.transaction() as connection:
            connection.execute(_TOLD, {"alarm": notice.id, "known": notice.cleared_at})


def body(notice: Notice) -> dict[str, object]:
    """What is sent, as JSON; ``text`` is what Slack and Mattermost show."""
    text = notice.sentence if notice.event == "raised" else f"Over: {notice.sentence}"
    return {
        "event": notice.event,
        "kind": notice.kind,
        "feed": notice.feed,
        "figure": notice.figure,
        "usual": [notice.usual_low, notice.usual_high],
        "sentence": notice.sentence,
        # A feed's name must not become a link or a call to all.
        "text": html.escape(text, quote=False),
        "raised_at": notice.raised_at.isoformat(),
        "cleared_at": notice.cleared_at and notice.cleared_at.isoformat(),
    }


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would turn the POST into a GET, which looks well and tells nothing."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def _post(url: str, content: dict[str, object]) -> None:
    request = urllib.request.Request(  # noqa: S310 - `address` has seen the scheme
        url, json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    with _opener.open(request, timeout=TIMEOUT_SECONDS):
        pass
