"""The operator's desk, in a real Flower over HTTP."""

from __future__ import annotations

import json
import signal
import uuid
from contextlib import ExitStack
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import column, func, select, table

from models import Delivery
from tests.e2e.flower import (
    APPLICATION,
    Browser,
    browser,
    buttons,
    desk,
    failed_in_task,
    flower,
    pending,
    quarantined,
    retries,
)
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import db
from worker.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["browser", "desk"]

ADDED = (
    "/articles",
    "/articles?disposition=quarantined",
    "/articles/1",
    "/articles/retry",
    "/articles/retry?id=1",
    "/articles/of-task/00000000-0000-0000-0000-000000000000",
    "/articles/static/desk.js",
    "/articles/static/desk.css",
    "/articles/static/no-such-file.js",
)
HOSTILE = "<script>alert('x')</script> \"&amp; \u202e\x1b[31m.txt"


# --- Who may come in ---


@pytest.mark.parametrize("user", [None, "anna:wrong", "anna", "eve:secret"])
@pytest.mark.parametrize("path", ADDED)
def test_every_added_page_asks_for_the_password(desk: int, path: str, user: str | None) -> None:
    """To look as well as to act."""
    stranger = Browser(desk, user)
    assert stranger.get(path).status == 401
    assert stranger.send("POST", path, "").status == 401
    assert stranger.send("POST", path, "", {"X-Xsrftoken": "1"}).status == 401


def test_every_added_route_is_among_those() -> None:
    """A new route is not forgotten. The health check's is open, as Flower's own."""
    from worker.desk.wiring import ROUTES  # noqa: PLC0415 - imports Flower

    patterns = [route.regex for route in ROUTES if route.regex.pattern != "/articles/health$"]
    asked = [path.partition("?")[0] for path in ADDED]
    assert all(any(pattern.match(path) for path in asked) for pattern in patterns)


@pytest.fixture(scope="module")
def open_desk(schema: None) -> Iterator[int]:
    """A Flower without a password, on loopback; its port."""
    with flower(password=False) as (browser, _):
        yield browser.port


@pytest.mark.parametrize("password", [True, False])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("", {}),
        ("_xsrf=2|00000000|00000000000000000000000000000000|1", {}),
        ("TOKEN", {"Sec-Fetch-Site": "cross-site"}),
        ("TOKEN", {"Sec-Fetch-Site": "same-site"}),
        ("TOKEN", {"Origin": "http://example.org"}),
        ("TOKEN", {"Origin": "null"}),
    ],
)
def test_nothing_is_done_for_another_site(
    browser: Browser, open_desk: int, body: str, headers: dict[str, str], *, password: bool
) -> None:
    """A form needs the token and the same origin, also where Flower has no password."""
    ids = quarantined()
    if not password:
        browser = Browser(open_desk, user=None)
    browser.get("/articles")
    token = f"_xsrf={browser.cookies['_xsrf'].value}"
    path = f"/articles/retry?id={ids[0]}"
    assert browser.send("POST", path, body.replace("TOKEN", token), headers).status == 403
    assert pending() == set()
    assert browser.post(path).status == 303
    assert pending() == set(ids)


def test_without_a_password_retries_are_flowers(open_desk: int, corpus: None) -> None:
    """Nobody has said who they are, and a name that nobody has checked counts for nothing."""
    ids = quarantined()
    Browser(open_desk, "mallory:x").post(f"/articles/retry?id={ids[0]}")
    assert retries() == [(ids[0], "Flower")]


def test_a_read_only_flower_shows_and_does_nothing(corpus: None) -> None:
    """Below a prefix, as behind a proxy: every link of ours stays below it."""
    ids = quarantined()
    task = failed_in_task(ids)
    with flower(FLOWER_READ_ONLY="true", FLOWER_URL_PREFIX="desk") as (browser, _):
        page = browser.get("/desk/articles?disposition=quarantined")
        assert page.status == 200
        assert buttons(page.text) == []
        assert 'href="/articles' not in page.text
        assert 'href="/desk/articles"' in browser.get("/desk/tasks").text
        assert "data-steps" not in page.text
        assert browser.get("/desk/articles/static/desk.js").status == 200
        [told] = json.loads(browser.get(f"/desk/articles/of-task/{task}").text)["deliveries"]
        assert told["can_retry"] is False
        token = f"_xsrf={browser.cookies['_xsrf'].value}"
        refused = browser.send("POST", f"/desk/articles/retry?id={ids[0]}", token)
        assert (refused.status, browser.get("/desk/articles/retry").status) == (403, 403)
        assert "read-only" in refused.text
    assert pending() == set()


# --- What the pages show ---


@pytest.mark.parametrize("path", ["/", "/tasks", "/broker", "/articles", "/no-such-page"])
def test_every_page_has_the_item_and_the_script(browser: Browser, path: str) -> None:
    """Flower's own templates are its own; ours extend them."""
    page = browser.get(path).text
    assert page.count('id="nav-articles"') == 1
    assert page.count("/articles/static/desk.js?v=") == 1
    assert page.count("/articles/static/desk.css?v=") == 1


def test_the_script_is_served_as_one_and_nothing_else_is(browser: Browser) -> None:
    """With its type, to be kept for long under its version; never a file from elsewhere."""
    script = browser.get("/articles/static/desk.js?v=1")
    assert script.headers["Content-Type"].startswith(("text/javascript", "application/javascript"))
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in script.headers["Cache-Control"]
    for path in ("../handlers.py", "%2e%2e/handlers.py", "..%2fhandlers.py", "/etc/passwd"):
        assert browser.get(f"/articles/static/{path}").status in {403, 404}


