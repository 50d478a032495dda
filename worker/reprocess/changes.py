"""What making an article again changed: its texts, and the names that are found in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.core.article import CleanArticle, FieldName

TEXTS: Final = {"title": "title", "published": "date", "lead": "lead", "body": "body"}
"""What is compared of a clean article, and what it is called."""
NAMES: Final = ("gained", "lost", "relinked")
_WIDTH: Final = 60  # characters of a text that are shown
_AROUND: Final = 15  # characters that are shown before a difference


class Place(NamedTuple):
    """Where a mention stands in its article."""

    field: FieldName
    start: int
    end: int


class Named(NamedTuple):
    """What stands there, and what it is."""

    surface: str
    meaning: str
    """The key that the linker found; for a date or an amount its label and value."""


class Rewritten(NamedTuple):
    """A text that is another now; ``None`` where there was none, or is none."""

    what: str
    """``title``, ``date``, ``lead`` or ``body``."""
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What making an article again changed; before judgements, which stay as they are."""

    article: int
    gained: tuple[Named, ...]
    lost: tuple[Named, ...]
    relinked: tuple[tuple[Named, str], ...]
    """Mentions at the same place, with what they mean now."""
    texts: tuple[Rewritten, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there was any."""
        return bool(self.texts or self.gained or self.lost or self.relinked)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Each change as its kind and a line."""
        where = f"article {self.article}:"
        for what, before, after in self.texts:
            yield what, f"{where} {what} {' → '.join(_difference(before, after))}"
        for name in self.gained:
            yield "gained", f"{where} + {name.surface} ({name.meaning})"
        for name in self.lost:
            yield "lost", f"{where} − {name.surface} ({name.meaning})"
        for name, now in self.relinked:
            yield "relinked", f"{where} {name.surface}: {name.meaning} → {now}"


def rewritten(before: CleanArticle, after: CleanArticle) -> tuple[Rewritten, ...]:
    """The texts that are others now."""
    pairs = {what: (getattr(before, name), getattr(after, name)) for name, what in TEXTS.items()}
    return tuple(Rewritten(what, *pair) for what, pair in pairs.items() if pair[0] != pair[1])


def compare(
    article: int,
    before: Mapping[Place, Named],
    after: Mapping[Place, Named],
    texts: tuple[Rewritten, ...] = (),
) -> Change:
    """The mentions that came, went, and mean something else now.

    In texts that are others now places tell nothing: there, how often something is named counts.
    """
    moved = {text.what for text in texts}
    here, there = (
        {place: name for place, name in each.items() if place.field not in moved}
        for each in (before, after)
    )
    had, has = (
        Counter(each[place] for place in sorted(each) if place.field in moved)
        for each in (before, after)
    )
    gained = [there[place] for place in sorted(there.keys() - here.keys())]
    lost = [here[place] for place in sorted(here.keys() - there.keys())]
    return Change(
        article,
        gained=(*gained, *(has - had).elements()),
        lost=(*lost, *(had - has).elements()),
        relinked=tuple(
            (here[place], there[place].meaning)
            for place in sorted(here.keys() & there.keys())
            if here[place].meaning != there[place].meaning
        ),
        texts=texts,
    )


def _difference(before: str | None, after: str | None) -> tuple[str, str]:
    """Two texts as they are shown: from shortly before where they part, and not for long."""
    long = max(len(before or ""), len(after or "")) > _WIDTH
    start = max(0, _common(before or "", after or "") - _AROUND) if long else 0
    return _excerpt(before, start), _excerpt(after, start)


def _common(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _excerpt(text: str | None, start: int) -> str:
    if text is None:
        return "none"
    end = start + _WIDTH
    shown = text[start:end].replace("\n\n", " ¶ ").replace("\n", " ")
    return f"“{'…' if start else ''}{shown}{'…' if end < len(text) else ''}”"
