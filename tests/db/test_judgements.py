"""Judgements: what people decide holds for what is stored and what comes, until it is undone."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Text, func, select, text, update
from sqlalchemy.exc import IntegrityError

from models import Alias, Article, Delivery, Entity, Mention
from models import Judgement as Row
from tests.factories import deliver, enriched, store
from tests.waiting import wait_for
from worker import db, judgements
from worker.articles import write
from worker.contents import claim
from worker.core import persist
from worker.core.enrich import aliases
from worker.core.enrich.judgements import Judgement, Kind
from worker.errors import UserError
from worker.export import export
from worker.sql import values_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from worker.judgements import Outcome

BODY = "Nguyễn Văn A a marqué pour le Club de Huế. Nguyen Van A est né à Huế."
NAMES = {
    "Nguyễn Văn A": "per:nguyen-van-a",
    "Nguyen Van A": "per:nguyen-van-a",
    "Club de Huế": "org:club-de-hue",
    "né à Huế": "loc:ne-a-hue",
}


def judgement(kind: Kind, key: str, target: str | None = None, **others: Any) -> Judgement:
    return Judgement(uuid.uuid4(), datetime.now(UTC), "ana", kind, key, target, **others)


def make(
    connection: Connection, kind: Kind, key: str, target: str | None = None, **others: Any
) -> tuple[int, Outcome]:
    return judgements.make(connection, judgement(kind, key, target, **others))


def linked(connection: Connection, article: int) -> list[tuple[str, str | None]]:
    """The surfaces of an article, and the keys of their entities."""
    rows = connection.execute(
        select(Mention.surface, Entity.key)
        .outerjoin(Entity, Entity.id == Mention.entity_id)
        .where(Mention.article_id == article)
        .order_by(Mention.start_offset)
    )
    return [(surface, key) for surface, key in rows]


def keys(connection: Connection, article: int) -> list[str | None]:
    return [key for _, key in linked(connection, article)]


def spellings(connection: Connection, key: str) -> set[str]:
    statement = select(Alias.surface).join(Entity).where(Entity.key == key)
    return set(connection.scalars(statement))


def canonical(connection: Connection, key: str) -> str | None:
    return connection.scalar(select(Entity.canonical).where(Entity.key == key))


def test_a_merge_holds_for_what_is_stored_and_what_comes(connection: Connection) -> None:
    """Mentions and spellings move, across labels; what the linker found stays written."""
    (before,) = store(connection, enriched(BODY, NAMES))
    _, outcome = make(connection, "merge", "loc:ne-a-hue", "org:club-de-hue")
    (after,) = store(connection, enriched(BODY, NAMES))
    expected = ["per:nguyen-van-a", "org:club-de-hue", "per:nguyen-van-a", "org:club-de-hue"]
    assert keys(connection, before) == keys(connection, after) == expected
    assert (outcome.mentions, outcome.articles) == (1, 1)
    assert spellings(connection, "org:club-de-hue") == {"Club de Huế", "né à Huế"}
    assert spellings(connection, "loc:ne-a-hue") == set()
    rows = connection.execute(
        select(Mention.label, Mention.found).where(Mention.surface == "né à Huế")
    )
    assert {("LOC", "loc:ne-a-hue")} == set(map(tuple, rows))


def test_undoing_is_as_if_nothing_had_been_decided(connection: Connection) -> None:
    """For what was stored before, and for what came while the judgement was in force."""
    (before,) = store(connection, enriched(BODY, NAMES))
    as_found = linked(connection, before)
    spelt = {key: spellings(connection, key) for key in NAMES.values()}
    evidence = {"name": "Nguyễn Văn A (joueur)", "surface": "Nguyen Văn A"}
    numbers = [
        make(connection, "merge", "loc:ne-a-hue", "org:club-de-hue")[0],
        make(connection, "ignore", "org:club-de-hue")[0],
        make(connection, "split", "per:nguyen-van-a", "per:nguyen-van-a-joueur", **evidence)[0],
        make(connection, "rename", "per:nguyen-van-a", name="Monsieur A")[0],
    ]
    (meanwhile,) = store(connection, enriched(BODY, NAMES))
    assert keys(connection, meanwhile) == ["per:nguyen-van-a-joueur", None] * 2
    for number in numbers:
        judgements.undo(connection, number)
    assert linked(connection, before) == linked(connection, meanwhile) == as_found
    assert spelt == {key: spellings(connection, key) for key in NAMES.values()}
    assert canonical(connection, "per:nguyen-van-a") == "Nguyễn Văn A"


def test_a_merge_into_what_no_text_has_named(connection: Connection) -> None:
    """It has its name from its key until a text names it."""
    (article,) = store(connection, enriched("L’ONU a parlé.", {"ONU": "org:onu"}))
    make(connection, "merge", "org:onu", "org:banque-de-zorbatou")
    assert keys(connection, article) == ["org:banque-de-zorbatou"]
    assert canonical(connection, "org:banque-de-zorbatou") == "banque de zorbatou"
    long = {"Banque de Zorbatou": "org:banque-de-zorbatou"}
    store(connection, enriched("La Banque de Zorbatou a parlé.", long))
    assert canonical(connection, "org:banque-de-zorbatou") == "Banque de Zorbatou"


def test_a_split_by_article(connection: Connection) -> None:
    """That one's mentions move, the others' do not."""
    one, other = store(connection, *[enriched(BODY, {"Nguyễn Văn A": "per:nguyen-van-a"})] * 2)
    content_hash = connection.scalar(select(Article.content_hash).where(Article.id == one))
    evidence = {"name": "Nguyễn Văn A (joueur)", "content_hash": content_hash}
    make(connection, "split", "per:nguyen-van-a", "per:nguyen-van-a-joueur", **evidence)
    assert keys(connection, one) == ["per:nguyen-van-a-joueur"]
    assert keys(connection, other) == ["per:nguyen-van-a"]
    assert canonical(connection, "per:nguyen-van-a-joueur") == "Nguyễn Văn A (joueur)"


def test_a_split_by_company_sees_merges(connection: Connection) -> None:
    """Articles that name the club move, as soon as what they name is known to be the club."""
    someone = {"Nguyễn Văn A": "per:nguyen-van-a"}
    club, team, alone = store(
        connection,
        enriched(BODY, {**someone, "Club de Huế": "org:club-de-hue"}),
        enriched(BODY, {**someone, "né à Huế": "org:equipe"}),
        enriched(BODY, someone),
    )
    evidence = {"name": "Nguyễn Văn A (joueur)", "with_key": "org:club-de-hue"}
    make(connection, "split", "per:nguyen-van-a", "per:nguyen-van-a-joueur", **evidence)

    def people() -> list[str | None]:
        return [keys(connection, article)[0] for article in (club, team, alone)]

    assert people() == ["per:nguyen-van-a-joueur", "per:nguyen-van-a", "per:nguyen-van-a"]
    merge, _ = make(connection, "merge", "org:equipe", "org:club-de-hue")
    assert people() == ["per:nguyen-van-a-joueur", "per:nguyen-van-a-joueur", "per:nguyen-van-a"]
    judgements.undo(connection, merge)
    assert people() == ["per:nguyen-van-a-joueur", "per:nguyen-van-a", "per:nguyen-van-a"]


def test_evidence_is_weighed_in_batches(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many articles there are, each is judged."""
    monkeypatch.setattr(judgements, "_NAMING", judgements._NAMING.limit(2))
    articles = store(connection, *[enriched(BODY, NAMES)] * 5)
    evidence = {"name": "Le joueur", "surface": "Nguyen Van A"}
    _, outcome = make(connection, "split", "per:nguyen-van-a", "per:le-joueur", **evidence)
    assert (outcome.mentions, outcome.articles) == (10, 5)
    assert {keys(connection, article)[0] for article in articles} == {"per:le-joueur"}


