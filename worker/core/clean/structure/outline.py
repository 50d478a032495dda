"""What a file is made of: its pieces by their own looks, spelt as a word of one letter each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from worker.core.clean.structure.dateline import find_dateline
from worker.core.clean.structure.furniture import Furniture
from worker.core.clean.structure.lines import is_headline
from worker.core.clean.structure.signature import Signature, find_byline, find_signature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.clean.segments import Stretch

Look = (
    Literal[
        "paragraph",
        "link",
        "caption",
        "credit",
        "duplicate-title",
        "header",
        "published",
        "updated",
        "tracking",
    ]
    | Furniture
)
_LETTERS: Final = {"caption": "C", "credit": "C", "more": "M", "related": "R", "comments": "K"}
"""``read-on``, like all that is not named here, is nothing of a story."""


class Piece(NamedTuple):
    """A piece of the file and what it looks like, whatever stands around it.

    ``value`` is the part of it that is worth keeping by itself, as in ``Segment``.
    """

    look: Look
    stretch: Stretch
    value: Stretch | None = None


class Outline:
    """The pieces of a file and their letters.

    ``H`` may be a headline, ``S`` is a sentence or more, ``G`` ends in a signature and ``g`` is
    nothing else; ``C`` is a picture's caption or credit; ``M`` announces other stories, ``R`` such
    on the same matter, ``K`` comments; ``-`` is nothing of a story.
    """

    def __init__(self, text: str, pieces: Sequence[Piece]) -> None:
        self.text = text
        self.pieces = pieces
        self.signatures: dict[int, Signature] = {}
        self.letters = "".join(self._letter(nth, piece) for nth, piece in enumerate(pieces))

    def _letter(self, nth: int, piece: Piece) -> str:
        if piece.look != "paragraph" or self._is_mute(piece.stretch):
            return _LETTERS.get(piece.look, "-")
        signature = find_signature(self.text, piece.stretch)
        if signature:
            self.signatures[nth] = signature
            return "g" if signature.stretch.start == piece.stretch.start else "G"
        return "H" if is_title(self.text, piece.stretch) else "S"

    def _is_mute(self, paragraph: Stretch) -> bool:
        """Whether it tells nothing: who wrote the story, a day, a row of figures."""
        shown = paragraph.of(self.text)
        return not any(map(str.isalpha, shown)) or find_byline(self.text, paragraph) is not None


def is_title(text: str, paragraph: Stretch) -> bool:
    """Whether it could be a headline and is nothing else that is as short."""
    return is_headline(text, paragraph) and not (
        find_dateline(text, paragraph)
        or find_signature(text, paragraph)
        or find_byline(text, paragraph)
    )
