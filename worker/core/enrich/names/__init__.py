"""Names told by rules and lists, for languages without a model: few are wrong, many are missed.

A name is marked where something says what it names: a title before it, a family name that only
people have, a word like *Ministry* in it, a list of places. Other words with a capital are left.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich.folding import fold
from worker.core.enrich.names.words import WORD, load
from worker.core.enrich.recognise import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.core.article import EntitiesBy, Label
    from worker.core.enrich.names.words import Words

_PARAGRAPH: Final = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_BLANKS: Final = frozenset(" \u00a0\u202f")
_PHRASE_GAP: Final = re.compile(r",?[ \u00a0\u202f]|[ \u00a0\u202f]?[-–][ \u00a0\u202f]?|\.")
_SENTENCE_GAP: Final = re.compile(r"[.!?…:;•\n“”\"«»„(]")
_ACRONYM: Final = re.compile(r"[A-ZĐ]{2,6}\d{0,2}")
_ROMAN: Final = re.compile(r"[IVXLC]+")
_AGE: Final = re.compile(r", \d{2}(?=[,. ](?!\d))")
# One syllable of Vietnamese, without diacritics.
_SYLLABLE: Final = re.compile(
    r"(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_MAX_ROW: Final = 12  # words
_MAX_LINKS: Final = 3  # small words between two that have a capital: ``of the``, ``tỉnh``
_MAX_NAME: Final = 4  # words of a person's name
_LONGEST_NAME: Final = 200  # characters; what is longer is no name
_MIN_LATER: Final = 3  # letters of a name that is recognised when it comes again alone
_SHORT_PLACE: Final = 4  # letters; shorter ones may be anything where all letters are capitals
_LOUD: Final = 0.6  # share of capitals in a line's letters
_HEADLINE: Final = 0.75  # share of a line's words that begin with one
_MANY: Final = 2  # capitals from which on a row can be more than one name
_ACRONYM_LETTERS: Final = range(3, 6)  # of those that are on no list
_ADJECTIVE: Final = re.compile(
    r"(?:Auswärtig|Deutsch|Europäisch|Frei|Technisch|\w+isch)(?:e|em|en|er|es)"
)


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    small: str
    capital: bool
    opens: bool
    """Whether a sentence may begin with it, so that its capital says nothing."""
    gap: str
    """What stands between it and the word before."""


class RuleRecogniser:
    """Finds names of one language, or of any other in Latin letters by what all have in common."""

    name: str = "rules-1"
    kind: EntitiesBy = "rules"

    def __init__(self, language: str) -> None:
        """Take the lists for a language: its ISO 639-1 code, or anything where it is unknown."""
        self._language = language
        self._words = load(language)

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text, in order; none reaches across a paragraph break."""
        return [self._spans(text) for text in texts]

    def _spans(self, text: str) -> list[Span]:
        found: list[Span] = []
        paragraphs = []
        for match in _PARAGRAPH.finditer(text):
            words = list(_words(match[0], match.start()))
            paragraphs.append(words)
            found += _Reader(self._words, self._language, words, text).spans()
        if self._language != "vi":  # whose given names are words, too
            found += _again(text, paragraphs, found, self._words)
        return sorted(found)


