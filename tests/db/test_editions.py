"""Stories as explain, export, ingest and Flower read them."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from models import Article, Delivery, Edition, Twin
from tests.factories import deliver, enriched, store
from worker import db, export, ledger
from worker.desk import comparing
from worker.explain import editions, story, tellings
from worker.explain.editions import SHOWN
from worker.show import deliveries as tables

if TYPE_CHECKING:
    import pytest
    from rich.table import Table
    from sqlalchemy import Connection

    from worker.core.stories.kinds import Role

ORIGINAL: tuple[Role, bool] = ("original", False)
CURRENT: tuple[Role, bool] = ("version", True)
COPY: tuple[Role, bool] = ("copy", False)
NOTE: tuple[Role, bool] = ("withdrawal", False)


def stored(connection: Connection, *bodies: str) -> list[int]:
    """Articles as workers of the version before have stored them, which compared none."""
    articles = store(connection, *(enriched(body, {"Zorbatou": "per:zorbatou"}) for body in bodies))
    connection.execute(delete(Edition).where(Edition.article_id.in_(articles)))
    return articles


def told(connection: Connection, *places: tuple[Role, bool]) -> list[int]:
    """Articles of one story, given by their roles, and whether they are current."""
    articles = store(connection, *(enriched("Zorbatou parle.", {}) for _ in places))
    version = 0
    for article, (role, current) in zip(articles, places, strict=True):
        version += role in {"original", "version"}
        place = update(Edition).where(Edition.article_id == article)
        connection.execute(
            place.values(
                story_id=articles[0],
                role=role,
                version=version if role in {"original", "version"} else None,
                current=current,
                notice="withdrawal" if role == "withdrawal" else None,
            )
        )
    return articles


def tie(connection: Connection, one: int, other: int, jaccard: float, kind: str = "body") -> None:
    values = {"article_id": max(one, other), "twin_id": min(one, other), "tie": kind}
    connection.execute(insert(Twin).values(**values, jaccard=jaccard, containment=0.9))


def delivery_of(connection: Connection, article: int) -> int:
    return connection.scalars(select(Article.delivery_id).where(Article.id == article)).one()


def place(connection: Connection, article: int) -> editions.InStory:
    """An article that was compared."""
    placed = editions.gather(connection, article)
    assert placed
    return placed


# --- Gathering ------------------------------------------------------------------------------


def test_what_was_never_compared_has_no_place(connection: Connection) -> None:
    """Workers of the version before have stored it."""
    (article,) = stored(connection, "Zorbatou parle.")
    assert editions.gather(connection, article) is None


def test_a_story_in_its_order(connection: Connection) -> None:
    """Versions by their numbers, then copies, then what withdraws it, whoever asks."""
    first, copy, second, note = told(connection, ORIGINAL, COPY, ("version", False), NOTE)
    for article in (first, copy, second, note):
        placed = place(connection, article)
        assert (placed.story, placed.articles, placed.mine.article) == (first, 4, article)
        assert [each.article for each in placed.editions] == [first, second, copy, note]
        assert placed.current is None
        assert [each.article for each in placed.withdrawals] == [note]
    told(connection, ("original", True))
    assert place(connection, first).articles == 4


def test_ties_of_both_sides_the_closest_first(connection: Connection) -> None:
    """Whether an article came before or after the one that it was compared with."""
    first, second, third = told(connection, ORIGINAL, CURRENT, COPY)
    tie(connection, first, second, 0.5)
    tie(connection, second, third, 0.75)
    ties = place(connection, second).ties
    assert [(each.article, each.jaccard, each.tie) for each in ties] == [
        (third, 0.75, "body"),
        (first, 0.5, "body"),
    ]


def test_of_many_those_that_matter_are_shown(connection: Connection) -> None:
    """The article itself, the current one, what withdraws, and the latest of the others."""
    many = told(connection, ORIGINAL, *repeat(COPY, SHOWN), CURRENT)
    old = many[1]
    placed = place(connection, old)
    assert placed.articles == SHOWN + 2
    assert len(placed.editions) == SHOWN
    assert [each.article for each in placed.editions] == [many[0], many[-1], old, *many[4:-1]]


def test_explain_tells_the_level_and_the_story(connection: Connection) -> None:
    """Of a stored delivery, and of one that duplicates it."""
    first, second = told(connection, ORIGINAL, CURRENT)
    tie(connection, first, second, 0.5)
    original = delivery_of(connection, first)
    (duplicate,) = deliver(connection, None)
    ledger.dispose_duplicates(connection, "persist", {duplicate: original})
    connection.execute(update(Delivery).where(Delivery.id == duplicate).values(level="body"))
    for delivery, level in ((original, None), (duplicate, "body")):
        known = story.gather(connection, delivery)
        assert known.level == level
        assert known.in_story == place(connection, first)


# --- Export ---------------------------------------------------------------------------------


def exported(connection: Connection, **options: bool) -> list[dict[str, Any]]:
    return list(export.export(connection, **options))


def test_export_of_all_is_as_ever(connection: Connection) -> None:
    """Every article, and no word of stories: others rely on its fields."""
    articles = [*told(connection, ORIGINAL, CURRENT), *told(connection, ORIGINAL, NOTE)]
    rows = [row for row in exported(connection) if row["id"] in articles]
    assert [row["id"] for row in rows] == articles
    assert all(row.keys().isdisjoint({"story", "version"}) for row in rows)


def test_export_of_what_is_current(connection: Connection) -> None:
    """Each story once; what was withdrawn not at all; what was never compared stands for itself."""
    first, *_, newest = told(connection, ORIGINAL, COPY, CURRENT)
    told(connection, ORIGINAL, COPY, NOTE)
    (alone,) = told(connection, ("original", True))
    (old,) = stored(connection, "Zorbatou parle.")
    rows = exported(connection, current=True)
    assert [(row["id"], row["story"], row["version"]) for row in rows] == [
        (newest, first, 2),
        (alone, alone, 1),
        (old, old, 1),
    ]
    assert list(rows[0])[:4] == ["id", "story", "version", "first_seen"]
    assert rows[2]["mentions"][0]["surface"] == "Zorbatou"


def test_a_story_that_is_told_again_meanwhile_comes_once(
    corpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export is of one moment, however long it takes."""
    monkeypatch.setattr(export, "AT_A_TIME", 1)
    with db.transaction() as connection:
        first, second, *_ = told(connection, CURRENT, COPY)
        told(connection, CURRENT)
    with db.snapshot() as reader:
        rows = export.export(reader, current=True)
        seen = [next(rows)]
        with db.transaction() as writer:
            writer.execute(update(Edition).where(Edition.article_id == first).values(current=False))
            values = {"role": "version", "version": 2, "current": True}
            writer.execute(update(Edition).where(Edition.article_id == second).values(**values))
        seen += rows
    stories = [row["story"] for row in seen]
    assert len(stories) == len(set(stories)) == 2
    with db.snapshot() as reader:
        assert second in [row["id"] for row in export.export(reader, current=True)]