def test_the_export_shows_what_was_decided(corpus: None) -> None:
    """Names and keys after all judgements; what is ignored is left out, dates are not."""
    article = enriched(BODY, NAMES)
    with db.transaction() as connection:
        store(connection, article)
        make(connection, "ignore", "loc:ne-a-hue")
        make(connection, "rename", "org:club-de-hue", name="Huế FC")
        (record,) = export(connection)
    mentions = record["mentions"]
    assert isinstance(mentions, list)
    assert [
        *((mention["entity"], mention["canonical"]) for mention in mentions),
        ("org:club-de-hue", "Huế FC"),
    ] == [("per:nguyen-van-a", "Nguyễn Văn A"), ("org:club-de-hue", "Huế FC")] * 2


def test_replaying_elsewhere_gives_the_same(corpus: None) -> None:
    """In whatever order the articles and the judgements come, and however often."""
    with db.transaction() as connection:
        (article,) = store(connection, enriched(BODY, NAMES))
        evidence = {"name": "Le joueur", "surface": "Nguyen Van A"}
        make(connection, "split", "per:nguyen-van-a", "per:le-joueur", **evidence)
        make(connection, "merge", "loc:ne-a-hue", "loc:hue")
        undone, _ = make(connection, "ignore", "org:club-de-hue", note="Ce n’est qu’un surnom")
        judgements.undo(connection, undone)
        here = linked(connection, article)
        lines = [judgements.to_json(each) for each in judgements.history(connection).values()]
    decided = [judgements.from_json(json.dumps(line)) for line in reversed(lines)]

    with db.transaction() as connection:  # the judgements first, then the article
        _forget(connection)
        new, _ = judgements.replay(connection, decided)
        assert len(new) == 3
        (article,) = store(connection, enriched(BODY, NAMES))
        assert linked(connection, article) == here
        assert canonical(connection, "per:le-joueur") == "Le joueur"
        _forget(connection)

    with db.transaction() as connection:  # the article first, then the judgements, twice
        (article,) = store(connection, enriched(BODY, NAMES))
        judgements.replay(connection, decided)
        new, outcome = judgements.replay(connection, decided)
        assert (new, outcome.mentions) == ([], 0)
        assert linked(connection, article) == here
        assert sorted(lines, key=str) == sorted(
            map(judgements.to_json, judgements.history(connection).values()), key=str
        )


