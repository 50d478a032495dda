"""Looking at entities and deciding about them, as people and programs do."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests.factories import enriched, store
from worker import cli, db
from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Command

    Run = Callable[..., str]

BODY = "Nguyễn Văn A a marqué pour le Club de Huế. Nguyen Van A est né à Vinh."
NAMES = {
    "Nguyễn Văn A": "per:nguyen-van-a",
    "Nguyen Van A": "per:nguyen-van-a",
    "Club de Huế": "org:club-de-hue",
    "Vinh": "loc:vinh",
}


@pytest.fixture
def articles(corpus: None) -> list[int]:
    with db.transaction() as connection:
        return store(
            connection, enriched(BODY, NAMES), enriched("Vinh [red].", {"Vinh": "loc:vinh"})
        )


@pytest.fixture
def run() -> Run:
    """Run a command in this process, which spares it a second, and return what it prints."""

    def invoke(*arguments: object) -> str:
        result = CliRunner().invoke(cli.app, list(map(str, arguments)))
        if result.exception:
            raise result.exception
        return result.stdout

    return invoke


@pytest.fixture
def entities(run: Run) -> Run:
    """The same for those below ``entities``."""
    return partial(run, "entities")


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_who_is_there(articles: list[int], entities: Run) -> None:
    """The most named first, for people and for programs, and less as is asked for."""
    everybody = entities("list")
    assert [line.split()[1] for line in everybody.splitlines() if ":" in line] == [
        "Vinh",
        "Nguyễn",
        "Club",
    ]
    assert objects(entities("list", "--like", "NGUYEN", "--json")) == [
        {
            "name": "Nguyễn Văn A",
            "key": "per:nguyen-van-a",
            "label": "PER",
            "mentions": 2,
            "articles": 1,
            "spellings": 2,
        }
    ]
    places = objects(entities("list", "--label", "loc", "--json"))
    assert [place["key"] for place in places] == ["loc:vinh"]
    assert len(objects(entities("list", "--limit", "1", "--json"))) == 1
    assert "There are no such entities." in entities("list", "--like", "%")


def test_deciding_and_undoing(articles: list[int], entities: Run) -> None:
    """What is decided shows at once, with who decided and why; undone, it is as before."""
    said = entities("merge", "Vinh", "Club de Huế", "--by", "Ana", "--note", "[b]sic")
    assert "loc:vinh is org:club-de-hue; 2 mentions in 2 articles changed." in said
    split = entities(
        *("split", "Nguyễn Văn A", "--name", "Nguyễn Văn A (joueur)"),
        *("--article", articles[0], "--surface", "NGUYEN VAN A", "--with", "Club de Huế"),
    )
    assert "2 mentions in 1 article changed" in split
    entities("rename", "org:club-de-hue", "Huế FC")

    shown = entities("show", "loc:vinh")
    assert "loc:vinh was merged into org:club-de-hue." in shown
    assert "Huế FC (ORG, org:club-de-hue)" in shown
    for words in ("Vinh", "Un titre", "Ana", "[b]sic", "is called Huế FC"):
        assert words in shown
    (club,) = objects(entities("show", "Huế FC", "--json"))
    assert club["merged"] == ["loc:vinh"]
    assert [each["surface"] for each in club["spellings"]] == ["Vinh", "Club de Huế"]
    assert [each["id"] for each in club["articles"]] == articles[::-1]

    decided = objects(entities("history", "--json"))
    assert [each["kind"] for each in decided] == ["merge", "split", "rename"]
    assert decided[0]["made_by"] == "Ana"
    about = objects(entities("history", "loc:vinh", "--json"))
    assert [each["kind"] for each in about] == ["merge"]
    for each in decided:
        assert "Undone: " in entities("undo", each["id"])
    assert {each["key"]: each["name"] for each in objects(entities("list", "--json"))} == {
        "loc:vinh": "Vinh",
        "per:nguyen-van-a": "Nguyễn Văn A",
        "org:club-de-hue": "Club de Huế",
    }
    assert "undone" in entities("history")


def test_decisions_travel_as_lines(articles: list[int], entities: Run, tmp_path: Path) -> None:
    """What was exported can be replayed, once or twice."""
    entities("ignore", "loc:vinh")
    exported = entities("export")
    (line,) = objects(exported)
    assert (line["kind"], line["key"]) == ("ignore", "loc:vinh")
    (tmp_path / "judgements.jsonl").write_text(exported)
    again = entities("replay", tmp_path / "judgements.jsonl")
    assert "0 of 1 judgements were new; 0 mentions in 0 articles changed." in again
    line |= {"uuid": "6e1a5b5e-24c3-4b9e-8a54-0d6d3f3c9b11", "key": "org:club-de-hue"}
    (tmp_path / "more.jsonl").write_text(exported + json.dumps(line))
    more = entities("replay", tmp_path / "more.jsonl")
    assert "1 of 2 judgements were new; 1 mention in 1 article changed." in more
    found = objects(entities("list", "--json"))
    assert [each["key"] for each in found] == ["per:nguyen-van-a"]


def test_a_circle_that_comes_of_a_replay_is_told(
    articles: list[int], entities: Run, tmp_path: Path
) -> None:
    """The judgement is kept, and is not in force."""
    entities("merge", "Vinh", "org:club-de-hue")
    (line,) = objects(entities("export"))
    line |= {
        "uuid": "6e1a5b5e-24c3-4b9e-8a54-0d6d3f3c9b11",
        "made_at": "2999-01-01T00:00:00Z",
        "key": "org:club-de-hue",
        "target": "loc:vinh",
    }
    (tmp_path / "other.jsonl").write_text(json.dumps(line))
    told = entities("replay", tmp_path / "other.jsonl")
    assert "Not in force, since it would lead back to itself: org:club-de-hue is loc:vinh." in told
    assert "leads back to itself" in entities("history")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "loc:vihn"], "No entity is called loc:vihn. Did you mean loc:vinh?"),
        (["show", "Nguyen Van"], "Did you mean per:nguyen-van-a?"),
        (["show", "Xyz"], "No entity is called Xyz."),
        (["merge", "Vinh", "loc:nghe-an"], "No entity is called loc:nghe-an."),
        (["merge", "Vinh", "Nghê An", "--unseen"], "'Nghê An' is no key: keys look like per:le"),
        (["merge", "Vinh", "loc:vinh"], "loc:vinh stands on both sides."),
        (["split", "Vinh", "--name", "Vinh (ville)"], "by --surface, --article or --with."),
        (["split", "Vinh", "--name", "VINH", "--article", "1"], "both would have the key loc:vinh"),
        (["split", "Vinh", "--name", "V", "--article", "0"], "There is no article 0."),
        (["undo", "0"], "There is no judgement 0"),
        (["rename", "Vinh", "…"], "'…' has neither a letter nor a digit."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    articles: list[int], entities: Run, arguments: list[str], sentence: str
) -> None:
    """With what was perhaps meant."""
    with pytest.raises(UserError, match=re.escape(sentence)):
        entities(*arguments)


@pytest.mark.parametrize("line", [b"{}", b'"merge"', b'{"uuid": "\xff"}', b'{"kind": "guess"}'])
def test_a_line_that_is_no_judgement(
    corpus: None, entities: Run, tmp_path: Path, line: bytes
) -> None:
    """Is named by its number."""
    (tmp_path / "wrong.jsonl").write_bytes(b"\n" + line)
    with pytest.raises(UserError, match=r"^Line 2 of .*wrong\.jsonl is no judgement: "):
        entities("replay", tmp_path / "wrong.jsonl")


def test_what_was_merged_is_not_renamed(articles: list[int], entities: Run) -> None:
    """Nobody would see its name."""
    entities("merge", "loc:vinh", "org:club-de-hue")
    with pytest.raises(UserError, match="loc:vinh was merged into org:club-de-hue: rename that"):
        entities("rename", "loc:vinh", "Vinh-Ville")


def test_two_of_one_name(corpus: None, entities: Run) -> None:
    """Must be told apart by their keys, unless one is named no longer."""
    with db.transaction() as connection:
        store(
            connection,
            enriched("Washington.", {"Washington": "per:washington"}),
            enriched("Washington.", {"Washington": "loc:washington"}),
        )
    with pytest.raises(UserError, match="any of loc:washington, per:washington: name one"):
        entities("show", "Washington")
    entities("ignore", "per:washington")
    assert "loc:washington" in entities("show", "Washington")


def test_the_command_itself(articles: list[int], rotative: Command) -> None:
    """Says a sentence instead of a traceback, and reads what another has written."""
    wrong = rotative("entities", "show", "loc:vihn")
    assert wrong.returncode == 2
    assert "rotative: No entity is called loc:vihn. Did you mean loc:vinh?" in wrong.stderr
    assert rotative("entities", "list", "--json").stdout.count("\n") == 3


def test_reprocess_tells_what_changes(articles: list[int], run: Run) -> None:
    """First without writing, then for good; a second time there is nothing to do."""
    dry = run("reprocess", "--dry-run", "--verbose")
    assert f"article {articles[1]}: − Vinh (loc:vinh)" in dry
    told = "enriched again, 2 with other names than before: 0 gained, 5 lost, 0 relinked."
    assert f"2 articles would be {told}" in dry
    assert f"2 articles {told}" in run("reprocess")
    assert "There are no such entities." in run("entities", "list")
    assert "0 articles enriched again" in run("reprocess")
    with pytest.raises(UserError, match="'yesterday' is no version"):
        run("reprocess", "--all", "--model-before", "yesterday")
