"""Synthetic stories by the million, the same for every seed.

What Postgres feels is as in life: words are drawn by their frequency in French news, the names by
Zipf's law, and lengths, names and values for each story are those of the stories of `seeds/`. What
they say is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from bench.flat.names import NAMES, Name, name
from worker.core.article import (
    ENRICHER,
    CleanArticle,
    Dateline,
    EnrichedArticle,
    FieldName,
    Label,
    Mention,
    Removed,
    Repair,
    Stated,
)
from worker.core.clean.glue import lexicon

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Spoken = tuple[str, Name | str]
    """A surface, and whom it names or what it comes to."""

CHUNK: Final = 500
"""Stories that are made together."""
A_DAY: Final = 1_000
"""Stories that arrive in a day."""
FEEDS: Final = ("vna", "afp", "aps", "map", "tap", "gna", "atop", "ani", "abi", "vov", "bna", "ips")

TITLE_WORDS: Final = 11
LEAD_WORDS: Final = 28
WORDS: Final = 260  # of the body: the median; half as many again, or two thirds, is usual
SPREAD: Final = 0.4
MOST_WORDS: Final = 2_000
ZIPF: Final = 1.2  # the chance of a rank is about its power with this, taken negative
HEAD: Final = (
    6  # added to the rank, so that a third of all stories name the first one, not nearly all
)
ENTITIES: Final = 12  # for each story, beside one; those of `seeds/` name 13
ONCE: Final = 0.8  # the chance that a name comes once only
VALUES: Final = 6  # dates and amounts
REMOVED: Final = 12  # stretches that clean left out
DATED: Final = 0.8  # of the stories state their date
REPAIRED: Final = 0.15
SENTENCE: Final = 22  # words
PARAGRAPH: Final = 3  # sentences

STOCK: Final = 10  # passages, of which each story has one: so strangers share keys, as in life
STOCK_WORDS: Final = 20

TOLD_AGAIN: Final = 12  # one story in so many tells another again
CHANGED: Final = 0.02  # of its words are others then
LEAST_CHANGED: Final = 8  # words: some are drawn as they were, and others give way to names
COPIED: Final = 0.5  # by another feed; the others correct an amount
CORRECTED: Final = 0.4  # of those say that they do


@dataclass(frozen=True, slots=True)
class Story:
    """A story as it comes to persist, and how it arrived."""

    number: int
    feed: str
    received: datetime
    enriched: EnrichedArticle
    names: tuple[Name, ...]
    """Those that are named, each once."""
    again: int | None
    """The number of the story that it tells again, if it does."""

    @property
    def text(self) -> str:
        """What a file says that could have been its source."""
        clean = self.enriched.clean
        title = f"RECTIFICATIF : {clean.title}" if clean.stated else clean.title
        furniture = f"{self.feed.upper()} {self.number} {self.received:%Y-%m-%d %H:%M}"
        parts = (title, clean.lead, clean.body, *clean.related, clean.signature, furniture)
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a story is written from."""

    feed: str
    words: Sequence[str]
    names: Sequence[Name]
    said: Mapping[int, Spoken]
    """Names and values, by the word in whose place they stand."""
    corrects: bool = False
    """Whether it says of itself that it corrects a story."""


