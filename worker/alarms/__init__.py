"""Alarms: what is not as usual is written down once, kept up to date, and closed when it is over.

A look gathers the figures (`feeds`), has them judged (`habits`), and applies what came of it to
table ``alarms``. It changes nothing else, and needs nothing but Postgres.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, func, insert, select, text, update

from models import Alarm, Delivery
from worker.alarms import feeds, habits
from worker.alarms.habits import WINDOW, Open, Usual, Verdict
from worker.explain.words import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from worker.alarms.feeds import Feed, Figures

Kind = Literal[
    "feed-quiet",
    "without-body",
    "without-entities",
    "length",
    "encoding",
    "quarantine",
    "backlog",
]
REMEMBERED_DAYS = 90
"""How long an alarm that is over is kept."""
FEEDS_AT_A_TIME = 50
"""Feeds whose files and articles one look goes through; the next looks take the others."""
HABIT_DAYS = 28
"""Days that the quarantine of the last one is compared with."""

_OF_WINDOWS = {"without-body", "without-entities", "length", "encoding"}

Key = tuple[Kind, "Feed"]

_ACCEPTED = f" It has been so for {habits.ACCEPTED.days} days, and counts as usual from now on."


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a feed, or the system."""

    kind: Kind
    feed: Feed
    verdict: Verdict
    sentence: str | None
    """None: what was said when it was raised still holds."""

    @property
    def key(self) -> Key:
        """What an alarm can be open for once."""
        return self.kind, self.feed


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of an alarm that was raised or cleared."""

    id: int
    kind: str
    feed: Feed
    figure: float
    usual_low: float | None
    usual_high: float | None
    sentence: str
    raised_at: datetime
    cleared_at: datetime | None

    @property
    def event(self) -> Literal["raised", "cleared"]:
        """What happened to it last."""
        return "raised" if self.cleared_at is None else "cleared"


NOTICE = [getattr(Alarm, each.name) for each in fields(Notice)]
"""The columns of a `Notice`."""


def look(
    connection: Connection, at: datetime, limit: timedelta, *, taking: bool, turn: int = 0
) -> list[Notice]:
    """Raise, update and clear alarms; returns those raised or cleared.

    ``limit`` is how long a delivery may be pending. Unless intake is ``taking`` files as they come,
    no feed is called quiet. ``turn`` counts looks: where there are many feeds, the files and
    articles of some are gone through in each.
    Two looks at once would raise the same: `worker.alarms.watchman` prevents it.
    """
    before = _open(connection)
    lasts = feeds.lasts(connection, at)
    turns = math.ceil(len(lasts) / FEEDS_AT_A_TIME)
    some = [feed for number, feed in enumerate(lasts) if number % turns == turn % turns]
    found = {
        finding.key: finding
        for finding in (
            *_of_windows(connection, some, before, at),
            *_quiet(connection, lasts, before, at),
            _quarantine(connection, before.get(("quarantine", None)), at),
            _backlog(connection, before.get(("backlog", None)), at, limit),
        )
    }
    changed: list[Notice] = []
    for key, finding in found.items():
        if not finding.verdict.alarm:
            continue
        if key in before:
            _update(connection, finding)
        elif taking or finding.kind != "feed-quiet":
            changed.append(_raise(connection, finding, at))
    for key in before:
        if key[0] in _OF_WINDOWS and key[1] in lasts and key[1] not in some:
            continue  # another look's
        if key not in found or not found[key].verdict.alarm:
            accepted = key in found and found[key].verdict.accepted
            changed.append(_clear(connection, key, at, _ACCEPTED if accepted else ""))
    long_ago = at - timedelta(days=REMEMBERED_DAYS)
    connection.execute(delete(Alarm).where(Alarm.cleared_at < long_ago))
    return changed


# --- gather and judge -----------------------------------------------------------------------


def _of_windows(
    connection: Connection, some: Collection[Feed], before: Mapping[Key, Open], at: datetime
) -> Iterator[Finding]:
    for feed, figures in feeds.gather(connection, some, at).items():
        for kind, judge, (now, *earlier), phrase in _series(figures):
            if verdict := judge(now, earlier, at, before.get((kind, feed))):
                said = f"{phrase.format(verdict.figure)} (usually {_range(verdict.usual)})"
                yield Finding(kind, feed, verdict, f"{_name(feed)}: {said}.")


def _series(
    figures: Figures,
) -> Iterator[tuple[Kind, Callable[..., Verdict | None], Sequence[float], str]]:
    """What is judged of a feed: the kind of alarm, how, the figures, and how to say one."""
    windows = figures.articles
    sources = Counter(source for window in windows[1:] for source in window.sources)
    source = sources.most_common(1)[0][0] if sources else ""
    of_its_last = f"{{:.0f}} of its last {WINDOW}"
    if figures.bodiless:
        said = f"{of_its_last} files had no body"
        yield "without-body", habits.rising, figures.bodiless, said
    if windows:
        nameless = [window.nameless for window in windows]
        said = f"{of_its_last} articles name nobody and nothing"
        yield "without-entities", habits.rising, nameless, said
        words = [window.words for window in windows]
        said = f"the median length of its last {WINDOW} articles is {{:.0f}} words"
        yield "length", habits.changed, words, said
        others = [sum(one != source for one in window.sources) for window in windows]
        said = f"{of_its_last} articles were not {source}"
        yield "encoding", habits.rising, others, said


def _quiet(
    connection: Connection,
    lasts: Mapping[Feed, datetime],
    before: Mapping[Key, Open],
    at: datetime,
) -> Iterator[Finding]:
    known = {feed: alarm for (kind, feed), alarm in before.items() if kind == "feed-quiet"}
    for feed, alarm in known.items():
        if feed in lasts:  # over with the next file
            silent = lasts[feed] <= alarm.raised_at
            yield Finding("feed-quiet", feed, Verdict(0, alarm.usual, alarm=silent), None)
    others = {feed: last for feed, last in lasts.items() if feed not in known}
    for feed, silence in feeds.silences(connection, others, at).items():
        since = f"{_name(feed)} has brought nothing since {_time(silence.last)}"
        if (quiet := habits.quiet(silence, at)) and quiet.alarm:
            end = f"{habits.until(silence.last, at):%A %H:%M}"
            said = f"until {end} it usually brings {_range(quiet.usual)} files"
            yield Finding("feed-quiet", feed, quiet, f"{since}; {said}.")
        elif (paused := habits.paused(silence, at)) and paused.alarm:
            said = f"its pauses usually last {paused.usual.high:.0f} hours at most"
            yield Finding(
                "feed-quiet", feed, paused, f"{since}, for {paused.figure:.0f} hours; {said}."
            )


def _quarantine(connection: Connection, before: Open | None, at: datetime) -> Finding:
    values = {"at": at, "since": at - timedelta(days=HABIT_DAYS + 1)}
    by_day: Counter[int] = Counter()
    for day, deliveries in connection.execute(_QUARANTINED, values):
        by_day[day] += deliveries
    first = connection.scalar(select(Delivery.received_at).order_by(Delivery.id).limit(1)) or at
    days = [by_day[day] for day in range(1, min(HABIT_DAYS, (at - first).days) + 1)]
    verdict = habits.growing(by_day[0], days, at, before)
    said = f"{verdict.figure:.0f} (usually {_range(verdict.usual)})"
    sentence = f"Deliveries quarantined within a day and not retried since: {said}."
    return Finding("quarantine", None, verdict, sentence)


def _backlog(
    connection: Connection, before: Open | None, at: datetime, limit: timedelta
) -> Finding:
    pending, since = connection.execute(_PENDING).one()
    verdict = habits.overdue(at - (since or at), limit, before)
    waited, allowed = (f"{seconds / 60:.0f}" for seconds in (verdict.figure, verdict.usual.high))
    said = f"pending, the oldest for {waited} minutes (usually {allowed} at most)"
    return Finding("backlog", None, verdict, f"{_counted(pending)} {said}.")


# Those that were retried since count for the day of their retry.
_QUARANTINED = text("""
    SELECT floor(extract(epoch FROM :at - ended_at) / 86400)::int AS day, count(*)
    FROM deliveries
    WHERE disposition = 'quarantined' AND ended_at > :since AND ended_at <= :at
    GROUP BY day
    UNION ALL
    SELECT floor(extract(epoch FROM :at - made_at) / 86400)::int AS day, count(*)
    FROM retries
    WHERE disposition = 'quarantined' AND made_at > :since AND made_at <= :at - interval '24 hours'
    GROUP BY day
