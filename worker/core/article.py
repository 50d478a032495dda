"""What an article is at each station of its way: raw, clean, enriched.

All offsets are half-open, count Unicode code points, and ``removed`` and ``repairs`` refer to the
*decoded* text (see ``clean.decode``); mentions refer to the field that they stand in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from worker.core.stories.kinds import Notice  # noqa: TC001 - pydantic reads it

RemovedKind = Literal[
    "header",
    "caption",
    "credit",
    "related",
    "teaser",
    "duplicate-title",
    "tracking",
    "navigation",
    "whitespace",
]
Format = Literal["text", "html", "newsml-g2", "nitf"]
FieldName = Literal["title", "lead", "body"]
Label = Literal["PER", "ORG", "LOC", "MISC", "DATE", "MONEY"]
EntitiesBy = Literal["model", "rules", "none"]

ENRICHER: Final = "1"
"""Version of the rules and of the linking of the enrich step."""
LABELS: Final[frozenset[Label]] = frozenset(get_args(Label))
VALUES: Final[frozenset[Label]] = frozenset({"DATE", "MONEY"})
"""Labels of what is no entity."""
FIELDS: tuple[FieldName, ...] = ("title", "lead", "body")


@dataclass(frozen=True, slots=True)
class RawArticle:
    """The bytes of one file as they were delivered."""

    file: str
    feed: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Dateline:
    """Where a story was filed from, and by which agency: ``Hanoï (VNA) –``."""

    place: str | None
    agency: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch of the decoded text that is in no field, and what it was."""

    kind: RemovedKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Repair:
    """A stretch of the decoded text that stands in a field in another spelling."""

    start: int
    end: int
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What an article says of itself to editors: ``RECTIFICATIF``, ``2e lead``, ``ANNULATION``."""

    kind: Notice
    number: int | None = None
    """2 of a second lead."""
    about: tuple[str, ...] = ()
    """Headlines of what it corrects, continues or withdraws: its own, and those that it quotes."""


@dataclass(frozen=True, slots=True)
class CleanArticle:
    """A story without what surrounded it; ``None`` or ``()`` where the file has no such part."""

    title: str | None
    lead: str | None
    body: str
    """Paragraphs, joined by one blank line."""
    published: str | None
    """ISO 8601 date, as stated in the file; never guessed."""
    dateline: Dateline | None
    byline: str | None
    signature: str | None
    credits: tuple[str, ...]
    related: tuple[str, ...]
    removed: tuple[Removed, ...]
    repairs: tuple[Repair, ...]
    encoding: str
    cleaner: str
    """Version of the rules that made this."""
    format: Format = "text"
    """What the text was read out of; of markup, all offsets refer to the text that was found."""
    flags: tuple[str, ...] = ()
    """What was wrong with the characters: ``mojibake``, ``replacement-characters`` …"""
    stated_language: str | None = None
    """ISO 639-1, where markup states it."""
    stated: Stated | None = None
    """What it says of itself, if it corrects, continues or withdraws something."""

    def field(self, name: FieldName) -> str:
        """The text of a field, empty where the file has none."""
        return {"title": self.title, "lead": self.lead, "body": self.body}[name] or ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a field: ``field[start:end] == surface``."""

    field: FieldName
    start: int
    end: int
    surface: str
    label: Label
    canonical: str | None
    """The entity's name in French; an ISO date for DATE; ``"4100000000 USD"`` for MONEY."""
    entity: str | None
    """Stable key of the entity that the linker found, before any judgement; ``None`` for DATE and
    MONEY, which name none."""


@dataclass(frozen=True, slots=True)
class EnrichedArticle:
    """A clean article, its language, and who and what it names."""

    clean: CleanArticle
    language: str | None
    """ISO 639-1."""
    mentions: tuple[Mention, ...]
    recogniser: str
    """Name and version of what found the mentions; ``none`` where no model knows the language."""
    enricher: str = "0"
    """Version of the rules and of the linking; ``0`` before it was written down."""
    entities_by: EntitiesBy = "none"
    """What kind of recogniser it was."""
