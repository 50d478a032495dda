"""Acronyms: those on a list, and other short rows of capital letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from worker.core.article import Label
    from worker.core.enrich.names.paragraph import Paragraph

_ACRONYM: Final = re.compile(r"[A-ZĐ]{2,6}\d{0,2}")
_ROMAN: Final = re.compile(r"[IVXLC]+")
_LETTERS: Final = range(3, 6)  # of those that are on no list


def acronym(paragraph: Paragraph, at: int) -> Label | None:
    """What the acronym here names; none if it is no acronym, or names nothing."""
    word, acronyms = paragraph.words[at], paragraph.lists.acronyms
    text = word.text
    if text in acronyms:
        return acronyms[text]
    letters = text.rstrip("0123456789")
    if not _ACRONYM.fullmatch(text) or len(letters) not in _LETTERS or _ROMAN.fullmatch(text):
        return None
    beside = (
        paragraph.words[n].text.isupper() and len(paragraph.words[n].text) > 1
        for n in (at - 1, at + 1)
        if 0 <= n < len(paragraph.words)
    )
    return None if any(beside) else "ORG"