class _Reader:
    """One paragraph, read from left to right; what a rule has taken is not looked at again."""

    def __init__(self, lists: Words, language: str, words: list[_Word], text: str) -> None:
        self._lists = lists
        self._language = language
        self._words = words
        self._text = text
        letters = [letter for word in words for letter in word.text if letter.isalpha()]
        self._loud = sum(map(str.isupper, letters)) > _LOUD * len(letters)
        capitals = sum(word.capital for word in words)
        self._headline = capitals > _HEADLINE * len(words)  # Where Each Word Has a Capital

    def spans(self) -> Iterator[Span]:
        at = 0
        while at < len(self._words):
            taken = self._known_only(at) if self._loud else self._name(at)
            if taken:
                begin, end, label = taken
                span = Span(self._words[begin].start, self._words[end - 1].end, label)
                if span.end - span.start <= _LONGEST_NAME:
                    yield span
                at = end
            else:
                at += 1

    def _known_only(self, at: int) -> tuple[int, int, Label] | None:
        """In capitals throughout, only names that are known whole can be told."""
        end, label = self._phrase(at)
        if label and (end - at > 1 or len(self._words[at].text) >= _SHORT_PLACE):
            return at, end, label
        return None

    def _name(self, at: int) -> tuple[int, int, Label] | None:
        titled = self._after_title(at)
        if titled:
            return *titled, "PER"
        known, label = self._phrase(at)
        body = self._body(at)
        if body and body[1] > known:
            return *body, "ORG"
        person = self._person(at)
        if label and known >= person:
            return at, known, label
        if person > at:
            return at, person, "PER"
        return self._beside_place(at) or self._acronym(at)

    # -- rows of words ---------------------------------------------------------------------

    def _follows(self, at: int) -> bool:
        """Whether only a blank parts the word from the one before."""
        return at < len(self._words) and self._words[at].gap in _BLANKS

    def _is_name(self, at: int) -> bool:
        """Whether the word has a capital that may be a name's."""
        word = self._words[at]
        return word.capital and word.text not in self._lists.no_names

    def _row(self, at: int, most: int = _MAX_ROW) -> int:
        """The end of the words with capitals from here on, with nothing between them."""
        end = at
        while end < len(self._words) and end - at < most and self._is_name(end):
            if end > at and not self._follows(end):
                break
            end += 1
        return end

    def _phrase(self, at: int) -> tuple[int, Label | None]:
        """End and label of the longest name on a list that begins here."""
        lists, words = self._lists, self._words
        for length in range(lists.longest.get(_folded(words[at].text), 0), 0, -1):
            end = at + length
            if end > len(words) or any(
                not _PHRASE_GAP.fullmatch(word.gap) for word in words[at + 1 : end]
            ):
                continue
            key = (
                "-".join(_folded(word.text) for word in words[at:end])
                if length > 1
                else self._spelt(words[at])
            )
            phrase = lists.phrases.get(key)
            if phrase and len(phrase.capitals) == length and self._fits(phrase.capitals, at):
                return end, phrase.label
        return at, None

    def _spelt(self, word: _Word) -> str:
        text = word.text.rstrip(".").replace("’", "'")
        return text.capitalize() if self._loud and text not in self._lists.phrases else text

    def _fits(self, capitals: tuple[bool, ...], at: int) -> bool:
        words = self._words
        if any(asked and not words[at + n].capital for n, asked in enumerate(capitals)):
            return False
        before = words[at - 1] if at and self._follows(at) else None
        if before and before.small in self._lists.no_places_after:
            return False
        after = words[at + 1] if self._follows(at + 1) else None
        if len(capitals) > 1 or self._language == "de" or self._headline:
            return True
        if self._language == "vi" and words[at].opens and _is_syllable(words[at].text):
            return False
        # Beside another capital it may be part of a longer name: ``Real Madrid``.
        part = (before and before.capital and not before.opens and not self._is_role(at - 1)) or (
            after and after.capital and not self._is_role(at + 1)
        )
        return not part

    def _is_role(self, at: int) -> bool:
        word = self._words[at]
        return word.small in self._lists.titles or word.text in self._lists.acronyms

    # -- people ----------------------------------------------------------------------------

    def _title(self, at: int) -> int:
        """The end of the title that begins here, or the place itself."""
        lists, words = self._lists, self._words
        for length in range(min(4, len(words) - at), 0, -1):
            if all(self._follows(n) for n in range(at + 1, at + length)):
                title = " ".join(word.small for word in words[at : at + length])
                if title in lists.titles:
                    return at + length
        small = words[at].small
        return at + small.endswith(lists.title_endings)

    def _after_title(self, at: int) -> tuple[int, int] | None:
        begin = self._title(at)
        if begin > at and self._language == "vi":
            begin = self._after_noun(begin)  # ``Chủ tịch tỉnh Trần Văn Đạt``
        if begin in (at, len(self._words)) or not self._joins_title(begin):
            return None
        if self._title(begin) > begin and not self._is_vietnamese(begin):
            return None  # read from the second title on
        end = self._person_row(begin)
        if end == begin or self._phrase(begin)[0] >= end:
            return None
        if self._language != "vi" or end - begin > 1:
            return begin, end
        # One capital may begin anything: ``Chủ tịch Quốc hội``, ``Giám đốc Công an tỉnh``.
        alone = self._title(at) - at == 1 and not _is_syllable(self._words[begin].text)
        address = self._words[at].small in {"ông", "bà", "anh", "chị"}
        in_small = self._follows(end) and not self._words[end].capital
        known = self._words[begin].text in self._lists.bodies
        return (begin, end) if (alone or address) and in_small and not known else None

    def _after_noun(self, at: int) -> int:
        """The place after a noun such as *province*, if one stands here."""
        words = self._words
        for length in (2, 1):
            noun = " ".join(word.text for word in words[at : at + length])
            if noun in self._lists.before_places and self._spaced(at, at + length):
                return at + length
        return at

    def _joins_title(self, begin: int) -> bool:
        gap = self._words[begin].gap
        return gap.removeprefix(".") in _BLANKS

    def _is_vietnamese(self, at: int) -> bool:
        return self._words[at].text in self._lists.families

    def _person_row(self, begin: int) -> int:
        """The end of the name of a person that is known to begin here."""
        if (end := self._vietnamese(begin)) > begin:
            return end
        lists, words = self._lists, self._words
        most = 3 if self._language == "de" else _MAX_NAME
        end = last = begin
        while end < len(words) and last - begin < most:
            word = words[end]
            if end > begin and not (self._follows(end) or self._after_initial(end)):
                break
            if end > begin and word.small in lists.particles and not word.capital:
                end += 1
                continue
            if not self._is_name(end) or self._is_common(end) or self._place_of_many(end):
                break
            end += 1
            last = end
        return last

    def _after_initial(self, at: int) -> bool:
        before = self._words[at - 1].text
        return len(before) == 1 and before.isupper() and self._words[at].gap == ". "

    def _is_common(self, at: int) -> bool:
        word, lists = self._words[at], self._lists
        return (
            word.text in lists.bodies
            or word.text in lists.company_endings
            or word.text in lists.inside_places
            or (len(word.text) > 1 and word.text.isupper())
        )

    def _place_of_many(self, at: int) -> bool:
        end, label = self._phrase(at)
        return label == "LOC" and end - at > 1

    def _person(self, at: int) -> int:
        """The end of a name that only people have, or the place itself."""
        return max(self._vietnamese(at), self._by_given_name(at), self._with_age(at))

    def _vietnamese(self, at: int) -> int:
        lists, words = self._lists, self._words
        sure = words[at].text in lists.families
        if not (sure or words[at].text in lists.doubtful_families) or not words[at].capital:
            return at
        end = at + 1
        while end < len(words) and end - at < _MAX_NAME and self._follows(end):
            if not self._is_name(end) and self._language != "vi":
                break
            if not (words[end].capital and _is_syllable(words[end].text)):
                break
            if self._place_of_many(end):
                break
            end += 1
        needed = 2 if sure and not (words[at].opens and words[at].text in _WORDS_TOO) else 3
        return end if end - at >= needed and end > self._phrase(at)[0] else at

    def _by_given_name(self, at: int) -> int:
        lists, words = self._lists, self._words
        if words[at].text.partition("-")[0] not in lists.given_names:
            return at
        end = at + 1
        while end - at < _MAX_NAME and self._follows(end) and words[end].text in lists.given_names:
            end += 1
        surnames = 1 if self._language == "de" or self._headline else 2
        begin = end
        while end < len(words) and (self._follows(end) or self._after_initial(end)):
            word = words[end]
            if word.small in lists.particles and not word.capital and end + 1 < len(words):
                end += 1
                continue
            initial = len(word.text) == 1 and word.capital
            if not self._is_name(end) or self._is_common(end) or not (surnames or initial):
                break
            surnames -= not initial
            begin = end = end + 1
        return begin if begin - at > 1 else at

    def _with_age(self, at: int) -> int:
        """``Somchai Rattanakul, 67,``."""
        end = self._row(at, _MAX_NAME)
        if end - at < _MANY or any(map(self._is_common, range(at, end))):
            return at
        if self._language == "de" or (at and self._follows(at) and self._words[at - 1].capital):
            return at
        return end if _AGE.match(self._text, self._words[end - 1].end) else at

    # -- organisations ---------------------------------------------------------------------

    def _body(self, at: int) -> tuple[int, int] | None:
        """The organisation that begins here, if a word in it says that it is one."""
        if not self._is_name(at):
            return self._vietnamese_body(at) if self._language == "vi" else None
        if self._language == "vi":
            return self._vietnamese_body(at) or self._company(at)
        if self._language == "de":
            return self._german_body(at) or self._company(at)
        return self._company(at) or self._body_in_row(at)

    def _linked_row(self, at: int) -> int:
        """The end of a row of capitals with small words inside; ends before a person."""
        lists, words = self._lists, self._words
        end = at
        while end < len(words) and end - at < _MAX_ROW:
            if end > at and not self._follows(end):
                break
            if self._is_name(end) and (end == at or not self._ends_row(end)):
                end += 1
                end += self._compound(end - 1)
                continue
            after = end
            while after - end < _MAX_LINKS and self._follows(after):
                if words[after].small not in lists.links:
                    break
                after += 1
            if after in (end, len(words)) or not self._follows(after) or not self._is_name(after):
                break
            conjunction = any(word.small in lists.conjunctions for word in words[end:after])
            if self._ends_row(after) or (conjunction and self._ends_before(at, end, after)):
                break
            end = after + 1
            end += self._compound(after)
        return end

    def _compound(self, at: int) -> int:
        """1 if the next, small syllable belongs to the word."""
        if not self._follows(at + 1) or self._words[at + 1].capital:
            return 0
        return f"{self._words[at].text} {self._words[at + 1].small}" in self._lists.compounds

    def _ends_row(self, at: int) -> bool:
        return self._vietnamese(at) > at or self._by_given_name(at) > at

    def _ends_before(self, begin: int, end: int, after: int) -> bool:
        """Whether *and* parts two names: what follows is a name by itself."""
        words, lists = self._words, self._lists
        if self._phrase(after)[1]:
            return True
        first, second = range(begin, end), range(after, self._row(after))
        heads = [any(words[n].text in lists.bodies for n in each) for each in (first, second)]
        return heads[0] and (heads[1] or after - end > 1)

    def _body_in_row(self, at: int) -> tuple[int, int] | None:
        end = self._linked_row(at)
        words, lists = self._words, self._lists
        heads = [n for n in range(at, end) if words[n].text in lists.bodies]
        if not heads or sum(word.capital for word in words[at:end]) < _MANY:
            return None
        # In English the word may stand last; elsewhere the name begins with it.
        begin = heads[0]
        if self._language == "en":
            while begin > at and self._whole_in_english(begin - 1, begin):
                begin -= 1
            if any(words[n].small in lists.titles for n in range(begin, heads[0])):
                return None
        capitals = sum(word.capital for word in words[begin:end])
        return (begin, end) if begin == at and capitals >= _MANY else None

    def _german_body(self, at: int) -> tuple[int, int] | None:
        words, lists = self._words, self._lists
        head = at + bool(_ADJECTIVE.fullmatch(words[at].text) and self._follows(at + 1))
        if head == len(words) or not words[head].capital:
            return None
        text = words[head].text
        compound = any(
            text.endswith(ending) and len(text) > len(ending) for ending in lists.body_endings
        )
        if text not in lists.bodies and not compound:
            return None
        end = head + 1
        if end + 1 < len(words) and words[end].small == "für" and self._follows(end):
            end = max(end, self._linked_row(end + 1)) if words[end + 1].capital else end
        elif self._follows(end) and not compound:
            place = self._words[end].capital and text in lists.named_after_places
            end = max(end + place, self._phrase(end)[0])
        return (at, end) if compound or end > head + 1 or head > at else None

    def _vietnamese_body(self, at: int) -> tuple[int, int] | None:
        words = self._words
        for length in range(min(4, len(words) - at), 0, -1):
            if not all(self._follows(n) for n in range(at + 1, at + length)):
                continue
            if " ".join(word.text for word in words[at : at + length]) in self._lists.bodies:
                rest = at + length
                if not self._follows(rest):
                    return None
                begin = rest
                while begin < len(words) and words[begin].small in self._lists.links:
                    begin += 1
                end = self._linked_row(begin) if begin < len(words) else begin
                return (at, end) if end > begin else None
        return None

    def _company(self, at: int) -> tuple[int, int] | None:
        """``Siemens AG``, ``Blue Harvest Foods Ltd``."""
        words = self._words
        row = self._linked_row(at)
        ending = next(
            (n for n in range(at + 1, row) if self._ends_company(n)),
            row if row < len(words) and words[row].gap == ", " else len(words),
        )
        if ending == len(words) or not self._ends_company(ending):
            return None
        if self._language == "de" and ending - at > 1:
            return None
        if self._language == "en" and not self._whole_in_english(at, ending):
            return None
        return at, ending + 1

    def _whole_in_english(self, begin: int, end: int) -> bool:
        """Whether no *of* or *for* parts the words, as in ``Shares of Corvane Inc``."""
        parting = self._lists.links - self._lists.conjunctions
        return all(word.small not in parting for word in self._words[begin:end])

    def _ends_company(self, at: int) -> bool:
        return self._words[at].text.rstrip(".") in self._lists.company_endings

    # -- places, acronyms ------------------------------------------------------------------

    def _beside_place(self, at: int) -> tuple[int, int, Label] | None:
        """``tỉnh Quảng Ninh``, ``Hang Duong street``, ``Red River``."""
        lists, words = self._lists, self._words
        for length in (2, 1):
            begin = at + length
            noun = " ".join(word.text for word in words[at:begin])
            if noun in lists.before_places or (
                self._language == "vi" and noun.lower() in lists.before_places
            ):
                end = self._row(begin, 3)
                if end > begin and self._follows(begin) and self._spaced(at, begin):
                    return begin, end, "LOC"
        if not self._is_name(at):
            return None
        end = self._row(at, _MAX_NAME)
        if end - at >= _MANY and (
            words[end - 1].text in lists.inside_places or words[at].text in lists.place_beginnings
        ):
            return at, end, "LOC"
        if self._follows(end) and words[end].text in lists.after_places and not words[at].opens:
            return at, end + (words[end].text == "street"), "LOC"
        return None

    def _spaced(self, begin: int, end: int) -> bool:
        return all(map(self._follows, range(begin + 1, end)))

    def _acronym(self, at: int) -> tuple[int, int, Label] | None:
        word, acronyms = self._words[at], self._lists.acronyms
        text = word.text
        if text in acronyms:
            label = acronyms[text]
            return (at, at + 1, label) if label else None
        letters = text.rstrip("0123456789")
        if (
            not _ACRONYM.fullmatch(text)
            or len(letters) not in _ACRONYM_LETTERS
            or _ROMAN.fullmatch(text)
        ):
            return None
        beside = (
            self._words[n].text.isupper() and len(self._words[n].text) > 1
            for n in (at - 1, at + 1)
            if 0 <= n < len(self._words)
        )
        return None if any(beside) else (at, at + 1, "ORG")


