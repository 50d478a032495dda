"""Deliveries: what arrived, what became of it, and every attempt on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from worker.core.stories.kinds import Level

Disposition = Literal["pending", "stored", "duplicate", "rejected", "quarantined"]
DISPOSITIONS: tuple[Disposition, ...] = (
    "pending",
    "stored",
    "duplicate",
    "rejected",
    "quarantined",
)
Folder = Literal["processed", "deleted", "rejected", "quarantine"]
ClaimedBy = Literal["text", "body"]
FOLDERS: tuple[Folder, ...] = ("processed", "deleted", "rejected", "quarantine")

# Failures that differ in names, numbers and addresses only have one cause: what is quoted, hashes
# and numbers become dots.
_CAUSE = r"""
CASE WHEN disposition = 'quarantined' THEN left(step || ': ' ||
    regexp_replace(regexp_replace(regexp_replace(split_part(reason, E'\n', 1),
        '"[^"]*"|«[^»]*»|“[^”]*”|`[^`]*`|(?<!\w)''[^'']*''(?!\w)', '…', 'g'),
        '\m(0x)?(?=[a-f]*\d)[0-9a-f]{8,}\M', '…', 'g'),
        '\d+([.,:-]\d+)*', '…', 'g'), 300) END
"""
MISFILED = """
folder IS NOT NULL AND CASE disposition
    WHEN 'quarantined' THEN folder <> 'quarantine'
    WHEN 'rejected' THEN folder <> 'rejected'
    WHEN 'pending' THEN false
    ELSE folder IN ('quarantine', 'rejected') END
"""


LOST = datetime(1970, 1, 1, tzinfo=UTC)
"""``queued_at`` of a delivery that is known to be in no message."""


class RawContent(Base):
    """Bytes as they were delivered, kept once however often they arrive."""

    __tablename__ = "raw_contents"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    """``sha256:<hex>`` of ``data``."""
    data: Mapped[bytes] = mapped_column(LargeBinary)
    first_seen: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Delivery(Base):
    """One arrival of one file. It ends in exactly one disposition."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    feed: Mapped[str | None] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    """Path below the feed, with undecodable bytes escaped."""
    arrival: Mapped[str] = mapped_column(Text, unique=True)
    """Fingerprint of the file as it lay in the inbox: taking it twice, after a crash or by two
    intakes, is one delivery. Random for what `rotative ingest` takes from elsewhere."""
    raw_sha256: Mapped[str | None] = mapped_column(ForeignKey("raw_contents.sha256"))
    """Null only where the file was too large to keep."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    queued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """When it was last handed to the broker; the reconciler looks at this."""
    bulk: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Whether it was handed to the queue of what comes in bulk; order holds within one only."""
    disposition: Mapped[str] = mapped_column(Text, server_default="pending")
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was rejected (``no-body: …``) or quarantined, in words."""
    step: Mapped[str | None] = mapped_column(Text)
    """The step that rejected or failed it."""
    cause: Mapped[str | None] = mapped_column(Text, Computed(_CAUSE, persisted=True))
    """What those that are quarantined for the same have in common: ``enrich: KeyError: …``."""
    content_hash: Mapped[str | None] = mapped_column(Text)
    """``sha256:<hex>`` of the normalised text, once dedupe has seen it."""
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))
    level: Mapped[Level | None] = mapped_column(Text)
    """What a duplicate has in common with that one; null where it was written before that was."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When an operator last sent it again; attempts from before count no longer."""
    folder: Mapped[Folder | None] = mapped_column(Text)
    """Where intake has put its file, or left it none; null where it never was in the inbox."""

    __table_args__ = (
        CheckConstraint(one_of("disposition", DISPOSITIONS), name="disposition"),
        CheckConstraint(one_of("folder", FOLDERS), name="folder"),
        CheckConstraint("(disposition = 'pending') = (ended_at IS NULL)", name="ended"),
        CheckConstraint(
            "(disposition = 'duplicate') = (duplicate_of IS NOT NULL)", name="duplicate_of"
        ),
        CheckConstraint("duplicate_of <> id", name="not_own_duplicate"),
        CheckConstraint(one_of("level", get_args(Level)), name="level"),
        CheckConstraint("level IS NULL OR disposition = 'duplicate'", name="level_of_duplicate"),
        CheckConstraint(
            "disposition NOT IN ('rejected', 'quarantined') OR reason IS NOT NULL", name="reason"
        ),
        CheckConstraint("disposition <> 'stored' OR content_hash IS NOT NULL", name="hashed"),
        CheckConstraint("raw_sha256 IS NOT NULL OR disposition = 'rejected'", name="raw_kept"),
        Index(
            "ix_deliveries_pending", "queued_at", postgresql_where=text("disposition = 'pending'")
        ),
        Index(
            "ix_deliveries_quarantined",
            "cause",
            "ended_at",
            postgresql_where=text("disposition = 'quarantined'"),
        ),
        Index("ix_deliveries_misfiled", "id", postgresql_where=text(MISFILED)),
        Index(None, "disposition", "received_at"),
        Index(None, "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index(None, "feed", "received_at"),
        Index(None, "duplicate_of", postgresql_where=text("duplicate_of IS NOT NULL")),
        Index(None, "raw_sha256"),
    )


class Claim(Base):
    """Which delivery owns a content. The first to insert it does; there is no other check."""

    __tablename__ = "claims"

    content_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    normalisation: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Version of the rules that the hash was made with."""
    level: Mapped[ClaimedBy] = mapped_column(Text, server_default="text")
    """What was hashed: all of the normalised text, or the body of the cleaned article."""
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))

    __table_args__ = (
        CheckConstraint(one_of("level", get_args(ClaimedBy)), name="level"),
        Index(None, "delivery_id"),
    )


class Attempt(Base):
    """One start of one step on one delivery, written *before* the work.

    An attempt without an outcome is running, or its process died: counting those is what keeps
    a file that kills its worker from looping for ever.
    """

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(Text)
    task_id: Mapped[str] = mapped_column(Text)
    worker: Mapped[str | None] = mapped_column(Text)
    """Whose it is; see `models.Worker`."""
    retries: Mapped[int] = mapped_column(SmallInteger)
    """How often the task had gone back to the broker before."""
    started_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)
    """``done``; ``failed`` by the article; ``interrupted`` by a fault of the services; ``died``."""
    error: Mapped[str | None] = mapped_column(Text)
    """``Kind: message`` of what failed it."""
    traceback: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(
            one_of("outcome", ("done", "failed", "interrupted", "died")), name="outcome"
        ),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(outcome = 'failed') = (error IS NOT NULL)", name="error"),
        Index(None, "delivery_id", "step"),
        Index(None, "task_id"),
        Index("ix_attempts_open", "worker", postgresql_where=text("outcome IS NULL")),
    )


class Retry(Base):
    """An operator sent a delivery again, and how it stood before."""

    __tablename__ = "retries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    made_by: Mapped[str] = mapped_column(Text)
    disposition: Mapped[str] = mapped_column(Text)
    step: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index(None, "delivery_id"),)
