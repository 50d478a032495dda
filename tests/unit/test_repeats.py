"""What a file says twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.structure.repeats import is_repeated, longest_border

LEAD = "Fermé depuis dix ans, le phare de Kribi accueille de nouveau le public."


@pytest.mark.parametrize(
    "below",
    [
        LEAD,
        LEAD.upper(),
        "Le phare de Kribi, fermé depuis dix ans, accueille le public depuis lundi.",
        "À Kribi, le public est de nouveau au phare, fermé depuis la tempête de janvier.",
    ],
)
def test_repeated(below: str) -> None:
    """A paragraph says a lead again in most of its words, in whatever order."""
    assert is_repeated(LEAD, below)


@pytest.mark.parametrize(
    ("lead", "below"),
    [
        (LEAD, "Les travaux ont coûté deux millions d’euros, selon la mairie."),
        (LEAD, "Le phare de Kribi est ouvert."),
        (LEAD, ""),
        ("", ""),
        ("Le phare rouvre", "Le phare rouvre"),
        ("Le phare de Kribi rouvre lundi", "Le phare de Kribi rouvre lundi, dit le maire."),
    ],
)
def test_not_repeated(lead: str, below: str) -> None:
    """Another matter repeats nothing; a few words are no lead."""
    assert not is_repeated(lead, below)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("a", 0),
        ("aa", 1),
        ("aaa", 1),
        ("abcabc", 3),
        ("abab", 2),
        ("ababa", 1),
        ("abc", 0),
        ("Le phare rouvre Un sous-titre Le phare rouvre", 15),
    ],
)
def test_borders(text: str, length: int) -> None:
    """A border stands at both ends, without overlap."""
    assert length == longest_border(text)


@given(st.text(alphabet="ab", max_size=40))
def test_border_by_definition(text: str) -> None:
    """It is the longest of all that there are."""
    borders = (n for n in range(len(text) // 2 + 1) if text[:n] == text[len(text) - n :])
    assert max(borders) == longest_border(text)


@given(st.text(min_size=1), st.text())
def test_border_of_what_is_said_twice(title: str, between: str) -> None:
    """What is said at both ends is found, or something longer."""
    assert longest_border(title + between + title) >= len(title)
