"""Amounts of money in running text, by rule: French and English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.enrich import currencies
from worker.core.enrich.folding import fold
from worker.core.enrich.numbers import LANGUAGES, Number, find_numbers
from worker.core.enrich.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

_DOLLARS: Final = {
    "A": "AUD", "AU": "AUD", "C": "CAD", "CA": "CAD", "CAN": "CAD", "HK": "HKD", "MX": "MXN",
    "NT": "TWD", "NZ": "NZD", "R": "BRL", "S": "SGD", "SG": "SGD", "US": "USD", "USD": "USD",
}  # fmt: skip
_SYMBOLS: Final[Mapping[str, str]] = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₫": "VND", "₩": "KRW", "₽": "RUB", "฿": "THB",
    "₹": "INR", "₦": "NGN", "₱": "PHP", "₭": "LAK", "៛": "KHR", "₺": "TRY", "₴": "UAH", "₪": "ILS",
    "RMB": "CNY", "DH": "MAD", "DHS": "MAD",
    **{f"{prefix}$": code for prefix, code in _DOLLARS.items()},
    "$US": "USD", "$CAN": "CAD", "$ US": "USD",
}  # fmt: skip
_SIGN: Final = (
    "(?:" + "|".join(map(re.escape, sorted(_SYMBOLS, key=len, reverse=True))) + "|[A-Z]{3})"
)
_BEFORE: Final = re.compile(rf"(?<!\w)(?P<sign>{_SIGN})[^\S\n]?\Z")
_LONGEST_BEFORE: Final = 6  # characters
_OF: Final = re.compile(r"[^\S\n]?(?:de[^\S\n]|d['’][^\S\n]?)?", re.IGNORECASE)
_BEHIND: Final = re.compile(rf"(?P<sign>{_SIGN})(?![^\W\d_])")
_WORD: Final = re.compile(r"[^\S\n]?([^\W\d_]{1,30}(?:[.’'-][^\W\d_]{1,30}){0,3})(?![^\W\d_])")
_MOST_WORDS: Final = 5  # of a currency's name
_WEIGHED: Final = re.compile(r"[^\S\n]of\b")
_LINK: Final = re.compile(r"[^\S\n]?(?:(?P<word>à|to|ou|or)|(?P<and>et|and)|[-–—])[^\S\n]?")
_BETWEEN: Final = re.compile(r"(?:entre|between)[^\S\n]\Z", re.IGNORECASE)
_LONGEST_BETWEEN: Final = len("between ")
_MILLIONS: Final = re.compile(r"mill(?:ion|iard)s?(?: et demi)?\Z", re.IGNORECASE)
_LONGEST_MILLIONS: Final = len("milliards et demi")
_COUNTED: Final = re.compile(r"[^\S\n]?(?:de[^\w]|d['’])", re.IGNORECASE)


class _Amount(NamedTuple):
    """A number and, if one is printed with it, its currency; the sign of that may stand first."""

    start: int
    end: int
    number: Number
    code: str | None
    sign_first: bool


def find_money(text: str, language: str) -> list[Value]:
    """The amounts of money of a text, in order; none overlap.

    A span reaches from the number, or a sign before it, to the currency's last word. A range is two
    values, whatever its first number lacks: ``3`` and ``5 millions d'euros``. A currency that
    several countries have is that of the country that the text names, else ``XXX``. In French,
    where millions of anything else have ``de`` behind them, those without stand for the money last
    named in the paragraph (``… dont 2 milliards``). In other languages than French and English
    nothing is found.
    """
    return _Reading(text, language).values() if language in LANGUAGES else []


class _Reading:
    """One text being read."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.chosen: dict[str, str] = {}
        """The currency that each name stands for: to find it, the whole text is looked through."""

    def values(self) -> list[Value]:
        """The amounts of money in the order of the text."""
        found: list[Value] = []
        before: _Amount | None = None
        for number in find_numbers(self.text, self.language):
            amount = self._amount(number, before.end if before else 0)
            if before and (ranged := _range(self.text, before, amount)):
                if found and found[-1].start == ranged[0].start:
                    found.pop()
                found += ranged
                amount = amount._replace(code=None)  # it is no range's beginning
            elif code := amount.code or self._understood(number, found):
                value = f"{_plain(number.value * number.scale)} {code}"
                found.append(Value(amount.start, amount.end, value))
            before = amount
        return found

    def _amount(self, number: Number, free: int) -> _Amount:
        """A number with its currency; what stands before ``free`` belongs to another number."""
        window = max(free, number.start - _LONGEST_BEFORE)
        sign = _BEFORE.search(self.text[window : number.start])
        if sign and (code := _code(sign["sign"])):
            return _Amount(window + sign.start(), number.end, number, code, sign_first=True)
        code, end = self._behind(number) or (None, number.end)
        return _Amount(number.start, end, number, code, sign_first=False)

    def _behind(self, number: Number) -> tuple[str, int] | None:
        """The currency behind a number, and where its name or sign ends."""
        joint = _OF.match(self.text, number.end)
        start = joint.end() if joint else number.end
        sign = _BEHIND.match(self.text, start)
        if sign and (code := _code(sign["sign"])):
            return code, sign.end()
        name, end = self._name(start) if start > number.end else ("", start)
        weighed = number.scale == 1 or _WEIGHED.match(self.text, end)
        if not name or (weighed and name in currencies.NOT_WITHOUT_SCALE):
            return None
        if name not in self.chosen:
            self.chosen[name] = currencies.choose(name, self.text, self.language)
        if number.in_words and number.scale == 1 and self.chosen[name] == currencies.UNKNOWN:
            return None  # un franc succès
        return self.chosen[name], end

    def _name(self, start: int) -> tuple[str, int]:
        """The longest name of a currency, folded, that begins here, and its end; else empty."""
        known = currencies.names(self.language)
        name, end, at = "", start, start
        for nth in range(_MOST_WORDS):
            word = _WORD.match(self.text, at)
            if not word or (nth == 0 and not currencies.may_begin(word[1], self.language)):
                break
            at = word.end()
            if (folded := fold(self.text[start:at])) in known:
                name, end = folded, at
        return name, end

    def _understood(self, number: Number, found: list[Value]) -> str | None:
        """The currency of millions said to be of nothing: the last one of the paragraph."""
        if self.language != "fr" or not found or _COUNTED.match(self.text, number.end):
            return None
        scale = self.text[max(number.start, number.end - _LONGEST_MILLIONS) : number.end]
        if not _MILLIONS.search(scale) or self.text.find("\n", found[-1].end, number.start) >= 0:
            return None
        return found[-1].canonical.split()[1]


