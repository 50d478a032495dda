"""What people decide about entities, and what follows from it for every mention.

The linker's finding is never overwritten: where a mention belongs is a function of the key that was
found and of the judgements in force. Undoing a judgement is judging again without it.

Judgements count in the order of ``(made_at, uuid)``, which is the same in every database. A later
one takes the place of an earlier one on the same subject. The subject of a merge and of an ignore
is the fate of their key, so that either replaces the other; that of a rename the name of its key,
as a split names its target; that of a split the key and the evidence. Splits come before a merge or
an ignore of the same key, because they say more; of two that hold, the later. A judgement that
would lead a key back to itself is void.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - read at run time, to tell a judgement from JSON
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from uuid import UUID  # noqa: TC003 - likewise

from worker.core.enrich.folding import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from worker.core.article import Mention

Kind = Literal["merge", "split", "rename", "ignore"]

_KEY: Final = re.compile(r"(?:per|org|loc|misc):\S{1,300}")
_LONGEST: Final = 500  # characters; keys stand in an index


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision of a person, in a form that means the same in every database.

    Raises:
        ValueError: it is half a decision; the message says what is wrong.
    """

    uuid: UUID
    made_at: datetime
    made_by: str
    kind: Kind
    key: str
    """Whose mentions are meant: those found as it, and those that earlier judgements lead to it."""
    target: str | None = None
    """The key that they belong to from now on; of a merge and a split."""
    name: str | None = None
    """The canonical name of ``key`` (rename) or ``target`` (split)."""
    surface: str | None = None
    """Evidence of a split: the spelling; case, diacritics and blanks make no difference."""
    content_hash: str | None = None
    """Evidence of a split: the article."""
    with_key: str | None = None
    """Evidence of a split: another entity that the article names."""
    note: str | None = None
    undone_at: datetime | None = None

    def __post_init__(self) -> None:
        if wrong := next(chain(self._wrong_parts(), self._wrong_texts()), None):
            raise ValueError(wrong)

    def _wrong_parts(self) -> Iterator[str]:
        for part, given, kinds in (
            ("a target", self.target is not None, {"merge", "split"}),
            ("a name", self.name is not None, {"rename", "split"}),
            ("evidence", any(self.evidence), {"split"}),
        ):
            if given and self.kind not in kinds:
                yield f"{self.kind} takes no {part.removeprefix('a ')}"
            if not given and self.kind in kinds:
                yield f"{self.kind} needs {part}"
        if self.key in {self.target, self.with_key}:
            yield f"{self.key} stands on both sides"

    def _wrong_texts(self) -> Iterator[str]:
        keys = [key for key in (self.key, self.target, self.with_key) if key is not None]
        for key in keys:
            if not _KEY.fullmatch(key):
                yield f"{key!r} is no key: keys look like per:le-hoai-trung"
        for text in (*keys, self.made_by, self.name, self.note, self.surface, self.content_hash):
            if text is not None and not (text and text.isprintable() and len(text) <= _LONGEST):
                yield f"{text[:40]!r} is empty, too long, or has characters that do not print"
        for text in filter(None, (self.name, self.surface)):
            if not any(map(str.isalnum, text)):
                yield f"{text!r} has neither a letter nor a digit"

    @property
    def evidence(self) -> Evidence:
        """By what the mentions of a split are told apart."""
        return Evidence(self.surface and fold(self.surface), self.content_hash, self.with_key)

    def __str__(self) -> str:
        match self.kind:
            case "merge":
                return f"{self.key} is {self.target}"
            case "ignore":
                return f"{self.key} is no entity"
            case "rename":
                return f"{self.key} is called {self.name}"
            case "split":
                evidence = (
                    self.surface and f"spelt {self.surface}",
                    self.content_hash and f"in {self.content_hash}",
                    self.with_key and f"with {self.with_key}",
                )
                where = ", ".join(filter(None, evidence))
                return f"{self.key} {where} is {self.target}, called {self.name}"


class Evidence(NamedTuple):
    """What must hold of a mention, all that is given of it."""

    surface: str | None
    """Folded."""
    content_hash: str | None
    with_key: str | None