def test_an_empty_corpus_says_what_to_do(browser: Browser) -> None:
    """The first page that a new operator sees."""
    assert "Drop files into the inbox" in browser.get("/articles").text


def test_hostile_names_and_reasons_are_text(browser: Browser) -> None:
    """Wherever they are shown: list, causes, filters, confirmation, a task's panel."""
    ids = quarantined(2, feed="<b>feed", file=HOSTILE, why="<img src=x onerror=alert(1)>: \"'{}")
    with db.transaction() as connection:
        cause = connection.scalar(select(Delivery.cause).where(Delivery.id == ids[0])) or ""
    task = failed_in_task(ids)
    pages = [
        "/articles",
        f"/articles?disposition=quarantined&{urlencode({'cause': cause, 'feed': '<b>feed'})}",
        f"/articles?{urlencode({'error': HOSTILE})}",
        f"/articles/retry?{urlencode({'cause': cause})}",
        f"/articles/retry?task={task}",
        f"/articles/{ids[0]}",
    ]
    for path in pages:
        page = browser.get(path)
        assert page.status == 200, path
        for markup in ("<script>alert", "<img src=x", "<b>feed"):
            assert markup not in page.text, path
    assert HOSTILE in unescape(browser.get(pages[0]).text)
    reply = browser.get(f"/articles/of-task/{task}")
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert [each["file"] for each in json.loads(reply.text)["deliveries"]] == [
        f"<b>feed/{HOSTILE}"
    ] * 2


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/articles?disposition=lost", 400, "disposition is “lost”; it can be pending, stored"),
        ("/articles?step=' OR 1=1 --", 400, "step is “' OR 1=1 --”"),
        ("/articles?since=yesterday", 400, "since: 'yesterday' is no time"),
        ("/articles?until=0001-01-01T00:00%2B14:00", 400, "until: "),
        ("/articles?feed=%00", 400, "feed has a NUL character"),
        ("/articles?feed=%ff", 400, "feed is not in UTF-8"),
        ("/articles?before=-1", 400, "before is “-1”"),
        ("/articles?before=99999999999999999999", 400, "before is “99999999999999999999”"),
        ("/articles/retry?id=one", 400, "“one” is no number of a delivery"),
        ("/articles/retry?selected=1", 400, "None is selected"),
        ("/articles/retry?disposition=rejected", 400, "Only what is quarantined"),
        ("/articles/retry?id=9223372036854775808", 404, "There is no delivery 9223372036854775808"),
        ("/articles/9223372036854775808", 404, "There is no delivery"),
        (f"/articles/{'9' * 5000}", 404, "There is no delivery"),
        ("/articles/9223372036854775807", 404, "9223372036854775807"),
    ],
)
def test_what_cannot_be_asked_is_answered_in_a_sentence(
    browser: Browser, path: str, status: int, sentence: str
) -> None:
    """On a page with Flower's navigation bar, and without a traceback."""
    reply = browser.get(quote(path, safe="/?=&%"))
    assert (reply.status, sentence in unescape(reply.text)) == (status, True), reply.text
    assert 'id="nav-articles"' in reply.text


@pytest.mark.parametrize("before", ["0", "1", "9223372036854775807"])
def test_any_number_can_begin_a_page(browser: Browser, before: str) -> None:
    """The list ends where there is nothing before it."""
    for filters in ("", "&disposition=stored", "&feed=vna"):
        assert browser.get(f"/articles?before={before}{filters}").status == 200


def test_without_postgres_a_page_says_so(corpus: None) -> None:
    """Not a traceback, and not for ever."""
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    with flower(DATABASE_URL=nowhere) as (browser, _):
        for path in ("/articles", "/articles/1", "/articles/retry", "/articles/of-task/1"):
            reply = browser.get(path)
            assert reply.status == 503
            assert "Postgres cannot be reached" in reply.text
            assert "Traceback" not in reply.text


def test_a_restart_of_postgres_is_not_noticed(browser: Browser) -> None:
    """Connections from before it are dropped, and the page is asked for once more."""
    assert browser.get("/articles").status == 200
    old = column("application_name") == APPLICATION
    kill = select(func.pg_terminate_backend(column("pid"))).select_from(table("pg_stat_activity"))
    with db.transaction() as connection:
        assert any(connection.scalars(kill.where(old)))
    assert browser.get("/articles").status == 200


# --- Memory ---


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_flower_remembers_tasks(tmp_path: Path, corpus: None, end: signal.Signals) -> None:
    """Over a stop, and but for the last seconds over a crash."""
    task = str(uuid.uuid4())
    info = f"/api/task/info/{task}"
    with ExitStack() as stack:
        browser, process = stack.enter_context(flower(ROTATIVE_HOME=str(tmp_path)))

        def told() -> bool:
            with app.connection() as connection:
                events = app.events.Dispatcher(connection, hostname="worker@test")
                events.send("task-received", uuid=task, name="rotative.enrich")
            return browser.answers(info)

        def saved() -> dict[Path, int]:
            return {path: path.stat().st_mtime_ns for path in tmp_path.glob("flower*")}

        def saved_since(before: dict[Path, int]) -> bool:
            now = saved()
            half_done = any(".tmp" in path.name for path in now)
            return not half_done and any(before.get(path) != at for path, at in now.items())

        wait_for(told, "the task in Flower")
        if end is signal.SIGKILL:
            before = saved()
            wait_for(lambda: saved_since(before), "the state to be saved")
        process.send_signal(end)
        assert process.wait(PATIENCE_SECONDS) == (0 if end is signal.SIGTERM else -end)
    with flower(ROTATIVE_HOME=str(tmp_path)) as (browser, _):
        assert browser.answers(info)
