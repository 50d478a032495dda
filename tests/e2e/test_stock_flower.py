"""Retry and reprocess through Flower as it is installed, without any page of ours."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from models import Article, Delivery, Retry
from tests.e2e.conftest import ENVIRONMENT
from tests.factories import deliver
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import db, ledger
from worker.core.clean import CLEANER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

PASSWORD = "operator:secret"  # noqa: S105 - of this test alone


class Flower:
    """A client of its API."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def request(self, path: str, body: object = None, *, password: str = PASSWORD) -> Any:
        """What it answers, out of JSON."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self._url}{path}", data=None if body is None else json.dumps(body).encode()
        )
        if password:
            request.add_header(
                "Authorization", f"Basic {base64.b64encode(password.encode()).decode()}"
            )
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - our own server
            return json.load(reply)

    def start(self, task: str, **body: object) -> dict[str, str]:
        """Start a task, and wait until Flower knows how it ended."""
        started = self.request(f"/api/task/async-apply/{task}", body)["task-id"]
        found: dict[str, str] = {}

        def ended() -> bool:
            try:
                found.update(self.request(f"/api/task/info/{started}"))
            except urllib.error.HTTPError as unknown:  # its events have not come yet
                unknown.close()
                return False
            return found["state"] in {"SUCCESS", "FAILURE"}

        wait_for(ended, f"the end of {task}")
        return found

    def answers(self) -> bool:
        """Whether it serves, and knows the worker."""
        try:
            return bool(self.request("/api/workers?refresh=1"))
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except (urllib.error.URLError, ConnectionError):
            return False


@pytest.fixture(scope="module")
def flower(worker: None) -> Iterator[Flower]:
    """Flower as Celery starts it: nothing of ours is in it but the app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "celery", "-A", "worker.app", "flower", f"--port={port}"],
        env={**os.environ, **ENVIRONMENT, "FLOWER_BASIC_AUTH": PASSWORD},
    )
    try:
        client = Flower(port)
        wait_for(client.answers, "Flower")
        yield client
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@pytest.fixture
def failed(corpus: None) -> Sequence[int]:
    """Three quarantined deliveries."""
    with db.transaction() as connection:
        ids = deliver(connection, None, None, None)
        ledger.dispose(connection, "quarantined", "enrich", dict.fromkeys(ids, "KeyError: 'x'"))
    return ids


def dispositions(ids: Collection[int]) -> list[str]:
    with db.transaction() as connection:
        statement = select(Delivery.disposition).where(Delivery.id.in_(ids)).order_by(Delivery.id)
        return list(connection.scalars(statement))


def articles() -> int:
    with db.transaction() as connection:
        return connection.scalar(select(func.count(Article.id))) or 0


def test_retry_by_number(flower: Flower, failed: Sequence[int]) -> None:
    """One or several; the page shows which, and what it came to."""
    one, *others = failed
    done = flower.start("operate.retry", args=[one])
    assert (done["args"], done["result"]) == (str(one), "{'retried': 1, 'left': 0}")
    done = flower.start("operate.retry", args=[list(failed)])
    assert done["args"] == f"{failed[0]}, {failed[1]}, {failed[2]}"
    assert done["result"] == "{'retried': 2, 'left': 1}"
    wait_for(lambda: dispositions(failed) == ["stored"] * 3, "all articles")
    assert articles() == len([one, *others])
    with db.transaction() as connection:
        assert connection.scalars(select(Retry.made_by)).all() == ["API"] * 3


def test_retry_of_all_that_failed_so(flower: Flower, failed: Sequence[int]) -> None:
    """First counted, then done."""
    asked = {"step": "enrich", "error": "keyerror", "since": "2h"}
    start = partial(flower.start, "operate.retry_failed")
    assert start(kwargs=asked | {"dry_run": True})["result"] == "{'would_be_retried': 3, 'left': 0}"
    assert dispositions(failed) == ["quarantined"] * 3
    done = start(kwargs=asked | {"limit": 2})
    assert done["kwargs"] == "step='enrich', error='keyerror', since='2h', limit=2"
    assert done["result"] == "{'retried': 2, 'left': 1}"
    assert start(kwargs=asked)["result"] == "{'retried': 1, 'left': 0}"
    wait_for(lambda: dispositions(failed) == ["stored"] * 3, "all articles")
    assert articles() == 3


def test_reprocess(flower: Flower, failed: Sequence[int]) -> None:
    """From raw bytes, in messages of their own; no article is added."""
    flower.start("operate.retry", args=[list(failed)])
    wait_for(lambda: dispositions(failed) == ["stored"] * 3, "all articles")
    with db.transaction() as connection:
        connection.execute(update(Article).values(title="Ancien titre", cleaner="0"))
    done = flower.start("operate.reprocess", kwargs={"cleaner_before": CLEANER})
    assert done["result"] == "{'articles': 3, 'messages': 1, 'left': 0}"

    def made_again() -> bool:
        with db.transaction() as connection:
            titles = connection.scalars(select(Article.title).distinct()).all()
        return len(titles) == 3

    wait_for(made_again, "today's titles")
    assert dispositions(failed) == ["stored"] * 3
    assert articles() == 3


@pytest.mark.parametrize(
    ("task", "body", "sentence"),
    [
        ("retry", {"args": ["seventeen"]}, "'seventeen' is no id: name deliveries by numbers"),
        ("retry", {}, "ids: Missing required argument"),
        ("retry_failed", {"kwargs": {"stepp": "enrich"}}, "What can be given: step, error"),
        ("retry_failed", {"kwargs": {"since": "soon"}}, "'soon' is no time"),
        ("reprocess", {"kwargs": {"cleaner_before": "new"}}, "'new' is no version"),
    ],
)
def test_a_mistake_is_told_on_the_tasks_page(
    flower: Flower, failed: Sequence[int], task: str, body: dict[str, object], sentence: str
) -> None:
    """The task fails with a sentence, and nothing is done."""
    done = flower.start(f"operate.{task}", **body)
    assert done["state"] == "FAILURE"
    assert sentence in done["exception"]
    assert dispositions(failed) == ["quarantined"] * 3


@pytest.mark.parametrize("password", ["", "operator:wrong"])
def test_without_the_password(flower: Flower, failed: Sequence[int], password: str) -> None:
    """Flower refuses."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        flower.request("/api/task/async-apply/operate.retry", {"args": [1]}, password=password)
    refused.value.close()
    assert refused.value.code == 401