class Judgements:
    """The judgements in force, ready to be applied."""

    def __init__(self, judgements: Iterable[Judgement] = ()) -> None:
        """Take the judgements in any order; those that were undone do not count."""
        self._fates: dict[str, str | None] = {}
        """What a key was merged into; None for ignored."""
        self._splits: dict[str, dict[Evidence, str]] = {}
        self._names: dict[str, str] = {}
        counting = (judgement for judgement in judgements if judgement.undone_at is None)
        self.void: tuple[Judgement, ...] = tuple(
            judgement
            for judgement in sorted(counting, key=lambda each: (each.made_at, each.uuid))
            if not self._add(judgement)
        )
        """Those that are not in force because they would lead a key back to itself."""

    def _add(self, judgement: Judgement) -> bool:
        """Whether it is in force now."""
        key, target, name = judgement.key, judgement.target, judgement.name
        if target is not None and key in self.reachable([target]):
            return False
        if name is not None:
            self._names[target or key] = name
        if target is None:
            if judgement.kind == "ignore":
                self._fates[key] = None
        elif judgement.kind == "merge":
            self._fates[key] = target
        else:
            splits = self._splits.setdefault(key, {})
            splits.pop(judgement.evidence, None)  # the later one goes to the end
            splits[judgement.evidence] = target
        return True

    def judge(
        self, found: str, surface: str, content_hash: str, others: Collection[str]
    ) -> str | None:
        """The key of the entity that a mention belongs to, None for one that is ignored.

        Args:
            found: the linker's key.
            surface: the mention's text.
            content_hash: of its article.
            others: the keys that the linker found in the same article.
        """
        key: str | None = found
        while key is not None and (key in self._splits or key in self._fates):
            for evidence, target in reversed(self._splits.get(key, {}).items()):
                if self._holds(evidence, surface, content_hash, others):
                    key = target
                    break
            else:
                if key not in self._fates:
                    break
                key = self._fates[key]
        return key

    def judge_all(self, mentions: Sequence[Mention], content_hash: str) -> list[str | None]:
        """The same for all mentions of an article, in their order; None where none was found."""
        others = {mention.entity for mention in mentions if mention.entity is not None}
        return [
            mention.entity and self.judge(mention.entity, mention.surface, content_hash, others)
            for mention in mentions
        ]

    def _holds(
        self, evidence: Evidence, surface: str, content_hash: str, others: Collection[str]
    ) -> bool:
        if evidence.content_hash not in {None, content_hash}:
            return False
        if evidence.surface is not None and evidence.surface != fold(surface):
            return False
        return evidence.with_key is None or self.merged(evidence.with_key) in map(
            self.merged, others
        )

    def canonical(self, key: str) -> str | None:
        """The name that a person gave to the entity, if one did."""
        return self._names.get(key)

    def merged(self, key: str) -> str:
        """Where merges lead the key, whatever the evidence of splits and of being ignored."""
        while target := self._fates.get(key):
            key = target
        return key

    def merged_into(self, key: str) -> list[str]:
        """The keys that merges lead to this one, directly or by way of others, sorted."""
        return sorted(other for other in self._fates if other != key == self.merged(other))

    def is_ignored(self, key: str) -> bool:
        """Whether the key's own mentions are no entities."""
        return key in self._fates and self._fates[key] is None

    def needs_evidence(self, key: str) -> bool:
        """Whether the mentions found as ``key`` may be judged one so and another so."""
        while key not in self._splits:
            target = self._fates.get(key)
            if target is None:
                return False
            key = target
        return True

    @property
    def names(self) -> Mapping[str, str]:
        """The names that people gave, by key."""
        return self._names

    @property
    def targets(self) -> frozenset[str]:
        """All keys that a mention may come to belong to by a judgement."""
        return frozenset(
            target for key in {*self._fates, *self._splits} for target in self._steps(key)
        )

    def reachable(self, keys: Iterable[str]) -> frozenset[str]:
        """The keys, and all that judgements may lead a mention of theirs to."""
        seen: set[str] = set()
        left = list(keys)
        while left:
            key = left.pop()
            if key not in seen:
                seen.add(key)
                left += self._steps(key)
        return frozenset(seen)

    def _steps(self, key: str) -> list[str]:
        fate = self._fates.get(key)
        return [*self._splits.get(key, {}).values(), *([fate] if fate else [])]

    def rules(self, key: str) -> tuple[object, ...]:
        """All that is decided about the key's own mentions, to be compared."""
        return (*self._splits.get(key, {}).items(), key in self._fates, self._fates.get(key))

    @property
    def keys(self) -> frozenset[str]:
        """The keys that something is decided about, names aside."""
        return frozenset({*self._fates, *self._splits})

    def witnesses(self) -> Iterator[tuple[str, str]]:
        """Splits by another entity in the article: their keys, and that entity's."""
        for key, splits in self._splits.items():
            for evidence in splits:
                if evidence.with_key is not None:
                    yield key, evidence.with_key


def differing(before: Judgements, after: Judgements) -> frozenset[str]:
    """The found keys that the two may judge differently; all other mentions stay as they are."""
    both = (before, after)
    changed = {key for key in before.keys | after.keys if before.rules(key) != after.rules(key)}
    # A merge also moves what counts as evidence.
    moved = {each.merged(key) for key in changed for each in both}
    changed |= {
        key
        for judgements in both
        for key, witness in judgements.witnesses()
        if not moved.isdisjoint(each.merged(witness) for each in both)
    }
    return frozenset(
        key
        for key in before.keys | after.keys
        if any(not changed.isdisjoint(each.reachable([key])) for each in both)
    )
