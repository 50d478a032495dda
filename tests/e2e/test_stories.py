"""A walk through samples: original, republished, shortened, corrected, withdrawn."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select

from models import STORIES, Article, Band, Delivery, Edition, Twin
from tests.e2e.flower import flower
from worker import db

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.e2e.conftest import Command

SEEDS = db.ROOT / "seeds"
ORIGINAL = "aps/2026-09-21_puits-solaires-ferlo.txt"
REPUBLISHED = "sites/eau-sahel_4417.txt"
SHORTENED = "agences/depeche-0158.txt"
CORRECTED = "aps/2026-09-22_rectificatif-puits-solaires.txt"
TAKEN_BACK = "aps/2026-09-24_gare-de-thies.txt"
NOTE = "aps/2026-09-25_annulation-gare-de-thies.txt"


def ingest(rotative: Command, *files: str) -> None:
    """One run for each file, in this order."""
    for file in files:
        run = rotative("ingest", SEEDS / file, "--feed", file.partition("/")[0])
        assert run.returncode == 0, run.stdout + run.stderr


def places() -> dict[str, tuple[str, int | None, bool]]:
    """Role, version and whether it is current, of each article by its file."""
    statement = (
        select(Delivery.feed, Delivery.file, Edition.role, Edition.version, Edition.current)
        .join_from(Edition, Article, Article.id == Edition.article_id)
        .join(Delivery)
    )
    with db.transaction() as connection:
        return {
            f"{row[0]}/{row[1]}": (row[2], row[3], row[4]) for row in connection.execute(statement)
        }


def stories() -> list[dict[str, Any]]:
    """The view, as an analyst reads it, in the order of what was first seen."""
    with db.transaction() as connection:
        rows = connection.execute(select(STORIES).order_by(STORIES.c.story_id)).mappings()
        return [dict(row) for row in rows]


def exported(rotative: Command, *options: str) -> list[dict[str, Any]]:
    run = rotative("export", *options)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def delivery(file: str) -> int:
    feed, _, name = file.partition("/")
    statement = select(Delivery.id).where(Delivery.feed == feed, Delivery.file == name)
    with db.transaction() as connection:
        return connection.scalars(statement).one()


def explained(rotative: Command, file: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(rotative("explain", "--json", delivery(file)).stdout)
    return told


def said(told: Mapping[str, Any]) -> str:
    return "\n".join(told["sentences"])


def test_a_story_told_again(corpus: None, worker: None, rotative: Command) -> None:
    """Republished, shortened, corrected: stored once for each wording, and one is current."""
    ingest(rotative, ORIGINAL)
    assert places() == {ORIGINAL: ("original", 1, True)}
    (before,) = exported(rotative, "--current")

    ingest(rotative, REPUBLISHED)
    told = explained(rotative, REPUBLISHED)
    assert told["delivery"]["disposition"] == "duplicate"
    assert told["delivery"]["level"] == "body"
    assert told["delivery"]["duplicate_of"] == delivery(ORIGINAL)
    assert "its lead and body, once cleaned, are those of delivery" in said(told)
    assert exported(rotative, "--current") == [before]

    ingest(rotative, SHORTENED)
    assert places() == {ORIGINAL: ("original", 1, True), SHORTENED: ("copy", None, False)}
    assert exported(rotative, "--current") == [before]
    assert len(exported(rotative)) == 2

    ingest(rotative, CORRECTED)
    assert places() == {
        ORIGINAL: ("original", 1, False),
        SHORTENED: ("copy", None, False),
        CORRECTED: ("version", 2, True),
    }
    (after,) = exported(rotative, "--current")
    assert (before["story"], after["story"]) == (before["id"], before["id"])
    assert (before["version"], after["version"]) == (1, 2)
    assert "84.000 personnes" in before["body"]
    assert "48.000 personnes" in after["body"]
    assert len(exported(rotative)) == 3
    (story,) = stories()
    assert (story["current_id"], story["articles"], story["versions"], story["copies"]) == (
        after["id"],
        *(3, 2, 1),
    )
    corrected = explained(rotative, CORRECTED)
    assert any(
        "is version 2 of story" in each and "a correction" in each
        for each in corrected["sentences"]
    )
    ties = {each["article"]: each for each in corrected["delivery"]["in_story"]["ties"]}
    assert ties[before["id"]]["tie"] == "body"
    assert 0.9 < ties[before["id"]]["jaccard"] < 1


def test_a_story_that_is_withdrawn(corpus: None, worker: None, rotative: Command) -> None:
    """Nothing is deleted, and nothing stands for it any more."""
    ingest(rotative, TAKEN_BACK)
    (before,) = exported(rotative, "--current")
    ingest(rotative, NOTE)
    assert places() == {TAKEN_BACK: ("original", 1, False), NOTE: ("withdrawal", None, False)}
    assert exported(rotative, "--current") == []
    assert before["id"] in {row["id"] for row in exported(rotative)}
    (story,) = stories()
    assert (story["story_id"], story["current_id"], story["articles"]) == (before["id"], None, 2)
    assert story["withdrawn_by"] is not None
    sentences = explained(rotative, TAKEN_BACK)["sentences"]
    assert any(
        "withdrawn by article" in each and "none of them is current" in each for each in sentences
    )


@pytest.mark.parametrize(
    "order",
    [
        (NOTE, CORRECTED, SHORTENED, TAKEN_BACK, ORIGINAL),
        (SHORTENED, REPUBLISHED, CORRECTED, ORIGINAL, NOTE, TAKEN_BACK),
    ],
)
def test_in_whatever_order_they_come(
    corpus: None, worker: None, rotative: Command, order: Sequence[str]
) -> None:
    """What is current is what the agency said last, not what came last."""
    ingest(rotative, *order)
    first = REPUBLISHED if REPUBLISHED in order else ORIGINAL
    assert places() == {
        first: ("original", 1, False),
        CORRECTED: ("version", 2, True),
        SHORTENED: ("copy", None, False),
        TAKEN_BACK: ("original", 1, False),
        NOTE: ("withdrawal", None, False),
    }


def test_all_samples_at_once(corpus: None, worker: None, rotative: Command) -> None:
    """As `make run` takes them: 19 articles tell 16 stories, of which one was withdrawn."""
    run = rotative("ingest", SEEDS)
    assert run.returncode == 0, run.stderr
    assert "version 2, current" in run.stdout
    assert "version 1, withdrawn" in run.stdout
    assert "same body as article" in run.stdout
    assert (len(exported(rotative)), len(stories())) == (19, 16)
    current = {f"{row['feed']}/{row['file']}" for row in exported(rotative, "--current")}
    assert len(current) == 15
    assert CORRECTED in current
    assert current.isdisjoint({ORIGINAL, REPUBLISHED, SHORTENED, TAKEN_BACK, NOTE})
    with db.transaction() as connection:
        levels: Mapping[str | None, int] = dict(
            connection.execute(
                select(Delivery.level, func.count())
                .where(Delivery.disposition == "duplicate")
                .group_by(Delivery.level)
            ).all()
        )
    assert levels == {"bytes": 1, "text": 1, "body": 1}


def test_the_page_shows_versions_and_what_changed(
    corpus: None, worker: None, rotative: Command
) -> None:
    """With the words, the figures and the names; between any two of a story."""
    ingest(rotative, ORIGINAL, SHORTENED, CORRECTED, TAKEN_BACK, NOTE)
    ids = {row["file"]: row["id"] for row in exported(rotative)}
    original, corrected = (ids[file.partition("/")[2]] for file in (ORIGINAL, CORRECTED))
    with flower() as (browser, _):

        def page(file: str, query: str = "") -> str:
            answer = browser.get(f"/articles/{delivery(file)}{query}")
            assert answer.status == 200
            return unescape(answer.text)

        told = page(CORRECTED)
        assert f"From version 1 (article {original}) to version 2 (article {corrected})" in told
        for shown in (
            f"Story {original}, told by 3 articles",
            "says it is a correction",
            "<del>84.000</del>",
            "<ins>48.000</ins>",
            "<del>Allemagne</del>",
            "<ins>Norvège</ins>",
            f'<a href="/articles/{delivery(ORIGINAL)}">Ferlo : quarante puits',
        ):
            assert shown in told
        assert "<del>84.000</del>" in page(ORIGINAL, f"?against={corrected}")
        assert "From version" not in page(ORIGINAL)
        assert ">withdrawn</span>" in page(TAKEN_BACK)
        other = ids[TAKEN_BACK.partition("/")[2]]
        strange = browser.get(f"/articles/{delivery(ORIGINAL)}?against={other}")
        assert (strange.status, "does not tell this story" in strange.text) == (404, True)


def test_articles_stored_without_stories_find_theirs(
    corpus: None, worker: None, rotative: Command
) -> None:
    """As after an upgrade from a release that had none; what has its place is left alone."""
    ingest(rotative, ORIGINAL, SHORTENED, CORRECTED, TAKEN_BACK, NOTE)
    before = places(), stories()
    with db.transaction() as connection:
        for table in Twin, Band, Edition:
            connection.execute(delete(table))
    assert places() == {}
    for found in 5, 0:
        run = rotative("restory")
        assert run.returncode == 0, run.stderr
        assert f"{found} articles compared with all others." in run.stdout
        assert (places(), stories()) == before
