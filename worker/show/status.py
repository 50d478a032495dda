"""How things stand, for a person at a terminal and as JSON for programs."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from worker.core.characters import squeeze
from worker.explain.words import count, duration
from worker.show.deliveries import COLOURS
from worker.show.terminal import shown
from worker.status import RATE_MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from worker.status import Beat, Cause, Status, WorkerNow

BAD: Final = "bold red"
SEVERAL: Final = 5  # causes and alarms that are shown; of more, the number
FEEDS: Final = 3  # of a cause, likewise
LONGEST: Final = 300  # characters of anything but what is to be copied
_MINUTE: Final = timedelta(minutes=1)
JUST_COME: Final = _MINUTE
"""What is pending for less need not have moved yet."""


def as_json(status: Status, workers: Sequence[WorkerNow]) -> dict[str, Any]:
    """All of it. The time left is in seconds, and null where the backlog does not move."""
    return {
        **asdict(status, dict_factory=_plain),
        "adds_up": status.adds_up,
        "left_seconds": None if status.left is None else status.left.total_seconds(),
        "workers": [asdict(worker) for worker in workers],
    }


def _plain(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """With times in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields
    }


def in_colour(status: Status, workers: Sequence[WorkerNow]) -> Group:
    """What an operator wants to know, in 80 columns; commands to copy are never broken."""
    here = status.at.astimezone()
    return Group(
        Text.assemble(
            ("Rotative", "bold"), (f"  {here:%A %-d %B %Y, %H:%M:%S} {here.tzname()}", "dim")
        ),
        *_alarms(status),
        Text(),
        _counts(status),
        _sum(status),
        Text(),
        _facts(status, workers),
        *_quarantine(status),
    )


def _alarms(status: Status) -> Iterator[RenderableType]:
    if not status.alarms:
        return
    yield Text()
    yield Text(count(len(status.alarms), "alarm"), style=BAD)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for alarm in status.alarms[:SEVERAL]:
        table.add_row(f"  {_when(alarm.raised_at, status.at)}", _line(alarm.sentence))
    yield table
    if (more := len(status.alarms) - SEVERAL) > 0:
        yield Text(f"  and {more} more", style="dim")


