"""Numbers in running text, in figures and in words: French and English."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES: Final = ("en", "fr")


class Number(NamedTuple):
    """A number at ``text[start:end]``: ``value * scale``."""

    start: int
    end: int
    value: Decimal
    """What is printed before the scale."""
    scale: Decimal
    """The factor of words like *million* behind it; 1 where there is none."""
    in_words: bool


# The long scale in French, the short one in English; what India and Vietnam count money in.
_SCALES: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "mille millier milliers": "1e3",
        "million millions": "1e6",
        "milliard milliards": "1e9",
        "billion billions": "1e12",
        "trillion trillions": "1e18",
        "demi-million": "5e5",
        "demi-milliard": "5e8",
        "triệu": "1e6",
        "tỷ tỉ": "1e9",
    },
    "en": {
        "thousand": "1e3",
        "million millions": "1e6",
        "billion billions": "1e9",
        "trillion trillions": "1e12",
        "lakh": "1e5",
        "crore": "1e7",
        "triệu": "1e6",
        "tỷ tỉ": "1e9",
    },
}
_ABBREVIATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {"k K": "1e3", "M": "1e6", "Md Mds Mrd Mrds": "1e9"},
    "en": {"k K": "1e3", "m mn mln M": "1e6", "b bn bln B": "1e9", "tn trn": "1e12"},
}
_WORDS: Final = {
    "fr": {
        "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
        "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14,
        "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40,
        "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "nonante": 90,
        "cent": 100, "cents": 100, "mille": 1000,
    },
    "en": {
        "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
        "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
        "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
        "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
        "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
    },
}  # fmt: skip
_HALF: Final = {"fr": r"et\sdemie?", "en": r"and\sa\shalf"}
_GROUP: Final = 3  # figures
_SCORE: Final = 20
_HUNDRED: Final = 100
_TEENS: Final = range(10, 20)
_FIGURES: Final = r"""
    (?<!\w)(?<![0-9][.,])
    (?:
      [0-9]{1,3}(?P<group>[.,'’\x20\u00a0\u2009\u202f])[0-9]{3}(?:(?P=group)[0-9]{3}){0,5}(?![0-9])
      (?:[.,][0-9]{1,6}(?![0-9]))?
    | [0-9]{1,15}(?:[.,][0-9]{1,6})?(?![0-9])
    )
"""


def find_numbers(text: str, language: str) -> Iterator[Number]:
    """The numbers of a text in one of ``LANGUAGES``, in order, with the scale behind them.

    ``1 milliard 200 millions`` and ``un milliard et demi`` are one number. Of more than 15 figures
    without a sign between them nothing is read.
    """
    pattern = _pattern(language)
    number: Number | None = None
    for match in pattern.finditer(text):
        read = _read(match, language)
        if read is None:
            continue
        if number and _continues(text, number, read):
            total = number.value * number.scale + read.value * read.scale
            number = number._replace(end=read.end, value=total / number.scale)
            continue
        if number:
            yield number
        number = read
    if number:
        yield number


def in_figures(printed: str, language: str, *, scaled: bool) -> Decimal:
    """The value of figures with signs between them.

    A sign that is printed twice parts thousands, and so does the first of two different ones. One
    alone before three figures does so too if it is the language's sign for that (``2.500`` in
    French, ``2,500`` in English), and so does the French comma unless a scale follows: no price is
    printed with three decimals, but ``2,125 milliards`` is. Any other sign is the decimal one.
    """
    signs = re.sub("[0-9]", "", compact := re.sub("[^0-9.,]", "", printed))
    if not signs:
        return Decimal(compact)
    whole, decimals = compact.rsplit(signs[-1], 1)
    if len(signs) > 1 and len(set(signs)) == 1:
        parts_thousands = True
    elif len(signs) > 1 or len(decimals) != _GROUP or whole == "0" or re.search(r"[\s'’]", printed):
        parts_thousands = False
    elif language == "fr":
        parts_thousands = signs == "." or not scaled
    else:
        parts_thousands = signs == ","
    whole = re.sub("[.,]", "", whole)
    return Decimal(whole + decimals if parts_thousands else f"{whole}.{decimals}")


def in_words(words: list[str], language: str) -> int | None:
    """The number that words stand for, None where they stand for none: ``deux dix``."""
    total = current = 0
    for word in words:
        value = _WORDS[language][word]
        if value == _HUNDRED:
            current = max(current, 1) * _HUNDRED
        elif value > _HUNDRED:
            total, current = total + max(current, 1) * value, 0
        elif value == _SCORE and current % _HUNDRED == 4:  # noqa: PLR2004 - quatre-vingts
            current += 80 - 4
        elif _may_follow(value, current % _HUNDRED):
            current += value
        else:
            return None
    return total + current


def _may_follow(value: int, last: int) -> bool:
    """Whether a number below a hundred may stand behind another: ``soixante`` and ``dix``."""
    if value in _TEENS:
        return last in {0, 60, 80}
    return last == 0 or (value < _TEENS.start and last >= _SCORE and last % 10 == 0)


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = "|".join(sorted(_WORDS[language], key=len, reverse=True))
    scales = "|".join(" ".join(_SCALES[language]).split())
    short = "|".join(sorted(" ".join(_ABBREVIATIONS[language]).split(), key=len, reverse=True))
    return re.compile(
        rf"""
        (?:
          (?P<figures>{_FIGURES})
        | (?<![\w-])
          (?P<words>(?i:half\sa|(?:{words})(?:(?:-|\s|\set\s|\sand\s)(?:{words})){{0,9}}))
          (?!\w)
        )
        (?:
          [^\S\n]?-?(?P<scales>(?i:(?:{scales})(?:\s(?:de\s)?(?:{scales}))?))(?!\w)
          (?P<half>\s{_HALF[language]}\b)?
        | [^\S\n]?(?P<short>{short})(?=[A-Z]{{3}}\b|[^\w]|\Z)
        )?
        """,
        re.VERBOSE,
    )


@cache
def _scale_values(language: str) -> Mapping[str, Decimal]:
    return {
        word: Decimal(value)
        for table in (_SCALES, _ABBREVIATIONS)
        for words, value in table[language].items()
        for word in words.split()
    }


def _read(match: re.Match[str], language: str) -> Number | None:
    values = _scale_values(language)
    scale = values[match["short"]] if match["short"] else Decimal(1)
    for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", (match["scales"] or "").lower()):
        scale *= values.get(word, Decimal(1))
    if match["figures"]:
        value = in_figures(match["figures"], language, scaled=scale > 1)
    elif match["words"].lower() == "half a":
        value = Decimal("0.5")
    else:
        words = [
            word
            for word in re.split(r"[\s-]+", match["words"].lower())
            if word not in {"et", "and"}
        ]
        read = in_words(words, language)
        if read is None or (words == ["a"] and scale == 1):
            return None
        value = Decimal(read)
    if match["half"]:
        value += Decimal("0.5")
    return Number(*match.span(), value, scale, in_words=not match["figures"])


def _continues(text: str, number: Number, read: Number) -> bool:
    """Whether a number is the rest of one before it: ``1 milliard 200 millions``."""
    between = text[number.end : read.start]
    return (
        number.scale > read.scale > 1
        and read.value * read.scale < number.scale
        and (between.strip() in {"", "et"} and 0 < len(between) <= len(" et "))
    )
