"""Making stored articles again from their raw bytes: in place, and never worse than before."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from celery.contrib.testing.worker import start_worker
from sqlalchemy import delete, func, select, update

from models import Article, Delivery, Entity, Mention
from tests.factories import MAX_BYTES, deliver, story
from tests.waiting import wait_for
from worker import broker, db, judgements, ledger
from worker.app import app, settings
from worker.articles import write
from worker.contents import claim, raw_articles
from worker.core.clean import CLEANER
from worker.core.enrich.judgements import Judgement
from worker.core.enrich.recognise import ANY_LANGUAGE, NullRecogniser, Span
from worker.core.persist import rows
from worker.core.process import cleaned, made_of
from worker.errors import Permanent
from worker.judgements import in_force
from worker.reprocess import run as reprocess
from worker.reprocess.changes import Named, Rewritten
from worker.reprocess.run import Batch, Reprocess
from worker.reprocess.versions import Selection
from worker.tasks import operate as tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.core.article import CleanArticle, RawArticle
    from worker.core.enrich.recognise import Recogniser

pytestmark = pytest.mark.usefixtures("corpus")

OLD = Selection(cleaner_before=CLEANER)


class Places(NullRecogniser):
    """Knows one city."""

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """Where it is named."""
        return [[Span(*hit.span(), "LOC") for hit in re.finditer("Lomé", text)] for text in texts]


RECOGNISERS: Mapping[str, Recogniser] = {ANY_LANGUAGE: Places()}


def stored(*contents: str) -> list[int]:
    """Articles that an older cleaner made of these files, badly; returns their ids."""
    with db.transaction() as connection:
        ids = deliver(connection, *contents)
        claim(connection, {each: f"sha256:{uuid.uuid4().hex}" for each in ids})
        made = {
            delivery: rows(made_of(raw, RECOGNISERS, MAX_BYTES))
            for delivery, raw in raw_articles(connection, ids).items()
        }
        articles = write(connection, made, in_force(connection))
        ledger.dispose(connection, "stored", "persist", dict.fromkeys(ids))
        worse = {"title": "Voir plus", "body": Article.body + "\n\nVoir plus", "cleaner": "0"}
        connection.execute(update(Article).values(worse))
    return [articles[delivery] for delivery in ids]


def run(selection: Selection = OLD, *, write: bool = True, max_bytes: int = MAX_BYTES) -> Batch:
    todo = Reprocess(selection, RECOGNISERS, max_bytes)
    return todo.make(todo.ids(), write=write)


def titles() -> list[tuple[str | None, str]]:
    with db.transaction() as connection:
        found = connection.execute(select(Article.title, Article.cleaner).order_by(Article.id))
        return [(row[0], row[1]) for row in found]


def identity() -> list[tuple[object, ...]]:
    """All that stays of an article and its delivery."""
    with db.transaction() as connection:
        found = connection.execute(
            select(
                Article.id,
                Article.content_hash,
                Article.feed,
                Article.first_seen,
                Delivery.id,
                Delivery.disposition,
                Delivery.content_hash,
                Delivery.ended_at,
            )
            .join(Delivery, Delivery.id == Article.delivery_id)
            .order_by(Article.id)
        )
        return [tuple(row) for row in found]


def test_an_article_is_made_again_in_place() -> None:
    """It is the same article of the same delivery, as today's rules make it; and that is told."""
    text = story("Un titre")
    (article,) = stored(text)
    before = identity()
    (change,) = run().changes
    assert identity() == before
    assert titles() == [("Un titre", CLEANER)]
    title, body = change.texts
    assert title == Rewritten("title", "Voir plus", "Un titre")
    assert body.before == f"{body.after}\n\nVoir plus"
    assert (change.article, change.gained, change.lost) == (article, (), ())
    assert run() == Batch()


def test_only_what_older_rules_have_cleaned() -> None:
    """Versions are compared by their numbers; with all, today's articles are made again as well."""
    stored(story(), story())
    assert run(Selection(cleaner_before="0")) == Batch()
    assert len(run(OLD, write=False).changes) == 2
    assert len(run().changes) == 2
    assert run(Selection(cleaner_before="99")) == Batch()  # there is nothing newer
    assert len(run(Selection(cleaner_before="99", everything=True)).changes) == 2


def test_a_dry_run_writes_nothing() -> None:
    """It tells the same."""
    stored(story("Un titre"))
    told = run(write=False)
    assert titles() == [("Voir plus", "0")]
    assert told == run()


