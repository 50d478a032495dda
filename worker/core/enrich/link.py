"""Which mentions name the same entity, whatever their spelling."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from worker.core.characters import squeeze

if TYPE_CHECKING:
    from worker.core.article import Label

# Letters that Unicode does not take apart into a base and a mark.
_LETTERS: Final = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "œ": "oe", "æ": "ae", "þ": "th"}
)
_NO_WORD: Final = re.compile(r"[\W_]+")


def canonical(surface: str) -> str:
    """The entity's name: so far the surface itself, its blanks evened out."""
    return squeeze(surface)


def entity_key(surface: str, label: Label) -> str:
    """The entity's key, the same for all spellings of a name: ``per:le-hoai-trung``.

    Case, diacritics, ligatures, dashes, apostrophes and blanks make no difference. The surface
    must hold a letter or a digit.
    """
    plain = unicodedata.normalize("NFKD", squeeze(surface)).casefold().translate(_LETTERS)
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKD", plain)
        if not unicodedata.combining(character)
    )
    return f"{label.lower()}:{_NO_WORD.sub('-', letters).strip('-')}"
