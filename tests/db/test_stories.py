"""Articles find their twins, whichever comes first, and each story has what belongs to it."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select, update
from structlog.testing import CapturingLogger

from models import STORIES, Article, Band, Claim, Edition, Twin
from tests.factories import MAX_BYTES, WORDS, deliver, prose, retold, store, telling
from worker import db, ledger
from worker import stories as placing
from worker.articles import write
from worker.contents import claim, raw_articles
from worker.core.article import Stated
from worker.core.clean import CLEANER
from worker.core.enrich.recognise import ANY_LANGUAGE, NullRecogniser
from worker.core.persist import rows
from worker.core.process import made_of
from worker.core.stories import ties
from worker.core.stories.fingerprint import BANDS
from worker.core.stories.told import told
from worker.judgements import in_force
from worker.reprocess.run import Reprocess
from worker.reprocess.versions import Selection
from worker.stories import keys, place
from worker.stories.restory import due, place_all

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from worker.core.article import EnrichedArticle

RECOGNISERS = {ANY_LANGUAGE: NullRecogniser()}
STORY = prose(1)
HEADLINE = "Le barrage de Kandadji ouvre ses vannes"


def note(
    kind: str = "withdrawal", headline: str = HEADLINE, day: str = "2031-05-05"
) -> EnrichedArticle:
    """A note on a story of that headline."""
    body = f"Prière de ne pas utiliser notre dépêche « {headline} », diffusée hier par erreur."
    stated = Stated(kind, None, (headline,))  # type: ignore[arg-type]
    return telling(body, headline, published=day, stated=stated)


def places(connection: Connection) -> dict[int, tuple[int, str, int | None, bool]]:
    found = connection.execute(
        select(Edition.article_id, Edition.story_id, Edition.role, Edition.version, Edition.current)
    )
    return {row.article_id: (row.story_id, row.role, row.version, row.current) for row in found}


def stories(connection: Connection) -> set[frozenset[int]]:
    """The articles of each story, which has the name of its first."""
    found: dict[int, set[int]] = defaultdict(set)
    for article, (story, *_) in places(connection).items():
        found[story].add(article)
    assert all(story == min(articles) for story, articles in found.items())
    return set(map(frozenset, found.values()))


def everything(connection: Connection) -> list[list[tuple[object, ...]]]:
    """All that placing writes."""
    tables = (Edition.__table__, Band.__table__, Twin.__table__)
    return [sorted(map(tuple, connection.execute(select(table)))) for table in tables]


def rewrite(connection: Connection, article: int, enriched: EnrichedArticle) -> None:
    """Make an article again, with another text."""
    delivery = connection.scalars(select(Article.delivery_id).where(Article.id == article)).one()
    assert write(connection, {delivery: rows(enriched)}, in_force(connection)) == {
        delivery: article
    }
    place(connection, {article: told(enriched.clean)})


def test_a_near_twin_joins_the_story(connection: Connection) -> None:
    """Both are there; what was measured when they were compared is written down."""
    (first,) = store(connection, telling(STORY), feed="aps")
    (second,) = store(connection, telling(retold(STORY, 7)), feed="vna")
    assert places(connection) == {
        first: (first, "original", 1, True),
        second: (first, "copy", None, False),
    }
    (twin,) = connection.execute(select(Twin.__table__))
    assert twin[:3] == (second, first, "body")
    assert 0.5 < twin.jaccard < twin.containment < 1


def test_what_tells_something_else_is_a_story_of_its_own(connection: Connection) -> None:
    """In one batch or not."""
    articles = [*store(connection, telling(prose(2)), telling(prose(3)))]
    articles += store(connection, telling(prose(4)))
    assert stories(connection) == {frozenset([article]) for article in articles}
    assert connection.scalar(select(func.count()).select_from(Twin)) == 0


def between_two() -> tuple[EnrichedArticle, EnrichedArticle, EnrichedArticle]:
    """Two articles that are no twins, and one that is both's."""
    return telling(retold(STORY, 1, 19)), telling(retold(STORY, 2, 19)), telling(STORY)