""")
_PENDING = select(
    func.count(), func.min(func.coalesce(Delivery.retried_at, Delivery.received_at))
).where(Delivery.disposition == "pending")


# --- say ------------------------------------------------------------------------------------


def _name(feed: Feed) -> str:
    return "The inbox itself" if feed is None else f"Feed {plain(feed)}"


def _counted(deliveries: int) -> str:
    return "1 delivery is" if deliveries == 1 else f"{deliveries} deliveries are"


def _range(usual: Usual) -> str:
    low, high = f"{usual.low:.0f}", f"{usual.high:.0f}"
    return low if low == high else f"{low} to {high}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%A %-d %B %H:%M} UTC"


# --- apply ----------------------------------------------------------------------------------


def _open(connection: Connection) -> dict[Key, Open]:
    """Those that are open."""
    statement = select(*NOTICE).where(Alarm.cleared_at.is_(None))
    return {
        (row.kind, row.feed): Open(Usual(row.usual_low, row.usual_high), row.raised_at)
        for row in connection.execute(statement)
    }


def _raise(connection: Connection, finding: Finding, at: datetime) -> Notice:
    values = {"kind": finding.kind, "feed": finding.feed, "raised_at": at, **_said(finding)}
    statement = insert(Alarm).values(values).returning(*NOTICE)
    return Notice(*connection.execute(statement).one())


def _update(connection: Connection, finding: Finding) -> None:
    if finding.sentence is not None:
        connection.execute(update(Alarm).where(_is_open(finding.key)).values(_said(finding)))


def _clear(connection: Connection, key: Key, at: datetime, addition: str) -> Notice:
    """Close it; what it last said stays."""
    values = {"cleared_at": at, "sentence": Alarm.sentence + addition}
    statement = update(Alarm).where(_is_open(key)).values(values).returning(*NOTICE)
    return Notice(*connection.execute(statement).one())


def _said(finding: Finding) -> dict[str, object]:
    verdict = finding.verdict
    return {
        "figure": verdict.figure,
        "usual_low": verdict.usual.low,
        "usual_high": verdict.usual.high,
        "sentence": finding.sentence,
    }


def _is_open(key: Key) -> ColumnElement[bool]:
    kind, feed = key
    return (Alarm.kind == kind) & Alarm.feed.is_not_distinct_from(feed) & Alarm.cleared_at.is_(None)
