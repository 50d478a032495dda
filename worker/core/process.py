"""The whole way of one file through core, without database or broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.core import dedupe
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.enrich import enrich
from worker.core.record import record
from worker.errors import Permanent, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.core.article import CleanArticle, EnrichedArticle, RawArticle
    from worker.core.clean.decode import Decoded
    from worker.core.enrich.recognise import Recogniser


def made_of(
    raw: RawArticle, recognisers: Mapping[str, Recogniser], max_bytes: int
) -> EnrichedArticle:
    """The article of a file; raises ``Permanent`` if the file is none."""
    return enrich([cleaned(raw, max_bytes)], recognisers)[0]


def cleaned(raw: RawArticle, max_bytes: int) -> CleanArticle:
    """The clean article of a file; raises ``Permanent`` if the file is none."""
    return clean(_decoded(raw, max_bytes), raw.file)


def _decoded(raw: RawArticle, max_bytes: int) -> Decoded:
    if len(raw.data) > max_bytes:
        raise too_large(max_bytes)
    return decode(raw.data)


def process(
    raw: RawArticle, recognisers: Mapping[str, Recogniser], max_bytes: int
) -> dict[str, object]:
    """The record of a file: "stored" with its article, or "rejected" with the reason."""
    content_hash = None
    try:
        decoded = _decoded(raw, max_bytes)
        content_hash = dedupe.content_hash(decoded.text)
        article = clean(decoded, raw.file)
    except Permanent as error:
        return record(
            file=raw.file,
            feed=raw.feed,
            disposition="rejected",
            reason=str(error),
            content_hash=content_hash,
            article=None,
        )
    return record(
        file=raw.file,
        feed=raw.feed,
        disposition="stored",
        reason=None,
        content_hash=content_hash,
        article=enrich([article], recognisers)[0],
    )
