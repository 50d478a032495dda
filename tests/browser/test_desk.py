"""The operator's desk in a browser: what failed is seen, retried, and stored exactly once."""

from __future__ import annotations

from base64 import b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PASSWORD, USER, flower_on, operator_at, story

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Flower, Operator, Stack

pytestmark = pytest.mark.browser

ENTITIES = """
SELECT DISTINCT e.canonical FROM mentions m JOIN entities e ON e.id = m.entity_id
JOIN articles a ON a.id = m.article_id WHERE a.feed = %(feed)s
"""
ROWS = """
SELECT (SELECT count(*) FROM deliveries WHERE feed = %(feed)s) AS deliveries,
       (SELECT count(*) FROM articles WHERE feed = %(feed)s) AS articles,
       (SELECT count(*) FROM retries r JOIN deliveries d ON d.id = r.delivery_id
        WHERE d.feed = %(feed)s) AS retries,
       (SELECT count(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
        WHERE d.feed = %(feed)s AND a.step = 'persist' AND a.outcome = 'done') AS persisted
"""
FAILED_TASK = """
SELECT a.task_id, d.id FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
WHERE d.feed = %(feed)s AND a.outcome = 'failed' ORDER BY a.id DESC LIMIT 1
"""


def fail(stack: Stack, feed: str, files: dict[str, str]) -> None:
    """Drop files of which every one fails at enrich."""
    with stack.failing("navire"):
        stack.drop(feed, files)
        stack.wait_for(feed, quarantined=len(files))


def stored_once(stack: Stack, feed: str, number: int) -> None:
    """Wait until a feed's deliveries are stored after one retry of each; nothing came twice."""
    stack.wait_for(feed, stored=number)
    (rows,) = stack.rows(ROWS, feed=feed)
    assert set(rows.values()) == {number}, rows


def test_one_is_retried_on_its_task_page(stack: Stack, operator: Operator) -> None:
    """Found in the task list, read with its traceback, retried, and read again as stored."""
    fail(stack, "one", {"corail.txt": story("Corail")})
    (failed,) = stack.rows(FAILED_TASK, feed="one")
    page = operator.open("/tasks")
    task = page.locator(f"#tasks-table tr:has(a[href$='/task/{failed['task_id']}'])")
    assert "FAILURE" in task.inner_text()
    assert task.get_by_role("link", name="Retry").is_visible()
    operator.shoot(page, "1-task-list")

    task.locator("a[href*='/task/']").first.click()
    page.get_by_text("LookupError: no weights for an article").first.wait_for()
    operator.shoot(page, "2-failed-task")
    page.get_by_role("button", name="Retry", exact=True).click()
    stored_once(stack, "one", 1)
    page.get_by_text("stored", exact=True).wait_for()
    operator.shoot(page, "3-retried-task")
    names = {row["canonical"] for row in stack.rows(ENTITIES, feed="one")}
    assert {"Afi Mensah", "Togo"} <= names

    page.get_by_role("link", name="one/corail.txt").click()
    page.wait_for_load_state("networkidle")
    assert page.url.endswith(f"/articles/{failed['id']}")
    text = page.inner_text("body")
    assert "stored" in text
    assert "Le port de Lomé reçoit le navire Corail" in text
    assert "LookupError: no weights for an article" in text
    operator.shoot(page, "4-delivery")


def test_thirty_of_one_cause(stack: Stack, operator: Operator) -> None:
    """Grouped, counted, confirmed, and all run again."""
    fail(stack, "thirty", {f"{n}.txt": story(f"Alizé {n:02}" + "+" * n) for n in range(30)})
    page = operator.open("/articles")
    page.get_by_role("link", name="Articles").click()
    operator.go(page, "/articles?disposition=quarantined&feed=thirty")
    operator.shoot(page, "5-articles")
    retry_all(operator, page, 30)
    stored_once(stack, "thirty", 30)
    operator.go(page, "/articles?feed=thirty")
    operator.shoot(page, "8-articles-afterwards")


