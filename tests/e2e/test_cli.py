"""The command line: useful help, sentences instead of tracebacks, objects for programs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.factories import story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Command

COMMANDS = (
    *("up", "ingest", "watch", "worker", "flower"),
    *("migrate", "process", "export", "reprocess", "entities", "status", "health"),
    *("explain", "retry"),
)


def test_help_lists_every_command(rotative: Command) -> None:
    """With a line each."""
    text = rotative("--help").stdout
    assert [name for name in COMMANDS if f" {name} " not in text] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(rotative: Command, command: str) -> None:
    """Help needs no services and says more than the usage."""
    run = rotative(command, "--help", DATABASE_URL="", REDIS_URL="")
    assert run.returncode == 0
    assert len(run.stdout.splitlines()) > 5


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["ingest", "no-such-folder"], {}, "no-such-folder does not exist."),
        (["process", "no-such-file"], {}, "no-such-file does not exist."),
        (["status"], {"ROTATIVE_BATCH": "many"}, "batch is 'many'"),
        (
            ["status"],
            {"DATABASE_URL": "mysql://h/d"},
            "DATABASE_URL must name a Postgres, not mysql.",
        ),
        (["status"], {"DATABASE_URL": "postgresql://127.0.0.1:1/d"}, "Postgres cannot be reached"),
        (
            ["ingest", "seeds"],
            {"REDIS_URL": "redis://127.0.0.1:1/0"},
            "Redis cannot be reached",
        ),
        (
            ["flower"],
            {"ROTATIVE_FLOWER_ADDRESS": "0.0.0.0", "FLOWER_BASIC_AUTH": ""},  # noqa: S104 - refused
            "Flower would listen on 0.0.0.0 without a password",
        ),
    ],
)
def test_errors_are_sentences(
    rotative: Command, arguments: list[str], environment: dict[str, str], sentence: str
) -> None:
    """They say what is wrong, and show no traceback."""
    run = rotative(*arguments, **environment)
    assert run.returncode == 2
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr


def test_process_prints_an_object_for_each_file(rotative: Command, tmp_path: Path) -> None:
    """With the fields that the design promises, and the reason where there is no article."""
    (tmp_path / "a.txt").write_text(story("Un titre"))
    (tmp_path / "b.txt").write_bytes(b"")
    run = rotative(
        "process", tmp_path / "a.txt", tmp_path / "b.txt", "--raw", ROTATIVE_RECOGNISER="null"
    )
    stored, rejected = map(json.loads, run.stdout.splitlines())
    assert (
        stored["file"],
        stored["disposition"],
        stored["title"],
    ) == ("a.txt", "stored", "Un titre")
    assert (rejected["disposition"], rejected["reason"].split(":")[0]) == ("rejected", "empty")
    assert {
        *("file", "feed", "disposition", "reason", "content_hash", "title", "lead", "body"),
        *("published", "dateline", "byline", "signature", "credits", "language", "related"),
        *("removed", "repairs", "mentions"),
    } <= set(stored)
    assert set(stored) - {"raw"} == set(rejected)
    for span in stored["removed"]:
        assert stored["raw"][span["start"] : span["end"]]


def test_process_shows_a_file_before_and_after(rotative: Command, tmp_path: Path) -> None:
    """Side by side, without services; a file that holds no story gives a sentence."""
    (tmp_path / "a.txt").write_text(f"{story('Un [red]titre')}\nVoir plus\n\nUn autre titre\n")
    (tmp_path / "b.txt").write_bytes(b"")
    run = rotative(
        *("process", "--diff", tmp_path / "a.txt", tmp_path / "b.txt"),
        DATABASE_URL="",
        REDIS_URL="",
    )
    assert run.returncode == 0, run.stderr
    assert "a.txt (text, utf-8)" in run.stdout
    assert "As delivered" in run.stdout
    lines = [line.split() for line in run.stdout.splitlines()]
    assert ["title", "Un", "[red]titre", "Un", "[red]titre"] in lines
    assert ["teaser", "Voir", "plus"] in lines
    assert "Characters removed" in run.stdout
    assert "b.txt: rejected, empty" in run.stdout


def test_process_reads_a_page(rotative: Command, tmp_path: Path) -> None:
    """Its title and its day are those that its markup states."""
    paragraphs = "".join(f"<p>{line}</p>" for line in story("Un titre").split("\n\n")[1:])
    (tmp_path / "a.html").write_text(
        '<!DOCTYPE html><html lang="fr"><head>'
        '<meta property="article:published_time" content="2031-05-04T08:00Z"></head>'
        f"<body><h1>Un titre</h1>{paragraphs}</body></html>"
    )
    run = rotative("process", tmp_path / "a.html", ROTATIVE_RECOGNISER="null")
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert (found["disposition"], found["format"]) == ("stored", "html")
    assert (found["title"], found["published"]) == ("Un titre", "2031-05-04")
    assert "<p>" not in found["body"]


def test_ingest_does_not_take_what_is_being_written(
    corpus: None, rotative: Command, tmp_path: Path
) -> None:
    """It says so, takes the others, and its exit status tells that something was left."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files/done.txt").write_text(story())
    (tmp_path / "files/[").mkdir()
    (tmp_path / "files" / os.fsdecode(b"[/x]\xe9.txt")).symlink_to("/etc/passwd")
    with (tmp_path / "files/open.txt").open("w") as file:
        file.write(story())
        file.flush()
        run = rotative("ingest", tmp_path / "files", ROTATIVE_RECOGNISER="null")
    assert run.returncode == 1, run.stderr
    assert "open.txt is being written" in run.stdout
    assert "[/x]\\xe9.txt is a symbolic link" in run.stdout  # shown as it is, not as markup
    assert "1 delivery: 1 stored." in run.stdout
    assert (tmp_path / "files/done.txt").exists()
