"""Names told by rules and lists, for languages without a model: few are wrong, many are missed.

A name is marked where something says what it names: a title before it, a family name that only
people have, a word like *Ministry* in it, a list of places. Other words with a capital are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.core.enrich.names.acronyms import acronym
from worker.core.enrich.names.again import named_again
from worker.core.enrich.names.bodies import body
from worker.core.enrich.names.paragraph import paragraphs
from worker.core.enrich.names.people import after_title, person
from worker.core.enrich.names.places import place
from worker.core.enrich.names.words import load
from worker.core.enrich.recognise import LONGEST_NAME, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.core.article import EntitiesBy, Label
    from worker.core.enrich.names.paragraph import Paragraph

_SHORT_PLACE: Final = 4  # letters; shorter ones may be anything where all letters are capitals


class RuleRecogniser:
    """Finds names of one language, or of any other in Latin letters by what all have in common."""

    name: str = "rules-1"
    kind: EntitiesBy = "rules"

    def __init__(self, language: str) -> None:
        """Take the lists for a language: its ISO 639-1 code, or anything where it is unknown."""
        self._language = language
        self._words = load(language)

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order; none reaches across a paragraph break."""
        return [self._spans(text) for text in texts]

    def _spans(self, text: str) -> list[Span]:
        read = paragraphs(self._words, self._language, text)
        found = [span for paragraph in read for span in _read(paragraph)]
        if self._language != "vi":  # whose given names are words, too
            found += named_again(text, read, found)
        return sorted(found)


def _read(paragraph: Paragraph) -> Iterator[Span]:
    """Its names, from left to right; what a rule has taken is not looked at again."""
    words = paragraph.words
    at = 0
    while at < len(words):
        taken = _known_only(paragraph, at) if paragraph.loud else _name(paragraph, at)
        if taken:
            begin, end, label = taken
            span = Span(words[begin].start, words[end - 1].end, label)
            if span.end - span.start <= LONGEST_NAME:
                yield span
            at = end
        else:
            at += 1


def _known_only(paragraph: Paragraph, at: int) -> tuple[int, int, Label] | None:
    """In capitals throughout, only names that are known whole can be told."""
    end, label = paragraph.phrase(at)
    if label and (end - at > 1 or len(paragraph.words[at].text) >= _SHORT_PLACE):
        return at, end, label
    return None


def _name(paragraph: Paragraph, at: int) -> tuple[int, int, Label] | None:
    """The first and the end of the words of a name that is told from here, and its label."""
    if titled := after_title(paragraph, at):
        return *titled, "PER"
    known, label = paragraph.phrase(at)
    organisation = body(paragraph, at)
    if organisation and organisation[1] > known:
        return *organisation, "ORG"
    end = person(paragraph, at)
    if label and known >= end:
        return at, known, label
    if end > at:
        return at, end, "PER"
    if found := place(paragraph, at):
        return *found, "LOC"
    label = acronym(paragraph, at)
    return (at, at + 1, label) if label else None
