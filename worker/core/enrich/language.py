"""Which language a story is written in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

_LANGUAGES: Final = ("de", "en", "es", "fr", "vi")
_MIN_LETTERS: Final = 20
_ENOUGH: Final = 4_000  # characters; more tell nothing new
# All five are written in Latin letters; text in others is none of them.
_LETTER: Final = re.compile("[A-Za-zÀ-ÖØ-öø-ɏƠ-ưẠ-ỹ]")


def detect(text: str) -> str | None:
    """The ISO 639-1 code of the language, None where there is too little text to tell."""
    sample = text[:_ENOUGH]
    if len(_LETTER.findall(sample)) < _MIN_LETTERS:
        return None
    language: str = _identifier().classify(sample)[0]
    return language


@cache
def _identifier() -> LanguageIdentifier:
    # Its tables take a moment to load, which nothing but this step should wait for.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_LANGUAGES)
    return identifier
