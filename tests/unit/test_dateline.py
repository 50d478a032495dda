"""What opens a paragraph as a dateline, and what only looks like it."""

from __future__ import annotations

import pytest

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.dateline import (
    find_dateline,
    find_inner_datelines,
    find_unsigned_dateline,
)


def read(paragraph: str) -> tuple[str | None, str | None, str] | None:
    filed = find_dateline(paragraph, Stretch(0, len(paragraph)))
    return (filed.place, filed.agency, paragraph[filed.stretch.end :].strip()) if filed else None


def read_unsigned(paragraph: str, *, signed: bool = True) -> tuple[str | None, str] | None:
    filed = find_unsigned_dateline(paragraph, Stretch(0, len(paragraph)), signed=signed)
    return (filed.place, paragraph[filed.stretch.end :].strip()) if filed else None


@pytest.mark.parametrize(
    ("opening", "place", "agency"),
    [
        ("Hanoï (VNA) –", "Hanoï", "VNA"),
        ("Séoul (VNA) -", "Séoul", "VNA"),
        ("Hanoï, 10 mars (VNA) –", "Hanoï", "VNA"),
        ("Paris, le 1er juin (AFP) -", "Paris", "AFP"),
        ("(VOVWORLD) -", None, "VOVWORLD"),
        ("Hô Chi Minh-Ville (TTXVN) –", "Hô Chi Minh-Ville", "TTXVN"),
        ("Hà Nội, ngày 3/5 (TTXVN) –", "Hà Nội", "TTXVN"),
        ("Côte d’Ivoire (AIP)-", "Côte d’Ivoire", "AIP"),
        ("Le Caire (AFP) –", "Le Caire", "AFP"),
        ("LONDON (Reuters) -", "LONDON", "Reuters"),
        ("PARIS, March 3 (AP) —", "PARIS", "AP"),
        ("BEIJING, May 3 (Xinhua) --", "BEIJING", "Xinhua"),
        ("New York\u00a0(AFP/VNA)\u00a0–", "New York", "AFP/VNA"),
        ("Kribi (ACAP) –", "Kribi", "ACAP"),
        ("Kribi, Cameroun (ACAP) –", "Kribi, Cameroun", "ACAP"),
        ("Siem Reap, Cambodge (VNA) –", "Siem Reap, Cambodge", "VNA"),
        ("Washington (États-Unis), 3 mai (AFP) –", "Washington (États-Unis)", "AFP"),
        ("Rabat - (MAP) –", "Rabat", "MAP"),
        ("Kribi. /ACAP/.", "Kribi", "ACAP"),
        ("PARIS (AFP)", "PARIS", "AFP"),
        ("NDEL –", None, "NDEL"),
        ("VOV.VN -", None, "VOV.VN"),
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
        "L’Organisation mondiale de la santé (OMS) – saisie lundi – se tait.",
        "Dans la province (VNA) – la plus froide – il neige.",
        "Le ministère (AFP) – la source le dit – attend.",
        "Amina Diallo, directrice (OMS) – Le vaccin arrive.",
        "Le Togo (VNA) a gagné - enfin.",
        "Marie Kouassi (Abidjan) – Je lis ce journal.",
        "Kribi (Cameroun) – Le phare est ouvert.",
        "Kribi (ACAP) Le phare est ouvert.",
        "(UE) – Le budget est voté.",
        "ACAP – Le phare est ouvert.",
        "Le phare, écrit une agence (AFP), est ouvert.",
        "Paris",
    ],
)
def test_no_datelines(paragraph: str) -> None:
    """Brackets and dashes inside a sentence, persons and unions file no stories."""
    assert read(paragraph) is None


def test_far_from_the_head() -> None:
    """What stands far from the head of a paragraph is inside a sentence."""
    assert read(f"{'Kribi ' * 30}(AFP) – Le phare est ouvert.") is None


def test_inside_the_stretch() -> None:
    """Only the paragraph that is asked for is read, wherever it stands in the text."""
    text = "Un titre\nKribi (ACAP) – Le phare est ouvert."
    filed = find_dateline(text, Stretch(9, len(text)))
    assert filed is not None
    assert filed.stretch.of(text) == "Kribi (ACAP) –"
    assert find_dateline(text, Stretch(0, len(text))) is None


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("ALGER -", "ALGER"),
        ("Casablanca –", "Casablanca"),
        ("Tunis, 3 mai 2026 —", "Tunis"),
        ("Kribi, le 3 mai –", "Kribi"),
        ("Hà Nội, ngày 3/5 –", "Hà Nội"),
        ("New York –", "New York"),
    ],
)
def test_unsigned(opening: str, place: str) -> None:
    """At the head of a story that an agency signed, a place and a dash are enough."""
    assert (place, "Le phare est ouvert.") == read_unsigned(f"{opening} Le phare est ouvert.")


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("ALGER -", "ALGER"),
        ("CẦN THƠ —", "CẦN THƠ"),
        ("Tunis, 3 mai 2026 —", "Tunis"),
        ("Casablanca –", None),
        ("Football –", None),
        ("Hélas –", None),
    ],
)
def test_unsigned_story(opening: str, place: str | None) -> None:
    """Without a signature at the story's end, a place must be in capitals or have a day."""
    found = read_unsigned(f"{opening} Le phare est ouvert.", signed=False)
    assert place == (found[0] if found else None)


@pytest.mark.parametrize(
    "paragraph",
    [
        "Le phare – Il est ouvert.",
        "Kribi – le phare du Sud – est ouvert.",
        "Kribi-Douala en train.",
        "Kribi est ouvert – Le phare aussi.",
        "Kribi : le phare – Une visite.",
        "UE – Le budget est voté.",
        "Rose Marie Ngo Bassa Essomba – Une vie de marin.",
        "Kribi (ACAP) – Le phare est ouvert.",
        "Hà Nội – điểm đến hấp dẫn du khách.",
        "Kribi – œuvre de paix.",
    ],
)
def test_not_unsigned(paragraph: str) -> None:
    """Asides, compounds, unions and sentences are no places to file from."""
    assert read_unsigned(paragraph) is None


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("Le phare rouvre dans toute la région.", "Séoul (VNA) – Le pont est ouvert."),
        ("Le phare rouvre. ", "Kribi (AFP) – Le pont est ouvert."),
        ("Il l’a dit : « Le phare. » ", "Kribi, 3 mai (APS) – Le pont est ouvert."),
        ("Le phare rouvre, dit l’OMS", "Hanoï (VNA) – Le pont est ouvert."),
    ],
)
def test_inner(before: str, behind: str) -> None:
    """A dateline that something was glued to is found behind a sentence or capitals."""
    text = before + behind
    assert [len(before)] == find_inner_datelines(text, Stretch(0, len(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Kribi (ACAP) – Le pont est ouvert.",
        "Le phare rouvre. Le port (PAD) – fermé depuis lundi – aussi.",
        "Le port est fermé. Jean Dupont (LFI) – Le député du port – le dit.",
        "Le phare rouvre. Kribi (Cameroun) - Le pont est ouvert.",
        "Le phare rouvre, écrit Kribi (ACAP) – Le pont est ouvert.",
    ],
)
def test_no_inner(text: str) -> None:
    """A dateline at the head is no inner one, and brackets in a sentence are none."""
    assert find_inner_datelines(text, Stretch(0, len(text))) == []
