"""One key for all spellings of a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich.folding import content_words, entity_key, fold, join_initials


@pytest.mark.parametrize(
    "surface",
    ["Lê Hoài Trung", "Le Hoai Trung", "LÊ HOÀI TRUNG", "Lê\u00a0Hoài \n Trung", "Le-Hoai-Trung"],
)
def test_spellings_of_one_name(surface: str) -> None:
    """Case, diacritics, blanks and hyphens make no other person."""
    assert entity_key(surface, "PER") == "per:le-hoai-trung"


@pytest.mark.parametrize(
    ("surface", "key"),
    [
        ("Đà Nẵng", "loc:da-nang"),
        ("Sacré-Cœur", "loc:sacre-coeur"),
        ("Côte d’Ivoire", "loc:cote-d-ivoire"),
        ("Cote d'Ivoire", "loc:cote-d-ivoire"),
        ("Vietnam – Russie", "loc:vietnam-russie"),
        ("«Łódź»", "loc:lodz"),
        ("北京", "loc:北京"),
        ("서울", "loc:서울"),
        ("U.S.", "loc:us"),
        ("U.S", "loc:us"),
    ],
)
def test_keys(surface: str, key: str) -> None:
    """Letters beyond accents are folded too; other scripts are kept."""
    assert key == entity_key(surface, "LOC")


def test_label_is_part_of_the_key() -> None:
    """A city and a person of one name are two."""
    assert entity_key("Washington", "PER") != entity_key("Washington", "LOC")


@given(st.text().filter(lambda text: any(map(str.isalnum, text))))
def test_key_is_never_bare(surface: str) -> None:
    """A surface with a letter or a digit has a key, and so has the key's own text."""
    key = entity_key(surface, "ORG")
    assert len(key) > len("org:")
    assert key == entity_key(key.removeprefix("org:"), "ORG")


@given(st.text())
def test_folding_is_idempotent(name: str) -> None:
    """What is folded folds to itself."""
    assert fold(fold(name)) == fold(name)


def test_long_names_have_short_keys() -> None:
    """A key fits an index, and two long names that begin alike have two."""
    one, other = ("ŉﷺ" * 100 + end for end in "ab")
    assert len(entity_key(one, "MISC")) <= 250
    assert entity_key(one, "MISC") != entity_key(other, "MISC")


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        ("J. D. Vance", "JD Vance"),
        ("J.D. Vance", "JD Vance"),
        ("J. Biden", "J. Biden"),
        ("O.N.U.", "ONU"),
        ("Jean. A", "Jean. A"),
    ],
)
def test_initials_are_joined(name: str, joined: str) -> None:
    """Several letters with dots are one word; a single initial stays as it is."""
    assert join_initials(name) == joined


def test_content_words() -> None:
    """Articles and prepositions are no content."""
    assert content_words("organisation-mondiale-de-la-sante") == "organisation-mondiale-sante"
