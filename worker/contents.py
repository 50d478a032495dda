"""Raw bytes and who owns a content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, SmallInteger, Text, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from models import Claim, Delivery, RawContent
from worker.core.dedupe import NORMALISATION
from worker.sql import among, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection


def raw_bytes(connection: Connection, deliveries: Collection[int]) -> dict[int, bytes]:
    """The bytes of each delivery, in the order of their ids."""
    statement = (
        select(Delivery.id, RawContent.data)
        .join(RawContent, RawContent.sha256 == Delivery.raw_sha256)
        .where(Delivery.id == among(deliveries))
        .order_by(Delivery.id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def claim(connection: Connection, hashes: Mapping[int, str]) -> dict[int, int]:
    """Record each delivery's content hash, and claim it; returns the owner by delivery.

    Of several claims on one hash, in this batch or in transactions side by side, the unique key
    lets one in; the others see who won once that one has committed. Hashes go in sorted, so two
    batches that share some cannot wait for each other in a circle.
    """
    given = values_table({"id": BigInteger, "hash": Text}, hashes.items())
    connection.execute(
        update(Delivery).where(Delivery.id == given.c.id).values(content_hash=given.c.hash)
    )
    first: dict[str, int] = {}
    for delivery, content in sorted(hashes.items()):
        first.setdefault(content, delivery)
    claims = values_table({"hash": Text, "id": BigInteger}, sorted(first.items()))
    connection.execute(
        insert(Claim)
        .from_select(
            ["content_hash", "normalisation", "delivery_id"],
            select(claims.c.hash, literal(NORMALISATION, SmallInteger), claims.c.id),
        )
        .on_conflict_do_nothing()
    )
    owners = dict(
        connection.execute(
            select(Claim.content_hash, Claim.delivery_id).where(
                Claim.content_hash == among(first, Text),
                Claim.normalisation == NORMALISATION,
            )
        ).all()
    )
    return {delivery: owners[content] for delivery, content in hashes.items()}