def stories(chunk: int, first: datetime, seed: int = 1) -> Sequence[Story]:
    """The stories of a chunk, numbers ``chunk * CHUNK`` and on; ``first`` is when number 0 came.

    One in `TOLD_AGAIN` tells an earlier one of the chunk again.
    """
    rng = np.random.default_rng([seed, chunk])
    lengths = np.minimum(rng.lognormal(np.log(WORDS), SPREAD, CHUNK).astype(int) + 1, MOST_WORDS)
    lengths += TITLE_WORDS + LEAD_WORDS
    entities = rng.poisson(ENTITIES, CHUNK) + 1
    values = rng.poisson(VALUES, CHUNK)
    words = iter(_words(rng, int(lengths.sum())))
    ranks = iter(_ranks(rng, int(entities.sum())))
    stock = rng.integers(STOCK, size=CHUNK).tolist()
    drafts: list[_Draft] = []
    found = []
    for at in range(CHUNK):
        number = chunk * CHUNK + at
        received = first + timedelta(days=number / A_DAY)
        names = [name(rank) for rank in dict.fromkeys(islice(ranks, int(entities[at])))]
        given = [_value(received, each, number) for each in range(int(values[at]))]
        own = list(islice(words, int(lengths[at])))
        own[-STOCK_WORDS:] = _stock()[stock[at]]
        draft, again = _draft(own, names, given, rng), None
        if at % TOLD_AGAIN == TOLD_AGAIN - 1:
            again = number - int(rng.integers(1, TOLD_AGAIN))
            draft = _told_again(drafts[again - number], draft, rng)
        drafts.append(draft)
        found.append(_story(number, received, draft, again, rng))
    return found


def _ranks(rng: np.random.Generator, number: int) -> Sequence[int]:
    """Ranks by the law of Zipf and Mandelbrot."""
    first, last = HEAD ** (1 - ZIPF), (HEAD + NAMES) ** (1 - ZIPF)
    drawn = (first - (first - last) * rng.random(number)) ** (1 / (1 - ZIPF))
    ranks: Numbers = np.minimum(drawn.astype(int) - HEAD, NAMES - 1)
    return [int(rank) for rank in ranks.tolist()]


@cache
def _vocabulary() -> tuple[Sequence[str], NDArray[np.float64]]:
    """The words of French news, and how often each comes, summed up."""
    lines = lexicon.read_table("frequencies.txt.xz").decode().strip("\n").split("\n")
    pairs = [line.rsplit(" ", 1) for line in lines]
    weights = np.array([10 ** ((ord(code) - 33) / 10) for _, code in pairs])
    return [word for word, _ in pairs], np.cumsum(weights / weights.sum())


@cache
def _stock() -> Sequence[Sequence[str]]:
    """Passages that many stories have in common."""
    rng = np.random.default_rng(0)
    return [_words(rng, STOCK_WORDS) for _ in range(STOCK)]


def _words(rng: np.random.Generator, number: int) -> Sequence[str]:
    words, sums = _vocabulary()
    drawn = np.minimum(np.searchsorted(sums, rng.random(number)), len(words) - 1)
    return [words[at] for at in drawn.tolist()]


