"""When two files are the same story: equal hashes of their normalised texts."""

from __future__ import annotations

import hashlib
from typing import Final

from worker.core.characters import nfc, squeeze

NORMALISATION: Final[int] = 1
"""Version of ``normalise``; hashes of different versions cannot be compared."""


def normalise(text: str) -> str:
    """The text with everything evened out that does not make it another story.

    Composition of accents, line ends, and how many and which blanks stand between two words make
    no difference; neither do characters without width, wherever they are.
    """
    return squeeze(nfc(squeeze(text)))


def content_hash(text: str) -> str:
    """``sha256:<hex>`` of the UTF-8 of the normalised text."""
    return "sha256:" + hashlib.sha256(normalise(text).encode()).hexdigest()
