"""The story that an article tells, with all that tell it: gathered, and in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Date, and_, bindparam, cast, desc, func, or_, select
from sqlalchemy.orm import aliased

import models
from models import Article, Delivery, Twin
from worker.explain.words import count, listed, named, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from worker.core.stories.kinds import Notice, Role, Tie

SHOWN: Final = 50  # articles of a story that are listed
_TIES: Final = 5  # others that an article was compared with, likewise
NOTICES: Final[dict[Notice, str]] = {
    "correction": "a correction",
    "update": "an update",
    "withdrawal": "a note that withdraws another",
}
"""What articles say of themselves."""


@dataclass(frozen=True, slots=True)
class Edition:
    """An article's place in its story."""

    article: int
    delivery: int
    name: str
    """``feed/file``, as delivered."""
    title: str | None
    published: date | None
    first_seen: datetime
    role: Role
    version: int | None
    current: bool
    notice: Notice | None
    notice_number: int | None

    @property
    def place(self) -> str:
        """What it is in the story: ``version 2``, ``copy``."""
        return f"version {self.version}" if self.version else self.role


@dataclass(frozen=True, slots=True)
class Tied:
    """Another article that an article was compared with, and found to tell the same."""

    article: int
    name: str
    tie: Tie
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True)
class InStory:
    """An article, and the story that it tells with others."""

    story: int
    articles: int
    """How many tell it."""
    mine: Edition
    editions: tuple[Edition, ...]
    """Versions in their order, copies, what withdraws it: the latest, `SHOWN` at most."""
    ties: tuple[Tied, ...]
    """The closest first."""

    @property
    def current(self) -> Edition | None:
        """The one that stands for the story; none does if it was withdrawn."""
        return next((each for each in self.editions if each.current), None)

    @property
    def withdrawals(self) -> tuple[Edition, ...]:
        """What says that the story is withdrawn."""
        return tuple(each for each in self.editions if each.role == "withdrawal")


_DAY = func.coalesce(Article.published, cast(func.timezone("UTC", Article.first_seen), Date))
_ARTICLE = bindparam("article", type_=BigInteger)
_STORY = select(models.Edition.story_id).where(models.Edition.article_id == _ARTICLE)
_EDITIONS = (
    select(
        models.Edition.story_id,
        func.count().over(),
        Article.id,
        Delivery.id,
        Delivery.feed,
        Delivery.file,
        Article.title,
        Article.published,
        Article.first_seen,
        models.Edition.role,
        models.Edition.version,
        models.Edition.current,
        models.Edition.notice,
        models.Edition.notice_number,
    )
    .join(Article, Article.id == models.Edition.article_id)
    .join(Delivery, Delivery.id == Article.delivery_id)
    .where(models.Edition.story_id == _STORY.scalar_subquery())
    .order_by(
        # Those that are told of come first, whatever else there is no room for.
        desc(models.Edition.article_id == _ARTICLE),
        desc(models.Edition.current),
        desc(models.Edition.role == "withdrawal"),
        models.Edition.version.desc().nulls_last(),
        _DAY.desc(),
        Article.first_seen.desc(),
        Article.id.desc(),
    )
    .limit(SHOWN)
)
_OTHER = aliased(Article)
_TIED = (
    select(_OTHER.id, Delivery.feed, Delivery.file, Twin.tie, Twin.jaccard, Twin.containment)
    .join(
        _OTHER,
        or_(
            and_(Twin.article_id == _ARTICLE, _OTHER.id == Twin.twin_id),
            and_(Twin.twin_id == _ARTICLE, _OTHER.id == Twin.article_id),
        ),
    )
    .join(Delivery, Delivery.id == _OTHER.delivery_id)
    .where(or_(Twin.article_id == _ARTICLE, Twin.twin_id == _ARTICLE))
    .order_by(Twin.tie, Twin.jaccard.desc(), Twin.containment.desc(), _OTHER.id)
    .limit(_TIES)
)


def gather(connection: Connection, article: int) -> InStory | None:
    """What an article's story is; None where it was never compared with others."""
    rows = connection.execute(_EDITIONS, {"article": article}).all()
    if not rows:
        return None
    editions = [
        Edition(id_, delivery, named(feed, file), *rest)
        for _, _, id_, delivery, feed, file, *rest in rows
    ]
    story, articles = rows[0][:2]
    ties = tuple(
        Tied(row.id, named(row.feed, row.file), row.tie, row.jaccard, row.containment)
        for row in connection.execute(_TIED, {"article": article})
    )
    return InStory(story, articles, editions[0], tuple(sorted(editions, key=_order)), ties)


def _order(edition: Edition) -> tuple[object, ...]:
    return (
        edition.version is None,
        edition.version,
        edition.role == "withdrawal",
        edition.published or edition.first_seen.astimezone(UTC).date(),
        edition.first_seen,
        edition.article,
    )


def sentences(placed: InStory) -> list[str]:
    """What is to be said of an article's story; of most that are alone in theirs, nothing."""
    mine = placed.mine
    if placed.articles == 1:
        if mine.notice is None:
            return []
        notice = f"Article {mine.article} says that it is {NOTICES[mine.notice]}"
        return [f"{notice}; what it is about has not come."]
    said = [_place(placed)]
    if alike := [each for each in placed.ties if each.tie == "body"]:
        said.append(_alike(alike))
    if tied := [each for each in placed.ties if each.tie == "title"]:
        said.append(_by_headline(tied))
    return said


def _place(placed: InStory) -> str:
    mine = placed.mine
    notice = mine.notice if mine.role != "withdrawal" else None
    says = f", and says that it is {NOTICES[notice]}" if notice else ""
    return (
        f"Article {mine.article} {_is(mine)} story {placed.story}, which has "
        f"{count(placed.articles, 'article')}{says}: {_stands(placed)}."
    )


def _stands(placed: InStory) -> str:
    mine, current = placed.mine, placed.current
    if current is mine:
        return "it is the current one"
    if current:
        return f"{current.place}, {_which(current)}, is the current one"
    by = listed([_which(each) for each in placed.withdrawals if each is not mine])
    return f"{f'it was withdrawn by {by}, so ' if by else ''}none of them is current"


def _is(edition: Edition) -> str:
    match edition.role:
        case "copy":
            return "is a copy in"
        case "withdrawal":
            return "withdraws"
    return f"is version {edition.version} of"


def _alike(ties: Sequence[Tied]) -> str:
    shares = [
        f"{percent(each.jaccard)} and {percent(each.containment)} with {_which(each)}"
        for each in ties
    ]
    return (
        "Of what either says, and of what the shorter one says, so much stands in both (Jaccard "
        f"and containment; figures are not compared): {'; '.join(shares)}."
    )


def _by_headline(ties: Sequence[Tied]) -> str:
    others = listed([_which(each) for each in ties])
    return (
        f"A headline ties it to {others}: one of the two says that it corrects, continues or "
        "withdraws the other."
    )


def _which(other: Edition | Tied) -> str:
    return f"article {other.article} ({plain(other.name)})"


def percent(part: float) -> str:
    """A likeness to a tenth of a per cent: ``93.2 %``."""
    return f"{part:.1%}".replace("%", " %")