def test_one_that_is_between_two_makes_them_one_story(connection: Connection) -> None:
    """The story has the name of its first article; where that goes away, they come apart again."""
    left, right, between = between_two()
    articles = [*store(connection, left), *store(connection, right)]
    assert len(stories(connection)) == 2
    articles += store(connection, between)
    assert stories(connection) == {frozenset(articles)}

    rewrite(connection, articles[2], telling(prose(9)))
    assert stories(connection) == {frozenset([article]) for article in articles}
    assert all(place[1:] == ("original", 1, True) for place in places(connection).values())
    rewrite(connection, articles[2], between)
    assert stories(connection) == {frozenset(articles)}


def test_the_name_of_a_story_goes_on_with_what_is_left(connection: Connection) -> None:
    """Where its first article is made another, the next lowest id names it."""
    articles = store(connection, telling(STORY), *(telling(retold(STORY, n)) for n in range(3)))
    rewrite(connection, articles[0], telling(prose(9)))
    assert stories(connection) == {frozenset(articles[:1]), frozenset(articles[1:])}


def test_placing_again_changes_nothing(connection: Connection) -> None:
    """Not a row, however often it is done, alone or with others."""
    given = [telling(STORY), telling(prose(2)), *(telling(retold(STORY, n)) for n in range(4))]
    articles = dict(zip(store(connection, *given), given, strict=True))
    before = everything(connection)
    place(connection, {article: told(each.clean) for article, each in articles.items()})
    assert everything(connection) == before
    for article, each in articles.items():
        place(connection, {article: told(each.clean)})
    assert everything(connection) == before


@pytest.mark.parametrize("kind", ["withdrawal", "correction", "update"])
def test_a_note_belongs_to_the_story_whichever_comes_first(
    connection: Connection, kind: str
) -> None:
    """Its text is another, but it has or quotes the headline."""
    original = telling(STORY, HEADLINE.upper(), published="2031-05-04")
    found = []
    for first, second in ((original, note(kind)), (note(kind), original)):
        articles = [*store(connection, first), *store(connection, second)]
        assert stories(connection) >= {frozenset(articles)}
        (tie,) = connection.scalars(select(Twin.tie).where(Twin.article_id == articles[1]))
        assert tie == "title"
        found.append({place[1:] for one, place in places(connection).items() if one in articles})
        connection.execute(delete(Edition))
        connection.execute(delete(Band))
    assert found[0] == found[1]
    assert any(current for *_, current in found[0]) == (kind != "withdrawal")


def test_a_story_is_withdrawn_with_all_that_joins_it(connection: Connection) -> None:
    """Before or after: nothing of it is current, and all of it is there."""
    original = telling(STORY, HEADLINE, published="2031-05-04")
    articles = store(connection, note())
    assert places(connection)[articles[0]] == (articles[0], "withdrawal", None, False)
    articles += store(connection, original)
    articles += store(connection, telling(retold(STORY, 3), published="2031-05-04"))
    assert stories(connection) == {frozenset(articles)}
    assert [current for *_, current in places(connection).values()] == [False] * 3

    rewrite(connection, articles[0], telling(prose(9)))
    assert stories(connection) == {frozenset(articles[:1]), frozenset(articles[1:])}
    assert places(connection)[articles[1]] == (articles[1], "original", 1, True)


def test_a_headline_alone_ties_nothing(connection: Connection) -> None:
    """Columns recur under one headline, and only notes are about another article."""
    articles = store(connection, telling(STORY, HEADLINE), telling(prose(2), HEADLINE))
    assert stories(connection) == {frozenset([article]) for article in articles}


def test_a_note_is_about_the_nearest_day(connection: Connection) -> None:
    """Of a column: not what came later, nor long before, nor from elsewhere."""
    days = {day: telling(prose(day), HEADLINE, published=f"2031-05-0{day}") for day in (1, 3, 7)}
    others = store(connection, days[1], days[7], feed="aps")
    (about,) = store(connection, note(), feed="aps")
    others += store(connection, telling(prose(5), HEADLINE, published="2031-05-05"), feed="vna")
    others += store(connection, telling(prose(6), HEADLINE, published="2031-05-01"), feed="aps")
    assert stories(connection) == {frozenset([article]) for article in [*others, about]}
    (nearer,) = store(connection, days[3], feed="aps")
    assert frozenset([nearer, about]) in stories(connection)
    (nearest,) = store(connection, replace_day(days[3], "2031-05-04"), feed="aps")
    alone = {frozenset([article]) for article in [*others, nearer]}
    assert stories(connection) == {*alone, frozenset([about, nearest])}


