"""Dates and periods in running text: where they stand, and what they come to."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich.almanac import tokens
from worker.core.enrich.dates import find_dates
from worker.core.enrich.values import Context, context

NOTHING_KNOWN = Context(None, None)
ON_WEDNESDAY = Context(date(2025, 3, 5), 2025)
LANGUAGES = st.sampled_from(["fr", "en"])
WORDS = """
    du de d' au et entre le 1er 3 5 31 10/03/2024 mars mai May Sept. . , - – / ( ) 2024 2025 0 1500
    2.000 années 1990s premier neuf premiers mois trimestre T1 cette semaine dernier last next year
    from to between and lundi Tuesday hier mi en in été ont
"""
PIECES = st.lists(
    st.sampled_from([*WORDS.split(), "\n"]) | st.text(max_size=3),
    max_size=40,
).map(" ".join)


def found(text: str, language: str = "fr", known: Context = NOTHING_KNOWN) -> list[tuple[str, str]]:
    return [
        (text[value.start : value.end], value.canonical)
        for value in find_dates(text, language, known)
    ]


def test_span() -> None:
    """Weekdays, articles and prepositions stay outside; a second mention does not arise."""
    text = "Dès le mardi 1er avril 2025, il pleut."
    assert found(text) == [("1er avril 2025", "2025-04-01")]
    assert found(text, known=ON_WEDNESDAY) == [("1er avril 2025", "2025-04-01")]


@pytest.mark.parametrize(
    ("text", "surface", "canonical"),
    [
        ("ouvert du 3 au 5 mai 2024.", "du 3 au 5 mai 2024", "2024-05-03/2024-05-05"),
        ("du 28 mars au 3 mai 2024", "du 28 mars au 3 mai 2024", "2024-03-28/2024-05-03"),
        ("du 28 décembre au 3 mai 2024", "du 28 décembre au 3 mai 2024", "2023-12-28/2024-05-03"),
        ("les 9 et 10 mars 2024", "9 et 10 mars 2024", "2024-03-09/2024-03-10"),
        ("le plan 2021-2025", "2021-2025", "2021/2025"),
        ("les neuf premiers mois 2020", "neuf premiers mois 2020", "2020-01/2020-09"),
        ("les années 1990", "années 1990", "1990/1999"),
        ("le 4e trimestre 2023", "4e trimestre 2023", "2023-10/2023-12"),
    ],
)  # fmt: skip
def test_periods(text: str, surface: str, canonical: str) -> None:
    """A period is one mention, with its first and last day, month or year."""
    assert [(surface, canonical)] == found(text)


@pytest.mark.parametrize(
    "text",
    [
        "2.000 personnes, 1500 manifestants et 2020 mètres",
        "la résolution 1701, le vol 2933, le décret n°2024, un Airbus A-2024",
        "entre 2000 et 2500 personnes",
        "à 14h30, pendant 10 mois, il y a trois ans, à 12 ans, au XXe siècle",
        "le 45 mars 20245",
        "la planète Mars",
    ],
)
def test_no_dates(text: str) -> None:
    """Numbers of things, hours, durations, ages and centuries are no dates."""
    assert found(text) == []


def test_part_that_is_sure() -> None:
    """Of a day of no calendar the month remains, of figures in either order the year."""
    assert found("le 31 février 2024") == [("février 2024", "2024-02")]
    assert found("On 03/10/2026.", "en") == [("03/10/2026", "2026")]
    assert found("Le 03/10/2026.") == [("03/10/2026", "2026-10-03")]


def test_several_days_apart() -> None:
    """Days that do not follow each other are mentions of their own."""
    expected = [("3", "2024-06-03"), ("17 juin 2024", "2024-06-17")]
    assert expected == found("les 3 et 17 juin 2024")


@pytest.mark.parametrize(
    ("text", "published", "canonical"),
    [
        ("le 28 décembre", date(2025, 1, 2), "2024-12-28"),
        ("le 2 janvier", date(2024, 12, 28), "2025-01-02"),
        ("en août dernier", date(2025, 1, 2), "2024-08"),
        ("en juin prochain", date(2025, 11, 2), "2026-06"),
        ("depuis janvier", date(2025, 10, 12), "2025-01"),
        ("samedi 1er février", date(2025, 8, 3), "2025-02-01"),
        ("dimanche 1er février", date(2025, 8, 3), "2026-02-01"),
        ("le 29 février", date(2026, 7, 1), "XXXX-02-29"),
    ],
)
def test_year_by_publication(text: str, published: date, canonical: str) -> None:
    """The year is that of the nearest such date; weekday and ``dernier`` restrict the choice."""
    assert [canonical] == [value for _, value in found(text, known=Context(published, 2025))]


def test_year_by_context() -> None:
    """Without a day of publication it is the story's year, or stays open."""
    assert found("le 11 novembre", known=Context(None, 2020)) == [("11 novembre", "2020-11-11")]
    assert found("le 11 novembre") == [("11 novembre", "XXXX-11-11")]


