"""Claims: of all deliveries of one content, exactly one owns it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Claim, Delivery
from tests.factories import deliver
from worker import db, ledger
from worker.contents import claim

if TYPE_CHECKING:
    from sqlalchemy import Connection

HASH = "sha256:" + "ab" * 32


def test_first_delivery_owns_the_content(connection: Connection) -> None:
    """The later one learns whose content it is."""
    first, second = deliver(connection, None, None)
    assert {first: first} == claim(connection, {first: HASH})
    assert {second: first} == claim(connection, {second: HASH})


def test_redelivery_is_no_duplicate_of_itself(connection: Connection) -> None:
    """Claiming twice is claiming once."""
    (delivery,) = deliver(connection, None)
    assert claim(connection, {delivery: HASH}) == claim(connection, {delivery: HASH})


def test_twins_in_one_batch(connection: Connection) -> None:
    """The older of two in the same batch owns the content."""
    first, second = deliver(connection, None, None)
    assert {first: first, second: first} == claim(connection, {second: HASH, first: HASH})


def test_rejection_gives_the_claim_up(connection: Connection) -> None:
    """The same content may come again and be judged anew."""
    first, second = deliver(connection, None, None)
    claim(connection, {first: HASH})
    ledger.dispose(connection, "rejected", "clean", {first: "no-body: nothing left"})
    assert {second: second} == claim(connection, {second: HASH})


def test_two_sessions_race_for_one_content(corpus: None) -> None:
    """The second session waits for the first to commit, and then is the duplicate.

    Both have their delivery and insert the claim before either commits: a check before the
    insert would let both in.
    """
    with db.transaction() as connection:
        first, second = deliver(connection, "the same", "the same")
    owners: dict[int, int] = {}

    def other_session() -> None:
        with db.transaction() as connection:
            owners.update(claim(connection, {second: HASH}))
            ledger.dispose_duplicates(connection, "dedupe", {second: owners[second]})

    racer = threading.Thread(target=other_session)
    with db.transaction() as connection:
        owners.update(claim(connection, {first: HASH}))
        racer.start()
        _wait_until_blocked()
    racer.join()

    assert {first: first, second: first} == owners
    with db.transaction() as connection:
        assert [(HASH, first)] == connection.execute(
            select(Claim.content_hash, Claim.delivery_id)
        ).all()
        assert {first: None, second: first} == dict(
            connection.execute(select(Delivery.id, Delivery.duplicate_of)).all()
        )


def _wait_until_blocked() -> None:
    """Wait until a session of this database waits for another's lock."""
    from sqlalchemy import text  # noqa: PLC0415 - only here

    blocked = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while True:
        with db.transaction() as connection:
            if connection.scalar(blocked):
                return
