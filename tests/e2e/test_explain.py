"""What became of a file, asked from the shell and on its page in Flower."""

from __future__ import annotations

import json
import uuid
from html import unescape
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Delivery
from tests.e2e.flower import buttons, flower
from tests.factories import arrived, enriched, store, story
from worker import db, intake, ledger, operate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Command

ERROR = "KeyError: '<i>x</i>'"


def quarantined(content: str, *, file: str = "a.txt") -> int:
    """A delivery of the feed vna that enrich has failed for, three times."""
    with db.transaction() as connection:
        arriving = [arrived(content, file=file, feed="vna")]
        ids = [each.id for each in intake.deliver(connection, arriving, 100_000)]
    for step in ("dedupe", "clean", *["enrich"] * 3):
        with db.transaction() as connection:
            attempts = ledger.begin(connection, step, ids, str(uuid.uuid4()), 0)
            if step == "enrich":
                ledger.fail(connection, attempts[ids[0]], ERROR, "Traceback <b>of it</b>")
            else:
                ledger.end(connection, attempts.values())
    with db.transaction() as connection:
        ledger.dispose(connection, "quarantined", "enrich", {ids[0]: ERROR})
    return ids[0]


def test_what_became_of_files(
    corpus: None, worker: None, rotative: Command, tmp_path: Path
) -> None:
    """Several at once, by name, by bytes and where they lie; unknown ones give a sentence."""
    files, inbox = tmp_path / "files", tmp_path / "home/inbox"
    (files / "vna").mkdir(parents=True)
    inbox.mkdir(parents=True)
    text = story("Un titre")
    for name, content in {"a.txt": text, "b.txt": f"{text}\n", "c.txt": ""}.items():
        (files / "vna" / name).write_text(content)
    (inbox / "d.txt.part").write_text("")
    ingested = rotative("ingest", files)
    assert ingested.returncode == 0, ingested.stderr
    run = rotative(
        *("explain", "vna/a.txt", files / "vna/b.txt", "c.txt"),
        *(inbox / "d.txt.part", "e.txt", "2000000000"),
    )
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        "Nothing is known of e.txt: there is no such file, and none came by that name.",
        "There is no delivery 2000000000.",
    ]
    a, b, c, d = map(str.splitlines, run.stdout.strip().split("\n\n"))
    either = " ".join([*a, *b])  # the one that came first to the claim owns the content
    assert "as article" in either
    assert "“Un titre”" in either
    assert "to be a duplicate: its text, once normalised, is that of delivery" in either
    assert a[-1] == "What to do: nothing."
    assert b[0].endswith("b.txt lies outside the inbox; its very bytes came as a delivery.")
    assert "because the file is empty" in c[2]
    assert d[1].startswith("It is ignored: d.txt.part matches *.part")


def test_errors_with_their_tracebacks_and_the_facts(corpus: None, rotative: Command) -> None:
    """For who wants to know more, and for programs."""
    delivery = quarantined(story())
    short, long = rotative("explain", delivery), rotative("explain", "--traceback", delivery)
    assert "enrich was begun 3 times: at" in short.stdout
    assert f"retry it: `rotative retry {delivery}`." in short.stdout
    assert "Traceback" not in short.stdout
    assert long.stdout.count("Traceback <b>of it</b>") == 3
    told = json.loads(rotative("explain", "--json", "a.txt").stdout)
    assert (told["asked"], told["deliveries"], told["others"]) == ("a.txt", 1, [])
    assert told["delivery"]["id"] == delivery
    assert [each["step"] for each in told["delivery"]["tries"]] == [
        "dedupe",
        "clean",
        *["enrich"] * 3,
    ]
    assert told["sentences"][-1].endswith(f"`rotative retry {delivery}`.")


def test_the_pages_of_deliveries(corpus: None) -> None:
    """Their stories, their texts and their marks; nothing of what strangers wrote is markup."""
    script = "<script>alert('x')</script>"
    failed = quarantined(story(f"Un {script} titre"), file=f"{script}\u202etxt")
    operate.retry([failed], script)
    with db.transaction() as connection:
        ledger.dispose(connection, "quarantined", "enrich", {failed: ERROR})
        article = enriched(f"Zorbatou dit {script}.", {"Zorbatou": "per:zorbatou", script: "org:x"})
        store(connection, article)
        stored = connection.scalar(select(Delivery.id).where(Delivery.disposition == "stored"))
        twin = intake.deliver(connection, [arrived(f"{script} raw", feed="vna")], 100_000)[0].id
        ledger.dispose_duplicates(connection, "dedupe", {twin: stored or 0})
    with flower() as (browser, _):
        pages = {each: browser.get(f"/articles/{each}").text for each in (failed, stored, twin)}
    for page in pages.values():
        assert "<script>alert" not in page
        assert "alert('x')" in unescape(page)
    assert buttons(pages[failed]) == ["Retry"]
    assert f'action="/articles/retry?id={failed}"' in pages[failed]
    for shown in (
        "enrich was begun 3 times",
        "<summary>KeyError: &#x27;&lt;i&gt;x&lt;/i&gt;&#x27;</summary>",
        "Traceback &lt;b&gt;of it&lt;/b&gt;",
        "Retried by &lt;script&gt;",
        "What clean makes of it today; it is not stored",
    ):
        assert shown.replace("&#x27;", "&#39;") in pages[failed].replace("&#x27;", "&#39;")
    assert buttons(pages[stored]) == []
    mention = (
        '<span class="story-mention story-per" title="Zorbatou (per:zorbatou)">Zorbatou</span>'
    )
    for page in (pages[stored], pages[twin]):
        assert mention in page
    assert f'<a href="/articles/{twin}">Delivery {twin}</a>' in pages[stored]
    assert f'<a href="/articles/{stored}">Delivery {stored}</a>' in pages[twin]
    assert f"The article of delivery {stored}" in pages[twin]
