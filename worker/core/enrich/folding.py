"""Names without what spellings differ in: case, diacritics, dashes, apostrophes, blanks."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from worker.core.characters import nfc, squeeze

if TYPE_CHECKING:
    from worker.core.article import Label

# Letters that Unicode does not take apart into a base and a mark.
_LETTERS: Final = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "œ": "oe", "æ": "ae", "þ": "th"}
)
_NO_WORD: Final = re.compile(r"[\W_]+")
_INITIALS: Final = re.compile(r"(?<!\w)(?:[^\W\d_]\. ?)+[^\W\d_](?!\w)\.?")
_LABELS: Final[dict[str, Label]] = {"per": "PER", "org": "ORG", "loc": "LOC", "misc": "MISC"}
_LONGEST: Final = 240  # characters of a folded name, so that any key fits an index
_REMEMBERED: Final = 1 << 14  # names whose folded form is kept: most names come often
_DIGEST: Final = 16  # hexadecimal digits that tell apart what was cut


def word_set(words: str) -> frozenset[str]:
    """The words of a list that is written with blanks between them."""
    return frozenset(words.split())


SMALL_WORDS: Final = word_set(
    "a al and au aux d da das de del der des di die do du e el en et for i in l la las le "
    "les los of on par pour sur the to und y"
)
"""Folded articles, prepositions and conjunctions of French, English, Spanish and German."""


@lru_cache(maxsize=_REMEMBERED)
def fold(name: str) -> str:
    """The name in small letters and digits, with hyphens between words: ``le-hoai-trung``.

    Letters with dots are written together (``U.S.`` as ``us``); scripts other than Latin stay as
    they are. The result is at most 240 characters, and empty for a name without letter or digit.
    """
    plain = unicodedata.normalize("NFKD", nfc(squeeze(name))).casefold().translate(_LETTERS)
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKD", plain)
        if not unicodedata.combining(character)
    )
    folded = unicodedata.normalize("NFC", _NO_WORD.sub("-", join_initials(letters)).strip("-"))
    if len(folded) <= _LONGEST:
        return folded
    digest = hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()[:_DIGEST]
    return f"{folded[: _LONGEST - _DIGEST - 1]}-{digest}"


def join_initials(name: str) -> str:
    """The name with letters and dots written together: ``J. D. Vance`` as ``JD Vance``."""
    return _INITIALS.sub(lambda letters: re.sub("[. ]", "", letters[0]), name)


def entity_key(surface: str, label: Label) -> str:
    """The key of an entity of this name, the same for all its spellings: ``per:le-hoai-trung``.

    At most 250 characters. The surface must hold a letter or a digit.
    """
    return f"{label.lower()}:{fold(surface)}"


def label_of(key: str) -> Label:
    """The label that the entity of a key has."""
    return _LABELS[key.partition(":")[0]]


def content_words(folded: str) -> str:
    """A folded name without its articles, prepositions and conjunctions."""
    return "-".join(word for word in folded.split("-") if word not in SMALL_WORDS)
