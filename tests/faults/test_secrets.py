"""No word of an article, and no password, is in a log, an event or Flower, whatever fails."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.request
from base64 import b64encode
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from kombu import Connection

from tests import services as _services  # noqa: F401 - before anything reads the environment
from tests.factories import story
from tests.faults.plant import Plant, kill_group
from tests.waiting import wait_for
from worker import db, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLOWER = "geheim-flower-83"
WORD = "rhododendron"
"""Stands in every article, and nowhere else."""
PACKED = ('"articles": "', "'articles': '")
"""What stands before packed articles."""
EXPECTED = {
    "Une nouvelle": "stored",
    "Une erreur du modèle": "quarantined",
    "Une erreur de données": "quarantined",
    "Une panne du disque": "stored",
}


@dataclass
class Open:
    """A stack with passwords, at whose doors and windows somebody listens."""

    home: Path
    services: embedded.Services
    flower: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask Postgres."""
        with psycopg.connect(self.services.database_url) as connection:
            return connection.execute(statement.encode()).fetchall()

    def logs(self) -> str:
        """All that was said."""
        return "\n".join(path.read_text() for path in self.home.glob("logs/*"))

    def ask_flower(self, path: str) -> str:
        """What Flower shows to whoever has its password; nothing while it starts."""
        login = b64encode(f"rotative:{FLOWER}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.flower + path, headers={"Authorization": f"Basic {login}"}
        )
        with suppress(OSError), urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
            return str(reply.read().decode())
        return ""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Services with passwords, intake, a worker whose steps leak, Flower, and a listener."""
    with ExitStack() as stack:
        services = stack.enter_context(embedded.running(tmp_path))
        engine = db.make_engine(db.with_driver(services.database_url))
        db.migrate(engine)
        engine.dispose()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        found = Open(tmp_path, services, f"http://127.0.0.1:{port}")
        environment = Plant(tmp_path, services, None).environment | {  # type: ignore[arg-type]
            "FLOWER_BASIC_AUTH": f"rotative:{FLOWER}",
            "ROTATIVE_FLOWER_PORT": str(port),
            "ROTATIVE_LOG_LEVEL": "debug",
        }
        stack.enter_context(listening(services.redis_url, found.events))
        for module, command in (
            ("tests.faults.leaky", "worker"),
            ("worker.cli", "watch"),
            ("worker.cli", "flower"),
        ):
            stack.callback(kill_group, start(tmp_path, module, command, environment))
        wait_for(lambda: "rotative.persist" in found.ask_flower("/api/workers?refresh=1"), "Flower")
        wait_for((tmp_path / "inbox").is_dir, "the inbox")
        yield found


def start(
    home: Path, module: str, command: str, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    log = home / "logs" / f"{command}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", module, command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


class listening:  # noqa: N801 - a context
    """Collects every event of Celery."""

    def __init__(self, url: str, events: list[dict[str, Any]]) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(url, events))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _listen(self, url: str, events: list[dict[str, Any]]) -> None:
        from worker.app import app  # noqa: PLC0415 - the services of these tests come first

        with Connection(url) as connection:
            receiver = app.events.Receiver(connection, handlers={"*": events.append})
            while not self._stop.is_set():
                with suppress(TimeoutError):
                    receiver.capture(timeout=0.5, limit=None, wakeup=False)


def test_nothing_is_said_that_is_not_to_be(opened: Open) -> None:
    """Not when it goes well, and not when it is tried again, fails, or is quarantined."""
    inbox = opened.home / "inbox"
    for title in EXPECTED:
        unfinished = inbox / f"{title}.part"
        unfinished.write_text(story(title).replace("déchargement", f"déchargement {WORD}"))
        unfinished.rename(inbox / f"{title}.txt")
    count = "SELECT count(*) FROM deliveries WHERE disposition <> 'pending'"
    wait_for(lambda: opened.query(count) == [(len(EXPECTED),)], "the end of all")
    wait_for(lambda: {"task-failed", "task-retried"} <= types(opened), "the events of failures")
    wait_for(lambda: "FAILURE" in opened.ask_flower("/api/tasks"), "Flower")

    ended = opened.query("SELECT file, disposition FROM deliveries")
    assert {file.removesuffix(".txt"): what for file, what in ended} == EXPECTED
    errors = opened.query("SELECT error, traceback FROM attempts WHERE outcome = 'failed'")
    assert len(errors) > 2
    told = [error for error, trace in errors if WORD in f"{error}{trace}"]  # where it belongs
    assert {error.partition(":")[0] for error in told} >= {"ValueError"}, errors
    interrupted = "SELECT count(*) > 0 FROM attempts WHERE outcome = 'interrupted'"
    assert opened.query(interrupted) == [(True,)]

    said = {
        "logs": opened.logs(),
        "events": json.dumps(opened.events, default=str, ensure_ascii=False),
        "Flower": "".join(
            map(opened.ask_flower, ("/api/tasks", "/api/workers?refresh=1", "/tasks", "/broker"))
        ),
    }
    for where, text in said.items():
        for secret in (
            WORD,
            opened.services.password,
            FLOWER,
            f'"articles": "{PACKED}',
            f"'{PACKED}",
        ):
            at = text.find(secret)
            assert at < 0, f"in {where}: {text[max(0, at - 500) : at + 100]}"
    assert "ValueError" in said["logs"] + said["events"]  # the kind of an error may be told


def types(opened: Open) -> set[str]:
    return {event["type"] for event in opened.events}
