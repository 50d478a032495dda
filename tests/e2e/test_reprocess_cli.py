"""`rotative reprocess --cleaner-before`: what it says of the articles that it makes again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from models import Article, Delivery, RawContent
from tests.factories import enriched, store
from worker import cli, db
from worker.errors import UserError

pytestmark = pytest.mark.usefixtures("corpus")


def run(*arguments: str) -> str:
    """Run the command in this process, and return what it prints."""
    result = CliRunner().invoke(cli.app, ["reprocess", *arguments])
    if result.exception:
        raise result.exception
    return result.stdout


@pytest.fixture
def articles() -> list[int]:
    """Articles that an older cleaner made; the file of the last would be rejected today."""
    with db.transaction() as connection:
        ids = store(connection, *[enriched("Ancien [red]corps\x1b.", {})] * 5)
        connection.execute(update(Article).values(cleaner="0"))
        raw = (
            select(Delivery.raw_sha256)
            .join(Article, Article.delivery_id == Delivery.id)
            .where(Article.id == ids[-1])
        )
        connection.execute(
            update(RawContent)
            .where(RawContent.sha256 == raw.scalar_subquery())
            .values(data=b"Voir plus\n\nUn autre titre\n")
        )
    return ids


def test_what_changes_is_told(articles: list[int]) -> None:
    """Examples of each kind, or all; first without writing, then for good."""
    dry = run("--cleaner-before", "1", "--dry-run")
    assert f"article {articles[0]}: title “Un titre” → “Le port de Lomé reçoit" in dry
    assert f"article {articles[0]}: body “Ancien [red]corps␛.” → “" in dry
    assert dry.count(": title “") == 3
    assert f"article {articles[4]}: would be rejected today, no-body: " in dry
    told = "made again, 4 otherwise than before: 4 title, 0 date, 0 lead, 4 body; names 0 gained"
    assert f"4 articles would be {told}" in dry
    done = run("--cleaner-before", "1", "--verbose")
    assert done.count(": title “") == 4
    assert f"4 articles {told}" in done
    assert "1 would be rejected today (1 no-body), and stay as they are." in done
    assert "0 articles made again" in run("--cleaner-before", "1")


def test_what_is_no_version() -> None:
    """Is said before anything is read."""
    with pytest.raises(UserError, match="'old' is no version"):
        run("--cleaner-before", "old")
