"""Articles: each story once, as the clean step left it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from worker.core.article import EntitiesBy

# Search follows the language of the story; the casts make the expression immutable, as a
# generated column must be, and the cut keeps it below what a tsvector can hold.
_SEARCH = """
to_tsvector(
    CASE language WHEN 'fr' THEN 'french'::regconfig
                  WHEN 'en' THEN 'english'::regconfig
                  WHEN 'es' THEN 'spanish'::regconfig
                  WHEN 'de' THEN 'german'::regconfig
                  ELSE 'simple'::regconfig END,
    coalesce(title, '') || ' ' || coalesce(lead, '') || ' ' || left(body, 200000))
"""


class Article(Base):
    """A story. Its delivery says where it came from; ``duplicate_of`` finds its twins."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    content_hash: Mapped[str] = mapped_column(Text, unique=True)
    feed: Mapped[str | None] = mapped_column(Text)
    first_seen: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    title: Mapped[str | None] = mapped_column(Text)
    lead: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    published: Mapped[date | None] = mapped_column(Date)
    dateline_place: Mapped[str | None] = mapped_column(Text)
    dateline_agency: Mapped[str | None] = mapped_column(Text)
    byline: Mapped[str | None] = mapped_column(Text)
    signature: Mapped[str | None] = mapped_column(Text)
    credits: Mapped[list[str]] = mapped_column(ARRAY(Text))
    related: Mapped[list[str]] = mapped_column(ARRAY(Text))
    removed: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    repairs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    language: Mapped[str | None] = mapped_column(Text)
    words: Mapped[int] = mapped_column(Integer)
    """Words of the body."""
    format: Mapped[str] = mapped_column(Text, server_default="text")
    encoding: Mapped[str] = mapped_column(Text)
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """What was wrong with the characters of the file."""
    cleaner: Mapped[str] = mapped_column(Text)
    recogniser: Mapped[str] = mapped_column(Text)
    enricher: Mapped[str] = mapped_column(Text)
    entities_by: Mapped[EntitiesBy] = mapped_column(Text)
    """What kind of recogniser found the names."""
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    search: Mapped[str] = mapped_column(TSVECTOR, Computed(_SEARCH, persisted=True), deferred=True)

    __table_args__ = (
        CheckConstraint(one_of("entities_by", get_args(EntitiesBy)), name="entities_by"),
        Index(None, "published"),
        Index(None, "feed", "published"),
        Index(None, "feed", "first_seen"),
        Index(None, "first_seen"),
        Index("ix_articles_search", "search", postgresql_using="gin"),
    )
