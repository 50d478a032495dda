"""The watchman looks by itself, tells a webhook, and is in nobody's way."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import func, insert, select, update
from structlog.testing import capture_logs

from models import Alarm, Delivery
from tests.factories import deliver
from tests.waiting import wait_for
from worker import alarms, broker, db
from worker.alarms import webhook
from worker.alarms.watchman import LOCK, Watchman
from worker.app import settings
from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict

    from worker.config import Settings

SECRET = "kept-to-ourselves"  # noqa: S105 - nobody's


class Webhook(HTTPServer):
    """A webhook on loopback that keeps what it is told."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.told: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Its address, which holds a secret."""
        return f"http://127.0.0.1:{self.server_port}/{SECRET}"


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            self.server.told.append(json.loads(content))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as events:
        yield events


def with_webhook(url: str, **changes: object) -> Settings:
    return settings.model_copy(update={"alarm_webhook": SecretStr(url), **changes})


@contextmanager
def running(watchman: Watchman) -> Iterator[None]:
    watchman.start()
    try:
        yield
    finally:
        watchman.stop()


def overdue() -> int:
    """A delivery that has been pending for an hour."""
    with db.transaction() as connection:
        (delivery,) = deliver(connection, None)
        ago = func.now() - timedelta(hours=1)
        connection.execute(update(Delivery).values(received_at=ago))
    return delivery


def end(delivery: int) -> None:
    with db.transaction() as connection:
        values = {"disposition": "quarantined", "reason": "KeyError", "ended_at": func.now()}
        connection.execute(update(Delivery).where(Delivery.id == delivery).values(values))


def open_alarms() -> list[str]:
    statement = select(Alarm.kind).where(Alarm.cleared_at.is_(None))
    with db.transaction() as connection:
        return list(connection.scalars(statement))


def test_the_thread_raises_tells_and_clears(
    corpus: None, hook: Webhook, logged: list[EventDict]
) -> None:
    """It goes on by itself until it is stopped."""
    delivery = overdue()
    with running(Watchman(with_webhook(hook.url, alarm_seconds=0.05))):
        wait_for(lambda: len(hook.told) == 1, "the alarm")
        end(delivery)
        wait_for(lambda: len(hook.told) == 2, "its end")
    assert [thread.name for thread in threading.enumerate()].count("watchman") == 0
    assert [line["event"] for line in logged] == ["alarm_raised", "alarm_cleared"]
    raised, cleared = hook.told
    sentence = "1 delivery is pending, the oldest for 60 minutes (usually 15 at most)."
    assert (raised["event"], raised["kind"], raised["feed"]) == ("raised", "backlog", None)
    assert raised["figure"] == pytest.approx(3600, abs=600)
    assert raised["usual"] == [0, 900]
    assert raised["sentence"] == raised["text"] == sentence
    assert raised["cleared_at"] is None
    assert cleared["event"] == "cleared"
    assert cleared["text"] == f"Over: {sentence}"
    assert cleared["raised_at"] == raised["raised_at"] < cleared["cleared_at"]


def test_what_was_told_is_not_told_again(corpus: None, hook: Webhook) -> None:
    """However often it looks."""
    overdue()
    watchman = Watchman(with_webhook(hook.url))
    assert [watchman.look() for _ in range(3)] == [True] * 3
    assert len(hook.told) == 1


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_told_later(
    corpus: None, hook: Webhook, logged: list[EventDict], status: int
) -> None:
    """A redirect is no consent either. The log keeps the address to itself."""
    hook.status = status
    overdue()
    watchman = Watchman(with_webhook(hook.url))
    watchman.look()
    assert open_alarms() == ["backlog"]
    assert hook.told == []
    assert "webhook_refuses" in str(logged)
    hook.status = 200
    watchman.look()
    assert [notice["event"] for notice in hook.told] == ["raised"]
    assert SECRET not in str(logged)


def test_a_webhook_that_is_away_learns_once_what_is_over(
    corpus: None, hook: Webhook, logged: list[EventDict]
) -> None:
    """One message that says both, when it is back."""
    with Webhook() as nobody:
        closed = nobody.url
    delivery = overdue()
    away = Watchman(with_webhook(closed))
    away.look()
    end(delivery)
    away.look()
    assert "webhook_away" in str(logged)
    assert SECRET not in str(logged)
    back = Watchman(with_webhook(hook.url))
    back.look()
    back.look()
    assert [notice["event"] for notice in hook.told] == ["cleared"]


