"""Deliveries and stories for tests."""

from __future__ import annotations

import itertools
import uuid
from typing import TYPE_CHECKING

from worker import intake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_number = itertools.count(1)

MAX_BYTES = 100_000


def story(title: str | None = None) -> str:
    """A French wire story that no other call returns."""
    number = next(_number)
    return (
        f"{title or f'Le port de Lomé reçoit son navire numéro {number}'}\n\n"
        f"Lomé (ATOP) – Le navire numéro {number} est arrivé mardi au port de Lomé, a déclaré "
        "Afi Mensah, directrice du port. Il apporte du matériel pour les écoles du Togo.\n\n"
        "Le déchargement doit durer trois jours, selon le ministère des Transports. -ATOP\n"
    )


def arrived(
    content: str | bytes | None = None, *, file: str = "a.txt", feed: str | None = None
) -> intake.Arrived:
    """A file that has arrived, with a story that is new unless told otherwise."""
    data = story() if content is None else content
    raw = data.encode() if isinstance(data, str) else data
    kept = raw if len(raw) <= MAX_BYTES else None
    return intake.Arrived(f"test:{uuid.uuid4()}", feed, file, len(raw), kept)


def deliver(connection: Connection, *contents: str | bytes | None) -> Sequence[int]:
    """Deliver files with these contents (None: a new story); returns the deliveries' ids."""
    files = [arrived(content) for content in contents]
    return [delivered.id for delivered in intake.deliver(connection, files, MAX_BYTES)]
