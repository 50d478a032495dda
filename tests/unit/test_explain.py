"""A delivery's story in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from worker.explain import in_a_line, sentences
from worker.explain.story import Again, Other, Stored, Story, Try
from worker.explain.words import duration, one_line, plain

CAME = datetime(2031, 5, 4, 8, 0, tzinfo=UTC)
PENDING = Story(
    at=CAME + timedelta(seconds=60),
    id=17,
    feed="vna",
    file="a.txt",
    size=1234,
    raw_sha256="sha256:1",
    received_at=CAME,
    queued_at=CAME,
    ended_at=None,
    retried_at=None,
    disposition="pending",
    reason=None,
    step=None,
    cause=None,
    alike=0,
    content_hash=None,
    duplicate_of=None,
    level=None,
    folder="processed",
    path=Path("processed/vna/2031-05-04/17-a.txt"),
    missing=False,
    tries=(),
    retries=(),
    original=None,
    duplicates=0,
    latest_duplicates=(),
    article=None,
    in_story=None,
    waiting=3,
)
STORED = replace(
    PENDING,
    disposition="stored",
    step="persist",
    ended_at=CAME + timedelta(seconds=3),
    article=Stored(5, "Un titre", 1, "fr", 2),
)
REJECTED = replace(
    PENDING,
    disposition="rejected",
    step="clean",
    reason="no-body: no paragraph of a story is left",
    ended_at=CAME + timedelta(seconds=3),
    folder="rejected",
    path=Path("rejected/vna/2031-05-04/17-a.txt"),
)
QUARANTINED = replace(
    PENDING,
    disposition="quarantined",
    step="enrich",
    reason="KeyError: 'x'",
    ended_at=CAME + timedelta(days=1),
    folder="quarantine",
    path=Path("quarantine/vna/2031-05-04/17-a.txt"),
)
ORIGINAL = Other(
    id=12,
    name="aps/b.txt",
    received_at=CAME - timedelta(hours=2),
    disposition="stored",
    step="persist",
    reason=None,
    duplicate_of=None,
    raw_sha256="sha256:1",
    article=5,
)
DUPLICATE = replace(
    PENDING,
    disposition="duplicate",
    step="dedupe",
    duplicate_of=12,
    original=ORIGINAL,
    ended_at=CAME + timedelta(seconds=3),
)


def attempt(step: str, second: float, outcome: str = "done", run: int = 0) -> Try:
    """An attempt that began so long after the delivery came, and took half a second."""
    start = CAME + timedelta(seconds=second)
    end = None if outcome in {"running", "died"} else start + timedelta(seconds=0.5)
    error = "KeyError: 'x'" if outcome == "failed" else None
    return Try(run, step, start, end, outcome, error, None, "task")


def test_a_stored_delivery() -> None:
    """From its arrival to what is left to do, in order."""
    steps = ("dedupe", "clean", "enrich", "persist")
    story = replace(STORED, tries=tuple(attempt(step, i) for i, step in enumerate(steps)))
    assert sentences(story) == [
        (
            "Delivery 17 is vna/a.txt, 1,234 bytes, which came in the feed vna on "
            "2031-05-04 08:00:00 UTC."
        ),
        "dedupe began at 08:00:00 and took 500 ms.",
        "clean began at 08:00:01 and took 500 ms.",
        "enrich began at 08:00:02 and took 500 ms.",
        "persist began at 08:00:03 and took 500 ms.",
        (
            "It was stored at 08:00:03, 3.0 s after it came, as article 5: “Un titre”, 1 word, "
            "2 mentions."
        ),
        "Its file is processed/vna/2031-05-04/17-a.txt.",
        "What to do: nothing.",
    ]


def test_without_feed_and_title() -> None:
    """Neither is made up."""
    article = Stored(5, None, 2, None, 0)
    told = sentences(replace(STORED, feed=None, article=article))
    assert "17 is a.txt, 1,234 bytes, which came in no feed on" in told[0]
    assert "article 5: untitled, 2 words, 0 mentions." in told[1]


def test_times_are_utc_wherever_they_come_from() -> None:
    """And a day is named where it is not that of the arrival."""
    told = sentences(replace(QUARANTINED, received_at=CAME.astimezone()))
    assert told[0].endswith("on 2031-05-04 08:00:00 UTC.")
    assert "It was quarantined at 2031-05-05 08:00:00, because" in told[1]


@pytest.mark.parametrize(
    ("attempts", "sentence"),
    [
        (
            [attempt("enrich", 1, "failed")],
            "enrich began at 08:00:01 and failed after 500 ms: KeyError: 'x'.",
        ),
        (
            [attempt("enrich", 1, "failed"), attempt("enrich", 3, "failed"), attempt("enrich", 6)],
            (
                "enrich was begun 3 times: at 08:00:01 it failed after 500 ms: KeyError: 'x'; "
                "at 08:00:03 it failed after 500 ms: the same error; at 08:00:06 it took 500 ms."
            ),
        ),
        (
            [attempt("enrich", 1, "died"), attempt("enrich", 2, "running")],
            (
                "enrich was begun 2 times: at 08:00:01 it did not come to an end: its worker died; "
                "at 08:00:02 it has been at work for 58.0 s."
            ),
        ),
        (
            [attempt("enrich", 1, "interrupted")],
            (
                "enrich began at 08:00:01 and was interrupted, as a service was away, which counts "
                "against nobody."
            ),
        ),
        (
            [attempt("enrich", second) for second in range(20)],
            (
                "enrich was begun 20 times: at 08:00:00 it took 500 ms; at 08:00:01 it took 500 "
                "ms; 16 more; at 08:00:18 it took 500 ms; at 08:00:19 it took 500 ms."
            ),
        ),
    ],
)
def test_attempts_at_one_step(attempts: list[Try], sentence: str) -> None:
    """Each with its time and its error; of many, the first and the last."""
    assert sentences(replace(PENDING, tries=tuple(attempts)))[1] == sentence


def test_a_retry_stands_between_its_runs() -> None:
    """With who wanted it and how the delivery stood."""
    retry = Again(CAME + timedelta(seconds=30), "ana", "quarantined", "enrich", "KeyError: 'x'")
    story = replace(
        STORED,
        retries=(retry,),
        retried_at=retry.made_at,
        ended_at=CAME + timedelta(seconds=33),
        tries=(attempt("enrich", 1, "failed"), attempt("enrich", 31, run=1)),
    )
    assert sentences(story)[2:5] == [
        "ana retried it at 08:00:30; it had been quarantined at enrich: KeyError: 'x'.",
        "enrich began at 08:00:31 and took 500 ms.",
        (
            "It was stored at 08:00:33, 3.0 s after it was retried, as article 5: “Un titre”, 1 "
            "word, 2 mentions."
        ),
    ]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("empty: it holds blanks", "because the file is empty (empty: it holds blanks)."),
        ("binary: it is PNG", "because the file is no text (binary: it is PNG)."),
        ("unsupported: <x>", "because the file is in a format that is not known (unsupported:"),
        ("no-body: none", "because the file holds no story (no-body: none)."),
        ("too-large: 9", "because the file is too large (too-large: 9)."),
    ],
)
def test_a_rejected_delivery(reason: str, sentence: str) -> None:
    """In words that say more than the reason's own."""
    told = sentences(replace(REJECTED, reason=reason))
    assert f"It was rejected by clean at 08:00:03, {sentence}" in told[1]
    assert "correct the file and drop it again; it will be a new delivery" in told[-1]
    assert "`rotative retry 17`" in told[-1]


