"""How things stand, as an operator reads it."""

from __future__ import annotations

import io
import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from worker.core import characters
from worker.show.status import BAD, as_json, in_colour
from worker.status import Beat, Cause, OpenAlarm, Status, WorkerNow

AT: Final = datetime(2031, 5, 4, 12, 7, 31, tzinfo=UTC)
NONE: Final = dict.fromkeys(("pending", "stored", "duplicate", "rejected", "quarantined"), 0)
CALM: Final = Status(
    at=AT,
    in_all=NONE | {"stored": 1_200, "duplicate": 34},
    today=NONE | {"stored": 12},
    deliveries=1_234,
    articles=1_200,
    pending_since=None,
    per_minute=0,
    arriving=0,
    stories=20,
    nameless=0,
    causes=[],
    alarms=[],
    beats=[Beat("intake@here", AT - timedelta(seconds=3), late=False)],
    waiting=0,
    worked_on=0,
)
IDLE: Final = [WorkerNow("worker@here", [])]
BUSY: Final = replace(
    CALM,
    in_all={**CALM.in_all, "pending": 480},
    deliveries=1_714,
    pending_since=AT - timedelta(minutes=4, seconds=20),
    per_minute=240.0,
    arriving=11.4,
    waiting=1,
    worked_on=2,
)


def read(status: Status, workers: list[WorkerNow] = IDLE, *, width: int = 80) -> str:
    """What a person reads."""
    console = Console(file=io.StringIO(), width=width)
    console.print(in_colour(status, workers), crop=False)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def alarming(status: Status, workers: list[WorkerNow] = IDLE) -> str:
    """What of it is red."""
    console = Console(file=io.StringIO(), width=200, color_system="standard", force_terminal=True)
    red = console.get_style(BAD)
    segments = console.render(in_colour(status, workers))
    return "".join(segment.text for segment in segments if segment.style == red)


def failed(cause: str, deliveries: int = 1) -> Cause:
    """So many that failed at enrich an hour ago."""
    return Cause(cause, "enrich", deliveries, AT - timedelta(hours=1), AT, ["vna", None])


def quarantined(*causes: Cause) -> Status:
    """These are in quarantine."""
    number = sum(cause.deliveries for cause in causes)
    in_all = {**CALM.in_all, "quarantined": number}
    return replace(CALM, in_all=in_all, deliveries=1_234 + number, causes=causes)


def test_all_is_well() -> None:
    """Numbers stand under each other, they add up, and nothing is red."""
    lines = [line.split() for line in read(CALM).splitlines()]
    assert ["today", "12", "0", "0", "0", "0", "12"] in lines
    assert ["in", "all", "1,200", "34", "0", "0", "0", "1,234"] in lines
    assert "All 1,234 deliveries are accounted for." in read(CALM)
    assert "intake@here wrote its heartbeat 3 s ago" in read(CALM)
    assert "worker@here has nothing to do" in read(CALM)
    assert not alarming(CALM)


def test_numbers_end_in_the_same_column() -> None:
    """However many digits they have."""
    head, today, in_all = read(CALM).splitlines()[2:5]
    assert head.rstrip().endswith("all")
    assert len(head.rstrip()) == len(today.rstrip()) == len(in_all.rstrip())
    assert head.index("stored") + len("stored") == in_all.index("1,200") + len("1,200")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (replace(CALM, deliveries=1_235), "There are 1,235 deliveries, but 1,234 by disposition."),
        (replace(CALM, articles=1_199), "1,200 deliveries are stored, but there are 1,199 article"),
        (replace(CALM, waiting=None, worked_on=None), "Redis cannot be reached"),
        (replace(CALM, beats=[]), "none has run for a day"),
        (replace(CALM, beats=[Beat("intake@a", AT - timedelta(minutes=3), late=True)]), "3 min"),
        (replace(BUSY, per_minute=0), "not moving"),
        (replace(CALM, nameless=20), "20 of the last 20 name nobody and nothing"),
        (quarantined(failed("enrich: KeyError: …")), "Quarantine"),
    ],
)
def test_what_must_not_be_overlooked(status: Status, sentence: str) -> None:
    """It is said in red."""
    assert sentence in alarming(status)


def test_no_worker_answers() -> None:
    """That is told apart from a Redis through which none can be asked."""
    assert "none answers" in alarming(CALM, [])
    assert "none answers" not in read(replace(CALM, waiting=None, worked_on=None), [])


