"""Which stored articles are to be made again: those that older versions have made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from worker.errors import UserError

OURS: Final = "rotative-"  # how the names of our own models begin


class Made(NamedTuple):
    """What made an article."""

    language: str | None
    recogniser: str
    enricher: str
    cleaner: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles to make again.

    Without any restriction, those whose names today's versions would find otherwise. Versions are
    numbers with dots; what names several is taken if it is older by any of them.

    Raises:
        UserError: a version that was asked for is none.
    """

    cleaner_before: str | None = None
    """Only what rules of cleaning of a lower version than this have made; from its raw bytes."""
    model_before: str | None = None
    """Only what no model of ours has seen, or one of a lower version than this."""
    enricher_before: str | None = None
    """Only what rules and linking of a lower version than this have made."""
    everything: bool = False
    """Also what today's versions made."""
    feed: str | None = None

    def __post_init__(self) -> None:
        for asked in (self.cleaner_before, self.model_before, self.enricher_before):
            if asked is not None and _numbers(asked) is None:
                raise UserError(f"{asked!r} is no version: versions look like 1.0.")

    @property
    def from_raw(self) -> bool:
        """Whether they are made from their raw bytes, not from the cleaned text."""
        return self.cleaner_before is not None

    def takes(self, made: Made, now: Made) -> bool:
        """Whether articles made so are to be made again, now that they would be made ``now``."""
        if self.everything:
            return True
        older = [
            _older(version, asked)
            for version, asked in (
                (made.cleaner, self.cleaner_before),
                (_of_model(made.recogniser), self.model_before),
                (made.enricher, self.enricher_before),
            )
            if asked is not None
        ]
        return made != now and (any(older) or not older)


def _of_model(recogniser: str) -> str:
    """The version of a model of ours; nothing for another."""
    return recogniser.rpartition("-")[2] if recogniser.startswith(OURS) else ""


def _older(version: str, asked: str) -> bool:
    numbers, limit = _numbers(version), _numbers(asked)
    return numbers is None or limit is None or numbers < limit


def _numbers(version: str) -> tuple[int, ...] | None:
    """The numbers of a version, without zeros at the end: 1 and 1.0 are the same."""
    try:
        numbers = [int(part) for part in version.split(".")]
    except ValueError:
        return None
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
