"""What the chain makes of the same story again: duplicates, and twins."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from models import Delivery, Edition, Twin
from tests.factories import deliver, prose, retold, telling
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import db, ledger
from worker.contents import claim
from worker.core.article import Stated
from worker.tasks.persist import STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from worker.core.article import EnrichedArticle

    Run = Callable[..., Sequence[int]]

pytestmark = pytest.mark.usefixtures("corpus")

BODY = prose(1)
TIMES = 20  # that a race is run


def dropped(title: str, body: str = BODY, photo: str = "VNA/CVN") -> str:
    """A file with a story."""
    return f"{title}\n\nLomé (ATOP) – {body}\n\nPhoto: {photo}\n"


def arrive(*articles: EnrichedArticle) -> dict[int, EnrichedArticle]:
    """Deliveries that have come as far as persist."""
    with db.transaction() as connection:
        ids = deliver(connection, *[None] * len(articles))
        claim(connection, {each: f"sha256:{uuid.uuid4().hex}" for each in ids})
    return dict(zip(ids, articles, strict=True))


def persist(connection: Connection, articles: Mapping[int, EnrichedArticle]) -> None:
    """The persist step of a batch, as far as its transaction goes."""
    worked = STEP.work(list(articles.values()))
    results = dict(zip(articles, worked, strict=True))
    pending = ledger.pending(connection, articles)
    good = {one: results[one] for one in pending}
    assert not any(isinstance(each, Exception) for each in good.values())
    if good:
        STEP.store(connection, good)  # type: ignore[arg-type]


def store(*articles: EnrichedArticle) -> list[int]:
    """Persist articles in one batch; returns their deliveries."""
    given = arrive(*articles)
    with db.transaction() as connection:
        persist(connection, given)
    return list(given)


def ends() -> dict[int, tuple[str, int | None, str | None]]:
    columns = (Delivery.disposition, Delivery.duplicate_of, Delivery.level)
    with db.transaction() as connection:
        rows = connection.execute(select(Delivery.id, *columns))
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


def stories() -> int:
    with db.transaction() as connection:
        return connection.scalar(select(func.count(Edition.story_id.distinct()))) or 0


# Levels.


def test_what_a_duplicate_has_in_common(run: Run) -> None:
    """Its bytes, its text, or its body: under another headline and with another caption."""
    first = dropped("Le port reçoit un navire")
    (owner,) = run(first)
    (same,) = run(first)
    (spaced,) = run(first.replace("\n\n", "\n \n\n"))
    (other,) = run(dropped("Un navire arrive au port", photo="AFP/VNA"))
    assert ends() == {
        owner: ("stored", None, None),
        same: ("duplicate", owner, "bytes"),
        spaced: ("duplicate", owner, "text"),
        other: ("duplicate", owner, "body"),
    }


def test_another_figure_is_no_duplicate(run: Run) -> None:
    """It is a twin: both are stored, in one story."""
    body = f"{BODY}\n\nLe navire apporte 1,5 tonne de riz."
    run(dropped("Le port reçoit un navire", body))
    run(dropped("Le port reçoit un navire", body.replace("1,5", "15")))
    assert [end for end, *_ in ends().values()] == ["stored", "stored"]
    assert stories() == 1


def test_one_body_in_one_batch() -> None:
    """The first owns it."""
    first, second, third = store(telling(BODY), telling(BODY, "Un autre titre"), telling(prose(2)))
    assert ends() == {
        first: ("stored", None, None),
        second: ("duplicate", first, "body"),
        third: ("stored", None, None),
    }


def test_what_states_a_notice_is_no_duplicate() -> None:
    """Nor is what comes after a notice a duplicate of that, be it the very same body."""
    stated = telling(BODY, stated=Stated("correction"))
    (notice,) = store(stated)
    (original,) = store(telling(BODY))
    (again,) = store(stated)
    (copy,) = store(telling(BODY))
    assert ends() == {
        notice: ("stored", None, None),
        original: ("stored", None, None),
        again: ("stored", None, None),
        copy: ("duplicate", original, "body"),
    }
    assert stories() == 1


def test_duplicates_of_a_duplicate_are_led_on(run: Run) -> None:
    """What has its text is a duplicate of the owner too, whether it came before or comes after."""
    (owner,) = store(telling(BODY))
    held = arrive(telling(BODY, "Un autre titre"))
    (second,) = held
    with db.transaction() as connection:
        (earlier,) = deliver(connection, None)
        (hashed,) = connection.scalars(
            select(Delivery.content_hash).where(Delivery.id == second)
        ).all()
        owners = claim(connection, {earlier: str(hashed)})
        ledger.dispose_duplicates(connection, "dedupe", owners)
    assert ends()[earlier] == ("duplicate", second, "text")
    with db.transaction() as connection:
        persist(connection, held)
    with db.transaction() as connection:
        (later,) = deliver(connection, None)
        owners = claim(connection, {later: str(hashed)})
        ledger.dispose_duplicates(connection, "dedupe", owners)
    expected = ("duplicate", owner, "body")
    assert [ends()[one] for one in (second, earlier, later)] == [expected] * 3


# Whatever comes twice.


def test_persisting_again_changes_nothing() -> None:
    """A message that comes twice, also beside others: its own claim makes no duplicate."""
    given = arrive(telling(BODY), telling(retold(BODY, 1)))
    with db.transaction() as connection:
        persist(connection, given)
    before = ends(), stories()
    with db.transaction() as connection:
        persist(connection, given)
    assert (ends(), stories()) == before


def test_what_did_not_commit_leaves_nothing() -> None:
    """A transaction that was lost is done again from the start; meanwhile others may have come."""
    given = arrive(telling(BODY))
    with db.engine().connect() as connection, connection.begin() as transaction:
        persist(connection, given)
        transaction.rollback()
    (other,) = store(telling(BODY, "Un autre titre"))
    with db.transaction() as connection:
        persist(connection, given)
    assert ends() == {
        other: ("stored", None, None),
        **dict.fromkeys(given, ("duplicate", other, "body")),
    }


# Races.


def race(*batches: Mapping[int, EnrichedArticle]) -> None:
    """Persist batches at one moment, each in a session of its own."""
    start = threading.Barrier(len(batches))
    errors: list[Exception] = []

    def session(batch: Mapping[int, EnrichedArticle]) -> None:
        try:
            with db.transaction() as connection:
                start.wait(PATIENCE_SECONDS)
                persist(connection, batch)
        except Exception as error:  # noqa: BLE001 - raised again by the test
            errors.append(error)

    threads = [threading.Thread(target=session, args=(each,)) for each in batches]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if errors:
        raise errors[0]


@pytest.mark.parametrize("sessions", [2, 3])
def test_near_twins_at_one_moment_are_one_story(sessions: int) -> None:
    """However many sessions, and whoever commits first: it has one original and one current."""
    for number in range(TIMES):
        body = prose(100 + number)
        race(*(arrive(telling(retold(body, each))) for each in range(sessions)))
        assert stories() == number + 1
    with db.transaction() as connection:
        roles = connection.scalars(select(Edition.role)).all()
        current = connection.scalars(select(Edition.article_id).where(Edition.current)).all()
        ties = connection.scalar(select(func.count()).select_from(Twin))
    assert roles.count("original") == len(current) == TIMES
    assert ties == TIMES * sessions * (sessions - 1) // 2


@pytest.mark.parametrize("sessions", [2, 3])
def test_one_body_at_one_moment_is_stored_once(sessions: int) -> None:
    """All others are duplicates of the one that is stored."""
    for number in range(TIMES):
        batches = [arrive(telling(prose(100 + number), f"{each}")) for each in range(sessions)]
        race(*batches)
        ids = {one for batch in batches for one in batch}
        found = {one: end for one, end in ends().items() if one in ids}
        (owner,) = (one for one, end in found.items() if end == ("stored", None, None))
        others = [end for one, end in found.items() if one != owner]
        assert others == [("duplicate", owner, "body")] * (sessions - 1)


def test_batches_that_share_many_keys_do_not_deadlock() -> None:
    """Though each has its articles in the opposite order."""
    for number in range(TIMES):
        bodies = [prose(1000 * number + each) for each in range(8)]
        forth = [telling(retold(body, 1)) for body in bodies]
        back = [telling(retold(body, 2)) for body in reversed(bodies)]
        race(arrive(*forth), arrive(*back), arrive(*(telling(body) for body in bodies[::3])))
        assert stories() == 8 * (number + 1)


def test_a_second_session_waits_for_the_first(run: Run) -> None:
    """It has its article and looks for twins before the first commits, and finds that one."""
    one, other = arrive(telling(BODY)), arrive(telling(retold(BODY, 1)))

    def session() -> None:
        with db.transaction() as connection:
            persist(connection, other)

    racer = threading.Thread(target=session)
    with db.transaction() as connection:
        persist(connection, one)
        racer.start()
        wait_for(blocked, "a session that waits for another's lock")
    racer.join()
    assert stories() == 1


def test_twins_that_share_only_old_keys_find_each_other() -> None:
    """Every key that they share was there long before: those are waited for as well."""
    bulletin = "\n\n".join(
        [BODY, *(f"Le poste {word} annonce {{0}},{n}." for n, word in enumerate("abcdefghi"))]
    )
    store(telling(bulletin.format(7), published="2031-05-04"))
    for number in range(TIMES):
        day = f"2031-06-{number + 1:02}"
        articles = [
            telling(f"{bulletin.format(80 + number)} {word}.", published=day)
            for word in ("Oui", "Non")
        ]
        race(*(arrive(each) for each in articles))
        assert stories() == number + 2


def test_a_duplicate_that_is_found_meanwhile_is_led_on() -> None:
    """Dedupe saw the owner of a text just before persist found that to be a duplicate itself."""
    (owner,) = store(telling(BODY))
    held = arrive(telling(BODY, "Un autre titre"))
    (second,) = held

    def session() -> None:
        with db.transaction() as connection:
            persist(connection, held)

    racer = threading.Thread(target=session)
    with db.transaction() as connection:
        (third,) = deliver(connection, None)
        hashed = connection.scalars(
            select(Delivery.content_hash).where(Delivery.id == second)
        ).one()
        assert claim(connection, {third: str(hashed)}) == {third: second}
        racer.start()
        wait_for(blocked, "a session that waits for another's lock")
        ledger.dispose_duplicates(connection, "dedupe", {third: second})
    racer.join()
    assert ends()[third] == ends()[second] == ("duplicate", owner, "body")


def blocked() -> bool:
    statement = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with db.transaction() as connection:
        return bool(connection.scalar(statement))
