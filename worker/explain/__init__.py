"""A delivery's story in plain sentences, for the shell, for Flower and beside failed files."""

from __future__ import annotations

from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Final

from worker.explain import editions
from worker.explain.words import count, duration, listed, one_line, plain, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from worker.core.stories.kinds import Level
    from worker.explain.story import Again, Other, Story, Try

_TOLD_EACH: Final = 5  # attempts at one step; of more, those in the middle are counted

_REJECTED: Final = {
    "empty": "the file is empty",
    "binary": "the file is no text",
    "too-large": "the file is too large",
    "unsupported": "the file is in a format that is not known",
    "no-body": "the file holds no story",
}

_LEVELS: Final[dict[Level, str]] = {
    "bytes": "its bytes are those",
    "text": "its text, once normalised, is that",
    "body": "its lead and body, once cleaned, are those",
}
"""How a duplicate is said to be the same as what it duplicates."""


def sentences(story: Story) -> list[str]:
    """What became of a delivery, in the order in which it happened, and what to do next.

    Each is one line. Times are UTC, as in the logs.
    """
    told = [_arrival(story)]
    for run in range(len(story.retries) + 1):
        if run:
            told.append(_retry(story, story.retries[run - 1]))
        tries = [each for each in story.tries if each.run == run]
        for step, attempts in groupby(tries, key=lambda each: each.step):
            told.append(_step(story, step, list(attempts)))
    told.append(_disposition(story))
    if story.duplicates:
        told.append(_duplicates(story))
    if story.in_story:
        told += editions.sentences(story.in_story)
    told += [_place(story), _next(story)]
    return told


def in_a_line(other: Other) -> str:
    """What became of another delivery."""
    return (
        f"Delivery {other.id}, {plain(other.name)}, came on {when(other.received_at)} and "
        f"{_now(other)}."
    )


def _arrival(story: Story) -> str:
    feed = f"in the feed {plain(story.feed)}" if story.feed else "in no feed"
    return (
        f"Delivery {story.id} is {plain(story.name)}, {count(story.size, 'byte')}, "
        f"which came {feed} on {when(story.received_at)}."
    )


def _retry(story: Story, retry: Again) -> str:
    stood = _stood(retry.disposition, retry.step, retry.reason)
    return (
        f"{plain(retry.made_by)} retried it at {clock(story, retry.made_at)}; it had been {stood}."
    )


def _step(story: Story, step: str, tries: Sequence[Try]) -> str:
    if len(tries) == 1:
        only = tries[0]
        return f"{step} began at {clock(story, only.started_at)} and {_end(story, only)}."
    ends = [
        f"at {clock(story, each.started_at)} it {_end(story, each, tries[:index])}"
        for index, each in enumerate(tries)
    ]
    if len(ends) > _TOLD_EACH:
        ends[2:-2] = [f"{len(ends) - 4} more"]
    return f"{step} was begun {len(tries)} times: {'; '.join(ends)}."


def _end(story: Story, attempt: Try, before: Sequence[Try] = ()) -> str:
    took = attempt.took
    match attempt.outcome:
        case "done":
            return f"took {duration(took)}" if took else "ended well"
        case "failed":
            same = any(each.error == attempt.error for each in before)
            error = "the same error" if same else one_line(attempt.error or "")
            return f"failed after {duration(took)}: {error}" if took else f"failed: {error}"
        case "interrupted":
            return "was interrupted, as a service was away, which counts against nobody"
        case "running":
            return f"has been at work for {duration(story.at - attempt.started_at)}"
    return "did not come to an end: its worker died"


def _disposition(story: Story) -> str:
    at = clock(story, story.ended_at) if story.ended_at else ""
    reason = one_line(story.reason or "")
    match story.disposition:
        case "stored" if story.article and story.ended_at:
            article = story.article
            since = duration(story.ended_at - (story.retried_at or story.received_at))
            return (
                f"It was stored at {at}, {since} after it "
                f"{'was retried' if story.retried_at else 'came'}, as article {article.id}: "
                f"{_title(article.title)}, {count(article.words, 'word')}, "
                f"{count(article.mentions, 'mention')}."
            )
        case "duplicate" if story.original:
            return f"It was found at {at} to be a duplicate: {_same(story, story.original)}."
        case "rejected":
            why = _REJECTED.get(reason.partition(":")[0], "the file is no article")
            return f"It was rejected by {story.step} at {at}, because {why} ({reason})."
        case "quarantined":
            alike = ""
            if story.alike:
                verb = "is" if story.alike == 1 else "are"
                alike = f" {count(story.alike, 'other')} {verb} quarantined for the same cause."
            failed = f"{story.step} failed: {reason.rstrip('.')}"
            return f"It was quarantined at {at}, because {failed}.{alike}"
    return "It is pending: it has no disposition yet."