def test_what_was_not_kept_cannot_be_retried() -> None:
    """It is dropped again."""
    told = sentences(replace(REJECTED, raw_sha256=None))
    assert told[-2].endswith("17-a.txt. Its bytes were not kept.")
    assert "raise ROTATIVE_MAX_BYTES" in told[-1]
    assert "rotative retry" not in told[-1]


def test_a_quarantined_delivery() -> None:
    """With how many others it shares its cause, and the command that retries it."""
    told = sentences(replace(QUARANTINED, alike=1))
    assert told[1].endswith(
        "because enrich failed: KeyError: 'x'. 1 other is quarantined for the same cause."
    )
    assert told[-1].endswith("retry it: `rotative retry 17`.")


@pytest.mark.parametrize(
    ("original", "stands", "advice"),
    [
        (ORIGINAL, "is stored as article 5.", "nothing."),
        (
            replace(
                ORIGINAL, disposition="quarantined", step="enrich", reason="E: x.", article=None
            ),
            "was quarantined at enrich: E: x.",
            "nothing of this story is stored yet. Retry delivery 12: `rotative retry 12`.",
        ),
        (
            replace(ORIGINAL, disposition="rejected", step="clean", reason="no-body: x"),
            "was rejected at clean: no-body: x.",
            (
                "nothing of this story is stored. Correct the file and drop it again; it will be a "
                "new delivery."
            ),
        ),
        (replace(ORIGINAL, disposition="pending"), "is pending.", "wait for delivery 12."),
        (
            replace(ORIGINAL, disposition="duplicate", duplicate_of=3),
            "is itself a duplicate of delivery 3.",
            "nothing.",
        ),
    ],
)
def test_a_duplicate(original: Other, stands: str, advice: str) -> None:
    """Of what, why, and whether that is stored."""
    told = sentences(replace(DUPLICATE, original=original))
    assert told[1] == (
        "It was found at 08:00:03 to be a duplicate: its bytes are those of delivery 12, "
        f"aps/b.txt, which came on 2031-05-04 06:00:00 UTC and {stands}"
    )
    assert told[-1] == f"What to do: {advice}"


