"""What changed between two articles of a story, for the page of either."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.stories.changes import compare
from worker.explain import tellings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from worker.core.stories.changes import Changes, Passage, Telling
    from worker.explain.editions import Edition, InStory

_MOST: Final = 200_000  # characters of an article that is compared on a page


class Pair(NamedTuple):
    """Two articles of a story, in its order, with their texts."""

    before: Edition
    after: Edition
    texts: tuple[Telling, Telling]


class Compared(NamedTuple):
    """What changed from one to the other."""

    before: Edition
    after: Edition
    changes: Changes | None
    """None where they are too long to be compared while somebody waits."""

    @property
    def stretches(self) -> list[tuple[bool, list[Passage]]]:
        """Paragraphs in their order, those that stayed the same together; and whether they did."""
        passages = self.changes.passages if self.changes else ()
        alike = groupby(passages, key=lambda each: each.kind == "same")
        return [(same, list(several)) for same, several in alike]


def gather(connection: Connection, placed: InStory, against: int | None) -> Pair | None:
    """An article and another of its story; None where it has nothing to be compared with.

    Args:
        connection: the caller's transaction.
        placed: the article in its story.
        against: the other article; else the version before it or, of a copy, what it is most like.
    """
    other = _other(placed, against)
    if other is None:
        return None
    before, after = (each for each in placed.editions if each in {placed.mine, other})
    texts = tellings.gather(connection, [before.article, after.article])
    return Pair(before, after, (texts[before.article], texts[after.article]))


def _other(placed: InStory, against: int | None) -> Edition | None:
    others = {each.article: each for each in placed.editions if each is not placed.mine}
    if against is not None:
        return others.get(against)
    mine = placed.mine
    if mine.version:
        earlier = (each for each in others.values() if each.version == mine.version - 1)
        return next(earlier, None)
    alike = (others.get(each.article) for each in placed.ties if each.tie == "body")
    return next(filter(None, alike), None)


def compared(pair: Pair) -> Compared:
    """What changed; takes its time."""
    long = any(len(text.body) > _MOST for text in pair.texts)
    return Compared(pair.before, pair.after, None if long else compare(*pair.texts))
