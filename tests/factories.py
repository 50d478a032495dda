"""Deliveries and stories for tests."""

from __future__ import annotations

import itertools
import re
import uuid
from typing import TYPE_CHECKING, cast

from tests.quality.mentions import article
from worker import intake, ledger
from worker.articles import write
from worker.contents import claim
from worker.core.article import ENRICHER, EnrichedArticle, Label, Mention
from worker.core.persist import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def enriched(
    body: str,
    names: Mapping[str, str],
    *,
    recogniser: str = "rotative-fr-1.0",
    enricher: str = ENRICHER,
) -> EnrichedArticle:
    """A French article in which each of these surfaces was found, wherever it stands, as a key."""
    mentions = [
        Mention("body", hit.start(), hit.end(), surface, _label(key), surface, key)
        for surface, key in names.items()
        for hit in re.finditer(re.escape(surface), body)
    ]
    clean = article({"title": "Un titre", "body": body})
    in_order = tuple(sorted(mentions, key=lambda mention: mention.start))
    return EnrichedArticle(clean, "fr", in_order, recogniser, enricher, "model")


def _label(key: str) -> Label:
    return cast("Label", key.partition(":")[0].upper())


def store(connection: Connection, *articles: EnrichedArticle) -> list[int]:
    """Store articles as the persist step does; returns their ids."""
    deliveries = deliver(connection, *[None] * len(articles))
    claim(connection, {each: f"sha256:{uuid.uuid4().hex}" for each in deliveries})
    pairs = zip(deliveries, articles, strict=True)
    written = write(connection, {delivery: rows(article) for delivery, article in pairs})
    ledger.dispose(connection, "stored", "persist", dict.fromkeys(deliveries))
    return [written[delivery] for delivery in deliveries]
