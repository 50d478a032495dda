"""Amounts of money in running text: where they stand, and what they come to."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich import currencies
from worker.core.enrich.money import find_money
from worker.core.enrich.numbers import find_numbers, in_figures, in_words

LANGUAGES = st.sampled_from(["fr", "en"])
WORDS = """
    1 3,5 2.500 000 10-12 un mille deux cents million millions milliards bn M€ $ US$ € USD XOF de d'
    à et entre between and to dollars canadiens francs CFA dinars livres won pounds of half a demi
"""
PIECES = st.lists(
    st.sampled_from([*WORDS.split(), "\n"]) | st.text(max_size=3),
    max_size=40,
).map(" ".join)
CANONICAL = re.compile(r"[0-9]+(?:\.[0-9]*[1-9])?(?:/[0-9]+(?:\.[0-9]*[1-9])?)? [A-Z]{3}")


def found(text: str, language: str = "fr") -> list[tuple[str, str]]:
    return [
        (text[value.start : value.end], value.canonical) for value in find_money(text, language)
    ]


@pytest.mark.parametrize(
    ("text", "language", "surface", "canonical"),
    [
        ("plus de 4,1 milliards de dollars en", "fr", "4,1 milliards de dollars", "4100000000 USD"),
        ("about US$4.1bn in", "en", "US$4.1bn", "4100000000 USD"),
        ("soit 2.500 dôngs le kilo", "fr", "2.500 dôngs", "2500 VND"),
        ("un total de 1,2 Md€.", "fr", "1,2 Md€", "1200000000 EUR"),
        ("un milliard et demi de yens", "fr", "un milliard et demi de yens", "1500000000 JPY"),
        ("a price of 0.350 dollars", "en", "0.350 dollars", "0.35 USD"),
    ],
)
def test_amounts(text: str, language: str, surface: str, canonical: str) -> None:
    """From the number, or the sign before it, to the end of the currency."""
    assert [(surface, canonical)] == found(text, language)


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        (
            "de 10 à 12 millions d'euros",
            "fr",
            [("10", "10000000 EUR"), ("12 millions d'euros", "12000000 EUR")],
        ),
        (
            "cost $10-12 million, or",
            "en",
            [("$10", "10000000 USD"), ("12 million", "12000000 USD")],
        ),
    ],
)
def test_ranges(text: str, language: str, values: list[tuple[str, str]]) -> None:
    """Two amounts, of which each has what the other lacks."""
    assert values == found(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("des millions de dollars, quelques milliers d'euros", "fr"),
        ("3 livres, 2 couronnes, un franc succès et 4% de 3 millions d'habitants", "fr"),
        ("3 won gold, 5 real problems, 2 pounds and 3 million pounds of fish", "en"),
        ("TOP 10, 3 ALL, 123ABC", "en"),
        ("9" * 16 + " dollars", "en"),
        ("5 Dollar", "de"),
    ],
)
def test_no_amounts(text: str, language: str) -> None:
    """Amounts without a number, things that currencies share their names with, absurd numbers."""
    assert found(text, language) == []


def test_two_amounts() -> None:
    """Two complete amounts are two values, whatever stands between them."""
    assert found("from $3 to $5", "en") == [("$3", "3 USD"), ("$5", "5 USD")]


def test_understood_currency() -> None:
    """In French, millions of nothing are of the money named before in the paragraph."""
    text = "6 milliards d'euros, dont 2 milliards pour 3 millions de foyers.\n\nSoit 4 milliards."
    assert [value for _, value in found(text)] == ["6000000000 EUR", "2000000000 EUR"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("500 millions de dinars algériens", "DZD"),
        ("La Tunisie emprunte 500 millions de dinars", "TND"),
        ("500 millions de dinars", currencies.UNKNOWN),
        ("Au Gabon, 500 francs CFA", "XAF"),
        ("Au Mali, 500 francs CFA", "XOF"),
        ("500 francs CFA", "XOF"),
        ("500 dollars canadiens", "CAD"),
        ("Au Canada, 500 dollars", "USD"),
        ("500 wons", "KRW"),
    ],
)
def test_shared_names(text: str, code: str) -> None:
    """A name that several countries use is told by its adjective or by the country named."""
    assert [f"500{'000000' * ('millions' in text)} {code}"] == [value for _, value in found(text)]


@pytest.mark.parametrize(
    ("printed", "language", "scaled", "value"),
    [
        ("1 234,5", "fr", False, "1234.5"),
        ("2.500", "fr", False, "2500"),
        ("2.500", "en", False, "2.500"),
        ("2,500", "fr", False, "2500"),
        ("2,500", "fr", True, "2.500"),
        ("2,500", "en", True, "2500"),
        ("1.234.567,89", "en", False, "1234567.89"),
        ("1,234,567.89", "fr", False, "1234567.89"),
        ("0.125", "fr", False, "0.125"),
        ("8'500", "fr", False, "8500"),
    ],
)
def test_figures(printed: str, language: str, scaled: bool, value: str) -> None:  # noqa: FBT001
    """Which sign is the decimal one is told by the language and by the figures around it."""
    assert Decimal(value) == in_figures(printed, language, scaled=scaled)


@pytest.mark.parametrize(
    ("words", "language", "number"),
    [
        ("deux cents", "fr", 200),
        ("quatre vingt dix neuf", "fr", 99),
        ("soixante onze", "fr", 71),
        ("deux mille cinq cents", "fr", 2500),
        ("two hundred fifty thousand", "en", 250_000),
        ("deux dix", "fr", None),
        ("trois quatre", "fr", None),
    ],
)
def test_words(words: str, language: str, number: int | None) -> None:
    """Numbers in words; words in an order that no number has are none."""
    assert number == in_words(words.split(), language)


def test_every_currency() -> None:
    """Every currency is found by its code and by its full name in both languages."""
    for code in currencies.codes():
        assert [f"7 {code}"] == [value for _, value in found(f"7 {code}")]
    for language in ("fr", "en"):
        for name, codes in currencies.names(language).items():
            assert currencies.choose(name, "", language) in {*codes, currencies.UNKNOWN}


@given(PIECES | st.text(), LANGUAGES)
def test_any_text(text: str, language: str) -> None:
    """Whatever the text, values lie in it in order, apart from each other, in one plain form."""
    values = find_money(text, language)
    assert all(before.end <= after.start for before, after in pairwise(values))
    for start, end, canonical in values:
        assert text[start:end].strip() == text[start:end] != ""
        assert CANONICAL.fullmatch(canonical)


@pytest.mark.parametrize(
    "unit",
    ["1", "1 000 ", "1.000.000", "un ", "5 dinars ", "3 millions\n", "5 dollar-dollar-", "5   "],
)
def test_hostile_text(unit: str) -> None:
    """A text that is one pattern over and over is read to its end."""
    text = unit * (100_000 // len(unit))
    for language in ("fr", "en"):
        numbers = list(find_numbers(text, language))
        assert len(find_money(text, language)) <= len(numbers) <= len(text)