# --- Tables, and comparing on a page --------------------------------------------------------


def column(table: Table, header: str) -> list[str]:
    (found,) = (each for each in table.columns if each.header == header)
    return [str(cell) for cell in found.cells]


def test_ingest_shows_the_stories_that_were_told_again(connection: Connection) -> None:
    """With all that tell them, also from earlier runs; what is alone in its story is not there."""
    first, copy, newest = told(connection, ORIGINAL, COPY, CURRENT)
    gone, note = told(connection, ORIGINAL, NOTE)
    (alone,) = told(connection, ("original", True))
    ids = [delivery_of(connection, article) for article in (newest, gone, note, alone)]
    table = tables.stories_table(connection, ids)
    assert [
        *zip(*(column(table, name) for name in ("Story", "Place", "Article")), strict=True)
    ] == [
        (str(first), "version 1", str(first)),
        ("", "version 2, current", str(newest)),
        ("", "copy", str(copy)),
        (str(gone), "version 1, withdrawn", str(gone)),
        ("", "withdrawal", str(note)),
    ]


def test_ingest_shows_by_what_duplicates_are_the_same(connection: Connection) -> None:
    """Where that was noted."""
    (article,) = stored(connection, "Zorbatou parle.")
    owner = delivery_of(connection, article)
    ids = deliver(connection, None, None)
    ledger.dispose_duplicates(connection, "persist", dict.fromkeys(ids, owner))
    for delivery, level in zip(ids, ("body", None), strict=True):
        connection.execute(update(Delivery).where(Delivery.id == delivery).values(level=level))
    table = tables.not_stored_table(connection, ids)
    why = dict(zip(column(table, "Delivery"), column(table, "Why"), strict=True))
    assert why == {
        str(ids[0]): f"same body as article {article} (a.txt)",
        str(ids[1]): f"same content as article {article} (a.txt)",
    }


def test_texts_are_compared_with_the_names_of_their_entities(connection: Connection) -> None:
    """As people have judged them."""
    (article,) = stored(connection, "Zorbatou parle. Zorbatou se tait.")
    (telling,) = tellings.gather(connection, [article]).values()
    assert telling.title == "Un titre"
    assert telling.body == "Zorbatou parle. Zorbatou se tait."
    assert telling.entities == {"Zorbatou"}


def test_what_an_article_is_compared_with_unasked(connection: Connection) -> None:
    """A version with the one before, a copy with what it is most like, the first with nothing."""
    first, copy, second, note = told(connection, ORIGINAL, COPY, CURRENT, NOTE)
    tie(connection, first, copy, 0.6)
    tie(connection, second, copy, 0.9)
    tie(connection, second, note, 0.1, "title")

    def pair(article: int, against: int | None = None) -> tuple[int, int] | None:
        found = comparing.gather(connection, place(connection, article), against)
        return found and (found.before.article, found.after.article)

    assert [pair(each) for each in (first, second, copy, note)] == [
        None,
        (first, second),
        (second, copy),
        None,
    ]
    assert pair(second, copy) == pair(copy, second) == (second, copy)
    assert pair(first, note) == (first, note)
    (stranger,) = told(connection, ("original", True))
    assert pair(first, stranger) is None
