"""What each feed brought lately: the figures that alarms are judged by.

A few statements for many feeds together, each feed by its indexes: what is read grows with the
number of feeds, not with the corpus.

A window is the latest `habits.WINDOW` files (or articles) of a feed. Earlier windows are one for
each day before, at this time of the day, so that an hour of short items every evening is part
of the habit; where a feed fills no window in a day, they follow each other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from worker.alarms.habits import (
    DAYS,
    EARLIER,
    RECENT,
    SILENCE,
    SLOTS,
    SLOW,
    WEEKS,
    WINDOW,
    Silence,
    Stretch,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, TextClause

KEPT_DAYS = 35
"""A feed that has brought nothing for longer is none any more."""

Feed = str | None
"""None: what lies in the inbox itself."""


@dataclass(frozen=True, slots=True)
class Articles:
    """A window of articles."""

    nameless: int
    """Those that name no person, organisation, place or other name."""
    words: float
    """The median."""
    sources: Sequence[str]
    """Format and encoding of each."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a feed; windows are full, the latest first."""

    bodiless: list[int] = field(default_factory=list)
    """Files without body in each window."""
    articles: list[Articles] = field(default_factory=list)


def lasts(connection: Connection, at: datetime) -> dict[Feed, datetime]:
    """When each feed that brought something within `KEPT_DAYS` before ``at`` did so last."""
    since = at - timedelta(days=KEPT_DAYS)
    rows = connection.execute(_FEEDS, {"at": at, "since": since})
    return {row.feed: row.last for row in rows}


def gather(connection: Connection, some: Collection[Feed], at: datetime) -> dict[Feed, Figures]:
    """The figures of these feeds."""
    feeds = {feed: Figures() for feed in some}
    for is_null in (False, True):
        names = [feed for feed in feeds if (feed is None) == is_null]
        values = {"at": at, "feeds": names, "size": WINDOW, "windows": EARLIER}
        for row in connection.execute(_FILES[is_null], values):
            feeds[row.feed].bodiless.append(row.bodiless)
        for row in connection.execute(_ARTICLES[is_null], values):
            found = Articles(row.nameless, row.words, row.sources)
            feeds[row.feed].articles.append(found)
    return feeds


def silences(
    connection: Connection, last: Mapping[Feed, datetime], at: datetime
) -> dict[Feed, Silence]:
    """What feeds brought before their last files, of those feeds that are silent by now."""
    found: dict[Feed, Silence] = {}
    for is_null in (False, True):
        silent = {
            feed: time
            for feed, time in last.items()
            if (feed is None) == is_null and at - time >= SILENCE
        }
        if silent:
            found |= _silences(connection, silent, at, is_null=is_null)
    return found


def _silences(
    connection: Connection, silent: dict[Feed, datetime], at: datetime, *, is_null: bool
) -> dict[Feed, Silence]:
    by_week = [7 * week for week in range(1, WEEKS + 1)]
    by_day = list(range(1, DAYS + 1))
    values = {
        "feeds": list(silent),
        "starts": list(silent.values()),
        "ends": [until(last, at) for last in silent.values()],
        "shifts": sorted({*by_week, *by_day}),
        "slots": SLOTS,
    }
    stretches: dict[Feed, dict[int, Stretch]] = defaultdict(dict)
    for row in connection.execute(_STRETCHES[is_null], values):
        stretches[row.feed][row.shift] = Stretch(row.files, row.events)
    values |= {"most": RECENT, "long_ago": at - SLOW}
    arrivals = connection.execute(_RECENT[is_null], values)
    return {
        row.feed: Silence(
            row.first,
            silent[row.feed],
            weeks=[stretches[row.feed][day] for day in by_week],
            days=[stretches[row.feed][day] for day in by_day],
            recent=sorted(row.recent),
        )
        for row in arrivals
    }


# From one feed to the next by the index, instead of reading every delivery.
_FEEDS = text("""
WITH RECURSIVE feeds AS (
    (SELECT feed FROM deliveries WHERE feed IS NOT NULL ORDER BY feed LIMIT 1)
    UNION ALL
    SELECT (SELECT d.feed FROM deliveries d WHERE d.feed > f.feed ORDER BY d.feed LIMIT 1)
    FROM feeds f WHERE f.feed IS NOT NULL
), known AS (
    SELECT feed, (SELECT max(received_at) FROM deliveries d
                  WHERE d.feed = f.feed AND received_at <= :at) AS last
    FROM feeds f WHERE feed IS NOT NULL
    UNION ALL
    SELECT NULL, max(received_at) FROM deliveries WHERE feed IS NULL AND received_at <= :at
)
SELECT feed, last FROM known WHERE last >= :since
""")


