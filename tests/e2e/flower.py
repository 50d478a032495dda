"""A running `rotative flower`, and a browser without a window for it."""

from __future__ import annotations

import base64
import http.client
import re
import socket
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models import Delivery, Retry
from tests.e2e.conftest import ENVIRONMENT, running
from tests.factories import MAX_BYTES, arrived
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import db, intake, ledger

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping, Sequence

USER = "anna:secret"
APPLICATION = "desk"
"""What the connections of `desk` are called in Postgres."""
FAULT = "KeyError: 'paragraph {}'"


@dataclass(frozen=True, slots=True)
class Reply:
    """What Flower answered."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True)
class Browser:
    """Asks a Flower, and keeps its cookies."""

    port: int
    user: str | None = USER
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    def get(self, path: str, **headers: str) -> Reply:
        """Ask for a page."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, **headers: str) -> Reply:
        """Press a button: with the token of the form, from the same origin."""
        if "_xsrf" not in self.cookies:
            self.get("/articles")
        token = self.cookies["_xsrf"].value
        return self.send(
            "POST", path, f"_xsrf={token}", {"Sec-Fetch-Site": "same-origin", **headers}
        )

    def send(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask in any way."""
        sent = {"Cookie": "; ".join(f"{name}={each.value}" for name, each in self.cookies.items())}
        if self.user:
            sent["Authorization"] = f"Basic {base64.b64encode(self.user.encode()).decode()}"
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, sent | dict(headers or {}))
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(cookie)
            return Reply(answer.status, dict(answer.headers), answer.read().decode())
        finally:
            connection.close()

    def answers(self, path: str) -> bool:
        """Whether there is a Flower that gives this page."""
        try:
            return self.get(path).status == 200
        except OSError:
            return False


@contextmanager
def flower(
    *, password: bool = True, **environment: str
) -> Iterator[tuple[Browser, subprocess.Popen[bytes]]]:
    """A Flower of our own until the end, and a browser of somebody who knows the password."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    # No worker takes what it sends, unless a test says so: what was retried stays as it is.
    queue = f"{ENVIRONMENT['ROTATIVE_QUEUE']}_of_flower"
    settings = {
        "ROTATIVE_FLOWER_PORT": str(port),
        "ROTATIVE_QUEUE": queue,
        "FLOWER_BASIC_AUTH": USER if password else "",  # as an `.env` leaves it that sets none
        **environment,
    }
    prefix = environment.get("FLOWER_URL_PREFIX", "")
    with running("flower", environment=settings) as process:
        browser = Browser(port)
        health = f"/{prefix}/healthcheck" if prefix else "/healthcheck"
        wait_for(lambda: browser.answers(health) or process.poll() is not None, "Flower")
        assert process.poll() is None, "Flower did not start"
        yield browser, process


def buttons(page: str) -> list[str]:
    """What the links and buttons to retry say on a page."""
    return re.findall(r">(Retry[^<]*)</(?:a|button)>", page)


@pytest.fixture(scope="module")
def desk(schema: None) -> Iterator[int]:
    """A Flower behind a password; its port."""
    with flower(PGAPPNAME=APPLICATION) as (browser, _):
        yield browser.port


@pytest.fixture
def browser(desk: int, corpus: None) -> Browser:
    """A browser of somebody who knows the password, and an empty corpus."""
    return Browser(desk)


def quarantined(
    number: int = 1, *, feed: str = "vna", file: str = "a.txt", why: str = FAULT
) -> Sequence[int]:
    """So many new deliveries that have failed at enrich."""
    with db.transaction() as connection:
        files = [arrived(file=file, feed=feed) for _ in range(number)]
        ids = [delivered.id for delivered in intake.deliver(connection, files, MAX_BYTES)]
        ledger.dispose(
            connection, "quarantined", "enrich", {each: why.format(each) for each in ids}
        )
    return ids


def failed_in_task(ids: Sequence[int]) -> str:
    """Note that a task has failed with these; returns its id."""
    task = str(uuid.uuid4())
    with db.transaction() as connection:
        for attempt in ledger.begin(connection, "enrich", ids, task, 0).values():
            ledger.fail(connection, attempt, FAULT, "Traceback …")
    return task


def pending() -> set[int]:
    with db.transaction() as connection:
        return set(connection.scalars(select(Delivery.id).where(Delivery.disposition == "pending")))


def retries() -> list[tuple[int, str]]:
    """Which deliveries were retried, and by whom."""
    with db.transaction() as connection:
        statement = select(Retry.delivery_id, Retry.made_by).order_by(Retry.id)
        return [(row[0], row[1]) for row in connection.execute(statement)]


def confirmed(browser: Browser, query: str) -> Reply:
    """Press the button of the confirmation page."""
    page = browser.get(f"/articles/retry?{query}")
    assert page.status == 200
    _, _, rest = page.text.partition('method="post" action="')
    return browser.post(unescape(rest.partition('"')[0]))


def said(browser: Browser) -> str:
    """The page after a retry."""
    return unescape(browser.get("/articles").text)