def test_what_ends_while_its_beginning_is_told(
    corpus: None, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is told all the same."""
    delivery = overdue()
    watchman = Watchman(with_webhook(hook.url))
    real = webhook.body

    def meanwhile(notice: alarms.Notice) -> dict[str, object]:
        with db.transaction() as connection:
            connection.execute(update(Alarm).values(cleared_at=func.clock_timestamp()))
        return real(notice)

    monkeypatch.setattr(webhook, "body", meanwhile)
    watchman.look()
    end(delivery)
    monkeypatch.undo()
    watchman.look()
    assert [notice["event"] for notice in hook.told] == ["raised", "cleared"]


def test_old_news_is_not_told(corpus: None, hook: Webhook) -> None:
    """A webhook that is set for the first time does not get three months of alarms."""
    ago = datetime.now(UTC) - timedelta(days=2)
    values = {"kind": "length", "figure": 1, "sentence": "Old.", "cleared_at": ago}
    with db.transaction() as connection:
        connection.execute(insert(Alarm).values(values))
    Watchman(with_webhook(hook.url)).look()
    assert hook.told == []


def test_one_looks_at_a_time(corpus: None) -> None:
    """The other intake's watchman leaves it to the one that has the lock."""
    overdue()
    watchman = Watchman(settings)
    with db.engine().connect() as other:
        other.execute(select(func.pg_advisory_lock(LOCK)))
        assert not watchman.look()
        assert open_alarms() == []
        other.execute(select(func.pg_advisory_unlock(LOCK)))
    assert watchman.look()
    assert open_alarms() == ["backlog"]


def test_a_fault_does_not_end_the_watch(
    corpus: None, monkeypatch: pytest.MonkeyPatch, logged: list[EventDict]
) -> None:
    """It is said, and the next look comes."""
    faults = iter([ValueError("once"), RuntimeError("twice")])
    real = alarms.look

    def faulty(*args: Any, **kwargs: Any) -> list[alarms.Notice]:
        if fault := next(faults, None):
            raise fault
        return real(*args, **kwargs)

    monkeypatch.setattr(alarms, "look", faulty)
    overdue()
    with running(Watchman(settings.model_copy(update={"alarm_seconds": 0.05}))):
        wait_for(lambda: open_alarms() == ["backlog"], "the alarm")
    assert "ValueError: once" in str(logged)
    assert "RuntimeError: twice" in str(logged)


@pytest.mark.parametrize("waiting", [settings.queue_limit, redis.ConnectionError("away")])
def test_no_feed_is_quiet_while_files_are_not_taken(
    corpus: None, monkeypatch: pytest.MonkeyPatch, waiting: int | Exception
) -> None:
    """With a full queue, or without Redis, intake leaves them in the inbox."""
    taking: list[bool] = []

    def full(_queue: str) -> int:
        if isinstance(waiting, Exception):
            raise waiting
        return waiting

    def look(*_args: object, **given: Any) -> list[alarms.Notice]:
        taking.append(given["taking"])
        return []

    monkeypatch.setattr(alarms, "look", look)
    watchman = Watchman(settings)
    watchman.look()
    monkeypatch.setattr(broker, "waiting", full)
    watchman.look()
    assert taking == [True, False]


@pytest.mark.parametrize(
    "url",
    [
        f"file:///{SECRET}",
        f"https://a:{SECRET}@example.org",
        f"http:///{SECRET}",
        "hook",
        f"http://[::1/{SECRET}",
        f"http://example.org:x/{SECRET}",
        f"https://e.org/{SECRET}\n",
    ],
)
def test_an_address_that_cannot_be_used(url: str) -> None:
    """It is refused at the start, in a sentence without it."""
    with pytest.raises(UserError, match="ROTATIVE_ALARM_WEBHOOK") as refused:
        Watchman(with_webhook(url))
    assert SECRET not in str(refused.value)


def test_the_text_calls_nobody() -> None:
    """A feed's name is shown as it is, not obeyed."""
    at = datetime(2026, 11, 20, tzinfo=UTC)
    name = "<!channel>"
    notice = alarms.Notice(1, "length", name, 1, 2, 3, f"Feed {name}: …", at, None)
    told = webhook.body(notice)
    assert told["text"] == "Feed &lt;!channel&gt;: …"
    assert told["sentence"] == f"Feed {name}: …"
    assert told["feed"] == name
