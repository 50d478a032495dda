"""The public JSON object of a delivery: one shape for ``process`` and ``export``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from worker.core.article import EnrichedArticle

_OF_ARTICLE: Final = (
    *("title", "lead", "body", "published", "dateline", "byline", "signature", "credits"),
    *("language", "related", "removed", "repairs", "mentions"),
    *("format", "encoding", "flags", "cleaner", "recogniser", "enricher", "entities_by"),
)


def record(  # noqa: PLR0913 - one for each field that is not the article's
    *,
    file: str,
    feed: str | None,
    disposition: str,
    reason: str | None,
    content_hash: str | None,
    article: EnrichedArticle | None,
) -> dict[str, object]:
    """What is known of a delivery, every field in its place and None where unknown.

    The object holds nothing but what JSON can say.
    """
    return {
        "file": file,
        "feed": feed,
        "disposition": disposition,
        "reason": reason,
        "content_hash": content_hash,
        **(_article(article) if article else dict.fromkeys(_OF_ARTICLE)),
    }


def _article(enriched: EnrichedArticle) -> dict[str, object]:
    clean = enriched.clean
    return {
        "title": clean.title,
        "lead": clean.lead,
        "body": clean.body,
        "published": clean.published,
        "dateline": asdict(clean.dateline) if clean.dateline else None,
        "byline": clean.byline,
        "signature": clean.signature,
        "credits": list(clean.credits),
        "language": enriched.language,
        "related": list(clean.related),
        "removed": list(map(asdict, clean.removed)),
        "repairs": list(map(asdict, clean.repairs)),
        "mentions": list(map(asdict, enriched.mentions)),
        "format": clean.format,
        "encoding": clean.encoding,
        "flags": list(clean.flags),
        "cleaner": clean.cleaner,
        "recogniser": enriched.recogniser,
        "enricher": enriched.enricher,
        "entities_by": enriched.entities_by,
    }