def _same(story: Story, original: Other) -> str:
    same: Level = "bytes" if story.raw_sha256 == original.raw_sha256 else "text"
    return (
        f"{_LEVELS[story.level or same]} of delivery {original.id}, {plain(original.name)}, "
        f"which came on {when(original.received_at)} and {_now(original)}"
    )


def _now(other: Other) -> str:
    """How another delivery stands."""
    match other.disposition:
        case "stored":
            return f"is stored as article {other.article}"
        case "duplicate":
            return f"is itself a duplicate of delivery {other.duplicate_of}"
        case "pending":
            return "is pending"
    return f"was {_stood(other.disposition, other.step, other.reason)}"


def _stood(disposition: str, step: str | None, reason: str | None) -> str:
    return f"{disposition} at {step}: {one_line(reason or '').rstrip('.')}"


def _duplicates(story: Story) -> str:
    numbers = [str(each.id) for each in reversed(story.latest_duplicates)]
    if story.duplicates == 1:
        return f"Delivery {numbers[0]} is a duplicate of it."
    if story.duplicates == len(numbers):
        return f"Deliveries {listed(numbers)} are duplicates of it."
    return (
        f"{story.duplicates:,} deliveries are duplicates of it, the latest of them "
        f"{listed(numbers)}."
    )


def _place(story: Story) -> str:
    kept = "" if story.raw_sha256 else " Its bytes were not kept."
    if story.folder is None:
        return f"It was not taken from the inbox, so its file was left where it was.{kept}"
    if story.folder == "deleted":
        return "Its file was deleted once its bytes were in the database."
    if story.missing:
        where = "; its bytes are in the database" if story.raw_sha256 else ""
        return f"Its file should be {plain(str(story.path))}, and is not there{where}."
    return f"Its file is {plain(str(story.path))}.{kept}"


def _next(story: Story) -> str:
    match story.disposition:
        case "pending":
            return _wait(story)
        case "quarantined":
            return (
                "What to do: the failure is ours. When its cause is put right, retry it: "
                f"`rotative retry {story.id}`."
            )
        case "rejected" if story.can_be_retried:
            return (
                "What to do: correct the file and drop it again; it will be a new delivery. If the "
                f"rules were wrong and are better now, retry it: `rotative retry {story.id}`."
            )
        case "rejected":
            return (
                "What to do: make it smaller, or raise ROTATIVE_MAX_BYTES, and drop it again; it "
                "will be a new delivery."
            )
        case "duplicate" if story.original:
            return _about_original(story.original)
    return "What to do: nothing."


def _wait(story: Story) -> str:
    if story.tries and story.tries[-1].outcome == "running":
        return "What to do: wait, it is being worked on."
    if story.waiting is None:
        return (
            "What to do: see to Redis, which cannot be reached. Nothing is lost: what is pending "
            "is sent when it is back."
        )
    if story.waiting == 0:
        return (
            "What to do: wait. No message waits in the queue, so a worker has it, or intake's "
            "reconciler sends it again; `rotative status` shows whether they run."
        )
    verb = "waits" if story.waiting == 1 else "wait"
    return (
        f"What to do: wait. {count(story.waiting, 'message')} {verb} in the queue; "
        "`rotative status` shows whether workers run."
    )


def _about_original(original: Other) -> str:
    match original.disposition:
        case "quarantined":
            return (
                f"What to do: nothing of this story is stored yet. Retry delivery {original.id}: "
                f"`rotative retry {original.id}`."
            )
        case "rejected":
            return (
                "What to do: nothing of this story is stored. Correct the file and drop it again; "
                "it will be a new delivery."
            )
        case "pending":
            return f"What to do: wait for delivery {original.id}."
    return "What to do: nothing."


def _title(title: str | None) -> str:
    return f"“{one_line(title)}”" if title else "untitled"


def clock(story: Story, moment: datetime) -> str:
    """The time of day, with the day unless it is the one on which the delivery came."""
    utc = moment.astimezone(UTC)
    same = utc.date() == story.received_at.astimezone(UTC).date()
    return f"{utc:%H:%M:%S}" if same else f"{utc:%Y-%m-%d %H:%M:%S}"
