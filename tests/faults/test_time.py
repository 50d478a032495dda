"""A database that hangs, or a row that stays locked, ends in a retry and is nobody's fault."""

from __future__ import annotations

import os
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import story
from tests.faults.conftest import SEED
from tests.faults.plant import WORKERS, Plant, running
from tests.waiting import wait_for
from worker import db
from worker.app import settings
from worker.core.clean.decode import decode
from worker.core.dedupe import NORMALISATION, content_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = os.environ.get("ROTATIVE_FAULTS") == "all"
OTHERS = 60 if FULL else 12
SOFT_SECONDS = 6  # so a statement may take 3 s, and wait 1 s for a lock
HUNG_SECONDS = 20 if FULL else 8


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """A stack that is not as patient as in production."""
    limits = {
        "ROTATIVE_SOFT_LIMIT_SECONDS": str(SOFT_SECONDS),
        "ROTATIVE_HARD_LIMIT_SECONDS": str(SOFT_SECONDS + 4),
    }
    randomness = random.Random(SEED)  # noqa: S311 - repeats
    with running(tmp_path, randomness, settings=limits) as plant:
        yield plant


def test_what_is_locked_waits_alone(plant: Plant, table: list[tuple[str, ...]]) -> None:
    """A locked delivery and a claimed key: others pass meanwhile, these once the lock is gone."""
    workers = [plant.processes[name].pid for name in WORKERS]
    claimed, locked = story(), story()
    key = content_hash(decode(claimed.encode()).text)
    with session(plant) as holder:
        holder.execute(
            "INSERT INTO claims SELECT %s, %s, min(id) FROM deliveries", (key, NORMALISATION)
        )
        put(plant, claimed)
        wait_for(lambda: begun(plant) == 1, "the claim to be waited for")
        plant.drop(OTHERS)
        wait_for(lambda: plant.ended() == plant.files - 1, "the others to end")
        assert pending(plant) == 1
    waited = plant.wait_until_ended()

    [(newest,)] = plant.query("SELECT max(id) FROM deliveries")
    with session(plant) as holder:
        holder.execute("LOCK TABLE claims IN EXCLUSIVE MODE")  # till the row is ours
        put(plant, locked)
        wait_for(lambda: pending(plant) == 1, "the delivery")
        with session(plant) as other:
            other.execute("SELECT id FROM deliveries WHERE id > %s FOR UPDATE", (newest,))
            holder.rollback()
            plant.drop(OTHERS)
            wait_for(lambda: plant.ended() == plant.files - 1, "the others to end")
            assert pending(plant) == 1
    waited = max(waited, plant.wait_until_ended())

    tell(plant, table, "a row locked", 2, waited)
    assert outcomes(plant) == {"done", "interrupted"}
    assert [plant.processes[name].pid for name in WORKERS] == workers


def test_a_database_that_hangs_is_waited_for(plant: Plant, table: list[tuple[str, ...]]) -> None:
    """Longer than the soft limit: steps give up and come again; no worker has to be restarted."""
    workers = [plant.processes[name].pid for name in WORKERS]
    plant.drop(OTHERS)
    wait_for(lambda: begun(plant), "work to begin")
    plant.freeze_postgres(HUNG_SECONDS)
    plant.drop(OTHERS)
    tell(plant, table, "Postgres hung", 1, plant.wait_for_work())
    # What hung before its attempt was written left no row: the log tells of both.
    logs = [(plant.home / "logs" / f"{name}.log").read_text() for name in WORKERS]
    assert any("database_fault" in log for log in logs)
    assert outcomes(plant) <= {"done", "interrupted"}
    assert [plant.processes[name].pid for name in WORKERS] == workers


def test_statements_end_before_the_soft_limit() -> None:
    """The database gives up first, so that a step can go back to the broker by itself."""
    with db.engine().connect() as connection:
        for name in ("statement_timeout", "lock_timeout"):
            shown = connection.scalar(
                text("SELECT extract(epoch FROM current_setting(:name)::interval)"), {"name": name}
            )
            assert 0 < float(str(shown)) < settings.soft_limit_seconds


@pytest.mark.parametrize(
    ("fault", "excused"),
    [
        ("SET LOCAL statement_timeout = 10; SELECT pg_sleep(5)", True),
        ("SET TRANSACTION READ ONLY; CREATE TABLE t ()", True),
        ("SELECT pg_terminate_backend(pg_backend_pid())", True),
        (
            "SELECT array_to_tsvector(array_agg(i::text)) FROM generate_series(1, 300000) i",
            False,
        ),
        ("SELECT 1 / 0", False),
    ],
)
def test_a_fault_of_the_database_is_told_from_one_of_what_it_is_given(
    fault: str,
    *,
    excused: bool,
) -> None:
    """What time or repair can mend is tried for ever; too many words in an article are not."""
    with pytest.raises(DBAPIError) as caught, db.transaction() as connection:
        connection.exec_driver_sql(fault)
    assert db.at_fault(caught.value) is excused


@contextmanager
def session(plant: Plant) -> Iterator[psycopg.Connection]:
    """Somebody else's transaction, which comes to nothing."""
    with psycopg.connect(plant.services.database_url) as connection:
        yield connection
        connection.rollback()


def put(plant: Plant, article: str) -> None:
    """Drop this story."""
    plant.files += 1
    plant.stories.add(article)
    (plant.home / "inbox" / "feed" / f"{plant.files}.txt").write_text(article)


def pending(plant: Plant) -> int:
    """How many deliveries are pending."""
    return plant.files - plant.ended() if delivered(plant) == plant.files else 0


def delivered(plant: Plant) -> int:
    """How many deliveries there are."""
    [(number,)] = plant.query("SELECT count(*) FROM deliveries")
    return int(str(number))


def begun(plant: Plant) -> int:
    """How many pending deliveries are being worked on."""
    [(number,)] = plant.query(
        "SELECT count(DISTINCT d.id) FROM deliveries d JOIN attempts ON d.id = delivery_id"
        " WHERE disposition = 'pending'"
    )
    return int(str(number))


def tell(plant: Plant, table: list[tuple[str, ...]], fault: str, times: int, again: float) -> None:
    """Add it to the table, and hold it to the promise."""
    last = plant.wait_until_ended()
    account = plant.account()
    table.append((fault, str(times), *map(str, account), f"{again:.1f}", f"{last:.1f}"))
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)


def outcomes(plant: Plant) -> set[object]:
    """How attempts ended."""
    return {outcome for (outcome,) in plant.query("SELECT DISTINCT outcome FROM attempts")} - {None}