def _forget(connection: Connection) -> None:
    for table in ("mentions", "aliases", "entities", "judgements"):
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours


def test_what_was_undone_elsewhere_is_undone_here(connection: Connection) -> None:
    """And stays so, should an older export come after it."""
    (article,) = store(connection, enriched("L’ONU a parlé.", {"ONU": "org:onu"}))
    decided = judgement("ignore", "org:onu")
    judgements.replay(connection, [decided])
    assert keys(connection, article) == [None]
    number = connection.scalar(select(Row.id))
    assert number is not None
    judgements.undo(connection, number)
    undone = list(judgements.history(connection).values())
    judgements.replay(connection, [decided])
    assert keys(connection, article) == ["org:onu"]
    assert list(judgements.history(connection).values()) == undone


def test_it_is_the_latest_even_if_clocks_disagree(connection: Connection) -> None:
    """One that was replayed from a machine whose clock is ahead does not win for ever."""
    (article,) = store(connection, enriched("L’ONU a parlé.", {"ONU": "org:onu"}))
    ahead = judgement("ignore", "org:onu")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    judgements.replay(connection, [Judgement(uuid.uuid4(), tomorrow, "bo", "ignore", "org:onu")])
    judgements.replay(connection, [ahead])
    make(connection, "merge", "org:onu", "org:nations-unies")
    assert keys(connection, article) == ["org:nations-unies"]


@pytest.mark.parametrize(
    ("again", "sentence"),
    [
        (judgement("merge", "org:b", "org:a"), "org:a leads to org:b already"),
        (judgement("merge", "org:a", "org:b"), "org:a is org:b already"),
        (judgement("ignore", "org:c"), "org:c is no entity already"),
        (judgement("rename", "org:b", name="B"), "org:b is called B already"),
    ],
    ids=["circle", "merge", "ignore", "rename"],
)
def test_what_cannot_be_decided(connection: Connection, again: Judgement, sentence: str) -> None:
    """A circle, and what is so already: a sentence says so, and nothing is written."""
    make(connection, "merge", "org:a", "org:b")
    make(connection, "ignore", "org:c")
    make(connection, "rename", "org:b", name="B")
    with pytest.raises(UserError, match=f"^{sentence}"):
        judgements.make(connection, again)
    assert connection.scalar(select(func.count(Row.id))) == 3


def test_what_cannot_be_undone(connection: Connection) -> None:
    """What is not there, and what was undone before."""
    number, _ = make(connection, "ignore", "org:a")
    judgements.undo(connection, number)
    with pytest.raises(UserError, match=rf"^Judgement {number} was undone at "):
        judgements.undo(connection, number)
    with pytest.raises(UserError, match=r"^There is no judgement 0: "):
        judgements.undo(connection, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "guess"},
        {"target": None},
        {"name": "A merge has no name"},
        {"surface": "nor evidence"},
        {"target": "org:a"},
    ],
)
def test_the_database_refuses_half_a_judgement(
    connection: Connection, values: dict[str, str | None]
) -> None:
    """Whatever the code does: these are constraints."""
    make(connection, "merge", "org:a", "org:b")
    with pytest.raises(IntegrityError):
        connection.execute(update(Row).values(values))


def test_names_do_not_depend_on_the_order_of_articles(connection: Connection) -> None:
    """The fullest spelling wins, in one batch or in several."""
    articles = {
        name: enriched(f"{name} a parlé.", {name: key})
        for name, key in {
            "LE HOAI ZUNG": "per:le-hoai-zung",
            "Lê Hoài Zũng": "per:le-hoai-zung",
            "Le Hoai Zung": "per:le-hoai-zung",
        }.items()
    }
    store(connection, articles["LE HOAI ZUNG"])
    store(connection, articles["Le Hoai Zung"])
    assert canonical(connection, "per:le-hoai-zung") == "Le Hoai Zung"
    store(connection, articles["Lê Hoài Zũng"], articles["LE HOAI ZUNG"])
    assert canonical(connection, "per:le-hoai-zung") == "Lê Hoài Zũng"
    store(connection, articles["Le Hoai Zung"])
    assert canonical(connection, "per:le-hoai-zung") == "Lê Hoài Zũng"


