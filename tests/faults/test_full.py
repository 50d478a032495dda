"""What is full, or refuses: intake says so and takes no more, and all goes on by itself."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis

from tests.faults.plant import INTAKE, LOOK_SECONDS, Plant
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

FILES = 40
SMALL = "8m"  # a disk with room for all files, once something is deleted
FULL_SECONDS = 3.0
FULL = os.environ.get("ROTATIVE_FAULTS") == "all"


@contextmanager
def disk_full(plant: Plant) -> Iterator[None]:
    """A small file system stands in place of processed/ and rejected/, and is full."""
    folders = [plant.home / "processed", plant.home / "rejected"]
    for folder in folders:
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            pytest.skip("file systems can be mounted by root only")
        fill(folder / "filler")
    try:
        yield
        for folder in folders:
            (folder / "filler").unlink()
        plant.wait_until_ended()
    finally:
        for folder in folders:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


def fill(file: Path) -> None:
    """Write until there is no room."""
    with suppress(OSError), file.open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


@contextmanager
def database_full(plant: Plant) -> Iterator[None]:
    """Every insert of an article, a content or a delivery fails as it does on a full disk."""
    sql = """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file: No space left on device'
                USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
        END $$;
    """
    tables = ("raw_contents", "deliveries", "attempts", "articles")
    for table in tables:
        sql += f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk();"
    execute(plant, sql)
    yield
    execute(plant, "DROP FUNCTION full_disk CASCADE")


@contextmanager
def database_refuses(plant: Plant) -> Iterator[None]:
    """Postgres ends all connections and allows no new ones."""
    admin = f"{plant.services.database_url.rpartition('/')[0]}/template1"
    with psycopg.connect(admin, autocommit=True) as connection:
        name = plant.services.database_url.rpartition("/")[2].partition("?")[0]
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


@contextmanager
def redis_full(plant: Plant) -> Iterator[None]:
    """Redis has reached its memory limit: it answers OOM to whoever wants to write."""
    with redis.Redis.from_url(plant.services.redis_url) as client:
        client.config_set("maxmemory", "100kb")
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)


def execute(plant: Plant, statement: str) -> None:
    """Do something to the database."""
    with psycopg.connect(plant.services.database_url, autocommit=True) as connection:
        connection.execute(statement.encode())


FAULTS: dict[str, tuple[Callable[[Plant], AbstractContextManager[None]], str]] = {
    "disk of processed/ full": (disk_full, "There is no room for what was taken: No space left"),
    "disk of Postgres full (simulated)": (database_full, "No space left on device"),
    "Postgres refuses connections": (database_refuses, "is not currently accepting connections"),
    "Redis at its memory limit": (redis_full, "of the memory that it may use"),
}
SHORT = {"disk of processed/ full", "Redis at its memory limit"}


@pytest.mark.parametrize("fault", [name for name in FAULTS if FULL or name in SHORT])
def test_full(plant: Plant, table: list[tuple[str, ...]], fault: str) -> None:
    """Files wait; when there is room again, each ends once. Nothing needs to be started again.

    But for workers whose Redis is full: Celery gives up when Redis refuses what it writes at every
    connection, and whoever keeps it up starts it again.
    """
    begin, sentence = FAULTS[fault]
    running = {name: process.pid for name, process in plant.processes.items()}
    log = plant.home / "logs" / f"{INTAKE}.log"
    plant.drop(FILES)
    with begin(plant):
        plant.drop(FILES)
        wait_for(lambda: sentence in log.read_text(), "intake to say why it waits")
        plant.pass_time(FULL_SECONDS)
        plant.drop(FILES)
        plant.pass_time(LOOK_SECONDS)
        assert len(plant.left()) >= FILES
    recovery = plant.wait_for_work()
    last = plant.wait_until_ended()
    account = plant.account()
    table.append((fault, "1", *map(str, account), f"{recovery:.1f}", f"{last:.1f}"))
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)
    assert (account.stored, account.rejected) == (len(plant.stories), plant.refused)
    unchanged = [INTAKE] if begin is redis_full else list(running)
    assert [plant.processes[name].pid for name in unchanged] == [running[n] for n in unchanged]
