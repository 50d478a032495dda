"""A paragraph as a row of words, and what of it stands on a list."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.folding import fold
from worker.core.enrich.names.words import WORD
from worker.core.enrich.recognise import PARAGRAPH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.core.article import Label
    from worker.core.enrich.names.words import Words

BLANKS: Final = frozenset(" \u00a0\u202f")
"""What may part two words of a name."""
MAX_ROW: Final = 12
"""Words of a row with capitals."""
MAX_NAME: Final = 4
"""Words of a person's name."""
MANY: Final = 2
"""Capitals from which on a row can be more than one name."""

_PHRASE_GAP: Final = re.compile(r",?[ \u00a0\u202f]|[ \u00a0\u202f]?[-–][ \u00a0\u202f]?|\.")
_SENTENCE_GAP: Final = re.compile(r"[.!?…:;•\n“”\"«»„(]")
# One syllable of Vietnamese, without diacritics.
_SYLLABLE: Final = re.compile(
    r"(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_LOUD: Final = 0.6  # share of capitals in a line's letters
_HEADLINE: Final = 0.75  # share of a line's words that begin with one


class Word(NamedTuple):
    """A word and where it stands in the text."""

    start: int
    end: int
    text: str
    small: str
    capital: bool
    opens: bool
    """Whether a sentence may begin with it, so that its capital says nothing."""
    gap: str
    """What stands between it and the word before."""

    def folded(self) -> str:
        """The word as lists have it, without case and diacritics."""
        return _folded(self.text)

    def is_syllable(self) -> bool:
        """Whether it can be a syllable of Vietnamese."""
        return bool(_SYLLABLE.fullmatch(self.folded()))


class Paragraph:
    """The words of one paragraph; a word is meant by its place among them."""

    def __init__(self, lists: Words, language: str, text: str, start: int, end: int) -> None:
        """Read the words of ``text[start:end]``; they keep their offsets in the text."""
        self.lists = lists
        self.language = language
        self.text = text
        self.words = list(_words(text[start:end], start))
        letters = [letter for word in self.words for letter in word.text if letter.isalpha()]
        self.loud = sum(map(str.isupper, letters)) > _LOUD * len(letters)
        capitals = sum(word.capital for word in self.words)
        self.headline = capitals > _HEADLINE * len(self.words)  # Where Each Word Has a Capital

    def follows(self, at: int) -> bool:
        """Whether only a blank parts the word from the one before."""
        return at < len(self.words) and self.words[at].gap in BLANKS

    def spaced(self, begin: int, end: int) -> bool:
        """Whether only blanks part these words from each other."""
        return all(map(self.follows, range(begin + 1, end)))

    def is_name(self, at: int) -> bool:
        """Whether the word has a capital that may be a name's."""
        word = self.words[at]
        return word.capital and word.text not in self.lists.no_names

    def row(self, at: int, most: int = MAX_ROW) -> int:
        """The end of the words with capitals from here on, with nothing between them."""
        end = at
        while end < len(self.words) and end - at < most and self.is_name(end):
            if end > at and not self.follows(end):
                break
            end += 1
        return end

    def phrase(self, at: int) -> tuple[int, Label | None]:
        """End and label of the longest name on a list that begins here."""
        lists, words = self.lists, self.words
        for length in range(lists.longest.get(words[at].folded(), 0), 0, -1):
            end = at + length
            if end > len(words) or any(
                not _PHRASE_GAP.fullmatch(word.gap) for word in words[at + 1 : end]
            ):
                continue
            key = (
                "-".join(word.folded() for word in words[at:end])
                if length > 1
                else self._spelt(words[at])
            )
            phrase = lists.phrases.get(key)
            if phrase and len(phrase.capitals) == length and self._fits(phrase.capitals, at):
                return end, phrase.label
        return at, None

    def _spelt(self, word: Word) -> str:
        text = word.text.rstrip(".").replace("’", "'")
        return text.capitalize() if self.loud and text not in self.lists.phrases else text

    def _fits(self, capitals: tuple[bool, ...], at: int) -> bool:
        words = self.words
        if any(asked and not words[at + n].capital for n, asked in enumerate(capitals)):
            return False
        before = words[at - 1] if at and self.follows(at) else None
        if before and before.small in self.lists.no_places_after:
            return False
        after = words[at + 1] if self.follows(at + 1) else None
        if len(capitals) > 1 or self.language == "de" or self.headline:
            return True
        if self.language == "vi" and words[at].opens and words[at].is_syllable():
            return False
        # Beside another capital it may be part of a longer name: ``Real Madrid``.
        part = (before and before.capital and not before.opens and not self._is_role(at - 1)) or (
            after and after.capital and not self._is_role(at + 1)
        )
        return not part

    def _is_role(self, at: int) -> bool:
        word = self.words[at]
        return word.small in self.lists.titles or word.text in self.lists.acronyms


def paragraphs(lists: Words, language: str, text: str) -> list[Paragraph]:
    """The paragraphs of a text, which blank lines part."""
    return [Paragraph(lists, language, text, *match.span()) for match in PARAGRAPH.finditer(text)]


def _words(paragraph: str, offset: int) -> Iterator[Word]:
    last = 0
    for match in WORD.finditer(paragraph):
        gap = paragraph[last : match.start()]
        text = match[0]
        yield Word(
            offset + match.start(),
            offset + match.end(),
            text,
            text.lower(),
            text[0].isupper(),
            not last or bool(_SENTENCE_GAP.search(gap)),
            gap,
        )
        last = match.end()


@lru_cache(maxsize=1 << 15)
def _folded(word: str) -> str:
    return fold(word)
