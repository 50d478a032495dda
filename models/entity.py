"""Entities, the spellings they were met in, and where they are mentioned."""

from __future__ import annotations

from typing import get_args

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from worker.core.article import FIELDS, FieldName, Label

LABELS: tuple[Label, ...] = get_args(Label)
NAMED_BY = ("key", "text", "file")


class Entity(Base):
    """Somebody, somewhere or something that articles name."""

    __tablename__ = "entities"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    """Stable across runs and machines, e.g. ``per:le-hoai-trung``."""
    label: Mapped[Label] = mapped_column(Text)
    named: Mapped[str] = mapped_column(Text)
    """The name that the machine has for it."""
    named_by: Mapped[str] = mapped_column(Text)
    """Where it has that from: its key, the spellings in texts, or the linker's file."""
    renamed: Mapped[str | None] = mapped_column(Text)
    """The name that a person gave it."""
    canonical: Mapped[str] = mapped_column(
        Text, Computed("coalesce(renamed, named)", persisted=True)
    )
    wikidata: Mapped[str | None] = mapped_column(Text)
    """``Q881``, where the linker's file knows it."""

    __table_args__ = (
        CheckConstraint(one_of("label", LABELS), name="label"),
        CheckConstraint(one_of("named_by", NAMED_BY), name="named_by"),
        CheckConstraint("wikidata ~ '^Q[0-9]+$'", name="wikidata"),
        Index(None, "canonical"),
    )


class Alias(Base):
    """A spelling that an entity was met in, judgements included."""

    __tablename__ = "aliases"

    entity_id: Mapped[int] = mapped_column(
        ForeignKey("entities.id", ondelete="CASCADE"), primary_key=True
    )
    surface: Mapped[str] = mapped_column(Text, primary_key=True)

    __table_args__ = (Index(None, "surface"),)


class Mention(Base):
    """A span of an article's field; offsets are half-open and count code points."""

    __tablename__ = "mentions"

    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    field: Mapped[FieldName] = mapped_column(Text, primary_key=True)
    start_offset: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    end_offset: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    surface: Mapped[str] = mapped_column(Text)
    label: Mapped[Label] = mapped_column(Text)
    found: Mapped[str | None] = mapped_column(Text)
    """The key that the linker gave, whatever people decided since; null for DATE and MONEY."""
    canonical: Mapped[str | None] = mapped_column(Text)
    """The value of a DATE or MONEY; names have that of their entity."""
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entities.id"))
    """The entity after all judgements; null where they say that it is none."""

    __table_args__ = (
        CheckConstraint(one_of("field", FIELDS), name="field"),
        CheckConstraint(one_of("label", LABELS), name="label"),
        CheckConstraint("0 <= start_offset AND start_offset < end_offset", name="offsets"),
        CheckConstraint("found IS NOT NULL OR entity_id IS NULL", name="found"),
        CheckConstraint("found IS NULL OR canonical IS NULL", name="canonical"),
        Index(None, "entity_id", "article_id"),
        Index(None, "found", "article_id"),
        Index(
            "ix_mentions_money",
            text("split_part(canonical, ' ', 2)"),
            text("(split_part(canonical, ' ', 1)::numeric)"),
            postgresql_where=text("label = 'MONEY'"),
        ),
    )