def _draft(
    words: Sequence[str],
    names: Sequence[Name],
    values: Sequence[tuple[str, str]],
    rng: np.random.Generator,
) -> _Draft:
    """A new story of these words, which names these and gives these values."""
    times = rng.geometric(ONCE, len(names)).tolist()
    spoken: list[Spoken] = [
        (one.surfaces[min(time, len(one.surfaces) - 1)], one)
        for one, often in zip(names, times, strict=True)
        for time in range(often)
    ]
    spoken += values
    places = rng.choice(len(words), min(len(spoken), len(words) // 2), replace=False).tolist()
    feed = FEEDS[int(len(FEEDS) * rng.random() ** 2)]
    return _Draft(feed, words, names, dict(zip(places, spoken, strict=False)))


def _told_again(story: _Draft, new: _Draft, rng: np.random.Generator) -> _Draft:
    """A story once more, with a few words of a new one.

    Either another feed prints it under its own headline, or the same one corrects an amount.
    """
    words, said = list(story.words), dict(story.said)
    changed = range(len(words)) if rng.random() < COPIED else range(TITLE_WORDS, len(words))
    number = max(LEAST_CHANGED, int(CHANGED * len(words)))
    for at in rng.choice(changed, number, replace=False).tolist():
        words[at] = new.words[at % len(new.words)]
    if 0 in changed:
        words[:TITLE_WORDS] = new.words[:TITLE_WORDS]
        return replace(story, feed=new.feed, words=words)
    amount = next((at for at, (_, what) in said.items() if _is_amount(what)), None)
    other = next((each for each in new.said.values() if _is_amount(each[1])), None)
    if amount is not None and other:
        said[amount] = other
    return replace(story, words=words, said=said, corrects=rng.random() < CORRECTED)


def _story(
    number: int, received: datetime, draft: _Draft, again: int | None, rng: np.random.Generator
) -> Story:
    words, feed = draft.words, draft.feed
    dice = rng.random(3).tolist()
    ends = (0, TITLE_WORDS, TITLE_WORDS + LEAD_WORDS, len(words))
    fields: tuple[FieldName, ...] = ("title", "lead", "body")
    texts: dict[FieldName, str] = {}
    mentions: list[Mention] = []
    for field, (start, end) in zip(fields, pairwise(ends), strict=True):
        texts[field], found = _text(field, words, draft.said, start, end)
        mentions += found
    removed, at = [], 0
    for step in rng.integers(20, 90, REMOVED).tolist():
        removed.append(Removed("whitespace" if step % 2 else "related", at, at + step // 2))
        at += step
    repairs = [
        Repair(at + 40 * i, at + 40 * i + len(words[i]), words[i][:-1], words[i], "glued")
        for i in range(8 if dice[0] < REPAIRED else 0)
    ]
    title = texts["title"].removesuffix(".")
    clean = CleanArticle(
        title=title,
        lead=texts["lead"],
        body=texts["body"],
        published=received.date().isoformat() if dice[1] < DATED else None,
        dateline=Dateline(draft.names[0].surfaces[0], feed.upper()),
        byline=None,
        signature=feed.upper(),
        credits=(f"Photo : {feed.upper()}",),
        related=tuple(" ".join(words[i : i + 9]) for i in range(0, int(4 * dice[2]) * 9, 9)),
        removed=tuple(removed),
        repairs=tuple(repairs),
        encoding="utf-8",
        cleaner="1",
        stated=Stated("correction", None, (title,)) if draft.corrects else None,
    )
    enriched = EnrichedArticle(clean, "fr", tuple(mentions), "rotative-fr-1.0", ENRICHER, "model")
    named = {mention.entity for mention in mentions}
    names = tuple(one for one in draft.names if one.key in named)
    return Story(number, feed, received, enriched, names, again)


def _value(received: datetime, at: int, number: int) -> tuple[str, str]:
    """A date or an amount, and what it comes to."""
    if at % 2:
        millions = (number * 7 + at * 13) % 997 + 1
        return f"{millions} millions de dollars", f"{millions}000000 USD"
    day = received - timedelta(days=at)
    return f"{day:%d-%m-%Y}", f"{day:%Y-%m-%d}"


def _text(
    field: FieldName,
    words: Sequence[str],
    said: Mapping[int, Spoken],
    start: int,
    end: int,
) -> tuple[str, list[Mention]]:
    """These words as sentences and paragraphs, with what is said among them."""
    parts = list(words[start:end])
    for first in range(0, len(parts), SENTENCE):
        parts[first] = parts[first].capitalize()
    here = sorted(at for at in said if start <= at < end)
    for at in here:
        parts[at - start] = said[at][0]
    for last in range(SENTENCE - 1, len(parts) - 1, SENTENCE):
        parts[last] += ".\n" if (last + 1) % (SENTENCE * PARAGRAPH) == 0 else "."
    starts = list(accumulate((len(part) + 1 for part in parts), initial=0))
    text = " ".join(parts).replace("\n ", "\n\n") + "."
    return text, [_mention(field, starts[at - start], *said[at]) for at in here]


def _mention(field: FieldName, start: int, surface: str, what: Name | str) -> Mention:
    end = start + len(surface)
    if isinstance(what, Name):
        return Mention(field, start, end, surface, what.label, what.surfaces[0], what.key)
    label: Label = "MONEY" if _is_amount(what) else "DATE"
    return Mention(field, start, end, surface, label, what, None)


def _is_amount(what: Name | str) -> bool:
    return isinstance(what, str) and what.endswith("USD")
