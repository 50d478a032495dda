"""From an enriched article to the rows that stand for it in the database."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from worker.core.article import Removed, Repair
from worker.core.characters import squeeze
from worker.core.enrich import aliases
from worker.core.enrich.folding import label_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.core.article import EnrichedArticle, Label, Mention

NamedBy = Literal["key", "text", "file"]
NAMED_BY: Final[tuple[NamedBy, ...]] = ("key", "text", "file")
"""Where the machine has an entity's name from, the best last: from its key alone, where no text
named it yet; from the spellings in texts; from the linker's file of names."""

_WORD: Final = re.compile(r"[^\W_]\S*")  # from its first letter or digit on


class EntityRow(NamedTuple):
    """An entity under its stable key."""

    key: str
    label: Label
    named: str
    """The name that the machine has for it."""
    named_by: NamedBy
    wikidata: str | None
    """``Q881``, where the linker's file knows it."""


@dataclass(frozen=True, slots=True)
class ArticleRows:
    """All rows of one article; entities each once, in the order of their keys.

    That order is the same for every writer, so that two that write the same entities cannot wait
    for each other.
    """

    article: dict[str, object]
    """Values by column name."""
    entities: tuple[EntityRow, ...]
    """Those that the linker found, whatever people decided since."""
    mentions: tuple[Mention, ...]


def rows(enriched: EnrichedArticle) -> ArticleRows:
    """The rows to write for an article."""
    return ArticleRows(
        article=_article(enriched), entities=_entities(enriched), mentions=enriched.mentions
    )


def unmet(key: str) -> EntityRow:
    """An entity that a person named by its key before any text did."""
    return _entity(key, key.partition(":")[2].replace("-", " "), "key")


def best_named(rows: Iterable[EntityRow]) -> dict[str, EntityRow]:
    """Of the rows of each key the one with the best name, by key."""
    ordered = sorted(rows, key=lambda row: (NAMED_BY.index(row.named_by), fullness(row.named)))
    return {row.key: row for row in ordered}


def fullness(name: str) -> tuple[int, str]:
    """What the fullest spelling of a name has most of, whatever the order they are met in.

    First the bytes beyond one for each character, which count diacritics: ``Lê Hoài Trung`` goes
    before ``Le Hoai Trung``. Then the code points in their order, in which small letters come after
    capitals: ``Vietnam`` goes before ``VIETNAM``. `worker.entities` says the same in SQL.
    """
    return len(name.encode()) - len(name), name


def _article(enriched: EnrichedArticle) -> dict[str, object]:
    clean = enriched.clean
    return {
        "title": clean.title,
        "lead": clean.lead,
        "body": clean.body,
        "published": date.fromisoformat(clean.published) if clean.published else None,
        "dateline_place": clean.dateline.place if clean.dateline else None,
        "dateline_agency": clean.dateline.agency if clean.dateline else None,
        "byline": clean.byline,
        "signature": clean.signature,
        "credits": list(clean.credits),
        "related": list(clean.related),
        "removed": _plain(clean.removed, Removed),
        "repairs": _plain(clean.repairs, Repair),
        "language": enriched.language,
        "words": _words(clean.body),
        "format": clean.format,
        "encoding": clean.encoding,
        "flags": list(clean.flags),
        "cleaner": clean.cleaner,
        "recogniser": enriched.recogniser,
        "enricher": enriched.enricher,
        "entities_by": enriched.entities_by,
    }


def _plain(all_: Iterable[Removed] | Iterable[Repair], kind: type) -> list[dict[str, object]]:
    """As dictionaries, a tenth of what `dataclasses.asdict` takes, which copies what is deep."""
    names = [field.name for field in fields(kind)]
    return [{name: getattr(each, name) for name in names} for each in all_]


def _words(text: str) -> int:
    """How many words there are; dashes and French punctuation between blanks are none."""
    return len(_WORD.findall(text))


def _entities(enriched: EnrichedArticle) -> tuple[EntityRow, ...]:
    """The entities that are named, each by the fullest of the names that its mentions have."""
    named: dict[str, set[str]] = defaultdict(set)
    for mention in enriched.mentions:
        if mention.entity is not None:
            named[mention.entity].add(mention.canonical or squeeze(mention.surface))
    return tuple(
        _entity(key, max(names, key=fullness), "text") for key, names in sorted(named.items())
    )


def _entity(key: str, name: str, named_by: NamedBy) -> EntityRow:
    known = aliases.name(key)
    return EntityRow(
        key, label_of(key), known or name, "file" if known else named_by, aliases.wikidata(key)
    )