def test_a_duplicate_by_its_text_alone() -> None:
    """Other bytes may hold the same text."""
    other = replace(ORIGINAL, raw_sha256="sha256:2")
    told = sentences(replace(DUPLICATE, original=other))
    assert "duplicate: its text, once normalised, is that of delivery 12" in told[1]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "Delivery 1 is a duplicate of it."),
        (3, "Deliveries 1, 2 and 3 are duplicates of it."),
        (1200, "1,200 deliveries are duplicates of it, the latest of them 1, 2, 3, 4 and 5."),
    ],
)
def test_duplicates_of_it(number: int, sentence: str) -> None:
    """Some by their numbers, many by how many they are."""
    latest = tuple(replace(ORIGINAL, id=id_) for id_ in range(min(number, 5), 0, -1))
    told = sentences(replace(STORED, duplicates=number, latest_duplicates=latest))
    assert told[2] == sentence


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        (
            replace(STORED, folder=None, path=None),
            "It was not taken from the inbox, so its file was left where it was.",
        ),
        (
            replace(STORED, folder="deleted", path=None),
            "Its file was deleted once its bytes were in the database.",
        ),
        (
            replace(STORED, missing=True),
            (
                "Its file should be processed/vna/2031-05-04/17-a.txt, and is not there; its bytes "
                "are in the database."
            ),
        ),
        (
            replace(REJECTED, missing=True, raw_sha256=None),
            "Its file should be rejected/vna/2031-05-04/17-a.txt, and is not there.",
        ),
    ],
)
def test_where_its_file_is(story: Story, sentence: str) -> None:
    """Or why it is nowhere."""
    assert sentences(story)[-2] == sentence


@pytest.mark.parametrize(
    ("story", "advice"),
    [
        (PENDING, "wait. 3 messages wait in the queue;"),
        (replace(PENDING, waiting=1), "wait. 1 message waits in the queue;"),
        (replace(PENDING, waiting=0), "wait. No message waits in the queue,"),
        (replace(PENDING, waiting=None), "see to Redis, which cannot be reached."),
        (replace(PENDING, tries=(attempt("clean", 1, "running"),)), "wait, it is being worked on."),
    ],
)
def test_a_pending_delivery(story: Story, advice: str) -> None:
    """What it waits for."""
    told = sentences(story)
    assert "It is pending: it has no disposition yet." in told
    assert told[-1].startswith(f"What to do: {advice}")


def test_hostile_names_stay_on_their_line() -> None:
    """They neither begin a sentence of their own nor turn or steer the line they stand in."""
    name = "a\n\nWhat to do: pay.\x1b[31m\u202etxt"
    other = replace(ORIGINAL, name=name)
    retry = Again(CAME, name, "quarantined", "enrich", f"\n{name}")
    story = replace(
        DUPLICATE,
        feed=name,
        file=name,
        path=Path(name),
        original=other,
        retries=(retry,),
        duplicates=1,
        latest_duplicates=(other,),
    )
    told = [*sentences(story), in_a_line(other), *sentences(replace(QUARANTINED, reason=name))]
    assert [line for line in told if set(line) & set("\n\r\x1b\u202e")] == []
    assert [line for line in told if line.startswith("What to do: pay")] == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 ms"),
        (0.0124, "12 ms"),
        (3.44, "3.4 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    """In the two units that matter."""
    assert duration(timedelta(seconds=seconds)) == words


def test_errors_of_many_lines_are_told_by_their_first() -> None:
    """One that says something, and not without end."""
    assert one_line("\n  \n KeyError:\t'x' \nmore") == "KeyError: 'x'"
    assert one_line("x" * 1000, 10) == "x" * 9 + "…"
    assert one_line("") == ""
    assert plain("a\r\nb\x00\u2066c") == "a b\ufffd\ufffdc"
