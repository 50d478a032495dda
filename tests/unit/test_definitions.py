"""Acronyms that an article explains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich.definitions import (
    definitions,
    initials,
    is_acronym,
    resembles,
    stands_for,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("par l'Union européenne (UE) hier", ("UE", "Union européenne")),
        ("La BAC (Banque agricole du Cap) prête", ("BAC", "Banque agricole du Cap")),
        (
            "la Communauté économique des États de l'Afrique de l'Ouest (CEDEAO)",
            ("CEDEAO", "Communauté économique des États de l'Afrique de l'Ouest"),
        ),
        (
            "du Centre national des eaux (CNE), à Kribi",
            ("CNE", "Centre national des eaux"),
        ),
        (
            "l'Union économique et monétaire ouest-africaine (UEMOA)",
            ("UEMOA", "Union économique et monétaire ouest-africaine"),
        ),
        ("un accord de libre-échange (ALE)", ("ALE", "accord de libre-échange")),
        ("la Caisse des dépôts (ou CD)", ("CD", "Caisse des dépôts")),
    ],
)
def test_explained(text: str, found: tuple[str, str]) -> None:
    """Letters are the initials of the words before or within the brackets."""
    assert list(definitions(text)) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Hanoï (VNA) –",
        "le député Jean Martin (PS)",
        "la Banque du Sud. Nord (BS)",
        "l'Union (européenne)",
        "la fin du mois (XII)",
        "Union européenne\n\n(UE)",
    ],
)
def test_not_explained(text: str) -> None:
    """Brackets hold other things too; a sentence's end parts them from the words before."""
    assert list(definitions(text)) == []


@pytest.mark.parametrize(
    ("name", "acronym"),
    [
        ("UE", True),
        ("G7", False),
        ("AfCFTA", True),
        ("M.", False),
        ("Onu", False),
        ("AB CD", False),
    ],
)
def test_is_acronym(name: str, *, acronym: bool) -> None:
    """An acronym is one word with two capitals at least."""
    assert is_acronym(name) is acronym


def test_stands_for() -> None:
    """All letters count, and all words but articles and prepositions."""
    assert stands_for("OMC", "Organisation mondiale du commerce")
    assert stands_for("UE", "l'Union européenne")
    assert not stands_for("OC", "Organisation mondiale du commerce")
    assert not stands_for("OMCX", "Organisation mondiale du commerce")


def test_resembles() -> None:
    """Half of the letters are left of an English acronym in the French name."""
    assert resembles("MOIT", "ministère de l'Industrie et du Commerce")
    assert not resembles("LFI", "Assemblée nationale")


def test_initials() -> None:
    """Articles and prepositions have no initials."""
    assert initials("Confédération générale du travail") == "cgt"


@given(st.text(alphabet="AB ab()-.,é\n", max_size=200))
def test_what_is_found_stands_in_the_text(text: str) -> None:
    """Acronyms and long forms are pieces of the text, and belong together."""
    for acronym, long in definitions(text):
        assert acronym in text
        assert long in text
        assert stands_for(acronym, long)