def replace_day(article: EnrichedArticle, day: str) -> EnrichedArticle:
    """The same column on another day."""
    return telling(prose(int(day[-1]) + 50), article.clean.title, published=day)


def test_a_later_correction_is_current(connection: Connection) -> None:
    """A version of the story, be it that only a figure changed."""
    text = f"{STORY}\n\nLe projet a coûté 1,5 million de francs, selon le ministère."
    corrected = text.replace("1,5", "15")
    stated = Stated("correction", None, (HEADLINE,))
    (first,) = store(connection, telling(text, HEADLINE, published="2031-05-04"))
    (second,) = store(
        connection, telling(corrected, HEADLINE, published="2031-05-05", stated=stated)
    )
    assert places(connection) == {
        first: (first, "original", 1, False),
        second: (first, "version", 2, True),
    }
    assert connection.scalar(select(Edition.notice).where(Edition.current)) == "correction"


# What happens at the bounds.


def bulletin(day: int) -> EnrichedArticle:
    """What a series says every day, with other figures."""
    figures = " ".join(f"Le poste {WORDS[n]} annonce {100 + day},{n}." for n in range(9))
    return telling(f"{STORY}\n\n{figures}", published=f"2031-{1 + day // 28:02}-{1 + day % 28:02}")


def test_of_what_all_have_the_newest_are_looked_at(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A series has more articles than a key finds; its last is found, and the log has numbers."""
    many = keys.MOST_HOLDERS + 6
    articles = store(connection, *map(bulletin, range(many)))
    assert len(stories(connection)) == many
    logged = CapturingLogger()
    monkeypatch.setattr(placing, "log", logged)
    (last,) = store(connection, bulletin(many - 1))
    assert frozenset([articles[-1], last]) in stories(connection)
    (call,) = logged.calls
    assert call.args == ("stories_bounded",)
    assert call.kwargs == {
        "keys": BANDS,
        "articles": keys.MOST_HOLDERS - ties.MOST_COMPARED,
        "ties": 0,
    }


def test_at_most_so_many_are_compared(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The likeliest; the others of the story are there by those."""
    monkeypatch.setattr(ties, "MOST_COMPARED", 2)
    closest = store(connection, *(telling(retold(STORY, n, 2)) for n in range(2)))
    articles = [*closest, *store(connection, *(telling(retold(STORY, n, 15)) for n in range(2, 9)))]
    (last,) = store(connection, telling(STORY))
    tied = connection.scalars(select(Twin.twin_id).where(Twin.article_id == last))
    assert set(tied) == set(closest)
    assert stories(connection) == {frozenset([*articles, last])}


def test_a_story_that_is_full_takes_no_more(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes next begins another, and nothing that was placed is moved."""
    monkeypatch.setattr(ties, "MOST_ARTICLES", 3)
    articles = [store(connection, telling(retold(STORY, n)))[0] for n in range(8)]
    threes = {frozenset(articles[start : start + 3]) for start in (0, 3, 6)}
    assert stories(connection) == threes
    articles += store(connection, telling(retold(STORY, 8)))
    assert stories(connection) == {*threes - {frozenset(articles[6:8])}, frozenset(articles[6:])}


# Whatever the order.

COLUMN = "Bourse de Ouagadougou : les cours du jour"
CORPUS = [
    *(("a", article) for article in between_two()),
    ("b", telling(prose(20), HEADLINE, published="2031-05-04")),
    ("b", telling(retold(prose(20), 1), published="2031-05-06")),
    ("b", note()),
    ("c", telling(prose(21), COLUMN, published="2031-05-01")),
    ("d", telling(prose(22), COLUMN, published="2031-05-03")),
    ("d", note("correction", COLUMN, "2031-05-04")),
    ("e", telling(prose(23), COLUMN, published="2031-05-07")),
    ("f", telling(prose(24))),
    *(("g", telling(retold(prose(25), n, 10))) for n in range(5)),
]
"""Articles, and which of them tell the same story."""


@pytest.mark.parametrize("seed", range(12))
def test_any_order_in_any_batches_makes_the_same_stories(connection: Connection, seed: int) -> None:
    """Also where notes come before what they are about, and articles are made again in between."""
    draw = random.Random(seed)  # noqa: S311 - guards nothing
    left = draw.sample(CORPUS, len(CORPUS))
    stored: dict[int, tuple[str, EnrichedArticle]] = {}
    while left:
        size = draw.randint(1, 5)
        batch, left = left[:size], left[size:]
        ids = store(connection, *(article for _, article in batch))
        stored |= zip(ids, batch, strict=True)
        if draw.random() < 0.3:
            again = draw.choice(ids)
            rewrite(connection, again, telling(prose(1000 + seed)))
            rewrite(connection, again, stored[again][1])
    assert sorted(stories(connection), key=min) == by_name(stored)
    assert_keys_add_up(connection, {one: article for one, (_, article) in stored.items()})


def by_name(stored: Mapping[int, tuple[str, object]]) -> list[frozenset[int]]:
    """The articles of each story, as they are named in the corpus."""
    found: dict[str, set[int]] = defaultdict(set)
    for article, (story, _) in stored.items():
        found[story].add(article)
    return sorted(map(frozenset, found.values()), key=min)


def assert_keys_add_up(connection: Connection, stored: Mapping[int, EnrichedArticle]) -> None:
    """Each article has its keys, and of each key one article is the first."""
    written = [(row.key, row.article_id) for row in connection.execute(select(Band.__table__))]
    compared = {article: told(each.clean) for article, each in stored.items()}
    theirs = [(key, one) for one, each in compared.items() for key in each.bands | each.titles]
    assert sorted(written) == sorted(theirs)
    firsts = connection.scalars(select(Band.key).where(Band.first)).all()
    assert sorted(firsts) == sorted({key for key, _ in written})


# What was stored without.


def forget(connection: Connection, articles: Collection[int]) -> None:
    """As older workers left them."""
    connection.execute(delete(Twin))
    connection.execute(delete(Band).where(Band.article_id.in_(articles)))
    connection.execute(delete(Edition).where(Edition.article_id.in_(articles)))


def test_articles_from_before_find_their_stories(corpus: None) -> None:
    """A batch at a time, and those that have theirs are left alone."""
    with db.transaction() as connection:
        given = [telling(STORY), telling(prose(2)), *(telling(retold(STORY, n)) for n in range(5))]
        articles = store(connection, *given)
        before = everything(connection)
        forget(connection, articles)
        assert connection.scalar(select(func.count()).select_from(STORIES)) == len(articles)
    assert due(everything=False) == len(articles)
    steps = place_all(3, MAX_BYTES, everything=False)
    assert next(steps) == 3
    steps.close()  # type: ignore[attr-defined]
    assert due(everything=False) == len(articles) - 3
    assert list(place_all(3, MAX_BYTES, everything=False)) == [3, 1]
    with db.transaction() as connection:
        assert everything(connection)[0] == before[0]
        owners = connection.scalars(select(Claim.delivery_id).where(Claim.level == "body"))
        deliveries = connection.scalars(select(Article.delivery_id))
        assert sorted(owners) == sorted(deliveries)
    assert list(place_all(3, MAX_BYTES, everything=False)) == []
    assert sum(place_all(3, MAX_BYTES, everything=True)) == len(articles)


def test_fingerprints_of_other_rules_are_made_anew(corpus: None) -> None:
    """They are compared with nothing till then, and their old keys are nobody's any longer."""
    with db.transaction() as connection:
        articles = store(connection, telling(STORY), telling(retold(STORY, 1)))
        before = everything(connection)
        connection.execute(update(Edition).values(fingerprint=0, signature=b"older"))
        connection.execute(delete(Band))
        articles += store(connection, telling(retold(STORY, 2)))
        assert frozenset(articles[2:]) in stories(connection)
    assert list(place_all(10, MAX_BYTES, everything=False)) == [2]
    with db.transaction() as connection:
        assert stories(connection) == {frozenset(articles)}
        assert everything(connection)[2][0] == before[2][0]


def test_what_a_file_states_is_read_again(corpus: None) -> None:
    """It is not in the article; where the file would not be taken any longer, it states nothing."""
    text = f"RECTIFICATIF\n\nLe barrage ouvre ses vannes\n\nNiamey (ANP) – {prose(30)}\n"
    with db.transaction() as connection:
        store_unplaced(connection, text)
    assert list(place_all(10, MAX_BYTES, everything=False)) == [1]
    with db.transaction() as connection:
        assert connection.scalars(select(Edition.notice)).all() == ["correction"]
    assert list(place_all(10, 5, everything=True)) == [1]
    with db.transaction() as connection:
        assert connection.scalars(select(Edition.notice)).all() == [None]


def store_unplaced(connection: Connection, *contents: str) -> list[int]:
    """Store the articles of files as a worker does that knows no stories."""
    ids = deliver(connection, *contents)
    claim(connection, {each: f"sha256:{uuid.uuid4().hex}" for each in ids})
    found = raw_articles(connection, ids).items()
    made = {one: rows(made_of(raw, RECOGNISERS, MAX_BYTES)) for one, raw in found}
    articles = write(connection, made, in_force(connection))
    ledger.dispose(connection, "stored", "persist", dict.fromkeys(ids))
    return [articles[one] for one in ids]


# Made again.


def test_an_article_made_again_from_its_file_is_placed_again(corpus: None) -> None:
    """By the text that it has now, with the claim on its body."""
    content = f"Le barrage ouvre ses vannes\n\nNiamey (ANP) – {prose(30)}\n"
    with db.transaction() as connection:
        first, second = store_unplaced(connection, content, content.replace(" navire", " bateau"))
        worse = {"body": prose(31), "lead": None, "cleaner": "0"}
        connection.execute(update(Article).where(Article.id == second).values(worse))
    assert sum(place_all(10, MAX_BYTES, everything=False)) == 2
    with db.transaction() as connection:
        assert stories(connection) == {frozenset([first]), frozenset([second])}
        claims = set(connection.scalars(select(Claim.content_hash).where(Claim.level == "body")))
    selection = Selection(cleaner_before=CLEANER)
    again = Reprocess(selection, RECOGNISERS, MAX_BYTES)
    (change,) = again.make(again.ids(), write=True).changes
    assert change.article == second
    with db.transaction() as connection:
        assert stories(connection) == {frozenset([first, second])}
        now = set(connection.scalars(select(Claim.content_hash).where(Claim.level == "body")))
        assert (len(claims & now), len(now)) == (1, 2)


def test_new_names_leave_stories_as_they_are(corpus: None) -> None:
    """What an article states stays known, though its text no longer has it."""
    with db.transaction() as connection:
        store(connection, telling(STORY, HEADLINE, published="2031-05-04"), note())
        before = everything(connection)
    again = Reprocess(Selection(everything=True), RECOGNISERS, MAX_BYTES)
    assert len(again.make(again.ids(), write=True).changes) == 2
    with db.transaction() as connection:
        assert everything(connection) == before


# In SQL.


def test_the_view_has_a_row_for_each_story(connection: Connection) -> None:
    """With its current article, and what there is of it; also for what was never compared."""
    first = store(connection, telling(STORY, "Un titre", published="2031-05-04"), feed="aps")[0]
    copy = store(connection, telling(retold(STORY, 1), published="2031-05-04"), feed="vna")[0]
    more = f"{STORY}\n\nLe projet a coûté 15 millions de francs, selon le ministère."
    newest = store(connection, telling(more, "Autre", published="2031-05-05"), feed="aps")
    other, gone = store(connection, telling(prose(2), HEADLINE, published="2031-05-04"), note())
    (alone,) = store(connection, telling(prose(3), "Seul"))
    connection.execute(delete(Edition).where(Edition.article_id == alone))
    statement = select(STORIES).order_by(STORIES.c.story_id)
    found = [tuple(row)[:7] for row in connection.execute(statement)]
    assert found == [
        (first, newest[0], "Autre", 3, 2, 1, None),
        (other, None, HEADLINE, 2, 1, 0, gone),
        (alone, alone, "Seul", 1, 1, 0, None),
    ]
    row = connection.execute(statement.where(STORIES.c.story_id == first)).one()
    seen = connection.scalars(select(Article.first_seen).where(Article.id.in_([first, copy])))
    assert {row.first_seen, row.last_seen} >= set(seen)