def _code(sign: str) -> str | None:
    return _SYMBOLS.get(sign) or (sign if sign in currencies.codes() else None)


def _range(text: str, low: _Amount, high: _Amount) -> tuple[Value, Value] | None:
    """The ends of the range from one number to the next, if one lacks what the other has."""
    link = _LINK.fullmatch(text, low.end, high.start)
    opening = text[max(0, low.start - _LONGEST_BETWEEN) : low.start]
    if not link or (link["and"] and not _BETWEEN.search(opening)):
        return None
    code = high.code or (low.code if low.sign_first else None)
    if not code or low.code not in {None, code} or (low.code and not low.sign_first):
        return None
    scaled = low.number.scale > 1, high.number.scale > 1
    if low.code and high.code and scaled != (False, True):
        return None  # from $3 to $5: two complete amounts
    if not high.code and link["word"] and not scaled[1]:
        return None  # paid $5 to 12 people
    scale = low.number.scale if scaled[0] else high.number.scale
    first, last = low.number.value * scale, high.number.value * high.number.scale
    if first >= last:
        return None
    return (
        Value(low.start, low.end, f"{_plain(first)} {code}"),
        Value(high.start, high.end, f"{_plain(last)} {code}"),
    )


def _plain(number: Decimal) -> str:
    """Without exponent, and without zeros behind the decimal sign that say nothing."""
    printed = f"{number:f}"
    return printed.rstrip("0").rstrip(".") if "." in printed else printed
