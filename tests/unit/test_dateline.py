"""What opens a paragraph as a dateline, and what only looks like it."""

from __future__ import annotations

import pytest

from worker.core.clean.dateline import find_dateline
from worker.core.clean.segments import Stretch


def read(paragraph: str) -> tuple[str | None, str | None, str] | None:
    found = find_dateline(paragraph, Stretch(0, len(paragraph)))
    return (found["place"], found["agency"], paragraph[found.end() :].strip()) if found else None


@pytest.mark.parametrize(
    ("opening", "place", "agency"),
    [
        ("Hanoï (VNA) –", "Hanoï", "VNA"),
        ("Séoul (VNA) -", "Séoul", "VNA"),
        ("Hanoï, 10 mars (VNA) –", "Hanoï", "VNA"),
        ("Paris, le 1er juin (AFP) -", "Paris", "AFP"),
        ("(VOVWORLD) -", None, "VOVWORLD"),
        ("Hô Chi Minh-Ville (TTXVN) –", "Hô Chi Minh-Ville", "TTXVN"),
        ("Côte d’Ivoire (AIP)-", "Côte d’Ivoire", "AIP"),
        ("LONDON (Reuters) -", "LONDON", "Reuters"),
        ("PARIS, March 3 (AP) —", "PARIS", "AP"),
        ("New York\u00a0(AFP/VNA)\u00a0–", "New York", "AFP/VNA"),
    ],
)
def test_datelines(opening: str, place: str | None, agency: str) -> None:
    """Place, day and agency may be there in many forms; the sentence behind is left whole."""
    assert (place, agency, "Le pont est ouvert.") == read(f"{opening} Le pont est ouvert.")


@pytest.mark.parametrize(
    "paragraph",
    [
        "L’Union africaine (UA) – et ses membres – se réunit.",
        "La banque centrale (BCT) - déjà prudente - attend.",
        "Dans la province (VNA) – la plus froide – il neige.",
        "Amina Diallo, directrice (OMS) – Le vaccin arrive.",
        "Le Togo (VNA) a gagné - enfin.",
        "Marie Kouassi (Abidjan) – Je lis ce journal.",
        "(UE) – Le budget est voté.",
    ],
)
def test_no_datelines(paragraph: str) -> None:
    """Brackets and dashes inside a sentence, persons and unions file no stories."""
    assert read(paragraph) is None