def retry_all(operator: Operator, page: Page, number: int) -> None:
    """Through the confirmation, which shows how many there are."""
    page.get_by_role("link", name=f"Retry all {number}", exact=True).click()
    button = page.get_by_role("button", name=f"Retry {number} deliveries", exact=True)
    button.wait_for()
    operator.shoot(page, f"6-confirmation-of-{number}")
    button.click()
    page.get_by_text(f"{number} deliveries run again.").wait_for()
    operator.shoot(page, f"7-said-of-{number}")


def test_redis_and_flower_remember_nothing(
    stack: Stack, browser: Browser, tmp_path: Path, shots: Path
) -> None:
    """What failed is retried all the same: Postgres knows it."""
    fail(stack, "forgotten", {f"{n}.txt": story(f"Mousson {n:02}") for n in range(3)})
    stack.flush_redis()
    with flower_on(stack, tmp_path) as flower, operator_at(browser, flower, shots) as operator:
        page = operator.open("/articles?feed=forgotten&disposition=quarantined")
        retry_all(operator, page, 3)
        stored_once(stack, "forgotten", 3)


def test_two_press_at_once(
    stack: Stack, browser: Browser, flower: Flower, operator: Operator, shots: Path
) -> None:
    """It runs once, and the second is told."""
    fail(stack, "twice", {f"{n}.txt": story(f"Harmattan {n:02}") for n in range(2)})
    with operator_at(browser, flower, shots) as colleague:  # what is told is kept in a cookie
        pages = [
            each.open("/articles?feed=twice&disposition=quarantined")
            for each in (operator, colleague)
        ]
        buttons = []
        for page in pages:
            page.get_by_role("link", name="Retry all 2", exact=True).click()
            buttons.append(page.get_by_role("button", name="Retry 2 deliveries", exact=True))
            buttons[-1].wait_for()
        for button in buttons:
            button.evaluate("button => { setTimeout(() => button.click()) }")  # neither waits
        stored_once(stack, "twice", 2)
        said = sorted(page.get_by_role("status").inner_text() for page in pages)
        assert [text.split()[0] for text in said] == ["0", "2"]


@pytest.mark.parametrize(
    "path", ["/tasks", "/articles", "/articles/1", "/articles/retry?id=1", "/articles/of-task/a"]
)
def test_the_password(flower: Flower, path: str) -> None:
    """Without it, Flower's pages and those that were added are closed alike."""
    assert flower.status(path) == HTTPStatus.UNAUTHORIZED
    assert flower.status(path, password=login("wrong")) == HTTPStatus.UNAUTHORIZED
    assert flower.status(path, password=login(PASSWORD)) == HTTPStatus.OK


def test_a_retry_needs_the_password_and_a_page_of_ours(stack: Stack, flower: Flower) -> None:
    """Another site's form has no token."""
    fail(stack, "guarded", {"a.txt": story("Sirocco")})
    (row,) = stack.rows(FAILED_TASK, feed="guarded")
    path = f"/articles/retry?id={row['id']}"
    assert flower.status(path, method="POST") == HTTPStatus.UNAUTHORIZED
    assert flower.status(path, method="POST", password=login(PASSWORD)) == HTTPStatus.FORBIDDEN
    assert stack.dispositions("guarded") == {"quarantined": 1}


def login(password: str) -> str:
    return f"Basic {b64encode(f'{USER}:{password}'.encode()).decode()}"


def test_read_only(stack: Stack, browser: Browser, tmp_path: Path, shots: Path) -> None:
    """All is shown, and nothing can be pressed."""
    fail(stack, "shown", {"a.txt": story("Tramontane")})
    (failed,) = stack.rows(FAILED_TASK, feed="shown")
    environment = {"FLOWER_READ_ONLY": "true"}
    with (
        flower_on(stack, tmp_path, **environment) as flower,
        operator_at(browser, flower, shots) as operator,
    ):
        page = operator.open("/articles?feed=shown")
        assert "LookupError" in page.inner_text("body")
        retry = page.get_by_role("link", name="Retry").or_(page.get_by_role("button", name="Retry"))
        for path in (f"/articles/{failed['id']}", "/articles?disposition=quarantined", "/tasks"):
            assert retry.count() == 0
            operator.go(page, path)
        assert retry.count() == 0
        path = f"/articles/retry?id={failed['id']}"
        for method in ("GET", "POST"):
            status = flower.status(path, method=method, password=login(PASSWORD))
            assert status == HTTPStatus.FORBIDDEN
    assert stack.dispositions("shown") == {"quarantined": 1}


