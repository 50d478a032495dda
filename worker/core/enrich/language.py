"""Which language a story is written in."""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

_EXPECTED: Final = frozenset({"de", "en", "es", "fr", "vi"})
_PRIOR: Final = 8  # how much likelier than another language each of those is beforehand
_MIN_LETTERS: Final = 12
_ENOUGH: Final = 400  # characters; more tell nothing new
_AGAIN: Final = 3  # times that words which are no names are read again
_MIN_CONFIDENCE: Final = 0.25  # below, about half of the answers are wrong
_ISO_639_1: Final = 2  # letters; longer codes are of languages that the standard does not have


def detect(text: str) -> str | None:
    """The ISO 639-1 code of the language, None where there is too little text to tell.

    Any language may be the answer: a story in Italian must not pass for a Spanish one.
    """
    sample = text[:_ENOUGH]
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
        return None
    # Names are in no language, and may be most of a headline.
    small = " ".join(word for word in sample.split() if not word[0].isupper())
    shares: list[tuple[str, float]] = [
        (language, share * _PRIOR if language in _EXPECTED else share)
        for language, share in _identifier().rank(" ".join((sample, *[small] * _AGAIN)))
    ]
    language, best = max(shares, key=itemgetter(1))
    return language if best >= _MIN_CONFIDENCE * sum(share for _, share in shares) else None


@cache
def _identifier() -> LanguageIdentifier:
    # Its tables take a moment to load, which nothing but this step should wait for.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if len(code) == _ISO_639_1])
    return identifier