def _counts(status: Status) -> Table:
    """The numbers of deliveries: a column a disposition."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("Deliveries", no_wrap=True)
    for name, colour in COLOURS.items():
        style = colour if status.in_all[name] else "dim"
        table.add_column(Text(name, style=style), justify="right", no_wrap=True)
    table.add_column("all", justify="right", style="bold", no_wrap=True)
    table.add_row("today", *_numbers(status.today), f"{sum(status.today.values()):,}")
    table.add_row("in all", *_numbers(status.in_all), f"{status.deliveries:,}")
    return table


def _numbers(counts: Mapping[str, int]) -> Iterator[Text]:
    for name in COLOURS:
        yield Text(f"{counts[name]:,}", style="" if counts[name] else "dim")


def _sum(status: Status) -> Text:
    """Whether every delivery is accounted for."""
    ended, stored = sum(status.in_all.values()), status.in_all["stored"]
    if ended != status.deliveries:
        return Text(
            f"There are {count(status.deliveries, 'delivery', 'deliveries')}, but "
            f"{ended:,} by disposition. This must never be: please report it.",
            style=BAD,
        )
    if stored != status.articles:
        return Text(
            f"{count(stored, 'delivery is', 'deliveries are')} stored, but there "
            f"{'is' if status.articles == 1 else 'are'} {count(status.articles, 'article')}. "
            "This must never be: please report it.",
            style=BAD,
        )
    match status.deliveries:
        case 0:
            return Text("Nothing has been delivered yet.")
        case 1:
            return Text("The one delivery is accounted for.", style="green")
        case number:
            return Text(f"All {number:,} deliveries are accounted for.", style="green")


# --- What moves -----------------------------------------------------------------------------


def _facts(status: Status, workers: Sequence[WorkerNow]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True, min_width=len("Deliveries"))
    table.add_column(overflow="fold")
    table.add_row("Backlog", _backlog(status))
    table.add_row("Rate", _rate(status))
    table.add_row("Queue", _queue(status))
    table.add_row("Intake", _intake(status))
    table.add_row("Workers", _workers(status, workers))
    if status.stories:
        table.add_row("Stories", _stories(status))
    return table


def _backlog(status: Status) -> Text:
    if status.pending_since is None:
        return Text("nothing is pending")
    waits = status.at - status.pending_since
    text = Text(
        f"{count(status.pending, 'delivery', 'deliveries')}, the oldest waits since "
        f"{_when(status.pending_since, status.at)}, {_about(waits)}; "
    )
    if status.left is not None:
        return text.append(f"{_about(status.left)} to go")
    if waits < JUST_COME:
        return text.append("just come")
    return text.append("not moving", style=BAD)


def _rate(status: Status) -> Text:
    if not status.per_minute and not status.arriving:
        return Text(f"nothing came and nothing ended in the last {RATE_MINUTES} minutes")
    return Text(f"{_figure(status.per_minute)} end a minute, {_figure(status.arriving)} arrive")


def _queue(status: Status) -> Text:
    if status.waiting is None or status.worked_on is None:
        return Text(
            "Redis cannot be reached, so nothing moves; what was delivered is safe in Postgres",
            style=BAD,
        )
    return Text(
        f"{count(status.waiting, 'message waits', 'messages wait')}, {status.worked_on:,} "
        f"{'is' if status.worked_on == 1 else 'are'} being worked on"
    )


def _intake(status: Status) -> Text:
    """Its heartbeats of the last day: hosts and containers come and go."""
    a_day_ago = status.at - timedelta(days=1)
    beats = [
        beat
        for beat in status.beats
        if beat.name.startswith("intake@") and beat.beat_at > a_day_ago
    ]
    if not beats:
        return Text("none has run for a day: `rotative up` or `rotative watch` starts one", BAD)
    late = BAD if all(beat.late for beat in beats) else "yellow"
    return Text("\n").join(_beat(beat, status.at, late) for beat in beats)


def _beat(beat: Beat, at: datetime, late: str) -> Text:
    ago = _about(at - beat.beat_at)
    if not beat.late:
        return shown(beat.name).append(f" wrote its heartbeat {ago} ago")
    return shown(beat.name).append(f" has been silent for {ago}", style=late)


def _workers(status: Status, workers: Sequence[WorkerNow]) -> Text:
    if status.waiting is None:
        return Text("cannot be asked without Redis", style="dim")
    if not workers:
        return Text("none answers: `rotative up` or `rotative worker` starts one", style=BAD)
    lines = []
    for worker in workers:
        lines.append(shown(worker.name).append("" if worker.tasks else " has nothing to do", "dim"))
        lines += [Text("  ").append_text(_line(task)) for task in worker.tasks]
    return Text("\n").join(lines)


def _stories(status: Status) -> Text:
    if not status.nameless:
        return Text(f"the last {status.stories:,} all name somebody or something")
    return Text(
        f"{status.nameless:,} of the last {status.stories:,} name nobody and nothing",
        style=BAD if status.nameless == status.stories else "",
    )


# --- What failed ----------------------------------------------------------------------------


def _quarantine(status: Status) -> Iterator[RenderableType]:
    quarantined, causes = status.in_all["quarantined"], status.causes
    if not quarantined:
        return
    yield Text()
    yield Text.assemble(
        ("Quarantine", BAD),
        f"  {count(quarantined, 'delivery', 'deliveries')}. Once the cause is put right, type:",
    )
    width = len(f"{causes[0].deliveries:,}") if causes else 1
    for cause in causes[:SEVERAL]:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(justify="right", min_width=width + 2, style="bold")
        table.add_column(overflow="fold")
        table.add_row(f"{cause.deliveries:,}", _line(cause.cause))
        table.add_row("", _where(cause, status.at))
        yield table
        # As one line, however long: the terminal wraps it, and it can be copied whole.
        yield Text(" " * (width + 4) + _retry(cause), style="cyan", no_wrap=True, overflow="ignore")
    if more := quarantined - sum(cause.deliveries for cause in causes[:SEVERAL]):
        yield Text(
            f"  and {more:,} for other causes, see Flower's page Articles or --json", style="dim"
        )


def _where(cause: Cause, at: datetime) -> Text:
    """Its feeds, and since when."""
    feeds = [feed or "no feed" for feed in cause.feeds[:FEEDS]]
    if (more := len(cause.feeds) - FEEDS) > 0:
        feeds.append(f"{more} more")
    first, last = _when(cause.first, at), _when(cause.last, at)
    since = f"at {first}" if first == last else f"since {first}, last at {last}"
    return Text.assemble(_line(", ".join(feeds)), f"; {since}", style="dim")


def _retry(cause: Cause) -> str:
    """What to type, on one line, and harmless wherever it is pasted."""
    if cause.cause.isprintable():
        return f"rotative retry --cause {shlex.quote(cause.cause)}"
    return f"rotative retry --step {shlex.quote(cause.step)}"


# --- Words ----------------------------------------------------------------------------------


def _line(text: str) -> Text:
    """Text of unknown origin on one line, cut if it is long."""
    line = shown(squeeze(text))
    line.truncate(LONGEST, overflow="ellipsis")
    return line


def _when(moment: datetime, at: datetime) -> str:
    """A time as this machine's clock told it, with the day if that was another."""
    here, today = moment.astimezone(), at.astimezone()
    if here.date() == today.date():
        return f"{here:%H:%M}"
    return f"{here:%-d %b %H:%M}" if here.year == today.year else f"{here:%-d %b %Y}"


def _about(span: timedelta) -> str:
    """A length of time in whole seconds, or minutes from one on: ``4 s``, ``1 h 5 min``."""
    unit = timedelta(seconds=1) if span < _MINUTE else _MINUTE
    return duration(max(span // unit, 1) * unit).replace(".0 s", " s")


def _figure(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")
