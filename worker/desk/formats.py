"""How values read on the desk's pages."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from worker.explain.words import named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_BADGES: Final[Mapping[str, str]] = {
    "pending": "task-state-started",
    "stored": "text-bg-success",
    "duplicate": "text-bg-secondary",
    "rejected": "text-bg-warning",
    "quarantined": "text-bg-danger",
}


def badge(disposition: str) -> str:
    """The class of Bootstrap or Flower that colours the badge of a disposition."""
    return _BADGES[disposition]


def moment(at: datetime | None) -> str:
    """A time to the second, in UTC like all times in Flower."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else "—"


def counted(number: int, one: str = "delivery", many: str = "deliveries") -> str:
    """``1 delivery``, ``1,200 deliveries``."""
    return f"{number:,} {one if number == 1 else many}"


FOR_TEMPLATES: Final[Mapping[str, Any]] = {
    "badge": badge,
    "moment": moment,
    "named": named,
    "counted": counted,
}
