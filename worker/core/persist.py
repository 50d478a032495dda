"""From an enriched article to the rows that stand for it in the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from worker.core.characters import squeeze

if TYPE_CHECKING:
    from worker.core.article import EnrichedArticle, Label, Mention


class EntityRow(NamedTuple):
    """An entity under its stable key."""

    key: str
    label: Label
    canonical: str


class AliasRow(NamedTuple):
    """A spelling of an entity's name that occurred."""

    key: str
    surface: str


@dataclass(frozen=True, slots=True)
class ArticleRows:
    """All rows of one article; entities and aliases each once, in the order of their keys.

    That order is the same for every writer, so that two that write the same entities cannot wait
    for each other.
    """

    article: dict[str, object]
    """Values by column name."""
    entities: tuple[EntityRow, ...]
    aliases: tuple[AliasRow, ...]
    mentions: tuple[Mention, ...]


def rows(enriched: EnrichedArticle) -> ArticleRows:
    """The rows to write for an article."""
    return ArticleRows(
        article=_article(enriched),
        entities=_entities(enriched),
        aliases=tuple(
            sorted(
                {
                    AliasRow(mention.entity, squeeze(mention.surface))
                    for mention in enriched.mentions
                    if mention.entity is not None
                }
            )
        ),
        mentions=enriched.mentions,
    )


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
        "removed": list(map(asdict, clean.removed)),
        "repairs": list(map(asdict, clean.repairs)),
        "language": enriched.language,
        "words": _words(clean.body),
        "format": clean.format,
        "encoding": clean.encoding,
        "flags": list(clean.flags),
        "cleaner": clean.cleaner,
        "recogniser": enriched.recogniser,
    }


def _words(text: str) -> int:
    """How many words there are; dashes and French punctuation between blanks are none."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _entities(enriched: EnrichedArticle) -> tuple[EntityRow, ...]:
    """The entities that are named, each by the name that most of its mentions have."""
    named: dict[str, list[Mention]] = defaultdict(list)
    for mention in enriched.mentions:
        if mention.entity is not None:
            named[mention.entity].append(mention)
    return tuple(
        EntityRow(key, mentions[0].label, _usual_name(mentions))
        for key, mentions in sorted(named.items())
    )


def _usual_name(mentions: list[Mention]) -> str:
    names = Counter(mention.canonical or squeeze(mention.surface) for mention in mentions)
    return names.most_common(1)[0][0]
