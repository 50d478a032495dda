"""One key for all spellings of a name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.enrich.link import canonical, entity_key


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
    ],
)
def test_keys(surface: str, key: str) -> None:
    """Letters beyond accents are folded too; other scripts are kept."""
    assert key == entity_key(surface, "LOC")


def test_label_is_part_of_the_key() -> None:
    """A city and a person of one name are two."""
    assert entity_key("Washington", "PER") != entity_key("Washington", "LOC")


@settings(deadline=None)
@given(st.text().filter(lambda text: any(map(str.isalnum, text))))
def test_key_is_never_bare(surface: str) -> None:
    """A surface with a letter or a digit has a key, and so has the key's own text."""
    key = entity_key(surface, "ORG")
    assert len(key) > len("org:")
    assert key == entity_key(key.removeprefix("org:"), "ORG")


def test_canonical() -> None:
    """The canonical name has no odd blanks."""
    assert canonical("Tô\u00a0\nLâm") == "Tô Lâm"
