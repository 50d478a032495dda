"""Workers: which are alive, so that what a dead one left behind is taken up at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Worker(Base):
    """A worker that runs, or did not come to say goodbye."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    """``worker@host:<pid>:<random>``: one start of one worker."""
    started_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    beat_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    suspected_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a reconciler first missed its beat; the next beat makes this null again."""
