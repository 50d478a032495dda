"""Raw bytes, and who owns a content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, SmallInteger, Text, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from models import Claim, Delivery, RawContent
from worker.core.article import RawArticle
from worker.core.dedupe import NORMALISATION
from worker.core.stories.fingerprint import FINGERPRINT
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from models.delivery import ClaimedBy

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
_VERSION = bindparam("version", type_=SmallInteger)
_LEVEL = bindparam("claimed_by", type_=Text)
_CLAIM = (
    insert(Claim)
    .from_select(
        ["content_hash", "normalisation", "level", "delivery_id"],
        select(_HASHED.c.hash, _VERSION, _LEVEL, _HASHED.c.delivery),
    )
    .on_conflict_do_nothing()
)
_OWNERS = (
    select(Claim.content_hash, Claim.delivery_id)
    .where(Claim.content_hash == among("hashes", Text), Claim.normalisation == _VERSION)
    .order_by(Claim.content_hash)
)
_OWNERS_THAT_STAY = _OWNERS.with_for_update(read=True)


def claim(connection: Connection, hashes: Mapping[int, str]) -> dict[int, int]:
    """Record each delivery's content hash, and claim it; returns the owner by delivery.

    An owner that is another delivery stays that until the commit; see `lead_on`.
    """
    connection.execute(_RECORD, by_column(_HASHED, hashes.items()))
    owners = _claim(connection, hashes, "text", NORMALISATION)
    others = [content for delivery, content in hashes.items() if owners[content] != delivery]
    if others:
        values = {"hashes": others, "version": NORMALISATION}
        owners |= dict(connection.execute(_OWNERS_THAT_STAY, values).all())
    return {delivery: owners[content] for delivery, content in hashes.items()}


def claim_bodies(connection: Connection, bodies: Mapping[int, str]) -> dict[int, int]:
    """Claim the body of each delivery's article, by its key; returns the owner by delivery."""
    owners = _claim(connection, bodies, "body", FINGERPRINT)
    return {delivery: owners[body] for delivery, body in bodies.items()}


def _claim(
    connection: Connection, hashes: Mapping[int, str], level: ClaimedBy, version: int
) -> dict[str, int]:
    """Claim hashes; returns the owner of each.

    Of several claims on one hash, in this batch or in transactions side by side, the unique key
    lets one in; the others see who won once that one has committed. Hashes go in sorted, so two
    batches that share some cannot wait for each other in a circle.
    """
    first: dict[str, int] = {}
    for delivery, content in sorted(hashes.items()):
        first.setdefault(content, delivery)
    claims = [(delivery, content) for content, delivery in sorted(first.items())]
    values = {"version": version, "claimed_by": level}
    connection.execute(_CLAIM, values | by_column(_HASHED, claims))
    return dict(connection.execute(_OWNERS, {"hashes": list(first), "version": version}).all())


_RELEASE_BODIES = delete(Claim).where(Claim.delivery_id == among("ids"), Claim.level == "body")


def release_bodies(connection: Connection, deliveries: Collection[int]) -> None:
    """Give up the claims on bodies that these deliveries' articles had until now."""
    connection.execute(_RELEASE_BODIES, {"ids": list(deliveries)})


_LED = values_table(delivery=BigInteger, owner=BigInteger)
_CLAIMS_OF = (
    select(Claim.content_hash)
    .where(Claim.delivery_id == among("ids"), Claim.level == "text")
    .order_by(Claim.content_hash)
    .with_for_update()
)
_LEAD_CLAIMS_ON = (
    update(Claim)
    .where(Claim.delivery_id == _LED.c.delivery, Claim.level == "text")
    .values(delivery_id=_LED.c.owner)
)
_LEAD_DUPLICATES_ON = (
    update(Delivery)
    .where(Delivery.duplicate_of == _LED.c.delivery)
    .values(duplicate_of=_LED.c.owner, level="body")
)


def lead_on(connection: Connection, owners: Mapping[int, int]) -> None:
    """Give what deliveries own to the owners of their bodies, and duplicates of theirs likewise.

    So a duplicate is one of a delivery that is none itself. Whoever finds a duplicate meanwhile
    holds the claim that says of what, and is waited for.
    """
    if owners:
        connection.execute(_CLAIMS_OF, {"ids": list(owners)})
        values = by_column(_LED, owners.items())
        connection.execute(_LEAD_CLAIMS_ON, values)
        connection.execute(_LEAD_DUPLICATES_ON, values)