def test_one_intake_of_two_is_silent() -> None:
    """It may have been taken away; one that went long ago is not told of."""
    silent = Beat("intake@old", AT - timedelta(minutes=9), late=True)
    gone = Beat("intake@gone", AT - timedelta(days=2), late=True)
    status = replace(CALM, beats=[*CALM.beats, silent, gone])
    assert "intake@old has been silent for 9 min" in read(status)
    assert "intake@gone" not in read(status)
    assert not alarming(status)


def test_a_backlog_that_moves() -> None:
    """Its size, its age, its rate and the time that is left; who works, and on what."""
    text = read(BUSY, [WorkerNow("worker@here", ["enrich: deliveries 7, 8"])])
    since = f"{(AT - timedelta(minutes=4, seconds=20)).astimezone():%H:%M}"
    assert f"480 deliveries, the oldest waits since {since}, 4 min; 2 min to go" in text
    assert "240 end a minute, 11.4 arrive" in text
    assert "1 message waits, 2 are being worked on" in text
    assert "enrich: deliveries 7, 8" in text


def test_what_has_just_come_may_wait() -> None:
    """After a quiet night the first file is no cause for alarm."""
    status = replace(BUSY, per_minute=0, pending_since=AT - timedelta(seconds=2))
    assert "2 s; just come" in read(status)
    assert not alarming(status)


def test_alarms_come_first() -> None:
    """As the sentences that they are, in one line each where there is room."""
    alarms = [
        OpenAlarm(n, "quiet", "vna", 1, 0, 1, f"[red]Feed {n}[/] is\nquiet.", AT) for n in range(7)
    ]
    text = read(replace(CALM, alarms=alarms))
    assert "[red]Feed 4[/] is quiet." in text
    assert "Feed 5" not in text
    assert "and 2 more" in text
    assert text.index("7 alarms") < text.index("stored")


def test_causes_that_are_many() -> None:
    """The frequent ones are shown, and how many the others are."""
    text = read(quarantined(*(failed(f"enrich: {n}", 10 - n) for n in range(7))))
    assert "rotative retry --cause 'enrich: 4'" in text
    assert "enrich: 5" not in text
    assert "and 9 for other causes" in text
    assert "vna, no feed; since" in text


@given(st.text(min_size=1, max_size=300) | st.text("'\"`$\\!… \n\r\x1b", min_size=1, max_size=300))
def test_what_to_type_does_what_it_says(cause: str) -> None:
    """The whole command is on one line, and means this cause, or its step, to a shell."""
    console = Console(file=io.StringIO(), width=80)
    console.print(in_colour(quarantined(failed(cause)), IDLE), crop=False)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().split("\n")
    (command,) = [line for line in lines if line.strip().startswith("rotative retry --")]
    words = shlex.split(command)
    assert words in (
        ["rotative", "retry", "--cause", cause],
        ["rotative", "retry", "--step", "enrich"],
    )
    assert cause.isprintable() == (words[2] == "--cause")


@given(st.text() | st.text(st.characters(max_codepoint=0x9F)))
def test_nothing_steers_the_terminal(text: str) -> None:
    """Whatever names, causes, sentences and arguments hold."""
    status = replace(
        quarantined(replace(failed(text), feeds=[text])),
        alarms=[OpenAlarm(1, "quiet", text, 1, None, None, text, AT)],
        beats=[Beat(f"intake@{text}", AT, late=False)],
    )
    told = read(status, [WorkerNow(text, [text])])
    assert set(characters.DIRECTIONS).isdisjoint(told)
    assert all(
        character.isprintable() or character in "\n\t" or character > "\x9f" for character in told
    )


def test_everything_for_programs() -> None:
    """One JSON object: times in ISO 8601, the time left in seconds."""
    found = json.loads(json.dumps(as_json(BUSY, IDLE)))
    assert found["at"] == "2031-05-04T12:07:31+00:00"
    assert (found["adds_up"], found["left_seconds"]) == (True, 120)
    assert found["beats"][0]["beat_at"] == "2031-05-04T12:07:28+00:00"
    assert found["workers"] == [{"name": "worker@here", "tasks": []}]
    assert as_json(replace(BUSY, per_minute=0), [])["left_seconds"] is None