def _both(statement: str) -> dict[bool, TextClause]:
    """The statement for feeds with a name, and for what has none: an index serves ``=`` only."""
    return {
        False: text(statement.replace("{of_feed}", "d.feed = f.feed")),
        True: text(statement.replace("{of_feed}", "d.feed IS NULL")),
    }


def _windows(
    items: str, time: str, counted: str, columns: str, figures: str
) -> dict[bool, TextClause]:
    """Walk back from window to window; the first is followed by one for each day before.

    Feed and time are compared together, not the feed by ``=``: otherwise Postgres may take the
    index over time alone, and look through all other feeds' items for those of one that is quiet.
    """
    latest = "CAST(:at AS timestamptz)"
    before = "least(f.oldest, :at - (f.number + 1) * interval '24 hours')"

    def walk(first: str, earlier: str) -> TextClause:
        window = f"""
            SELECT count(*) AS size, min(at) AS oldest, {figures}
            FROM (SELECT d.{time} AS at, {columns} FROM {items} AS d
                  WHERE {{until}} AND {counted}
                  ORDER BY d.feed DESC, d.{time} DESC LIMIT :size) AS items"""  # noqa: S608 - ours
        return text(f"""
            WITH RECURSIVE windows AS (
                SELECT f.feed, 0 AS number, w.*
                FROM unnest(CAST(:feeds AS text[])) AS f(feed)
                CROSS JOIN LATERAL ({window.replace("{until}", first)}) AS w
                UNION ALL
                SELECT f.feed, f.number + 1, w.*
                FROM windows f CROSS JOIN LATERAL ({window.replace("{until}", earlier)}) AS w
                WHERE f.number < :windows AND f.size = :size
            )
            SELECT * FROM windows WHERE size = :size ORDER BY feed, number
        """)  # noqa: S608

    of_feed = f"d.feed >= f.feed AND (d.feed, d.{time})"
    of_none = f"d.feed IS NULL AND d.{time}"
    return {
        False: walk(f"{of_feed} <= (f.feed, {latest})", f"{of_feed} < (f.feed, {before})"),
        True: walk(f"{of_none} <= {latest}", f"{of_none} < {before}"),
    }


_FILES = _windows(
    "deliveries",
    "received_at",
    "d.disposition <> 'pending'",
    "d.disposition = 'rejected' AND d.reason LIKE 'no-body:%' AS bodiless",
    "count(*) FILTER (WHERE bodiless) AS bodiless",
)
_ARTICLES = _windows(
    "articles",
    "first_seen",
    "true",
    """d.words, d.format || ' in ' || d.encoding AS source,
       NOT EXISTS (SELECT FROM mentions m WHERE m.article_id = d.id
                   AND m.label IN ('PER', 'ORG', 'LOC', 'MISC')) AS nameless""",
    """count(*) FILTER (WHERE nameless) AS nameless,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY words) AS words,
       array_agg(source) AS sources""",
)
_STRETCHES = _both("""
SELECT f.feed, shift, w.files, w.events
FROM unnest(CAST(:feeds AS text[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
     AS f(feed, start, "end")
CROSS JOIN unnest(CAST(:shifts AS int[])) AS shift
CROSS JOIN LATERAL (
    SELECT count(*) AS files,
           count(DISTINCT floor(:slots * extract(epoch FROM
               d.received_at - f.start + shift * interval '24 hours')
               / extract(epoch FROM f."end" - f.start))) AS events
    FROM deliveries d
    WHERE {of_feed} AND d.received_at >= f.start - shift * interval '24 hours'
          AND d.received_at < f."end" - shift * interval '24 hours'
) AS w
""")
_RECENT = _both("""
SELECT f.feed,
       (SELECT min(d.received_at) FROM deliveries d WHERE {of_feed}) AS first,
       ARRAY(SELECT d.received_at FROM deliveries d WHERE {of_feed}
                   AND f.start <= CAST(:long_ago AS timestamptz)
             ORDER BY d.received_at DESC LIMIT :most) AS recent
FROM unnest(CAST(:feeds AS text[]), CAST(:starts AS timestamptz[])) AS f(feed, start)
""")
