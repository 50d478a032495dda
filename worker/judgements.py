"""Judgements in the database: made, undone, replayed, and applied to what is stored.

Whoever writes mentions takes `in_force` first and holds its shared lock until the commit; whoever
changes judgements takes the same lock alone. So a writer either sees the judgement, or has
committed before the judgement looks for mentions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from models import Article, Entity, Mention
from models import Judgement as Row
from worker import entities
from worker.core.enrich.judgements import Judgement, Judgements, differing
from worker.core.persist import unmet
from worker.errors import UserError
from worker.sql import among, by_column, seconds, values_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

LOCK = 0x6A756467  # any constant will do: all who judge or write must name the same
AT_A_TIME = 500  # articles whose mentions are judged by evidence

_COLUMNS = [Row.__table__.c[field.name] for field in fields(Judgement)]
_ALL = select(Row.id, *_COLUMNS).order_by(Row.made_at, Row.uuid)


_JSON = TypeAdapter(Judgement)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change of judgements came to."""

    mentions: int
    """How many belong to another entity now, or to none, or to one again."""
    articles: int
    """How many they stand in."""


class _Version(NamedTuple):
    """Differs as soon as a judgement is made or undone; rows are never deleted."""

    last: int | None
    undone: int


_VERSION = select(func.max(Row.id), func.count(Row.undone_at))
_SHARE = select(func.pg_advisory_xact_lock_shared(LOCK))
_ALONE = select(func.pg_advisory_xact_lock(LOCK))
_known: tuple[_Version, Judgements] = (_Version(None, 0), Judgements())


def in_force(connection: Connection) -> Judgements:
    """The judgements that a writer of mentions applies; none changes until it commits."""
    connection.execute(_SHARE)
    return _current(connection)


def alone(connection: Connection) -> Judgements:
    """The same, and until the commit nobody else writes mentions either."""
    connection.execute(_ALONE)
    return _current(connection)


def _current(connection: Connection) -> Judgements:
    """The judgements as committed, read again only if there is something new."""
    global _known  # noqa: PLW0603 - what a process has read already
    version = _Version(*connection.execute(_VERSION).one())
    if version != _known[0]:
        _known = (version, _read(connection))
    return _known[1]


def _read(connection: Connection) -> Judgements:
    return Judgements(history(connection).values())


def history(connection: Connection) -> dict[int, Judgement]:
    """All judgements by id, those that were undone too, in the order that they count in."""
    rows = connection.execute(_ALL).mappings()
    return {
        row["id"]: Judgement(**{name: value for name, value in row.items() if name != "id"})
        for row in rows
    }


def to_json(judgement: Judgement) -> dict[str, object]:
    """A judgement as an object of JSON, for other databases."""
    written: dict[str, object] = _JSON.dump_python(judgement, mode="json")
    return written


def from_json(line: str) -> Judgement:
    """A judgement from an object of JSON.

    Raises:
        ValueError: it is none; the message says why.
    """
    try:
        return _JSON.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def make(connection: Connection, judgement: Judgement) -> tuple[int, Outcome]:
    """Write a judgement and apply it to all stored mentions. It counts as the latest.

    Returns its id, and what it came to.

    Raises:
        UserError: it would change nothing, or lead a key back to itself.
    """
    before = alone(connection)
    made = replace(judgement, made_at=_next_moment(connection))
    after = Judgements([*history(connection).values(), made])
    if made in after.void:
        raise UserError(
            f"{made.target} leads to {made.key} already: `rotative entities history "
            f"{made.target}` shows what to undo first."
        )
    if _same(before, after):
        raise UserError(f"{made} already: there is nothing to change.")
    made_id: int = connection.scalars(insert(Row).values(asdict(made)).returning(Row.id)).one()
    return made_id, _apply(connection, before, after)


def undo(connection: Connection, judgement: int) -> tuple[Judgement, Outcome]:
    """Take a judgement back, and judge what it applied to again.

    Raises:
        UserError: there is no such judgement, or it was undone before.
    """
    before = alone(connection)
    known = history(connection)
    if judgement not in known:
        raise UserError(f"There is no judgement {judgement}: `rotative entities history` has all.")
    if undone_at := known[judgement].undone_at:
        raise UserError(f"Judgement {judgement} was undone at {undone_at:%Y-%m-%d %H:%M} already.")
    connection.execute(
        update(Row).where(Row.id == judgement).values(undone_at=func.clock_timestamp())
    )
    return known[judgement], _apply(connection, before, _read(connection))


_REPLAY = insert(Row)
_TAKE_OVER = _REPLAY.on_conflict_do_update(
    index_elements=["uuid"],
    set_={"undone_at": _REPLAY.excluded.undone_at},
    where=Row.undone_at.is_(None) & _REPLAY.excluded.undone_at.is_not(None),
).returning(Row.id)


