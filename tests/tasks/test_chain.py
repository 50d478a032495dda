"""The chain: every delivery ends in one disposition, whatever the others in its batch do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from models import Article, Attempt, Claim, Delivery, RawContent
from tests.factories import deliver, story
from tests.tasks.conftest import wait_until_ended
from worker import db, gate, ledger, pipeline
from worker.app import app, settings
from worker.articles import write
from worker.core.clean import clean as clean_text
from worker.core.enrich import enrich as enrich_articles
from worker.tasks import base, clean, enrich, persist

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.clean.decode import Decoded
    from worker.core.enrich.recognise import Recogniser

    Run = Callable[..., Sequence[int]]


def dispositions(ids: Sequence[int]) -> list[tuple[str, str | None, int | None]]:
    with db.transaction() as connection:
        rows = connection.execute(
            select(Delivery.disposition, Delivery.reason, Delivery.duplicate_of)
            .where(Delivery.id.in_(ids))
            .order_by(Delivery.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def count(model: type[Article | Attempt | Claim | RawContent]) -> int:
    with db.transaction() as connection:
        return connection.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries that need not be waited for."""
    monkeypatch.setattr(base, "_pause", lambda _failures: 0)


def fail_on(
    monkeypatch: pytest.MonkeyPatch, word: str, error: Exception, times: int = 1_000
) -> None:
    """Make the enrich step raise on articles whose body has the word, so many times."""
    left = [times]
    real = enrich_articles

    def faulty(
        articles: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
    ) -> list[EnrichedArticle]:
        if any(word in article.body for article in articles) and left[0]:
            left[0] -= len(articles) == 1
            raise error
        return real(articles, recognisers)

    monkeypatch.setattr(enrich, "enrich_articles", faulty)


@pytest.mark.parametrize("encoding", ["utf-8", "base64"])
def test_bodies_as_before_are_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Workers of the version before wrote them in base64; each message says which it is."""
    monkeypatch.setattr(gate.Channel, "body_encoding", encoding)
    assert dispositions(run(story("Lomé agrandit son port"))) == [("stored", None, None)]


def test_a_story_becomes_an_article(run: Run) -> None:
    """With its parts, and one attempt for each step."""
    (delivery,) = run(story("Lomé agrandit son port"))
    assert dispositions([delivery]) == [("stored", None, None)]
    with db.transaction() as connection:
        article = connection.execute(
            select(Article.title, Article.dateline_place, Article.signature, Article.language)
        ).one()
        steps = connection.execute(select(Attempt.step, Attempt.outcome).order_by(Attempt.id))
        assert [(step, "done") for step in pipeline.STEPS] == list(map(tuple, steps))
    assert tuple(article) == ("Lomé agrandit son port", "Lomé", "ATOP", "fr")


def test_a_batch_with_everything_in_it(run: Run) -> None:
    """Each is judged by itself."""
    text = story()
    ids = run(text, b"", b"\x89PNG\r\n\x1a\n\0\0\0", text, None, "Voir plus\n\nUn autre titre\n")
    found = dispositions(ids)
    assert [row[0] for row in found] == [
        "stored",
        "rejected",
        "rejected",
        "duplicate",
        "stored",
        "rejected",
    ]
    assert [row[1].split(":")[0] for row in found if row[0] == "rejected" and row[1]] == [
        "empty",
        "binary",
        "no-body",
    ]
    assert ids[0] == found[3][2]
    assert count(Article) == 2


def test_encoding_line_ends_and_blanks_make_no_difference(run: Run) -> None:
    """The same text in other bytes is a duplicate."""
    text = story()
    run(text)
    others = run(
        text.replace("\n", "\r\n").encode("utf-16"),
        text.encode("cp1252"),
        text.replace(" ", " \t "),
    )
    assert [row[0] for row in dispositions(others)] == ["duplicate"] * 3
    assert count(Article) == 1
    assert count(RawContent) == 4


def test_a_message_that_comes_again_changes_nothing(run: Run) -> None:
    """Neither another article nor another attempt."""
    ids = run(None, None)
    before = count(Attempt)
    pipeline.submit(ids)
    last = run(None)  # one queue, one worker: the repeated message is through before this one
    assert [row[0] for row in dispositions([*ids, *last])] == ["stored"] * 3
    assert before + len(pipeline.STEPS) == count(Attempt)
    assert count(Article) == 3


def test_one_bad_article_stops_no_other(
    run: Run, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again alone, and quarantined in the end; the others are stored."""
    fail_on(monkeypatch, "poison", RuntimeError("cannot digest this"))
    bad = story().replace("matériel", "poison")
    ids = run(None, bad, None)
    assert dispositions(ids) == [
        ("stored", None, None),
        ("quarantined", "RuntimeError: cannot digest this", None),
        ("stored", None, None),
    ]
    with db.transaction() as connection:
        failed = connection.execute(
            select(Attempt.step, Attempt.error, Attempt.traceback).where(
                Attempt.delivery_id == ids[1], Attempt.outcome == "failed"
            )
        ).all()
    assert settings.attempts == len(failed)
    assert {("enrich", "RuntimeError: cannot digest this")} == {row[:2] for row in failed}
    assert all(row[2] and row[2].startswith("Traceback") for row in failed)


