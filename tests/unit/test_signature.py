"""What signs a story, and what only looks like it."""

from __future__ import annotations

import pytest

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.signature import find_byline, find_signature, is_person


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
        (" – ACAP", "ACAP"),
        ("/. VNA", "VNA"),
        (" (ACI/Awa Mbarga)", "ACI/Awa Mbarga"),
        (" (Keystone-ATS)", "Keystone-ATS"),
        (" (Avec AFP)", "AFP"),
        (" » (AFP)", "AFP"),
    ],
)
def test_behind_a_sentence(end: str, name: str) -> None:
    """Behind a sentence, a dash or brackets make a signature of any name shaped like one."""
    found = signature("Le pont est ouvert." + end)
    assert found is not None
    assert ("Le pont est ouvert.", name) == (found[0].removesuffix(" » ").strip(), found[1])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("VNA/CVN", "VNA/CVN"),
        ("-VNA", "VNA"),
        ("(TTXVN)", "TTXVN"),
        ("AFP/VNA/CVN", "AFP/VNA/CVN"),
        ("Thu Lan/CVN", "Thu Lan/CVN"),
        ("Awa Mbarga/ACAP", "Awa Mbarga/ACAP"),
        ("Mai Lan (TTXVN)", "Mai Lan (TTXVN)"),
        ("Awa Mbarga – AFP", "Awa Mbarga – AFP"),
        ("Source : VNA", "Source : VNA"),
        ("Nguồn: TTXVN", "Nguồn: TTXVN"),
        ("Theo TTXVN", "Theo TTXVN"),
        ("(Avec AFP)", "Avec AFP"),
        ("PTI SKC RHL", "PTI SKC RHL"),
        ("am/lc/pe", "am/lc/pe"),
        ("APS", "APS"),
    ],
)
def test_on_its_own_line(line: str, name: str) -> None:
    """A line of its own may name the writer too, and says so as it is printed."""
    assert ("", name) == signature(line)


@pytest.mark.parametrize(
    "line",
    [
        "Texte : Lan – Photos : Bui/CVN",
        "Texte et photos : Awa Mbarga",
        "Propos recueillis par Awa Mbarga",
        "Reportage : Awa Mbarga",
        "Édité par Awa Mbarga et Paul Essomba",
        "Reporting by Awa Mbarga; Editing by John Smith",
        "Bài và ảnh: Thu Lan",
    ],
)
def test_who_did_what(line: str) -> None:
    """A line of names and of their parts in the work signs as a whole."""
    assert ("", line) == signature(line)


@pytest.mark.parametrize(("line", "known"), [("VNA", True), ("ACAP", False), ("OMS", False)])
def test_known(line: str, known: bool) -> None:  # noqa: FBT001 - an expectation
    """An agency's name is told from one that is only written like it."""
    found = find_signature(line, Stretch(0, len(line)))
    assert found is not None
    assert known == found.known


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
        "Le pont est ouvert, selon l’agence (VNA).",
        "Le pont est ouvert (ACAP)",
        "Le pont est ouvert -ACAP",
        "Il a reçu M. DUPONT",
        "Le club est battu par le PSG.",
        "Kribi a gagné. (1-0)",
        "Le pont est ouvert. (voir la page 2)",
        "Une photo de l’équipe-VNA",
        "COVID-19",
        "Awa Mbarga",
        "Awa Mbarga – Kribi",
        "Sources : ministère de la Santé",
        "Texte : le phare est ouvert",
        "Reportage : au phare de Kribi",
        "Writing by the sea is a pleasure",
        "Theo dõi cảng Kribi",
        "km/h",
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
        ("PAR AWA MBARGA", "AWA MBARGA"),
        ("(Par Awa Mbarga)", "Awa Mbarga"),
        ("Par : Awa Mbarga", "Awa Mbarga"),
        ("By John A Smith", "John A Smith"),
        ("By Awa Mbarga in Kribi", "Awa Mbarga"),
        ("Par Awa Mbarga, envoyée spéciale à Kribi", "Awa Mbarga"),
        ("Par Jean-Pierre N’Diaye", "Jean-Pierre N’Diaye"),
        ("Par AFP", "AFP"),
        ("Auteur : Awa Mbarga", "Awa Mbarga"),
        ("Tác giả: Thu Lan", "Thu Lan"),
        ("Bài, ảnh: Thu Lan", "Thu Lan"),
    ],
)
def test_bylines(line: str, name: str) -> None:
    """A byline is the name of a person or an agency, and where the story was written."""
    found = find_byline(line, Stretch(0, len(line)))
    assert found is not None
    assert name == found.of(line)


@pytest.mark.parametrize(
    "line",
    [
        "Par ailleurs Lan",
        "Par Lan Nguyên, à Huê.",
        "Par Avion",
        "Paris",
        "Par notre correspondant",
        "By the sea",
        "Awa Mbarga",
        "Le phare vu par Awa Mbarga",
        "Par Awa Mbarga : le phare est ouvert",
        "Par Awa " * 15,
    ],
)
def test_no_bylines(line: str) -> None:
    """A sentence that begins as a byline does, or one word, names no writer."""
    assert find_byline(line, Stretch(0, len(line))) is None


@pytest.mark.parametrize("name", ["Awa Mbarga", "Nguyễn Thị Lan", "J.-P. N’Diaye", "A B C D E"])
def test_persons(name: str) -> None:
    """Two to five capitalised words are a person's name."""
    assert is_person(name)


@pytest.mark.parametrize(
    "name", ["", "Awa", "Awa mbarga", "Awa Mbarga 2", "A B C D E F", "Awa & Co"]
)
def test_no_persons(name: str) -> None:
    """One word, six, small ones and signs make no name."""
    assert not is_person(name)
