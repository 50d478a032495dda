"""What signs a story, and what only looks like it."""

from __future__ import annotations

import pytest

from worker.core.clean.segments import Stretch
from worker.core.clean.signature import find_byline, find_signature


def signature(paragraph: str) -> tuple[str, str] | None:
    found = find_signature(paragraph, Stretch(0, len(paragraph)))
    return (paragraph[: found.stretch.start], found.name.of(paragraph)) if found else None


@pytest.mark.parametrize(
    ("end", "name"),
    [
        (" -VNA/VI", "VNA/VI"),
        (" -VNA", "VNA"),
        ("-VNA", "VNA"),
        (" – AVI", "AVI"),
        (" — TTXVN", "TTXVN"),
        (" (AFP)", "AFP"),
        (" VNA/CVN", "VNA/CVN"),
        (" (Reuters).", "Reuters"),
        (" -APS", "APS"),
    ],
)
def test_behind_a_sentence(end: str, name: str) -> None:
    """Behind a sentence, a dash or brackets make a signature of any name shaped like one."""
    found = signature("Le pont est ouvert." + end)
    assert found is not None
    assert ("Le pont est ouvert.", name) == (found[0].strip(), found[1])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("VNA/CVN", "VNA/CVN"),
        ("-VNA", "VNA"),
        ("(TTXVN)", "TTXVN"),
        ("AFP/VNA/CVN", "AFP/VNA/CVN"),
        ("Thu Lan/CVN", "Thu Lan/CVN"),
        ("Source : VNA", "VNA"),
        ("APS", "APS"),
    ],
)
def test_on_its_own_line(line: str, name: str) -> None:
    """A line of its own may name the writer too."""
    assert ("", name) == signature(line)


def test_known_agency_without_a_full_stop() -> None:
    """A known agency behind a dash signs even where the full stop was lost."""
    assert signature("Le pont est ouvert -VNA") == ("Le pont est ouvert ", "VNA")


@pytest.mark.parametrize(
    "paragraph",
    [
        "Le pont est ouvert.",
        "Un accord entre le Vietnam et l’UE",
        "Un accord Vietnam-UE",
        "Le sommet Vietnam - UE",
        "Le point avec l’Agence France-Presse (AFP).",
        "Il a reçu M. DUPONT",
        "Une photo de l’équipe-VNA",
        "-",
    ],
)
def test_no_signatures(paragraph: str) -> None:
    """Acronyms, compounds and names inside a sentence sign nothing."""
    assert signature(paragraph) is None


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Par Lan Nguyên", "Lan Nguyên"),
        ("By John A Smith", "John A Smith"),
        ("Par ailleurs Lan", None),
        ("Par Lan Nguyên, à Huê.", None),
        ("Par Avion", None),
        ("Paris", None),
    ],
)
def test_bylines(line: str, name: str | None) -> None:
    """A byline is a person's name and nothing else."""
    found = find_byline(line, Stretch(0, len(line)))
    assert name == (found.of(line) if found else None)
