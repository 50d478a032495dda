"""Finding names: one small interface, and what stands behind it."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, TypeGuard

from worker.core.characters import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spacy.language import Language
    from thinc.api import Model

    from worker.core.article import EntitiesBy, Label

_LABELS: Final = frozenset({"PER", "ORG", "LOC", "MISC"})
_FRENCH: Final = "data/fr"  # made by training.ner
_BY_RULES: Final = ("en", "vi", "es", "de", "")
ANY_LANGUAGE: Final = ""
"""The key of the recogniser for languages that have none of their own, and for unknown ones."""
# The two bound the model's memory: it holds a batch of pieces at once.
_LONGEST: Final = 2_500  # characters of a piece
_BATCH: Final = 64  # pieces
LONGEST_NAME: Final = 200  # characters; what is longer is no name, and no key for an index
PARAGRAPH: Final = re.compile(r"[^\n]+(?:\n[^\n]+)*")


class Span(NamedTuple):
    """A name in a text: ``text[start:end]`` without blanks around it."""

    start: int
    end: int
    label: Label


class Recogniser(Protocol):
    """Finds the names in texts of one language."""

    name: str
    """Name and version of what is behind it: ``rotative-fr-1.0``."""
    kind: EntitiesBy
    """What that is."""

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order; none reaches across a paragraph break."""
        ...


class NullRecogniser:
    """Finds nothing, at no cost: what everything else costs is measured with it."""

    name: str = "none"
    kind: EntitiesBy = "none"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """No names, for each text."""
        return [[] for _ in texts]


class SpacyRecogniser:
    """The ``ner`` component of a spaCy model."""

    kind: EntitiesBy = "model"

    def __init__(self, model: Language) -> None:
        self._model = model
        self.name: str = f"{model.meta['name']}-{model.meta['version']}"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order; texts may be of any length."""
        found: list[list[Span]] = [[] for _ in texts]
        pieces = (
            (text[start:end], (i, start))
            for i, text in enumerate(texts)
            for start, end in _pieces(text)
            # No name is without; a megabyte of signs would take the model a minute.
            if any(map(str.isalnum, text[start:end]))
        )
        for document, (i, offset) in self._model.pipe(pieces, as_tuples=True, batch_size=_BATCH):
            for entity in document.ents:
                span = _trim(texts[i], offset + entity.start_char, offset + entity.end_char)
                if span and _is_label(entity.label_):
                    found[i].append(Span(*span, entity.label_))
        return found


def load_recogniser(name: Literal["spacy", "null"]) -> Mapping[str, Recogniser]:
    """The recogniser of each language (ISO 639-1) that has one, and of ``ANY_LANGUAGE``.

    Loading takes seconds.
    """
    if name == "null":
        return {ANY_LANGUAGE: NullRecogniser()}
    # Its lists are read when it is imported, which commands that recognise nothing need not.
    from worker.core.enrich.names import RuleRecogniser  # noqa: PLC0415

    recognisers: dict[str, Recogniser] = {
        language: RuleRecogniser(language) for language in _BY_RULES
    }
    recognisers["fr"] = SpacyRecogniser(french())
    return recognisers


def recogniser_of(language: str | None, recognisers: Mapping[str, Recogniser]) -> Recogniser:
    """The recogniser that a language's texts go to; never another language's model."""
    own = recognisers.get(language or ANY_LANGUAGE)
    return own or recognisers.get(ANY_LANGUAGE) or NullRecogniser()


@cache
def french() -> Language:
    """The project's own French model; raises ``OSError`` where its files are missing."""
    # Importing spaCy takes a second, which commands that recognise nothing need not wait for.
    import numpy as np  # noqa: PLC0415
    import spacy  # noqa: PLC0415
    from spacy.vectors import Vectors  # noqa: PLC0415

    with resources.as_file(resources.files(__package__) / _FRENCH) as directory:
        meta = json.loads((directory / "meta.json").read_text("utf-8"))
        model = spacy.blank("fr", meta=meta)
        with np.load(directory / "vectors.npz") as table:
            vectors = Vectors(data=table["data"].astype(np.float32))
            vectors.key2row = dict(zip(table["keys"].tolist(), table["rows"].tolist(), strict=True))
        model.vocab.vectors = vectors
        ner: Any = model.add_pipe(
            "ner", config=json.loads((directory / "ner.json").read_text("utf-8"))
        )
        ner.from_disk(directory / "ner", exclude=["vocab"])
    multiply_with_numpy(ner.model)
    return model


def multiply_with_numpy(model: Model[Any, Any]) -> None:
    """Let a component's matrices be multiplied by NumPy's BLAS, not by thinc's own.

    That makes the recogniser some 1.6 times as fast as the base is (``bench/enrich.json``).
    """
    from thinc.api import NumpyOps  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    operations = NumpyOps(use_blis=False)
    for node in model.walk():
        node.ops = operations
    # The machine's cores are shared out among processes.
    threadpool_limits(1, user_api="blas")


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the paragraphs; those too long for the model are cut, at a blank if one is near."""
    for paragraph in PARAGRAPH.finditer(text):
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
    if len(surface) > LONGEST_NAME or not any(map(str.isalnum, surface)):
        return None
    return (
        end - len(surface.lstrip(BLANKS)),
        start + len(surface.rstrip(BLANKS)),
    )


def _is_label(label: str) -> TypeGuard[Label]:
    return label in _LABELS
