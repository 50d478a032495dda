"""`rotative retry`: by number, by what went wrong, asked about on a terminal, and done once."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from models import Article, Delivery, Retry
from tests.e2e.conftest import ENVIRONMENT
from tests.factories import MAX_BYTES, deliver
from tests.waiting import PATIENCE_SECONDS, wait_for
from worker import db, ledger

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tests.e2e.conftest import Command

pytestmark = pytest.mark.usefixtures("corpus")


def quarantined(count: int, *, reason: str = "KeyError: [red]'x'") -> Sequence[int]:
    with db.transaction() as connection:
        ids = deliver(connection, *[None] * count)
        ledger.dispose(connection, "quarantined", "enrich", dict.fromkeys(ids, reason))
    return ids


def dispositions(ids: Collection[int]) -> list[str]:
    with db.transaction() as connection:
        statement = select(Delivery.disposition).where(Delivery.id.in_(ids)).order_by(Delivery.id)
        return list(connection.scalars(statement))


def test_deliveries_by_their_numbers(worker: None, rotative: Command) -> None:
    """Those that can, run again; of the others it is said why not, and the exit status is 1."""
    ids = quarantined(2)
    with db.transaction() as connection:
        (large,) = deliver(connection, "x" * (MAX_BYTES + 1))
    run = rotative("retry", *ids, large, large + 1, "--by", "ana")
    assert run.returncode == 1, run.stderr
    assert "2 run again. Watch them with `rotative status --watch`." in run.stdout
    assert f"{large} is left alone: it was too large, and its bytes were not kept." in run.stdout
    assert f"{large + 1} is left alone: it is unknown." in run.stdout
    wait_for(lambda: dispositions(ids) == ["stored"] * 2, "both articles")
    again = rotative("retry", ids[0])
    assert again.returncode == 1
    assert f"0 run again.\n{ids[0]} is left alone: it is stored already." in again.stdout
    with db.transaction() as connection:
        assert connection.scalar(select(func.count(Article.id))) == 2
        assert connection.scalars(select(Retry.made_by)).all() == ["ana"] * 2


def test_all_of_a_kind(worker: None, rotative: Command) -> None:
    """The number first, then the deed; what is beyond the limit is left, and said so."""
    ids = quarantined(3)
    (other,) = quarantined(1, reason="OSError: disk full")
    dry = rotative("retry", "--error", "keyerror", "--dry-run", "--limit", 2)
    assert dry.stdout == "2 would run again, and 1 are beyond --limit.\n", dry.stderr
    run = rotative("retry", "--error", "keyerror", "--since", "1h", "--limit", 2)
    assert run.returncode == 0, run.stderr
    assert "2 run again." in run.stdout
    assert "1 are left: beyond --limit" in run.stdout
    wait_for(lambda: dispositions(ids) == ["stored", "stored", "quarantined"], "two articles")
    nothing = rotative("retry", "--all", "--step", "dedupe")
    assert nothing.stdout == "Nothing like that is in quarantine.\n"
    assert "2 run again." in rotative("retry", "--all").stdout
    wait_for(lambda: dispositions([*ids, other]) == ["stored"] * 4, "all articles")


@pytest.mark.parametrize(("answer", "code"), [("n", 1), ("y", 0)])
def test_a_person_is_asked(answer: str, code: int) -> None:
    """On a terminal, what is many is shown as a number before it is done."""
    ids = quarantined(2)
    terminal, its_end = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "worker.cli", "retry", "--all"],
        env={**os.environ, **ENVIRONMENT},
        stdin=its_end,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(terminal, f"{answer}\n".encode())
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    os.close(terminal)
    os.close(its_end)
    assert "Run 2 again? [y/N]: " in output
    assert process.returncode == code
    with db.transaction() as connection:
        runs = connection.scalar(select(func.count(Retry.id)))
    assert runs == (0 if code else len(ids))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say which deliveries are meant: by their numbers, by --step"),
        (["17", "--all"], "not both"),
        (["17", "x"], "'x' is no id"),
        (["--since", "yesterday"], "'yesterday' is no time"),
    ],
)
def test_what_is_not_understood(rotative: Command, arguments: list[str], sentence: str) -> None:
    """Is said before anything is started."""
    run = rotative("retry", *arguments, DATABASE_URL="", REDIS_URL="")
    assert run.returncode == 2
    assert sentence in run.stderr
