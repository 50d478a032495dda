"""These tests use the operator's desk as an operator does: in a browser, on a stack that runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import redis
from playwright.sync_api import sync_playwright
from psycopg.rows import dict_row

from tests.faulty import SWITCH
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Dialog,
        HttpCredentials,
        Page,
        Response,
    )

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
USER, PASSWORD = "desk", "let-me-in"

_STORY = """Le port de Lomé reçoit le navire {ship}

Lomé (ATOP) – Le navire {ship} est arrivé mardi au port de Lomé, a déclaré Afi Mensah, directrice
du port. Il apporte du matériel pour les écoles du Togo, offert par la France et par l’Unesco.

Le déchargement doit durer trois jours, selon le ministère des Transports. -ATOP
"""


def story(ship: str) -> str:
    """A French wire story about a ship, which it names in title and body."""
    return _STORY.format(ship=ship)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium; without one a skip, and where it is required a failure."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        message = f"needs a browser, and found none of {', '.join(BROWSERS)}"
        if os.environ.get("ROTATIVE_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@dataclass(frozen=True, slots=True)
class Stack:
    """Intake and a worker whose enrich step can be made to fail, on services of their own."""

    home: Path
    services: embedded.Services
    environment: Mapping[str, str]

    @property
    def _switch(self) -> Path:
        return self.home / "fault"

    @contextmanager
    def failing(self, word: str) -> Iterator[None]:
        """Enrich fails for articles that have this word in their body."""
        self._switch.write_text(word)
        try:
            yield
        finally:
            self._switch.unlink()

    def drop(self, feed: str, files: Mapping[str, str]) -> None:
        """Drop files, given by their names."""
        folder = self.home / "inbox" / feed
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            unfinished = folder / f"{name}.part"
            unfinished.write_text(text)
            unfinished.rename(folder / name)

    def rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a statement."""
        with psycopg.connect(self.services.database_url, row_factory=dict_row) as connection:
            return connection.execute(statement, parameters).fetchall()

    def dispositions(self, feed: str) -> dict[str, int]:
        """How many deliveries of a feed came to what."""
        statement = (
            "SELECT disposition, count(*)::int FROM deliveries WHERE feed = %(feed)s GROUP BY 1"
        )
        return {row["disposition"]: row["count"] for row in self.rows(statement, feed=feed)}

    def wait_for(self, feed: str, **dispositions: int) -> None:
        """Wait until a feed's deliveries have come to exactly these."""
        wait_for(
            lambda: self.dispositions(feed) == dispositions, f"feed {feed} to be {dispositions}"
        )

    def flush_redis(self) -> None:
        """Forget every message."""
        with redis.Redis.from_url(self.services.redis_url) as client:
            client.flushdb()


@pytest.fixture(scope="module")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One for all tests: each has a feed of its own."""
    home = tmp_path_factory.mktemp("desk")
    with ExitStack() as parts:
        services = parts.enter_context(embedded.running(home, durable=False))
        environment = {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "FLOWER_BASIC_AUTH": f"{USER}:{PASSWORD}",
            "ROTATIVE_HOME": str(home),
            "ROTATIVE_QUEUE": "desk",
            "ROTATIVE_RECOGNISER": "spacy",
            "ROTATIVE_CONCURRENCY": "2",
            "ROTATIVE_ATTEMPTS": "2",
            "ROTATIVE_BACKOFF_SECONDS": "0.1",
            "ROTATIVE_RECONCILE_SECONDS": "1",
            SWITCH: str(home / "fault"),
        }
        started = Stack(home, services, environment)
        parts.enter_context(_running("worker.cli", "migrate", environment=environment)).wait()
        parts.enter_context(_running("tests.faulty", "worker", environment=environment))
        parts.enter_context(_running("worker.cli", "watch", environment=environment))
        wait_for((home / "inbox").is_dir, "the inbox")
        started.drop("first", {"a.txt": story("Agbodrafo")})
        started.wait_for("first", stored=1)
        yield started


@dataclass(slots=True)
class Flower:
    """A Flower that runs."""

    url: str
    process: subprocess.Popen[bytes]

    def status(self, path: str, *, method: str = "GET", password: str | None = None) -> int:
        """The status with which it answers who has no browser."""
        request = urllib.request.Request(f"{self.url}{path}", method=method)  # noqa: S310 - ours
        if password is not None:
            request.add_header("Authorization", password)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310
                return int(reply.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


@contextmanager
def flower_on(stack: Stack, home: Path, **environment: str) -> Iterator[Flower]:
    """A Flower of the stack that remembers nothing from before."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    told = {**stack.environment, "ROTATIVE_HOME": str(home), "ROTATIVE_FLOWER_PORT": port}
    with _running("worker.cli", "flower", environment={**told, **environment}) as process:
        flower = Flower(f"http://127.0.0.1:{port}", process)
        wait_for(lambda: _answers(flower), "Flower")
        yield flower


@pytest.fixture(scope="module")
def flower(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flower]:
    """Flower, as it is for an operator who has been there all day."""
    with flower_on(stack, tmp_path_factory.mktemp("flower")) as started:
        yield started


@dataclass
class Operator:
    """Somebody at a browser, who writes down all that is not as it should be."""

    context: BrowserContext
    flower: Flower
    shots: Path
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """A new page of Flower."""
        page = self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("dialog", self._dialog)
        page.on("response", self._response)
        self.go(page, path)
        return page

    def go(self, page: Page, path: str) -> None:
        """Go to a page of Flower, and wait until it is quiet."""
        page.goto(f"{self.flower.url}{path}", wait_until="networkidle")

    def shoot(self, page: Page, name: str) -> None:
        """Keep how the page looks."""
        page.screenshot(path=self.shots / f"{name}.png", full_page=True)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.location['url']}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _response(self, response: Response) -> None:
        if response.status >= HTTPStatus.BAD_REQUEST or self.flower.url not in response.url:
            self.complaints.append(f"{response.url}: {response.status}")


@contextmanager
def operator_at(browser: Browser, flower: Flower, shots: Path) -> Iterator[Operator]:
    """Somebody who knows the password; at the end, no page may have complained."""
    credentials: HttpCredentials = {"username": USER, "password": PASSWORD}
    context = browser.new_context(
        http_credentials=credentials, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    operator = Operator(context, flower, shots)
    yield operator
    context.close()
    assert operator.complaints == []


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures go: the folder that ROTATIVE_SCREENSHOTS names, for who wants to look."""
    folder = Path(os.environ.get("ROTATIVE_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def operator(browser: Browser, flower: Flower, shots: Path) -> Iterator[Operator]:
    """An operator at the Flower that has been there all day."""
    with operator_at(browser, flower, shots) as someone:
        yield someone


@contextmanager
def _running(
    module: str, command: str, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs in the background, and is stopped as an operator would."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, command], env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _answers(flower: Flower) -> bool:
    try:
        return flower.status("/articles/health") == HTTPStatus.OK
    except OSError:
        return False
