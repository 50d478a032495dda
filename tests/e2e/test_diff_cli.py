"""What changed between two articles, as a person asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tests.factories import enriched, store
from worker import cli, db
from worker.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Command

FIRST = "Le bac de Farafenni a coûté 310 millions, a dit Modou Sarr."
SECOND = "Le bac de Farafenni a coûté 130 millions, a dit Awa Dia."


def diff(*arguments: object) -> str:
    """Run the command in this process, which spares it a second, and return what it prints."""
    result = CliRunner().invoke(cli.app, ["diff", *map(str, arguments)])
    if result.exception:
        raise result.exception
    return result.stdout


def test_stored_articles(corpus: None) -> None:
    """By their numbers: words, figures, and entities by their names."""
    with db.transaction() as connection:
        articles = store(
            connection,
            enriched(FIRST, {"Modou Sarr": "per:modou-sarr", "Farafenni": "loc:farafenni"}),
            enriched(SECOND, {"Awa Dia": "per:awa-dia", "Farafenni": "loc:farafenni"}),
        )
    text = diff(*articles)
    assert "coûté [-310-] {+130+} millions" in text
    assert "Figures:  − 310, + 130" in text
    assert "Entities: − Modou Sarr, + Awa Dia" in text
    assert "They tell the same" in diff(articles[0], articles[0])
    with pytest.raises(UserError, match="There is no article 999999999999999999999"):
        diff(articles[0], 10**21 - 1)


def test_files(tmp_path: Path, rotative: Command) -> None:
    """As they would be stored, without any service; a pipe gets no colours."""
    foot = "\n\nIl reprend ses rotations mardi, et les chauffeurs attendent le second.\n"
    for name, text in (("a.txt", FIRST), ("b.txt", f"RECTIFICATIF\n\nLe bac rouvre\n\n{SECOND}")):
        (tmp_path / name).write_text(f"{text}{foot}")
    unreachable = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    run = rotative("diff", tmp_path / "a.txt", tmp_path / "b.txt", **unreachable)
    assert run.returncode == 0, run.stderr
    assert "{+Le bac rouvre+}" in run.stdout
    assert "[-310-] {+130+}" in run.stdout
    assert "RECTIFICATIF" not in run.stdout
    assert "\x1b" not in run.stdout


def test_what_is_no_article(tmp_path: Path) -> None:
    """A sentence says what it is, and which."""
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "a.txt").write_text(FIRST)
    with pytest.raises(UserError, match=r"empty\.txt is no article"):
        diff(tmp_path / "a.txt", tmp_path / "empty.txt")
    with pytest.raises(UserError, match="is a folder: name two files"):
        diff(tmp_path / "a.txt", tmp_path)
    with pytest.raises(UserError, match="17 does not exist"):
        diff(tmp_path / "a.txt", 17)
