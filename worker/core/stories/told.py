"""What an article is compared by: its body as a whole, its shingles, and headlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.core.stories import likeness
from worker.core.stories.fingerprint import bands, body_key, minima, title_key

if TYPE_CHECKING:
    from worker.core.article import CleanArticle, Stated
    from worker.core.stories.fingerprint import Minima
    from worker.core.stories.likeness import Reading


@dataclass(frozen=True, slots=True)
class Told:
    """What an article is found and compared by."""

    body: str | None
    """What another article with the same body has too, which is a duplicate then.

    None where there is too little text, and of what corrects, continues or withdraws something:
    that is news even where the body has not changed.
    """
    reading: Reading
    minima: Minima
    bands: frozenset[int]
    """Keys of its text; others that have one too may be alike."""
    titles: frozenset[int]
    """Keys of its title, and of headlines that it is about if it states a notice."""
    stated: Stated | None


def told(clean: CleanArticle) -> Told:
    """What a clean article is found and compared by."""
    reading = likeness.read(clean.lead, clean.body, clean.published)
    headlines = (clean.title, *(clean.stated.about if clean.stated else ()))
    titles = map(title_key, headlines)
    least = minima(reading.shingles)
    return Told(
        body=None if clean.stated else body_key(clean.lead, clean.body),
        reading=reading,
        minima=least,
        bands=frozenset(bands(least)),
        titles=frozenset(key for key in titles if key is not None),
        stated=clean.stated,
    )
