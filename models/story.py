"""Stories: articles that tell the same, and how they are found."""

from __future__ import annotations

from typing import Final, get_args

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    column,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, one_of
from worker.core.stories.kinds import Notice, Role, Tie

STORIES: Final = table(
    "stories",
    column("story_id", BigInteger),
    column("current_id", BigInteger),
    column("title", Text),
    column("articles", BigInteger),
    column("versions", BigInteger),
    column("copies", BigInteger),
    column("withdrawn_by", BigInteger),
    column("first_seen", DateTime(timezone=True)),
    column("last_seen", DateTime(timezone=True)),
)
"""The view ``stories``, as migration 0009 made it: a row for each story."""


class Edition(Base):
    """An article's place in its story. An article without one has not been compared yet."""

    __tablename__ = "editions"

    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    story_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    """The story, which is named by the lowest id of its articles."""
    role: Mapped[Role] = mapped_column(Text)
    version: Mapped[int | None] = mapped_column(Integer)
    """1, 2, 3 … of the original and the versions of it; null of copies and withdrawals."""
    current: Mapped[bool] = mapped_column(Boolean)
    """Whether it is what stands for its story; none does in one that was withdrawn."""
    notice: Mapped[Notice | None] = mapped_column(Text)
    """What it says of itself: that it corrects, continues or withdraws something."""
    notice_number: Mapped[int | None] = mapped_column(Integer)
    """2 of a second lead."""
    fingerprint: Mapped[int] = mapped_column(SmallInteger)
    """Version of the rules that made the next two."""
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    """Its minima, 32 bits each, little end first, of which texts share as many as they are alike;
    empty where there is too little text. They make its keys in table ``bands``."""
    titles: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Its other keys there: of its title, and of headlines that it is about."""

    __table_args__ = (
        CheckConstraint(one_of("role", get_args(Role)), name="role"),
        CheckConstraint(one_of("notice", get_args(Notice)), name="notice"),
        CheckConstraint(
            "(role IN ('original', 'version')) = (version IS NOT NULL)", name="version"
        ),
        CheckConstraint("NOT current OR version IS NOT NULL", name="current"),
        CheckConstraint("story_id <= article_id", name="story_id"),
        Index(None, "story_id"),
        Index("ix_editions_current", "story_id", unique=True, postgresql_where=text("current")),
        Index(
            "ix_editions_role",
            "role",
            "article_id",
            postgresql_where=text("role IN ('version', 'withdrawal')"),
        ),
    )


class Band(Base):
    """A key that near-twins are likely to share, and an article that has it.

    The first article with a key is told apart: of two that insert the same key at the same moment
    one waits for the other's commit, and sees it then. Each row is in one index only, and there are
    some forty for an article: hence no primary key, nor a foreign key. Rows of an article that
    somebody deleted are found and passed over.
    """

    __tablename__ = "bands"

    key: Mapped[int] = mapped_column(BigInteger)
    article_id: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[bool] = mapped_column(Boolean)

    __mapper_args__ = {"primary_key": (key, article_id, first)}  # noqa: RUF012 - read once
    __table_args__ = (
        Index("ix_bands_first", "key", unique=True, postgresql_where=text("first")),
        Index(
            "ix_bands_later", "key", "article_id", unique=True, postgresql_where=text("NOT first")
        ),
    )


class Twin(Base):
    """Two articles that tell the same, with what was measured when they were compared."""

    __tablename__ = "twins"

    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    twin_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    """The one with the lower id."""
    tie: Mapped[Tie] = mapped_column(Text)
    jaccard: Mapped[float] = mapped_column(REAL)
    containment: Mapped[float] = mapped_column(REAL)
    """How much of the shorter one stands in the other."""

    __table_args__ = (
        CheckConstraint(one_of("tie", get_args(Tie)), name="tie"),
        CheckConstraint("twin_id < article_id", name="order"),
        Index(None, "twin_id"),
    )
