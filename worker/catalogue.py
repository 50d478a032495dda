"""Looking at entities as they are after all judgements: which there are, and who one is."""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, get_args

from sqlalchemy import Text, distinct, exists, func, or_, select, union

from models import Alias, Article, Entity, Mention
from worker.core.article import Label
from worker.core.enrich.folding import entity_key, fold
from worker.errors import UserError
from worker.sql import among

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import CompoundSelect, Connection, Select

    from worker.core.enrich.judgements import Judgements

LATEST = 20  # articles shown of an entity
CANDIDATES = 2_000  # entities that a mistyped name is compared with
LONG_WORD = 4  # letters; shorter ones are in every other name


class Listed(NamedTuple):
    """An entity, and how often it is named."""

    name: str
    key: str
    label: Label
    mentions: int
    articles: int
    spellings: int


class Spelling(NamedTuple):
    """A spelling of an entity, and how often it is met."""

    surface: str
    mentions: int
    articles: int


class Naming(NamedTuple):
    """An article that names an entity."""

    id: int
    published: date | None
    title: str | None
    mentions: int


class Shown(NamedTuple):
    """All that there is to say of an entity."""

    key: str
    name: str
    label: Label
    wikidata: str | None
    spellings: list[Spelling]
    articles: list[Naming]
    """The latest."""


def listed(connection: Connection, label: str | None, like: str | None, limit: int) -> list[Listed]:
    """Entities that stored articles name, the most named first.

    Args:
        connection: the caller's transaction.
        label: only entities of this label.
        like: only those with this in their name, key or a spelling, whatever its diacritics.
        limit: at most so many.
    """
    counted = (
        select(
            Mention.entity_id,
            func.count().label("mentions"),
            func.count(distinct(Mention.article_id)).label("articles"),
        )
        .where(Mention.entity_id.is_not(None))
        .group_by(Mention.entity_id)
    )
    if like:
        counted = counted.where(Mention.entity_id.in_(_like(like)))
    named = counted.subquery()
    spellings = (
        select(func.count())
        .select_from(Alias)
        .where(Alias.entity_id == Entity.id)
        .correlate(Entity)
        .scalar_subquery()
    )
    statement = (
        select(
            Entity.canonical,
            Entity.key,
            Entity.label,
            named.c.mentions,
            named.c.articles,
            spellings,
        )
        .join(named, named.c.entity_id == Entity.id)
        .order_by(named.c.mentions.desc(), Entity.key)
        .limit(limit)
    )
    if label:
        statement = statement.where(Entity.label == label)
    return [Listed(*row) for row in connection.execute(statement)]


def _like(text: str) -> CompoundSelect[int]:
    """Entities with this in them; found before their mentions are, which an index then gives."""
    ids = select(Entity.id)
    spelt = select(Alias.entity_id).where(Alias.surface.icontains(text, autoescape=True))
    either = [ids.where(Entity.canonical.icontains(text, autoescape=True)), spelt]
    if folded := fold(text):
        either.append(ids.where(Entity.key.icontains(folded, autoescape=True)))
    return union(*either)


def shown(connection: Connection, key: str) -> Shown:
    """An entity with its spellings and its latest articles; its key must be known."""
    entity = connection.execute(
        select(Entity.id, Entity.canonical, Entity.label, Entity.wikidata).where(Entity.key == key)
    ).one()
    mentions = func.count()
    of_entity = Mention.entity_id == entity.id
    spellings = connection.execute(
        select(Mention.surface, mentions, func.count(distinct(Mention.article_id)))
        .where(of_entity)
        .group_by(Mention.surface)
        .order_by(mentions.desc(), Mention.surface)
    )
    articles = connection.execute(
        select(Article.id, Article.published, Article.title, mentions)
        .join(Mention)
        .where(of_entity)
        .group_by(Article.id)
        .order_by(func.coalesce(Article.published, func.date(Article.first_seen)).desc())
        .order_by(Article.id.desc())
        .limit(LATEST)
    )
    return Shown(
        key,
        entity.canonical,
        entity.label,
        entity.wikidata,
        [Spelling(*row) for row in spellings],
        [Naming(*row) for row in articles],
    )


def content_hash(connection: Connection, article: int) -> str:
    """The content hash of an article, by which it is known in every database.

    Raises:
        UserError: there is no such article.
    """
    found = connection.scalar(select(Article.content_hash).where(Article.id == article))
    if found is None:
        raise UserError(f"There is no article {article}.")
    return found


# --- Finding an entity by what a person types -----------------------------------------------

_BY_KEY = select(Entity.key).where(Entity.key == among("keys", Text))
_NAMED = _BY_KEY.where(exists().where(Mention.entity_id == Entity.id))


def resolve(connection: Connection, judgements: Judgements, text: str) -> str:
    """The key of the entity that somebody means by its key, its name or one of its spellings.

    Raises:
        UserError: there is none, or more than one; the sentence names those that come near.
    """
    if connection.scalar(_BY_KEY, {"keys": [text]}):
        return text
    named = select(Entity.key).where(
        or_(
            Entity.canonical == text,
            exists().where(Alias.entity_id == Entity.id, Alias.surface == text),
            Entity.key.in_([entity_key(text, label) for label in get_args(Label)]),
        )
    )
    # What was merged is known by its name still, and stands for what it was merged into.
    keys = {judgements.merged(key) for key in connection.scalars(named)}
    if len(keys) > 1:  # one that nothing names any longer is not meant
        keys = set(connection.scalars(_NAMED, {"keys": list(keys)})) or keys
    match sorted(keys):
        case [key]:
            return key
        case []:
            raise UserError(f"No entity is called {text}.{_suggestion(connection, text)}")
        case several:
            raise UserError(f"{text} may be any of {', '.join(several)}: name one by its key.")


def _suggestion(connection: Connection, text: str) -> str:
    """A sentence with the keys that look most like it, empty where none does."""
    wanted = fold(text.rpartition(":")[2])
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for key in connection.scalars(_alike(wanted)):
        keys[key.partition(":")[2]].append(key)
    near = [key for name in difflib.get_close_matches(wanted, keys) for key in keys[name]]
    return f" Did you mean {' or '.join(near)}?" if near else ""


def _alike(folded: str) -> Select[str]:
    """Keys that begin alike, or share a word."""
    name = func.split_part(Entity.key, ":", 2)
    words = [word for word in folded.split("-") if len(word) >= LONG_WORD]
    return (
        select(Entity.key)
        .where(
            or_(
                name.startswith(folded[:2], autoescape=True),
                *(name.contains(word, autoescape=True) for word in words),
            )
        )
        .order_by(Entity.key)
        .limit(CANDIDATES)
    )