def test_hostile_text(stack: Stack, operator: Operator) -> None:
    """What names, titles, bodies and errors say is shown, and nothing of it is done."""
    # Of these, clean takes the script for tracking, and leaves the others where they stand.
    name = "<img src=x onerror=attack()>\" onclick='attack()'.txt"
    attack = "<svg/onload=attack()>"
    script = "<script>attack()</script>"
    text = f"{script}\n\n{story(f'Corail {attack}').replace('Afi Mensah', f'Afi {attack} Mensah')}"
    fail(stack, "<b>hostile", {name: text})
    (failed,) = stack.rows(FAILED_TASK, feed="<b>hostile")
    page = operator.open("/articles")
    page.add_init_script("window.attack = () => { window.attacked = true }")
    addresses = (
        f"/task/{failed['task_id']}",
        "/tasks",
        "/articles",
        "/articles?feed=%3Cb%3Ehostile&error=%22%3E%3Cscript%3Eattack()%3C/script%3E",
        f"/articles/retry?id={failed['id']}",
        f"/articles/{failed['id']}",
    )
    for number, address in enumerate(addresses):
        operator.go(page, address)
        operator.shoot(page, f"9-hostile-{number}")
        assert not page.evaluate("window.attacked")
    text = page.inner_text("body")
    assert [each for each in (name, attack, script) if each not in text] == []
    operator.go(page, f"/articles/retry?id={failed['id']}")
    page.get_by_role("button", name="Retry 1 delivery", exact=True).click()
    stored_once(stack, "<b>hostile", 1)
    operator.go(page, f"/articles/{failed['id']}")
    operator.shoot(page, "9-hostile-stored")
    assert not page.evaluate("window.attacked")
    assert attack in page.inner_text("body")


VERSION = """{headline}Le barrage de Kpime rouvre ses vannes

Kpalimé (ATOP) – Le barrage de Kpime a rouvert ses vannes mardi {attack} après deux ans de travaux,
et fournit de nouveau de l’eau à {people} habitants du plateau, a annoncé son directeur, {director}.

Les turbines avaient été noyées par la crue d’octobre. Elles ont été démontées, séchées et remontées
par une équipe de trente mécaniciens, dont la moitié sort du lycée technique de la ville.

Les pêcheurs du lac ont obtenu que le niveau ne descende plus au-dessous de la marque de 1981. -ATOP
"""


def test_versions_of_a_story(stack: Stack, operator: Operator) -> None:
    """Which is current, and the words, figures and names that changed; markup is text here too."""
    attack = "<svg/onload=attack()>"
    first = VERSION.format(headline="", attack=attack, people="84.000", director="Yao Agbeko")
    stack.drop("versions", {"a.txt": first})
    stack.wait_for("versions", stored=1)
    told = {"headline": "RECTIFICATIF - ", "people": "48.000", "director": "Afi Mensah"}
    stack.drop("versions", {"b.txt": VERSION.format(attack=attack, **told)})
    stack.wait_for("versions", stored=2)
    old, new = stack.rows("SELECT id FROM deliveries WHERE feed = 'versions' ORDER BY id")
    page = operator.open("/articles")
    page.add_init_script("window.attack = () => { window.attacked = true }")
    for address in (f"/articles/{new['id']}", f"/articles/{old['id']}"):
        operator.go(page, address)
        assert page.get_by_role("row").filter(has_text="current").count() == 1
        if address.endswith(str(old["id"])):
            page.get_by_role("link", name="Compare").click()
            page.wait_for_load_state("networkidle")
        changes = page.get_by_label("What changed")
        assert "version 1" in changes.inner_text()
        for tag, words in (("del", ("84.000", "Yao Agbeko")), ("ins", ("48.000", "Afi Mensah"))):
            shown = " ".join(changes.locator(tag).all_inner_texts())
            assert [each for each in words if each not in shown] == []
        assert attack in page.inner_text("body")
        assert not page.evaluate("window.attacked")
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            theme = "theme => document.documentElement.setAttribute('data-bs-theme', theme)"
            page.evaluate(theme, scheme)
            operator.shoot(page, f"10-versions-{scheme}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
