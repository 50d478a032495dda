"""Raw bytes, and who owns a content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, SmallInteger, Text, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from models import Claim, Delivery, RawContent
from worker.core.article import RawArticle
from worker.core.dedupe import NORMALISATION
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

_RAW_ARTICLES = (
    select(Delivery.id, Delivery.file, Delivery.feed, RawContent.data)
    .join(RawContent, RawContent.sha256 == Delivery.raw_sha256)
    .where(Delivery.id == among("ids"))
    .order_by(Delivery.id)
)


def raw_articles(connection: Connection, deliveries: Collection[int]) -> dict[int, RawArticle]:
    """The file of each delivery, in the order of their ids."""
    rows = connection.execute(_RAW_ARTICLES, {"ids": list(deliveries)})
    return {delivery: RawArticle(file, feed, data) for delivery, file, feed, data in rows}


_HASHED = values_table(delivery=BigInteger, hash=Text)
_RECORD = (
    update(Delivery).where(Delivery.id == _HASHED.c.delivery).values(content_hash=_HASHED.c.hash)
)
_CLAIM = (
    insert(Claim)
    .from_select(
        ["content_hash", "normalisation", "delivery_id"],
        select(_HASHED.c.hash, literal(NORMALISATION, SmallInteger), _HASHED.c.delivery),
    )
    .on_conflict_do_nothing()
)
_OWNERS = select(Claim.content_hash, Claim.delivery_id).where(
    Claim.content_hash == among("hashes", Text), Claim.normalisation == NORMALISATION
)


def claim(connection: Connection, hashes: Mapping[int, str]) -> dict[int, int]:
    """Record each delivery's content hash, and claim it; returns the owner by delivery.

    Of several claims on one hash, in this batch or in transactions side by side, the unique key
    lets one in; the others see who won once that one has committed. Hashes go in sorted, so two
    batches that share some cannot wait for each other in a circle.
    """
    connection.execute(_RECORD, by_column(_HASHED, hashes.items()))
    first: dict[str, int] = {}
    for delivery, content in sorted(hashes.items()):
        first.setdefault(content, delivery)
    claims = [(delivery, content) for content, delivery in sorted(first.items())]
    connection.execute(_CLAIM, by_column(_HASHED, claims))
    owners = dict(connection.execute(_OWNERS, {"hashes": list(first)}).all())
    return {delivery: owners[content] for delivery, content in hashes.items()}
