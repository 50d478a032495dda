"""What each article of a story is in it: the original, a version of it, a copy, a withdrawal.

It depends on the articles alone, never on the order in which they were given or stored before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.stories.changes import Reading, matters
from worker.core.stories.fingerprint import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from worker.core.article import Stated
    from worker.core.stories.kinds import Notice, Role

_NOTE: Final = 4  # a text so many times shorter than the story is a note on it, and tells it not


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story, with what tells its place in it."""

    id: int
    feed: str | None
    agencies: frozenset[str]
    """Whose it is, see `agencies`."""
    published: date | None
    first_seen: datetime
    lead: str | None
    body: str
    """Its beginning at least, as far as it is compared."""
    stated: Stated | None

    @property
    def text(self) -> str:
        """What of it is compared."""
        return text_of(self.lead, self.body)

    @property
    def came(self) -> date:
        """The day that it came, in UTC."""
        return self.first_seen.astimezone(UTC).date()

    @property
    def day(self) -> date:
        """The day that it states, or else that it came."""
        return self.published or self.came


class Place(NamedTuple):
    """What an article is in its story."""

    id: int
    role: Role
    version: int | None
    """1, 2, 3 … of the original and its versions."""
    current: bool
    """Whether it stands for the story."""


def agencies(dateline_agency: str | None, signature: str | None) -> frozenset[str]:
    """Who made an article, folded: ``VNA/CVN`` is from both."""
    printed = "/".join(filter(None, (dateline_agency, signature))).casefold()
    return frozenset(filter(None, map(str.strip, printed.split("/"))))


def same_source(one: Member, other: Member) -> bool:
    """Whether both came by one feed, or are of one agency."""
    return one.feed == other.feed or not one.agencies.isdisjoint(other.agencies)


def arrange(members: Sequence[Member]) -> list[Place]:
    """The places of all articles of one story, in the order of the story.

    The first that withdraws nothing is the original. What comes later is a version, if its source
    has told the story and it says that it corrects or goes on; or if its source has told what a
    version did, and its figures, names or paragraphs are others than in every version before. All
    else are copies. The newest version is current, unless it is but a note on the story; in a story
    that was withdrawn, none is.
    """
    told = _in_order(members)
    story = _Story()
    roles = [story.role(member) for member in told]
    numbers = {version.id: number for number, version in enumerate(story.versions, start=1)}
    current = None if "withdrawal" in roles else story.current
    return [
        Place(member.id, role, numbers.get(member.id), member is current)
        for member, role in zip(told, roles, strict=True)
    ]


class _Story:
    """What was told up to some point."""

    def __init__(self) -> None:
        self.versions: list[Member] = []
        self.current: Member | None = None
        """The newest version that tells the story."""
        self._read: list[Reading] = []
        self._told: list[Member] = []
        self._faithful: list[Member] = []
        """The versions, and copies that tell just what one of them does."""

    def role(self, member: Member) -> Role:
        """What the next member in the order is."""
        if _withdraws(member):
            return "withdrawal"
        reading = Reading.of(member.text)
        repeated = [
            version
            for version, read in zip(self.versions, self._read, strict=True)
            if not matters(read, reading)
        ]
        # What says that it is new is: unless just that was said before.
        repeats = any(member.stated is None or _said(each) == _said(member) for each in repeated)
        before = self._told if member.stated else self._faithful
        ours = not self._told or any(same_source(member, each) for each in before)
        self._told.append(member)
        if repeated or (ours and not repeats):
            self._faithful.append(member)
        if repeats or not ours:
            return "copy"
        self.versions.append(member)
        self._read.append(reading)
        if not self.current or _NOTE * len(member.text) >= len(self.current.text):
            self.current = member
        return "version" if len(self.versions) > 1 else "original"


def _withdraws(member: Member) -> bool:
    return member.stated is not None and member.stated.kind == "withdrawal"


def _said(member: Member) -> tuple[Notice, int | None] | None:
    return (member.stated.kind, member.stated.number) if member.stated else None


def _in_order(members: Sequence[Member]) -> list[Member]:
    """By day and by arrival, but for what articles say of themselves.

    First and second leads of a day are in the order that they state. Files that came in one go
    have no order among them: there, what states nothing comes first. And what corrects or goes on
    with something is not the first of all where its source told the story without on that day.
    """
    days = _days(members)
    arrived = sorted(
        members,
        key=lambda each: (
            *(days[each.id], each.first_seen, each.stated is not None, each.published is None),
            each.id,
        ),
    )
    told = [
        member
        for day, those in groupby(arrived, key=lambda each: days[each.id])
        for member in _numbered(_of_day(day, list(those)))
    ]
    first = _first(told, days)
    return sorted(told, key=lambda each: each is not first)


def _days(members: Sequence[Member]) -> dict[int, date]:
    """The day of each: the one that it states, or else one that it cannot be much younger than.

    That is the day that it came, or an earlier one that an article states which came then or
    later: of an archive that is loaded at once, all came on one day.
    """
    stated = [(each.came, each.published) for each in members if each.published]
    return {
        each.id: each.published
        or min([each.came, *(day for came, day in stated if came >= each.came)])
        for each in members
    }


def _of_day(day: date, members: list[Member]) -> list[Member]:
    """The members of a day, those that may be older behind what states nothing.

    So what states no day supersedes no correction that came with it. Of those, what has a source
    of that day told it before others did.
    """
    older = [each for each in members if each.published is None and day < each.came]
    sure = [each for each in members if each not in older]
    silent = sorted(
        (each for each in older if each.stated is None),
        key=lambda each: not any(same_source(each, other) for other in sure),
    )
    at = next((place for place, each in enumerate(sure) if each.stated), len(sure))
    return [*sure[:at], *silent, *sure[at:], *(each for each in older if each.stated)]


def _numbered(day: list[Member]) -> Iterator[Member]:
    """The members of a day, those that state numbers changed round among themselves."""
    stated = [each for each in day if _number(each)]
    counted = iter(sorted(stated, key=lambda each: (_number(each), each.first_seen, each.id)))
    for each in day:
        yield next(counted) if _number(each) else each


def _number(member: Member) -> int:
    return (member.stated and member.stated.number) or 0


def _first(told: Sequence[Member], days: Mapping[int, date]) -> Member | None:
    """The member that all others come after; one that states no day may be as old as need be."""
    first = next((each for each in told if not _withdraws(each)), None)
    if first is None or first.stated is None:
        return first
    return next(
        (
            each
            for each in told
            if each.stated is None
            and (each.published is None or days[each.id] == days[first.id])
            and same_source(each, first)
        ),
        first,
    )