# Vietnamese family names that are also words, with which a sentence may begin.
_WORDS_TOO: Final = frozenset(
    (
        *("Cao", "Châu", "Dương", "Đào", "Đoàn", "Hà", "Hồ", "Lâm", "Lương", "Lý", "Mai", "Tạ"),
        *("Thái", "Tô", "Tống", "Triệu", "Trương", "Võ", "Vũ", "Vương"),
    )
)


def _again(
    text: str, paragraphs: list[list[_Word]], found: Sequence[Span], lists: Words
) -> Iterator[Span]:
    """People who are named again by one word of their name."""
    people = {
        part
        for span in found
        if span.label == "PER"
        for part in (WORD.findall(text[span.start : span.end]) or [""])[:: _ends_only(text, span)]
        if len(part) >= _MIN_LATER and part[0].isupper()
    }
    small = {word.text for words in paragraphs for word in words if not word.capital}
    taken = sorted(found)
    nth = 0
    for words in paragraphs:
        for at, word in enumerate(words):
            while nth < len(taken) and taken[nth].end <= word.start:
                nth += 1
            if nth < len(taken) and taken[nth].start < word.end:
                continue
            beside = [n for n in (at, at + 1) if 0 < n < len(words) and words[n].gap == " "]
            alone = not any(words[n - 1].capital and words[n].capital for n in beside)
            known = word.text in people and word.small not in small
            if known and alone and word.text not in lists.no_names:
                yield Span(word.start, word.end, "PER")


def _ends_only(text: str, span: Span) -> int:
    """The step that leaves first and last word of a name."""
    return max(1, len(WORD.findall(text[span.start : span.end])) - 1)


def _words(paragraph: str, offset: int) -> Iterator[_Word]:
    last = 0
    for match in WORD.finditer(paragraph):
        gap = paragraph[last : match.start()]
        text = match[0]
        yield _Word(
            offset + match.start(),
            offset + match.end(),
            text,
            text.lower(),
            text[0].isupper(),
            not last or bool(_SENTENCE_GAP.search(gap)),
            gap,
        )
        last = match.end()


def _is_syllable(text: str) -> bool:
    return bool(_SYLLABLE.fullmatch(_folded(text)))


@lru_cache(maxsize=1 << 15)
def _folded(word: str) -> str:
    return fold(word)