def test_a_passing_error_is_got_over(
    run: Run, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What works the second time is stored."""
    fail_on(monkeypatch, "poison", RuntimeError("not now"), times=1)
    assert dispositions(run(story().replace("matériel", "poison"))) == [("stored", None, None)]


def test_a_worker_that_died_on_a_file_is_told(worker: None) -> None:
    """Attempts that no one ended use up the file's attempts, and the reason says so."""
    with db.transaction() as connection:
        ids = deliver(connection, None)
        for number in range(settings.attempts):
            ledger.begin(connection, "dedupe", ids, f"killed-{number}", 0)
        long_ago = func.now() - func.make_interval(0, 0, 1)
        connection.execute(update(Attempt).values(started_at=long_ago))
    pipeline.submit(ids)
    wait_until_ended(ids)
    assert [("quarantined", f"its worker died {settings.attempts} times", None)] == dispositions(
        ids
    )


def test_an_unexpected_answer_of_the_database_spoils_one_article_only(
    run: Run, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that Postgres refuses are the fault of their article, whatever the step was sure of."""
    real = clean_text

    def with_nul(decoded: Decoded, file: str) -> CleanArticle:
        article = real(decoded, file)
        return replace(article, title="\0") if "poison" in article.body else article

    monkeypatch.setattr(clean, "clean_text", with_nul)
    ids = run(None, story().replace("matériel", "poison"), None)
    assert [row[0] for row in dispositions(ids)] == ["stored", "quarantined", "stored"]


def test_a_fault_of_the_database_counts_against_no_file(
    run: Run, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it happens: the message goes back until it works."""
    faults = [settings.attempts + 2]
    real = write

    def faulty(*arguments: object) -> dict[int, int]:
        if faults[0]:
            faults[0] -= 1
            raise OperationalError("INSERT", None, Exception("the server closed the connection"))
        return real(*arguments)  # type: ignore[arg-type]  # passed through as they come

    monkeypatch.setattr(persist, "write", faulty)
    ids = run(None, None)
    assert [row[0] for row in dispositions(ids)] == ["stored"] * 2
    with db.transaction() as connection:
        outcomes = connection.scalars(
            select(Attempt.outcome).where(Attempt.step == "persist").distinct()
        )
        assert {"done", "interrupted"} == set(outcomes)


def test_a_replayed_delivery_replaces_its_article(run: Run) -> None:
    """Running again from the raw bytes leaves one article and each mention once."""
    (delivery,) = run(None)
    with db.transaction() as connection:
        connection.execute(update(Delivery).values(disposition="pending", ended_at=None))
    pipeline.submit([delivery])
    wait_until_ended([delivery])
    assert dispositions([delivery]) == [("stored", None, None)]
    assert count(Article) == 1


def test_a_message_of_another_version_is_refused(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """It does nothing, and the log says why."""
    app.send_task(pipeline.task_name("dedupe"), args=({"v": 99, "deliveries": [1]},))
    (delivery,) = run(None)  # behind it in the queue
    assert dispositions([delivery]) == [("stored", None, None)]
    assert "A message of version 99; this code knows 1." in caplog.text


def test_a_delivery_that_ended_meanwhile_is_left_as_it_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its second message, at work when the first one ended it, closes its attempt and goes home."""

    def slow(decoded: Decoded, file: str) -> CleanArticle:
        with db.transaction() as connection:
            pending = connection.scalars(select(Delivery.id)).all()
            ledger.dispose(connection, "rejected", "clean", dict.fromkeys(pending, "no-body: no"))
        return clean_text(decoded, file)

    monkeypatch.setattr(clean, "clean_text", slow)
    ids = run(None)
    monkeypatch.undo()
    run(None)  # behind it in the queue
    assert dispositions(ids) == [("rejected", "no-body: no", None)]
    with db.transaction() as connection:
        outcomes = connection.execute(
            select(Attempt.step, Attempt.outcome)
            .where(Attempt.delivery_id.in_(ids))
            .order_by(Attempt.id)
        )
        assert list(map(tuple, outcomes)) == [("dedupe", "done"), ("clean", "done")]
