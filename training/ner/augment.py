"""The same paragraphs with other names, other spellings and other typography.

Wikinews names few Vietnamese, and writes them as its editors do; wire copy writes them with all,
some or none of their diacritics, in capitals, or between other apostrophes.
"""

from __future__ import annotations

import random
import tomllib
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from training.ner.corpus import Gold, Paragraph, names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_VIETNAMESE: Final = tomllib.loads(Path(__file__).with_name("vietnamese.toml").read_text("utf-8"))
_HEADLINE: Final = 150  # characters; longer texts are not printed in capitals
_WITHOUT: Final = str.maketrans("đĐ", "dD")
_TYPOGRAPHY: Final = (("'", "’"), ("’", "'"), ("–", "-"), ("–", "—"), ("«\xa0", "« "), ("œ", "oe"))


class Rates(NamedTuple):
    """How often something is done to a paragraph (or, for names, to a mention)."""

    paragraph: float = 0.4
    """That names are swapped in it at all."""
    name: float = 0.5
    """That a name is swapped, in a paragraph where names are."""
    vietnamese: float = 0.5
    """That the other name is Vietnamese, of people and places."""
    typography: float = 0.15
    capitals: float = 0.02
    plain: float = 0.05
    """That a paragraph loses all its diacritics."""
    middle: float = 0.8
    """That a Vietnamese name has a middle name."""


RATES: Final = Rates()


class Augmenter:
    """Other paragraphs with the same structure; deterministic for a seed."""

    def __init__(self, known: Sequence[Paragraph], seed: int, rates: Rates = RATES) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._rates = rates
        self._names: Mapping[str, list[str]] = {
            label: list(names(known, label)) for label in ("PER", "LOC", "ORG")
        }

    def __call__(self, paragraph: Paragraph) -> Paragraph:
        """The paragraph, or another made of it."""
        draw, rates = self._random.random, self._rates
        if draw() < rates.paragraph:
            paragraph = self._with_other_names(paragraph)
        if draw() < rates.typography:
            before, after = self._random.choice(_TYPOGRAPHY)
            paragraph = _mapped(paragraph, lambda text: text.replace(before, after))
        if draw() < rates.plain:
            paragraph = _mapped(paragraph, without_diacritics)
        elif draw() < rates.capitals and len(paragraph.text) < _HEADLINE:
            paragraph = _mapped(paragraph, str.upper)
        return paragraph

    def _with_other_names(self, paragraph: Paragraph) -> Paragraph:
        """The names swapped within their type, a name for the same name everywhere."""
        chosen: dict[tuple[str, str], str] = {}

        def other(surface: str, label: str) -> str:
            if label not in self._names or self._random.random() >= self._rates.name:
                return surface
            return self._other(surface, label)

        pieces: list[tuple[str, Gold | None]] = []
        last = 0
        for mention in paragraph.mentions:
            pieces.append((paragraph.text[last : mention.start], None))
            surface = paragraph.text[mention.start : mention.end]
            key = surface, mention.label
            if key not in chosen:
                chosen[key] = surface if mention.optional else other(*key)
            pieces.append((chosen[key], mention))
            last = mention.end
        pieces.append((paragraph.text[last:], None))
        return _joined(pieces, paragraph.field)

    def _other(self, surface: str, label: str) -> str:
        choice = self._random.choice
        if label == "ORG":
            # After an elided article another such name, after a full one another such.
            same = [
                each
                for each in (choice(self._names[label]) for _ in range(8))
                if _elides(each) == _elides(surface)
            ]
            return same[0] if same else surface
        if self._random.random() >= self._rates.vietnamese:
            # A full name for a full name, a surname for a surname.
            same = [
                each
                for each in (choice(self._names[label]) for _ in range(8))
                if (" " in each) == (" " in surface)
            ]
            return same[0] if same else surface
        if label == "LOC":
            name = choice(_VIETNAMESE["places"])
        elif " " in surface:
            middle = (
                [choice(_VIETNAMESE["middle"])]
                if self._random.random() < self._rates.middle
                else []
            )
            name = " ".join([choice(_VIETNAMESE["family"]), *middle, choice(_VIETNAMESE["given"])])
        else:
            name = choice(_VIETNAMESE["given"])
        return self._spelt(name)

    def _spelt(self, name: str) -> str:
        """With all its diacritics, with those that French has too, or with none."""
        return self._random.choice((str, _with_french_diacritics, without_diacritics))(name)


def _elides(name: str) -> bool:
    return without_diacritics(name[0]).lower() in "aeiouh"


def without_diacritics(text: str) -> str:
    """The text in plain letters, as long as before."""
    letters = (unicodedata.normalize("NFD", each)[0] for each in text.translate(_WITHOUT))
    return "".join(letters)


def _with_french_diacritics(text: str) -> str:
    """Without what French lacks: ``Nguyễn`` becomes ``Nguyên``, as wire copy prints it."""
    marks = "\u0300\u0301\u0302"
    letters = []
    for letter in text.translate(_WITHOUT):
        base, rest = (decomposed := unicodedata.normalize("NFD", letter))[0], decomposed[1:]
        kept = next((mark for mark in ("\u0302", *marks) if mark in rest), "")
        composed = unicodedata.normalize("NFC", base + kept)
        letters.append(composed if composed.lower() in "àâéèêîôùûá" or not kept else base)
    return "".join(letters)


def _mapped(paragraph: Paragraph, change: Callable[[str], str]) -> Paragraph:
    """The paragraph with each stretch inside and outside of mentions changed."""
    pieces: list[tuple[str, Gold | None]] = []
    last = 0
    for mention in paragraph.mentions:
        pieces.append((change(paragraph.text[last : mention.start]), None))
        pieces.append((change(paragraph.text[mention.start : mention.end]), mention))
        last = mention.end
    pieces.append((change(paragraph.text[last:]), None))
    return _joined(pieces, paragraph.field)


def _joined(pieces: Sequence[tuple[str, Gold | None]], field: str) -> Paragraph:
    text, mentions = "", []
    for piece, mention in pieces:
        if mention is not None:
            mentions.append(mention._replace(start=len(text), end=len(text) + len(piece)))
        text += piece
    return Paragraph(text, tuple(mentions), field)
