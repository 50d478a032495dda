"""Places: a word such as *street* beside the name or in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.core.enrich.names.paragraph import MANY, MAX_NAME

if TYPE_CHECKING:
    from worker.core.enrich.names.paragraph import Paragraph


def place(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    """Where the place begins and ends that a word here tells.

    ``tỉnh Quảng Ninh``, ``Hang Duong street``, ``Red River``.
    """
    lists, words = paragraph.lists, paragraph.words
    for length in (2, 1):
        begin = at + length
        noun = " ".join(word.text for word in words[at:begin])
        if noun in lists.before_places or (
            paragraph.language == "vi" and noun.lower() in lists.before_places
        ):
            end = paragraph.row(begin, 3)
            if end > begin and paragraph.follows(begin) and paragraph.spaced(at, begin):
                return begin, end
    if not paragraph.is_name(at):
        return None
    end = paragraph.row(at, MAX_NAME)
    if end - at >= MANY and (
        words[end - 1].text in lists.inside_places or words[at].text in lists.place_beginnings
    ):
        return at, end
    if paragraph.follows(end) and words[end].text in lists.after_places and not words[at].opens:
        return at, end + (words[end].text == "street")
    return None
