"""Writing entities and their spellings.

Whoever calls these holds the lock of `worker.judgements`, which says what a mention belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    and_,
    collate,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from models import Alias, Entity, Mention
from worker.core.characters import BLANKS, INVISIBLE
from worker.core.persist import NAMED_BY, best_named
from worker.sql import among, by_column, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection, SQLColumnExpression

    from worker.core.persist import EntityRow


def _rank(named_by: ColumnElement[str]) -> ColumnElement[int]:
    return func.array_position(literal(list(NAMED_BY), ARRAY(Text)), named_by)


def _fullness(name: ColumnElement[str]) -> ColumnElement[Any]:
    """`worker.core.persist.fullness` in SQL."""
    diacritics = func.octet_length(name) - func.char_length(name)
    return tuple_(diacritics, collate(name, "C"))


def _better(new: Any, old: Any) -> ColumnElement[bool]:
    """Whether a row knows a better name than the one that is there."""
    return or_(
        _rank(new.named_by) > _rank(old.named_by),
        and_(
            new.named_by == "text",
            old.named_by == "text",
            _fullness(new.named) > _fullness(old.named),
        ),
        and_(
            new.named_by == "file",
            or_(new.named != old.named, new.wikidata.is_distinct_from(old.wikidata)),
        ),
    )


_ROWS = values_table(key=Text, label=Text, named=Text, named_by=Text, wikidata=Text, renamed=Text)
# Only what is new or better is written: to conflict with a row is to lock it, and a country that
# every article names would have all writers wait for each other.
_NEWS = (
    select(_ROWS)
    .outerjoin(Entity, Entity.key == _ROWS.c.key)
    .where(or_(Entity.id.is_(None), _better(_ROWS.c, Entity)))
    .order_by(_ROWS.c.key)
)
_INSERT = insert(Entity).from_select([column.name for column in _ROWS.c], _NEWS)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["key"],
    set_={name: _INSERT.excluded[name] for name in ("named", "named_by", "wikidata")},
    where=_better(_INSERT.excluded, Entity),
)
_IDS = select(Entity.key, Entity.id).where(Entity.key == among("keys", Text))


def write(
    connection: Connection, rows: Iterable[EntityRow], names: Mapping[str, str]
) -> dict[str, int]:
    """Write entities that are new, or whose name is better now; returns all their ids by key.

    Keys go in sorted, so that batches cannot deadlock.

    Args:
        connection: the caller's transaction.
        rows: the entities; a key may come more than once.
        names: what people call them, by key.
    """
    entities = best_named(rows)
    if not entities:
        return {}
    values = [(*row, names.get(key)) for key, row in entities.items()]
    connection.execute(_UPSERT, by_column(_ROWS, values))
    return ids(connection, entities)


def ids(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """The ids of those of the entities that are there, by key."""
    return dict(connection.execute(_IDS, {"keys": list(keys)}).all())


_SPACES: Final = "".join(filter(str.isspace, BLANKS))


def _squeezed(text: SQLColumnExpression[str]) -> ColumnElement[str]:
    """`worker.core.characters.squeeze` in SQL."""
    visible = func.regexp_replace(text, f"[{INVISIBLE}]+", "", "g")
    return func.btrim(func.regexp_replace(visible, f"[{_SPACES}]+", " ", "g"))


_ALIASES = values_table(entity_id=BigInteger, surface=Text)
_INSERT_ALIASES = (
    insert(Alias).from_select(["entity_id", "surface"], select(_ALIASES)).on_conflict_do_nothing()
)
_DELETE_ALIASES = delete(Alias).where(Alias.entity_id == among("entities"))
_GATHER_ALIASES = insert(Alias).from_select(
    ["entity_id", "surface"],
    select(Mention.entity_id, _squeezed(Mention.surface))
    .where(Mention.entity_id == among("entities"))
    .distinct(),
)
_PRUNE_ALIASES = delete(Alias).where(
    Alias.entity_id == _ALIASES.c.entity_id,
    Alias.surface == _ALIASES.c.surface,
    ~exists().where(
        Mention.entity_id == Alias.entity_id, _squeezed(Mention.surface) == Alias.surface
    ),
)


def add_aliases(connection: Connection, spellings: Collection[tuple[int, str]]) -> None:
    """Write spellings, as pairs of an entity and a squeezed surface."""
    connection.execute(_INSERT_ALIASES, by_column(_ALIASES, sorted(spellings)))


def gather_aliases(connection: Connection, entities: Collection[int]) -> None:
    """Write the spellings of these entities anew, from their mentions. No writer may be about."""
    values = {"entities": list(entities)}
    connection.execute(_DELETE_ALIASES, values)
    connection.execute(_GATHER_ALIASES, values)


def prune_aliases(connection: Connection, spellings: Collection[tuple[int, str]]) -> None:
    """Take away those spellings that no mention has any longer. No writer may be about."""
    if spellings:
        connection.execute(_PRUNE_ALIASES, by_column(_ALIASES, sorted(spellings)))
