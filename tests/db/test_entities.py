"""Entities: written by many at once, each is there once, under its fullest name."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from models import Alias, Entity
from tests.factories import deliver, enriched
from worker import db, judgements
from worker.articles import write
from worker.contents import claim
from worker.core.persist import fullness, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

SESSIONS: Final = 8
ROUNDS: Final = 2
ENTITIES: Final = 200  # so many that sessions are at it together


def _spellings(session: int) -> list[str]:
    """A name of each entity: the fuller one is now this session's, now another's."""
    dice = random.Random(session)  # noqa: S311 - repeats itself
    return [f"N{number:03}" + "é" * dice.randrange(9) for number in range(ENTITIES)]


def _key(name: str) -> str:
    return f"org:{name[:4].lower()}"


def _write(session: int, deliveries: Sequence[int], together: Barrier) -> None:
    names = _spellings(session)
    for delivery in deliveries:
        random.Random(delivery).shuffle(names)  # noqa: S311
        made = rows(enriched(" ".join(names), {name: _key(name) for name in names}))
        together.wait()
        try:
            with db.transaction() as connection:
                write(connection, {delivery: made}, judgements.in_force(connection))
        except Exception:
            together.abort()  # nobody need wait for this one
            raise


def test_eight_sessions_write_the_same_entities(corpus: None) -> None:
    """None waits for another in a circle; whose name came last does not matter."""
    with db.transaction() as connection:
        ids = deliver(connection, *[None] * (SESSIONS * ROUNDS))
        claim(connection, {delivery: f"sha256:{delivery:064}" for delivery in ids})
    together = Barrier(SESSIONS, timeout=60)
    with ThreadPoolExecutor(SESSIONS) as pool:
        running = [
            pool.submit(_write, session, ids[session::SESSIONS], together)
            for session in range(SESSIONS)
        ]
    assert [error for each in running if (error := each.exception())] == []

    every = [name for session in range(SESSIONS) for name in _spellings(session)]
    best = {_key(name): name for name in sorted(every, key=fullness)}
    with db.transaction() as connection:
        named = dict(connection.execute(select(Entity.key, Entity.named)).all())
        spelt = set(connection.scalars(select(Alias.surface)))
    assert named == best
    assert spelt == set(every)