def replay(
    connection: Connection, judgements: Iterable[Judgement]
) -> tuple[list[Judgement], Outcome]:
    """Take over judgements that were made elsewhere, and what was undone there.

    Returns those that were new here. The others are left as they are, so that replaying twice is
    harmless.
    """
    before = alone(connection)
    new = [each for each in judgements if connection.scalar(_TAKE_OVER, asdict(each))]
    return new, _apply(connection, before, _read(connection))


_LATEST = select(func.greatest(func.clock_timestamp(), func.max(Row.made_at) + seconds(1e-6)))


def _next_moment(connection: Connection) -> datetime:
    """Now, or just after the latest judgement should its clock have been ahead."""
    moment: datetime = connection.scalars(_LATEST).one()
    return moment


def _same(one: Judgements, other: Judgements) -> bool:
    return not differing(one, other) and one.names == other.names


# --- Applying -------------------------------------------------------------------------------

_NAMES = values_table(of_key=Text, called=Text)
_RENAME = (
    update(Entity)
    .where(Entity.key == _NAMES.c.of_key, Entity.renamed.is_distinct_from(_NAMES.c.called))
    .values(renamed=_NAMES.c.called)
)
_FATES = values_table(found_as=Text, entity=BigInteger)
_MOVE = (
    update(Mention)
    .where(Mention.found == _FATES.c.found_as, Mention.entity_id.is_distinct_from(_FATES.c.entity))
    .values(entity_id=_FATES.c.entity)
    .returning(Mention.article_id)
    .cte("moved")
)
_MOVED = select(_MOVE.c.article_id, func.count()).group_by(_MOVE.c.article_id)


def _apply(connection: Connection, before: Judgements, after: Judgements) -> Outcome:
    """Judge again what the two judge differently; doing so twice is harmless."""
    # A merge of two that every article names takes as long as it takes.
    connection.execute(select(func.set_config("statement_timeout", "0", True)))  # noqa: FBT003
    names = [(key, after.canonical(key)) for key in before.names.keys() | after.names.keys()]
    connection.execute(_RENAME, by_column(_NAMES, sorted(names)))
    again = differing(before, after)
    concerned = before.reachable(again) | after.reachable(again)
    entities.write(connection, map(unmet, sorted(after.targets & concerned)), after.names)
    ids = entities.ids(connection, concerned)

    by_evidence = {key for key in again if after.needs_evidence(key)}
    fates = [(key, after.judge(key, "", "", ())) for key in sorted(again - by_evidence)]
    rows = [(key, fate and ids.get(fate)) for key, fate in fates]
    moved: Counter[int] = Counter(dict(connection.execute(_MOVED, by_column(_FATES, rows)).all()))
    for articles in _naming(connection, by_evidence):
        moved += _judge_again(connection, after, articles, by_evidence, ids)
    entities.gather_aliases(connection, ids.values())
    return Outcome(moved.total(), len(moved))


_NAMING = (
    select(Mention.article_id)
    .where(Mention.found == among("keys", Text), Mention.article_id > bindparam("last"))
    .distinct()
    .order_by(Mention.article_id)
    .limit(AT_A_TIME)
)
_MENTIONS = (
    select(
        Mention.article_id,
        Mention.field,
        Mention.start_offset,
        Mention.end_offset,
        Mention.surface,
        Mention.found,
        Mention.entity_id,
        Article.content_hash,
    )
    .join(Article)
    .where(Mention.article_id == among("articles"), Mention.found.is_not(None))
)
_PLACES = values_table(
    article=BigInteger, in_field=Text, starts=Integer, ends=Integer, entity=BigInteger
)
_MOVE_EACH = (
    update(Mention)
    .where(
        Mention.article_id == _PLACES.c.article,
        Mention.field == _PLACES.c.in_field,
        Mention.start_offset == _PLACES.c.starts,
        Mention.end_offset == _PLACES.c.ends,
    )
    .values(entity_id=_PLACES.c.entity)
)


def _naming(connection: Connection, keys: Collection[str]) -> Iterator[Sequence[int]]:
    """The articles with mentions found as one of the keys, some at a time."""
    last = 0
    while keys:
        values = {"keys": list(keys), "last": last}
        articles = connection.scalars(_NAMING, values).all()
        if not articles:
            return
        yield articles
        last = articles[-1]


def _judge_again(
    connection: Connection,
    judgements: Judgements,
    articles: Sequence[int],
    keys: Collection[str],
    ids: Mapping[str, int],
) -> Counter[int]:
    """Judge the mentions found as one of the keys by their evidence; counts those that moved."""
    rows = connection.execute(_MENTIONS, {"articles": list(articles)}).all()
    others: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        others[row.article_id].add(row.found)
    moved = []
    for row in rows:
        if row.found in keys:
            fate = judgements.judge(
                row.found, row.surface, row.content_hash, others[row.article_id]
            )
            entity = ids[fate] if fate else None
            if entity != row.entity_id:
                place = (row.article_id, row.field, row.start_offset, row.end_offset)
                moved.append((*place, entity))
    connection.execute(_MOVE_EACH, by_column(_PLACES, moved))
    return Counter(article for article, *_ in moved)
