"""Heartbeats: proof that a process did real work a moment ago."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Heartbeat(Base):
    """The last time that a process wrote here, as part of its real work."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    """``intake@host`` or ``worker@host``."""
    beat_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