def test_judgements_stay() -> None:
    """What people decided holds for the names that are found again."""
    stored(story())
    with db.transaction() as connection:
        judgements.make(
            connection,
            Judgement(uuid.uuid4(), datetime.now(UTC), "ana", "merge", "loc:lome", "org:port"),
        )
    run()
    with db.transaction() as connection:
        statement = select(Entity.key, Mention.found).join(Mention).distinct()
        assert connection.execute(statement).all() == [("org:port", "loc:lome")]


def test_names_that_are_no_longer_there_are_told_once() -> None:
    """All names move when the text changes; only those that went or came count."""
    stored(f"{story()}\nLe port de Lomé.\n")
    with db.transaction() as connection:
        shorter = func.replace(Article.body, "Lomé", "Kara")
        connection.execute(update(Article).values(body=shorter))
        connection.execute(delete(Mention))
    (change,) = run().changes
    assert set(change.gained) == {Named("Lomé", "loc:lome")}
    assert (change.lost, change.relinked) == ((), ())


def test_what_would_be_rejected_today_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted with its reason, and neither changed nor deleted; the others go on."""
    good, bad = stored(story("Un titre"), story("Plus rien"))
    before = identity()

    def stricter(raw: RawArticle, max_bytes: int) -> CleanArticle:
        if b"Plus rien" in raw.data:
            raise Permanent("no-body", "no paragraph of a story is left")
        return cleaned(raw, max_bytes)

    monkeypatch.setattr(reprocess, "cleaned", stricter)
    batch = run()
    assert [change.article for change in batch.changes] == [good]
    assert {each: error.reason for each, error in batch.rejected.items()} == {bad: "no-body"}
    assert titles() == [("Un titre", CLEANER), ("Voir plus", "0")]
    assert identity() == before


def test_a_smaller_limit_rejects_nothing_that_is_stored() -> None:
    """Files that are too large by now keep their articles."""
    (article,) = stored(story())
    batch = run(max_bytes=10)
    assert {each: error.reason for each, error in batch.rejected.items()} == {article: "too-large"}
    assert titles() == [("Voir plus", "0")]


def test_an_article_that_fails_or_was_written_meanwhile_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are made again."""
    broken, other, good = stored(story("Trop fort"), story("Entretemps"), story("Un titre"))

    def slow(raw: RawArticle, max_bytes: int) -> CleanArticle:
        if b"Trop fort" in raw.data:
            raise ArithmeticError("too loud")
        with db.transaction() as connection:
            connection.execute(
                update(Article).where(Article.id == other).values(updated_at=func.now())
            )
        return cleaned(raw, max_bytes)

    monkeypatch.setattr(reprocess, "cleaned", slow)
    batch = run()
    assert [change.article for change in batch.changes] == [good]
    assert batch.passed_over == (other,)
    assert {each: str(error) for each, error in batch.failed.items()} == {broken: "too loud"}
    assert titles() == [("Voir plus", "0"), ("Voir plus", "0"), ("Un titre", CLEANER)]


# --- As tasks -------------------------------------------------------------------------------


def test_the_work_is_shared_out_in_messages() -> None:
    """What is new goes before them; a message that comes twice finds nothing left to do."""
    articles = stored(*[story("Un titre") for _ in range(settings.batch + 1)])
    count = len(articles)
    asked = {"cleaner_before": CLEANER}
    dry = tasks.reprocess(**asked, dry_run=True)
    assert dry == {"articles": count, "messages": 0, "left": 0}
    assert tasks.reprocess(**asked, limit=3) == {"articles": 3, "messages": 1, "left": count - 3}
    assert tasks.reprocess(**asked) == {"articles": count, "messages": 2, "left": 0}
    assert broker.waiting() == 0  # not among those that intake waits for
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        wait_for(lambda: set(titles()) == {("Un titre", CLEANER)}, "all articles")
    nothing = {"articles": 0, "changed": 0, "rejected": 0, "passed_over": 0, "failed": 0}
    assert tasks.reprocess_articles(articles, asked) == nothing


def test_a_batch_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made again, and what was left as it is."""
    articles = stored(story("Un titre"), story("Trop fort"))

    def faulty(raw: RawArticle, max_bytes: int) -> CleanArticle:
        if b"Trop fort" in raw.data:
            raise ArithmeticError("too loud")
        return cleaned(raw, max_bytes)

    monkeypatch.setattr(reprocess, "cleaned", faulty)
    assert tasks.reprocess_articles(articles, {"cleaner_before": CLEANER}) == {
        "articles": 1,
        "changed": 1,
        "rejected": 0,
        "passed_over": 0,
        "failed": 1,
    }
