"""People: a title before the name, a name that only people have, an age after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.core.enrich.names.paragraph import BLANKS, MANY, MAX_NAME

if TYPE_CHECKING:
    from worker.core.enrich.names.paragraph import Paragraph

_AGE: Final = re.compile(r", \d{2}(?=[,. ](?!\d))")
# Vietnamese family names that are also words, with which a sentence may begin.
_WORDS_TOO: Final = frozenset(
    (
        *("Cao", "Châu", "Dương", "Đào", "Đoàn", "Hà", "Hồ", "Lâm", "Lương", "Lý", "Mai", "Tạ"),
        *("Thái", "Tô", "Tống", "Triệu", "Trương", "Võ", "Vũ", "Vương"),
    )
)


def after_title(paragraph: Paragraph, at: int) -> tuple[int, int] | None:
    """Where the name begins and ends that stands after the title here, if one does."""
    begin = _title(paragraph, at)
    if begin > at and paragraph.language == "vi":
        begin = _after_noun(paragraph, begin)  # ``Chủ tịch tỉnh Trần Văn Đạt``
    if begin in (at, len(paragraph.words)) or not _joins_title(paragraph, begin):
        return None
    if _title(paragraph, begin) > begin and not _is_vietnamese(paragraph, begin):
        return None  # read from the second title on
    end = _person_row(paragraph, begin)
    if end == begin or paragraph.phrase(begin)[0] >= end:
        return None
    if paragraph.language != "vi" or end - begin > 1:
        return begin, end
    # One capital may begin anything: ``Chủ tịch Quốc hội``, ``Giám đốc Công an tỉnh``.
    alone = _title(paragraph, at) - at == 1 and not paragraph.words[begin].is_syllable()
    address = paragraph.words[at].small in {"ông", "bà", "anh", "chị"}
    in_small = paragraph.follows(end) and not paragraph.words[end].capital
    known = paragraph.words[begin].text in paragraph.lists.bodies
    return (begin, end) if (alone or address) and in_small and not known else None


def person(paragraph: Paragraph, at: int) -> int:
    """The end of a name that only people have, or the place itself."""
    return max(_vietnamese(paragraph, at), _by_given_name(paragraph, at), _with_age(paragraph, at))


def begins_person(paragraph: Paragraph, at: int) -> bool:
    """Whether a Vietnamese name or a given name begins here."""
    return _vietnamese(paragraph, at) > at or _by_given_name(paragraph, at) > at


def _title(paragraph: Paragraph, at: int) -> int:
    """The end of the title that begins here, or the place itself."""
    lists, words = paragraph.lists, paragraph.words
    for length in range(min(4, len(words) - at), 0, -1):
        if all(paragraph.follows(n) for n in range(at + 1, at + length)):
            title = " ".join(word.small for word in words[at : at + length])
            if title in lists.titles:
                return at + length
    small = words[at].small
    return at + small.endswith(lists.title_endings)


def _after_noun(paragraph: Paragraph, at: int) -> int:
    """The place after a noun such as *province*, if one stands here."""
    words = paragraph.words
    for length in (2, 1):
        noun = " ".join(word.text for word in words[at : at + length])
        if noun in paragraph.lists.before_places and paragraph.spaced(at, at + length):
            return at + length
    return at


def _joins_title(paragraph: Paragraph, begin: int) -> bool:
    gap = paragraph.words[begin].gap
    return gap.removeprefix(".") in BLANKS


def _is_vietnamese(paragraph: Paragraph, at: int) -> bool:
    return paragraph.words[at].text in paragraph.lists.families


def _person_row(paragraph: Paragraph, begin: int) -> int:
    """The end of the name of a person that is known to begin here."""
    if (end := _vietnamese(paragraph, begin)) > begin:
        return end
    lists, words = paragraph.lists, paragraph.words
    most = 3 if paragraph.language == "de" else MAX_NAME
    end = last = begin
    while end < len(words) and last - begin < most:
        word = words[end]
        if end > begin and not (paragraph.follows(end) or _after_initial(paragraph, end)):
            break
        if end > begin and word.small in lists.particles and not word.capital:
            end += 1
            continue
        if (
            not paragraph.is_name(end)
            or _is_common(paragraph, end)
            or _place_of_many(paragraph, end)
        ):
            break
        end += 1
        last = end
    return last


def _after_initial(paragraph: Paragraph, at: int) -> bool:
    before = paragraph.words[at - 1].text
    return len(before) == 1 and before.isupper() and paragraph.words[at].gap == ". "


def _is_common(paragraph: Paragraph, at: int) -> bool:
    word, lists = paragraph.words[at], paragraph.lists
    return (
        word.text in lists.bodies
        or word.text in lists.company_endings
        or word.text in lists.inside_places
        or (len(word.text) > 1 and word.text.isupper())
    )


def _place_of_many(paragraph: Paragraph, at: int) -> bool:
    end, label = paragraph.phrase(at)
    return label == "LOC" and end - at > 1


def _vietnamese(paragraph: Paragraph, at: int) -> int:
    lists, words = paragraph.lists, paragraph.words
    sure = words[at].text in lists.families
    if not (sure or words[at].text in lists.doubtful_families) or not words[at].capital:
        return at
    end = at + 1
    while end < len(words) and end - at < MAX_NAME and paragraph.follows(end):
        if not paragraph.is_name(end) and paragraph.language != "vi":
            break
        if not (words[end].capital and words[end].is_syllable()):
            break
        if _place_of_many(paragraph, end):
            break
        end += 1
    needed = 2 if sure and not (words[at].opens and words[at].text in _WORDS_TOO) else 3
    return end if end - at >= needed and end > paragraph.phrase(at)[0] else at


def _by_given_name(paragraph: Paragraph, at: int) -> int:
    lists, words = paragraph.lists, paragraph.words
    if words[at].text.partition("-")[0] not in lists.given_names:
        return at
    end = at + 1
    while end - at < MAX_NAME and paragraph.follows(end) and words[end].text in lists.given_names:
        end += 1
    surnames = 1 if paragraph.language == "de" or paragraph.headline else 2
    begin = end
    while end < len(words) and (paragraph.follows(end) or _after_initial(paragraph, end)):
        word = words[end]
        if word.small in lists.particles and not word.capital and end + 1 < len(words):
            end += 1
            continue
        initial = len(word.text) == 1 and word.capital
        if not paragraph.is_name(end) or _is_common(paragraph, end) or not (surnames or initial):
            break
        surnames -= not initial
        begin = end = end + 1
    return begin if begin - at > 1 else at


def _with_age(paragraph: Paragraph, at: int) -> int:
    """``Somchai Rattanakul, 67,``."""
    end = paragraph.row(at, MAX_NAME)
    if end - at < MANY or any(_is_common(paragraph, n) for n in range(at, end)):
        return at
    if paragraph.language == "de" or (
        at and paragraph.follows(at) and paragraph.words[at - 1].capital
    ):
        return at
    return end if _AGE.match(paragraph.text, paragraph.words[end - 1].end) else at
