"""Stories as the ties of articles make them, and what each article is in its own: ``editions``.

Stories merge and come apart, so no lock on rows of theirs could be taken in an order that all keep.
Whoever forms stories of several articles has one lock for that, the last that a transaction takes:
who has it waits for nobody.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    cast,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from models import Edition, Twin
from worker.core.stories.arrange import Member, arrange
from worker.core.stories.fingerprint import FINGERPRINT
from worker.core.stories.ties import stories
from worker.sql import among, by_column, values_table
from worker.stories import keys, members

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from worker.core.article import Stated
    from worker.core.stories.kinds import Role
    from worker.core.stories.told import Told

LOCK: Final = 0x73746F72  # any constant will do: all who form stories must name the same

_ALONE = select(func.pg_advisory_xact_lock(LOCK))
_TOUCHED = select(Edition.story_id).where(Edition.article_id == among("articles"))
_PLACES = select(
    Edition.article_id, Edition.story_id, Edition.role, Edition.version, Edition.current
).where(Edition.story_id.in_(_TOUCHED))
_TIES = select(Twin.article_id, Twin.twin_id).where(
    Twin.article_id == among("articles"), Twin.twin_id == among("articles")
)


class _InStory(NamedTuple):
    """A row of ``editions``, as far as it depends on others."""

    story: int
    role: Role
    version: int | None
    current: bool


def form(connection: Connection, told: Mapping[int, Told], touched: AbstractSet[int]) -> int:
    """Place articles in their stories; returns how many ties joined nothing.

    Args:
        connection: the caller's transaction.
        told: the articles that are new, or others than they were.
        touched: those of all articles whose ties are others now; new ones without any are not.
    """
    lonely = told.keys() - touched
    _insert(connection, told, {one: _by_itself(one, told[one].stated) for one in lonely})
    if not touched:
        return 0
    connection.execute(_ALONE)
    before = {
        row.article_id: _InStory(*row[1:])
        for row in connection.execute(_PLACES, {"articles": list(touched)})
    }
    articles = before.keys() | (touched & told.keys())
    ties = connection.execute(_TIES, {"articles": list(articles)})
    made = stories(articles, ((later, earlier) for later, earlier in ties))
    sizes = Counter(place.story for place in before.values())
    others = [
        story
        for story in made.articles
        if any(one in told or before[one].story != story[0] for one in story)
        or len(story) != sizes[story[0]]
    ]
    read = members.read(connection, [one for story in others for one in story], told)
    after = {
        place.id: _InStory(story[0], place.role, place.version, place.current)
        for story in others
        for place in arrange([read[one] for one in story])
    }
    _write(connection, told, before, after)
    return made.full


def _by_itself(article: int, stated: Stated | None) -> _InStory:
    """The place of the only article of a story, which depends on what it states alone."""
    long_ago = datetime.fromtimestamp(0, UTC)
    member = Member(article, None, frozenset(), None, long_ago, None, "", stated)
    (place,) = arrange([member])
    return _InStory(article, place.role, place.version, place.current)


_MOVED = values_table(
    article=BigInteger, story=BigInteger, new_role=Text, number=Integer, is_current=Boolean
)
_MOVE = (
    update(Edition)
    .where(Edition.article_id == _MOVED.c.article)
    .values(
        story_id=_MOVED.c.story,
        role=_MOVED.c.new_role,
        version=_MOVED.c.number,
        current=_MOVED.c.is_current,
    )
)
_STEP_DOWN = update(Edition).where(Edition.article_id == among("articles")).values(current=False)


def _write(
    connection: Connection,
    told: Mapping[int, Told],
    before: Mapping[int, _InStory],
    after: Mapping[int, _InStory],
) -> None:
    """Write what is other than it was.

    A story never has two that are current, not even between two rows of one statement: those that
    were step down first.
    """
    changed = {one: place for one, place in after.items() if place != before.get(one)}
    down = [one for one in changed.keys() & before.keys() if before[one].current]
    if down:
        connection.execute(_STEP_DOWN, {"articles": down})
    moved = [(one, *place) for one, place in changed.items() if one in before]
    if moved:
        connection.execute(_MOVE, by_column(_MOVED, moved))
    _insert(connection, told, {one: after[one] for one in after.keys() & told.keys()})


_NEW = values_table(
    article_id=BigInteger,
    story_id=BigInteger,
    role=Text,
    version=Integer,
    current=Boolean,
    notice=Text,
    notice_number=Integer,
    fingerprint=SmallInteger,
    signature=LargeBinary,
    titles=Text,  # an array each, which could not be told apart in an array of arrays
)
_INSERT = insert(Edition).from_select(
    [column.name for column in _NEW.c],
    select(
        *(column for column in _NEW.c if column.name != "titles"),
        cast(_NEW.c.titles, ARRAY(BigInteger)),
    ),
)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["article_id"],
    set_={column.name: _INSERT.excluded[column.name] for column in _NEW.c},
)


def _insert(
    connection: Connection, told: Mapping[int, Told], places: Mapping[int, _InStory]
) -> None:
    if not places:
        return
    rows = [
        (
            one,
            *place,
            stated and stated.kind,
            stated and stated.number,
            FINGERPRINT,
            keys.signature(told[one].minima),
            f"{{{','.join(map(str, sorted(told[one].titles)))}}}",
        )
        for one, place in sorted(places.items())
        for stated in [told[one].stated]
    ]
    connection.execute(_UPSERT, by_column(_NEW, rows))
