"""Organisations: a word such as *Ministry* in the name, or *Ltd* after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.core.enrich.names.paragraph import MANY, MAX_ROW
from worker.core.enrich.names.people import begins_person

if TYPE_CHECKING:
    from worker.core.enrich.names.paragraph import Paragraph

_ADJECTIVE: Final = re.compile(
    r"(?:Auswärtig|Deutsch|Europäisch|Frei|Technisch|\w+isch)(?:e|em|en|er|es)"
)
_MAX_LINKS: Final = 3  # small words between two that have a capital: ``of the``, ``tỉnh``


def body(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    """The organisation that begins here, if a word in it says that it is one."""
    if not paragraph.is_name(at):
        return _vietnamese_body(paragraph, at) if paragraph.language == "vi" else None
    if paragraph.language == "vi":
        return _vietnamese_body(paragraph, at) or _company(paragraph, at)
    if paragraph.language == "de":
        return _german_body(paragraph, at) or _company(paragraph, at)
    return _company(paragraph, at) or _body_in_row(paragraph, at)


def _company(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    """``Siemens AG``, ``Blue Harvest Foods Ltd``."""
    words = paragraph.words
    row = _linked_row(paragraph, at)
    ending = next(
        (n for n in range(at + 1, row) if _ends_company(paragraph, n)),
        row if row < len(words) and words[row].gap == ", " else len(words),
    )
    if ending == len(words) or not _ends_company(paragraph, ending):
        return None
    if paragraph.language == "de" and ending - at > 1:
        return None
    if paragraph.language == "en" and not _whole_in_english(paragraph, at, ending):
        return None
    return at, ending + 1


def _body_in_row(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    end = _linked_row(paragraph, at)
    words, lists = paragraph.words, paragraph.lists
    heads = [n for n in range(at, end) if words[n].text in lists.bodies]
    if not heads or sum(word.capital for word in words[at:end]) < MANY:
        return None
    # In English the word may stand last; elsewhere the name begins with it.
    begin = heads[0]
    if paragraph.language == "en":
        while begin > at and _whole_in_english(paragraph, begin - 1, begin):
            begin -= 1
        if any(words[n].small in lists.titles for n in range(begin, heads[0])):
            return None
    capitals = sum(word.capital for word in words[begin:end])
    return (begin, end) if begin == at and capitals >= MANY else None


def _german_body(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    words, lists = paragraph.words, paragraph.lists
    head = at + bool(_ADJECTIVE.fullmatch(words[at].text) and paragraph.follows(at + 1))
    if head == len(words) or not words[head].capital:
        return None
    text = words[head].text
    compound = any(
        text.endswith(ending) and len(text) > len(ending) for ending in lists.body_endings
    )
    if text not in lists.bodies and not compound:
        return None
    end = head + 1
    if end + 1 < len(words) and words[end].small == "für" and paragraph.follows(end):
        end = max(end, _linked_row(paragraph, end + 1)) if words[end + 1].capital else end
    elif paragraph.follows(end) and not compound:
        place = paragraph.words[end].capital and text in lists.named_after_places
        end = max(end + place, paragraph.phrase(end)[0])
    return (at, end) if compound or end > head + 1 or head > at else None


def _vietnamese_body(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    words = paragraph.words
    for length in range(min(4, len(words) - at), 0, -1):
        if not all(paragraph.follows(n) for n in range(at + 1, at + length)):
            continue
        if " ".join(word.text for word in words[at : at + length]) in paragraph.lists.bodies:
            rest = at + length
            if not paragraph.follows(rest):
                return None
            begin = rest
            while begin < len(words) and words[begin].small in paragraph.lists.links:
                begin += 1
            end = _linked_row(paragraph, begin) if begin < len(words) else begin
            return (at, end) if end > begin else None
    return None


def _linked_row(paragraph: Paragraph, at: int) -> int:
    """The end of a row of capitals with small words inside; ends before a person."""
    lists, words = paragraph.lists, paragraph.words
    end = at
    while end < len(words) and end - at < MAX_ROW:
        if end > at and not paragraph.follows(end):
            break
        if paragraph.is_name(end) and (end == at or not begins_person(paragraph, end)):
            end += 1
            end += _compound(paragraph, end - 1)
            continue
        after = end
        while after - end < _MAX_LINKS and paragraph.follows(after):
            if words[after].small not in lists.links:
                break
            after += 1
        if (
            after in (end, len(words))
            or not paragraph.follows(after)
            or not paragraph.is_name(after)
        ):
            break
        conjunction = any(word.small in lists.conjunctions for word in words[end:after])
        if begins_person(paragraph, after) or (
            conjunction and _ends_before(paragraph, at, end, after)
        ):
            break
        end = after + 1
        end += _compound(paragraph, after)
    return end


def _compound(paragraph: Paragraph, at: int) -> int:
    """1 if the next, small syllable belongs to the word."""
    if not paragraph.follows(at + 1) or paragraph.words[at + 1].capital:
        return 0
    return (
        f"{paragraph.words[at].text} {paragraph.words[at + 1].small}" in paragraph.lists.compounds
    )


def _ends_before(paragraph: Paragraph, begin: int, end: int, after: int) -> bool:
    """Whether *and* parts two names: what follows is a name by itself."""
    words, lists = paragraph.words, paragraph.lists
    if paragraph.phrase(after)[1]:
        return True
    first, second = range(begin, end), range(after, paragraph.row(after))
    heads = [any(words[n].text in lists.bodies for n in each) for each in (first, second)]
    return heads[0] and (heads[1] or after - end > 1)


def _whole_in_english(paragraph: Paragraph, begin: int, end: int) -> bool:
    """Whether no *of* or *for* parts the words, as in ``Shares of Corvane Inc``."""
    parting = paragraph.lists.links - paragraph.lists.conjunctions
    return all(word.small not in parting for word in paragraph.words[begin:end])


def _ends_company(paragraph: Paragraph, at: int) -> bool:
    return paragraph.words[at].text.rstrip(".") in paragraph.lists.company_endings
