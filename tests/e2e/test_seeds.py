"""Every sample article comes to what `seeds/README.md` says."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from models import Article, Delivery, Mention
from worker import db

if TYPE_CHECKING:
    from tests.e2e.conftest import Command

SEEDS = db.ROOT / "seeds"
EXPECTED: dict[str, dict[str, Any]] = json.loads((db.ROOT / "tests/seeds.json").read_text())
STORED = [file for file, said in EXPECTED.items() if said["disposition"] == "stored"]
REJECTED = [file for file, said in EXPECTED.items() if said["disposition"] == "rejected"]


def test_every_sample_has_an_expectation() -> None:
    """And every expectation its sample."""
    files = {str(p.relative_to(SEEDS)) for p in SEEDS.rglob("*") if p.is_file()}
    assert files - {"README.md"} == set(EXPECTED)
    readme = (SEEDS / "README.md").read_text()
    assert [file for file in EXPECTED if file not in readme] == []


def test_ingesting_twice(worker: None, corpus: None, rotative: Command) -> None:
    """The first time each story is stored once; the second time nothing is."""
    first = rotative("ingest", SEEDS)
    assert first.returncode == 0, first.stderr
    with db.transaction() as connection:
        rows = connection.execute(
            select(Delivery.feed, Delivery.file, Delivery.disposition, Delivery.reason)
        )
        found = {f"{row[0]}/{row[1]}": (row[2], row[3]) for row in rows}
    assert set(EXPECTED) == set(found)
    assert {file: "stored" for file in STORED if not EXPECTED[file]["twin"]} == {
        file: found[file][0] for file in STORED if not EXPECTED[file]["twin"]
    }
    assert {file: ("rejected", EXPECTED[file]["reason"]) for file in REJECTED} == {
        file: (found[file][0], str(found[file][1]).split(":")[0]) for file in REJECTED
    }
    for file, said in EXPECTED.items():
        if said["twin"]:
            assert {"stored", "duplicate"} == {found[file][0], found[said["twin"]][0]}

    articles = count_articles()
    second = rotative("ingest", SEEDS)
    assert second.returncode == 0, second.stderr
    assert articles == count_articles()
    with db.transaction() as connection:
        counts = Counter(connection.scalars(select(Delivery.disposition)))
    distinct = articles
    texts = len(EXPECTED) - len(REJECTED)
    assert {
        "stored": distinct,
        "duplicate": texts - distinct + texts,
        "rejected": 2 * len(REJECTED),
    } == counts


def count_articles() -> int:
    with db.transaction() as connection:
        return connection.scalar(select(func.count(Article.id))) or 0


def test_names_are_found_and_stand_where_they_are_said_to(
    worker: None, corpus: None, rotative: Command
) -> None:
    """Every mention slices its surface out of its field."""
    rotative("ingest", SEEDS / "agences")
    with db.transaction() as connection:
        rows = connection.execute(
            select(Article.title, Article.lead, Article.body, Mention).join_from(Mention, Article)
        ).all()
    assert len(rows) > 20
    for row in rows:
        field = {"title": row.title, "lead": row.lead, "body": row.body}[row.field]
        assert row.surface == field[row.start_offset : row.end_offset]
    assert "Kenya" in {row.surface for row in rows}


def test_export_is_what_process_says(worker: None, corpus: None, rotative: Command) -> None:
    """One object, whether a file goes through core alone or through the whole stack."""
    file = SEEDS / "agences/kenya-islande-geothermie.txt"
    rotative("ingest", file)
    exported = json.loads(rotative("export", "--format", "jsonl").stdout)
    processed = json.loads(rotative("process", file).stdout)
    assert {"id", "first_seen"} == set(exported) - set(processed)
    assert processed == {name: exported[name] for name in processed}


@pytest.fixture(scope="module")
def processed() -> dict[str, dict[str, Any]]:
    """What core makes of each sample, without a recogniser."""
    from worker.core.article import RawArticle  # noqa: PLC0415 - only here
    from worker.core.enrich.recognise import load_recogniser  # noqa: PLC0415
    from worker.core.process import process  # noqa: PLC0415

    recognisers = load_recogniser("null")
    return {
        file: process(RawArticle(file, None, (SEEDS / file).read_bytes()), recognisers, 100_000)
        for file in EXPECTED
    }


@pytest.mark.parametrize("file", STORED)
@pytest.mark.parametrize("part", ["title", "published", "signature", "language"])
def test_parts(processed: dict[str, dict[str, Any]], file: str, part: str) -> None:
    """Title, date, signature and language are what a careful editor says."""
    assert EXPECTED[file][part] == processed[file][part]


@pytest.mark.parametrize("file", STORED)
def test_dateline(processed: dict[str, dict[str, Any]], file: str) -> None:
    """Place and agency too; how the place is capitalised is the agency's taste."""
    assert _folded(EXPECTED[file]["dateline"]) == _folded(processed[file]["dateline"])


def _folded(dateline: dict[str, str | None] | None) -> dict[str, str | None] | None:
    return dateline and {name: value and value.casefold() for name, value in dateline.items()}