def test_relative() -> None:
    """What is relative is found only where the day of publication is known."""
    text = "Hier, mardi dernier et cette semaine ; le mois dernier, l'année prochaine, lundi."
    assert found(text, known=Context(None, 2025)) == []
    assert found(text, known=ON_WEDNESDAY) == [
        ("Hier", "2025-03-04"),
        ("mardi dernier", "2025-03-04"),
        ("cette semaine", "2025-03-03/2025-03-09"),
        ("mois dernier", "2025-02"),
        ("année prochaine", "2026"),
        ("lundi", "2025-03-03"),
    ]


def test_other_languages() -> None:
    """Other languages' texts are left alone."""
    assert found("am 10. März 2024", "de") == []


@pytest.mark.parametrize(
    ("texts", "year"),
    [
        (["Les neuf premiers mois 2020 …", "Le 11 novembre, …"], 2020),
        (["Les neuf premiers mois 2020 …", "Le 11 février, …"], None),
        (["Mardi 10 mars, le plan de 2019, revu en 2019, …"], 2020),
        (["Mardi 10 mars, …", "En 1998, …"], None),
        (["Fondée en 1998, la firme a annoncé le 10 mars …"], None),
        ([], None),
    ],
)
def test_year_of_a_story(texts: list[str], year: int | None) -> None:
    """A story's year is taken from its text only where that leaves no doubt."""
    assert Context(None, year) == context(None, texts, "fr")


def test_year_of_a_dated_story() -> None:
    """A stated day of publication decides."""
    assert context("2025-03-05", ["En 2019 …"], "fr") == ON_WEDNESDAY
    assert context(None, ["Am Dienstag, 10. März 2020"], "de") == NOTHING_KNOWN


@given(PIECES | st.text(), LANGUAGES, st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_any_text(text: str, language: str, published: date | None) -> None:
    """Whatever the text, values lie in it in order, apart from each other, and not at blanks."""
    values = find_dates(text, language, Context(published, published.year if published else None))
    assert all(before.end <= after.start for before, after in pairwise(values))
    for start, end, canonical in values:
        assert text[start:end].strip() == text[start:end] != ""
        assert canonical
    assert context(None, [text], language).published is None


@pytest.mark.parametrize(
    "unit", ["1", "1.000 ", "3 mai et ", "2024 à ", "et 3, ", "lundi ", "du 3 ", "mars, ", "l'"]
)
def test_hostile_text(unit: str) -> None:
    """A text that is one pattern over and over is read to its end."""
    text = unit * (100_000 // len(unit))
    assert "".join(text[token.start : token.end] for token in tokens(text, "fr")).replace(
        " ", ""
    ) == text.replace(" ", "")
    for language in ("fr", "en"):
        find_dates(text, language, ON_WEDNESDAY)
