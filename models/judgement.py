"""Judgements: what people decided about entities."""

from __future__ import annotations

import uuid as uuids
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of

KINDS = ("merge", "split", "rename", "ignore")


class Judgement(Base):
    """A decision of a person, kept for ever; `worker.core.enrich.judgements` says what it means."""

    __tablename__ = "judgements"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    """For people to name it by, in this database."""
    uuid: Mapped[uuids.UUID] = mapped_column(UUID, unique=True)
    """The same in every database that it is replayed in."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Judgements count in this order."""
    made_by: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    surface: Mapped[str | None] = mapped_column(Text)
    """Evidence of a split, as are the next two; all that are given must hold."""
    content_hash: Mapped[str | None] = mapped_column(Text)
    with_key: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint("(kind IN ('merge', 'split')) = (target IS NOT NULL)", name="target"),
        CheckConstraint("(kind IN ('rename', 'split')) = (name IS NOT NULL)", name="name"),
        CheckConstraint(
            "(kind = 'split') = (num_nonnulls(surface, content_hash, with_key) > 0)",
            name="evidence",
        ),
        CheckConstraint("key <> target", name="not_own_target"),
    )