def test_sql_and_python_agree_on_the_fuller_name(connection: Connection) -> None:
    """Diacritics first, then small letters, whatever the database's own order of letters."""
    from worker.entities import _fullness  # noqa: PLC0415 - only here

    names = ["Lê", "LÊ", "Le", "lê", "Ế", "ế", "ê", "œuvre", "L’Œuvre", "Zürich", "zurich", "Z"]
    table = values_table(name=Text)
    ordered = select(table).order_by(_fullness(table.c.name))
    in_sql = connection.scalars(ordered, {"name": names}).all()
    assert in_sql == sorted(names, key=persist.fullness)


def test_what_the_linkers_file_knows_wins_over_texts(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name and its id are taken over as soon as an article comes; a person's name is above."""
    article = enriched("L’ONÙ a parlé.", {"ONÙ": "org:onu"})
    store(connection, article)
    monkeypatch.setattr(aliases, "name", {"org:onu": "ONU"}.get)
    monkeypatch.setattr(aliases, "wikidata", {"org:onu": "Q1065"}.get)
    store(connection, enriched("L’ONU a parlé.", {"ONU": "org:onu"}))
    monkeypatch.undo()
    store(connection, article)
    row = connection.execute(select(Entity.canonical, Entity.wikidata, Entity.named_by)).one()
    assert tuple(row) == ("ONU", "Q1065", "file")
    make(connection, "rename", "org:onu", name="Nations unies")
    assert canonical(connection, "org:onu") == "Nations unies"


def test_entities_that_are_known_are_not_locked(corpus: None) -> None:
    """Two writers that name the same country do not wait for each other."""
    with db.transaction() as connection:
        store(connection, enriched("Le Vietnam.", {"Vietnam": "loc:vietnam"}))
    with db.transaction() as one, db.transaction() as other:
        for connection in (one, other):
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            store(connection, enriched("Le Vietnam.", {"Vietnam": "loc:vietnam"}))


# --- Two sessions ---------------------------------------------------------------------------


def _wait_until_blocked() -> None:
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event = 'advisory'"
    )

    def somebody_waits() -> bool:
        with db.transaction() as connection:
            return bool(connection.scalar(blocked))

    wait_for(somebody_waits, "a session that waits for the other")


def _delivered() -> int:
    with db.transaction() as connection:
        (delivery,) = deliver(connection, None)
        claim(connection, {delivery: "sha256:1"})
    return delivery


def _persist(connection: Connection, delivery: int) -> None:
    made = persist.rows(enriched("L’ONU a parlé.", {"ONU": "org:onu"}))
    write(connection, {delivery: made}, judgements.in_force(connection))


def _all_keys() -> list[str | None]:
    with db.transaction() as connection:
        return [keys(connection, article)[0] for article in connection.scalars(select(Article.id))]


def test_a_judgement_waits_for_writers(corpus: None) -> None:
    """An article that is being written while it is made is judged too."""
    delivery = _delivered()

    def judge() -> None:
        with db.transaction() as connection:
            make(connection, "merge", "org:onu", "org:nations-unies")

    racer = threading.Thread(target=judge)
    with db.transaction() as connection:
        _persist(connection, delivery)
        racer.start()
        _wait_until_blocked()
    racer.join()
    assert _all_keys() == ["org:nations-unies"]


def test_a_writer_waits_for_a_judgement(corpus: None) -> None:
    """And applies it, though it was not committed when the writer began."""
    delivery = _delivered()

    def persist_it() -> None:
        with db.transaction() as connection:
            connection.execute(select(Delivery.id))  # its transaction has begun
            _persist(connection, delivery)

    racer = threading.Thread(target=persist_it)
    with db.transaction() as connection:
        make(connection, "merge", "org:onu", "org:nations-unies")
        racer.start()
        _wait_until_blocked()
    racer.join()
    assert _all_keys() == ["org:nations-unies"]


def test_writers_do_not_wait_for_each_other(corpus: None) -> None:
    """Their lock is shared."""
    with db.transaction() as one, db.transaction() as other:
        other.execute(text("SET LOCAL lock_timeout = '1s'"))
        judgements.in_force(one)
        judgements.in_force(other)
