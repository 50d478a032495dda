"""Alarms: what is not as usual."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Double, Identity, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Alarm(Base):
    """Something out of its usual range, from when it was noticed until it was over."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    feed: Mapped[str | None] = mapped_column(Text)
    """Null where it is not about one feed."""
    figure: Mapped[float] = mapped_column(Double)
    usual_low: Mapped[float | None] = mapped_column(Double)
    usual_high: Mapped[float | None] = mapped_column(Double)
    sentence: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    cleared_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the webhook took it; null where there is none, or none would take it yet."""

    __table_args__ = (
        Index(
            "ix_alarms_open",
            "kind",
            "feed",
            unique=True,
            postgresql_where=text("cleared_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "raised_at"),
    )
