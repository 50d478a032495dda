"""Retry from the operator's desk, in a real Flower over HTTP."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from html import unescape

from sqlalchemy import select

from models import Article
from tests.e2e.conftest import ENVIRONMENT
from tests.e2e.flower import (
    Browser,
    browser,
    buttons,
    confirmed,
    desk,
    failed_in_task,
    flower,
    pending,
    quarantined,
    retries,
    said,
)
from tests.factories import deliver, enriched, store
from tests.waiting import wait_for
from worker import db, ledger

__all__ = ["browser", "desk"]


def test_one_is_retried(browser: Browser) -> None:
    """From the list, over a confirmation; whoever did it is written down."""
    [one] = quarantined()
    assert "Retry" in buttons(browser.get("/articles").text)
    reply = confirmed(browser, f"id={one}")
    assert (reply.status, reply.headers["Location"]) == (303, f"/articles/{one}")
    assert retries() == [(one, "anna")]
    assert "1 delivery runs again." in said(browser)
    assert "runs again" not in said(browser)  # once


def test_a_selection_is_retried_but_for_what_cannot_be(browser: Browser) -> None:
    """The confirmation says why not."""
    first, second, left = quarantined(3)
    with db.transaction() as connection:
        [article] = store(connection, enriched("Lomé.", {"Lomé": "loc:lome"}))
        stored = connection.scalar(select(Article.delivery_id).where(Article.id == article))
    query = f"selected=1&id={first}&id={second}&id={stored}&id=987654321"
    page = browser.get(f"/articles/retry?{query}").text
    assert buttons(page)[-1] == "Retry 2 deliveries"
    assert "is stored already" in page
    assert "is unknown" in page
    confirmed(browser, query)
    assert pending() == {first, second}
    assert left not in pending()


def test_all_of_a_cause_are_retried_and_only_those_shown(browser: Browser) -> None:
    """What fails for the same after the confirmation was shown is left for a second look."""
    ids = quarantined(30)
    others = quarantined(2, why="ValueError: {}")
    page = browser.get("/articles?disposition=quarantined").text
    assert {"Retry all 30", "Retry all 2"} <= set(buttons(page))
    link = unescape(page.partition(">Retry all 30<")[0].rpartition('href="')[2].rpartition('"')[0])
    question = unescape(browser.get(link).text)
    assert "Retry 30 deliveries quarantined at enrich because of “KeyError: …”?" in question
    assert buttons(question) == ["Retry 30 deliveries"]
    late = quarantined(1)
    button = question.partition('method="post" action="')[2].partition('"')[0]
    assert browser.post(button).status == 303
    assert pending() == set(ids)
    assert pending().isdisjoint([*others, *late])
    assert "30 deliveries run again." in said(browser)
    browser.post(button)
    assert "30 had not failed any more" in said(browser)
    assert len(retries()) == 30


def test_a_retry_of_many_needs_its_confirmation(browser: Browser) -> None:
    """A form that names neither ids nor what was shown does nothing."""
    quarantined(2)
    assert browser.post("/articles/retry").status == 400
    assert browser.post("/articles/retry?feed=vna&count=2").status == 400
    assert pending() == set()


def test_the_deliveries_of_a_task_are_retried(browser: Browser) -> None:
    """Flower knows nothing of this task: it was started later, or Redis was emptied."""
    failed, other = quarantined(2)
    with db.transaction() as connection:
        done = deliver(connection, None)
        ledger.dispose(connection, "rejected", "clean", dict.fromkeys(done, "no-body: nothing"))
    task = failed_in_task([failed, *done])
    told = json.loads(browser.get(f"/articles/of-task/{task}").text)["deliveries"]
    assert [(each["id"], each["disposition"], each["can_retry"]) for each in told] == [
        (failed, "quarantined", True),
        (*done, "rejected", True),
    ]
    # The button of the task's page, which then shows what becomes of it.
    reply = browser.post(f"/articles/retry?id={failed}&task={task}")
    assert (reply.status, reply.headers["Location"]) == (303, f"/task/{task}")
    # The link in the list of tasks.
    assert buttons(browser.get(f"/articles/retry?task={task}").text) == ["Retry 1 delivery"]
    confirmed(browser, f"task={task}")
    assert pending() == {failed, *done}
    assert other not in pending()


def test_a_task_in_an_address_leads_nowhere_else(browser: Browser) -> None:
    """After a retry, only to a page of this Flower."""
    [one] = quarantined()
    reply = browser.post(f"/articles/retry?id={one}&task=..//example.org")
    assert reply.headers["Location"] == f"/articles/{one}"


def test_looking_changes_nothing(browser: Browser) -> None:
    """No GET retries anything, whatever its address."""
    [one] = quarantined()
    query = f"id={one}&count=1&until=2100-01-01&_xsrf=1&_method=POST"
    for method in ("GET", "HEAD", "OPTIONS"):
        browser.send(method, f"/articles/retry?{query}")
        browser.send(method, f"/articles?{query}")
    assert pending() == set()


def test_two_at_once_cause_one_run(corpus: None, worker: None) -> None:
    """And one article, with its entities."""
    [one] = quarantined()
    with flower(ROTATIVE_QUEUE=ENVIRONMENT["ROTATIVE_QUEUE"]) as (browser, _):
        others = [Browser(browser.port) for _ in range(4)]
        for each in others:
            each.get("/articles")
        with ThreadPoolExecutor(len(others)) as pool:
            replies = list(pool.map(lambda each: each.post(f"/articles/retry?id={one}"), others))
        assert [reply.status for reply in replies] == [303] * 4
        told = sorted("1 delivery runs again." in said(each) for each in others)
        assert told == [False] * 3 + [True]
        wait_for(lambda: one not in pending(), "the article")
    with db.transaction() as connection:
        assert connection.scalars(select(Article.delivery_id)).all() == [one]
    assert retries() == [(one, "anna")]


def test_without_redis_a_retry_waits_for_it(corpus: None) -> None:
    """The row says pending: the reconciler hands it over."""
    [one] = quarantined()
    with flower(REDIS_URL="redis://127.0.0.1:1/0") as (browser, _):
        assert "Redis cannot be reached" in browser.get("/articles").text
        confirmed(browser, f"id={one}")
        assert "Redis cannot be reached: they run once it is back." in said(browser)
    assert pending() == {one}
