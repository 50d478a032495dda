"""Which line is the headline, and what stands around headlines."""

from __future__ import annotations

import pytest

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.headlines import (
    above_headline,
    bare_headline,
    has_stop,
    headline_segments,
    ranked,
)

TITLE = "Le phare de Kribi rouvre aux visiteurs après dix ans de travaux"
BODY = "Le phare accueille de nouveau le public, a annoncé le maire."


def stacked(*lines: str) -> tuple[str, list[Stretch]]:
    """The text of these lines, and where each of them stands."""
    text = "\n".join(lines)
    ends = [sum(len(line) + 1 for line in lines[: nth + 1]) - 1 for nth in range(len(lines))]
    return text, [Stretch(end - len(line), end) for end, line in zip(ends, lines, strict=True)]


def above(*lines: str) -> list[tuple[str, str]]:
    text, paragraphs = stacked(*lines)
    return [(found.part, found.stretch.of(text)) for found in above_headline(text, paragraphs)]


def segments(line: str) -> list[tuple[str, str]]:
    found = headline_segments(line, Stretch(0, len(line)))
    return [(segment.part, segment.stretch.of(line)) for segment in found]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("VIETNAM-CLIMAT-INTEMPÉRIES", "header"),
        ("ACAP-PHARE-KRIBI, 2e lead", "header"),
        ("Cameroun-mer-phare", "header"),
        ("Eds : corrige le nom du maire", "header"),
        ("Le phare est ouvert ///", "header"),
        ("LE COURRIER DU VIETNAM", "navigation"),
        ("Sport - Handball", "navigation"),
        ("Société", "navigation"),
        ("Agence Cameroun Presse", "navigation"),
    ],
)
def test_above_the_headline(line: str, part: str) -> None:
    """A slug, an editor's note, a masthead and a section may stand above."""
    assert [(part, line)] == above(line, TITLE, BODY)


def test_several_above() -> None:
    """There may be more than one of them."""
    assert above("LE COURRIER DU VIETNAM", "Société", TITLE, BODY) == [
        ("navigation", "LE COURRIER DU VIETNAM"),
        ("navigation", "Société"),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (TITLE,),
        (TITLE, BODY),
        (TITLE, "Société", BODY),
        ("Un phare ouvert", BODY, BODY),
        ("Kribi", BODY),
        ("VIETNAM-CLIMAT-INTEMPÉRIES", BODY),
        ("Le phare-école-musée de Kribi rouvre aux visiteurs", TITLE, BODY),
        ("Kribi : le phare rouvre aux visiteurs", TITLE, BODY),
        ("Kribi (ACAP) – Le phare", TITLE, BODY),
    ],
)
def test_nothing_above(lines: tuple[str, ...]) -> None:
    """A headline stays one where none is left below it, and so does one that only has hyphens."""
    assert above(*lines) == []


@pytest.mark.parametrize(
    ("line", "title", "notes"),
    [
        (
            "SENEGAL-AGRICULTURE / Une arachide précoce",
            "Une arachide précoce",
            "SENEGAL-AGRICULTURE /",
        ),
        ("KRIBI-PHARE/Le phare rouvre", "Le phare rouvre", "KRIBI-PHARE/"),
        ("La tempête s’éloigne (PAPIER GENERAL)", "La tempête s’éloigne", "(PAPIER GENERAL)"),
        ("Le phare rouvre (SYNTHÈSE)", "Le phare rouvre", "(SYNTHÈSE)"),
        ("Le phare rouvre (PHOTOS)", "Le phare rouvre", "(PHOTOS)"),
    ],
)
def test_notes_for_other_agencies(line: str, title: str, notes: str) -> None:
    """What an agency wrote around the headline for other agencies is none of it."""
    assert [("header", notes), ("title", title)] == segments(line)


@pytest.mark.parametrize(
    "line",
    [
        "Le phare rouvre",
        "Kribi : le phare rouvre",
        "Phare / Kribi",
        "KRIBI / Le phare rouvre",
        "KRIBI-PHARE / le phare rouvre",
        "SENEGAL-AGRICULTURE /",
        "Paris-Dakar / Le rallye",
        "CAN-2027 / Le Cameroun",
        "Le phare rouvre (photos)",
        "Le phare rouvre (maire)",
        "Le phare de l’OMS (Organisation mondiale)",
        "(PAPIER)",
    ],
)
def test_headlines_without_notes(line: str) -> None:
    """Slashes and brackets are a headline's own."""
    assert [("title", line)] == segments(line)


def test_notes_on_both_sides() -> None:
    """A slug before and a note behind are told apart."""
    assert segments("KRIBI-PHARE / Le phare rouvre (LEAD)") == [
        ("header", "KRIBI-PHARE /"),
        ("header", "(LEAD)"),
        ("title", "Le phare rouvre"),
    ]


@pytest.mark.parametrize(
    ("lines", "numbered"),
    [
        (("1 Le phare rouvre", "2 La mer monte"), True),
        (("1 Le phare", "2 La mer", "3 Le port"), True),
        (("1 Le phare rouvre",), False),
        ((), False),
        (("2 Le phare", "3 La mer"), False),
        (("1 Le phare", "3 La mer"), False),
        (("20 marins en mer", "La mer monte"), False),
        (("1. Le phare", "2. La mer"), False),
    ],
)
def test_ranks(lines: tuple[str, ...], numbered: bool) -> None:  # noqa: FBT001 - an expectation
    """Only numbers that count from one are ranks."""
    text, headlines = stacked(*lines)
    assert numbered == ranked(text, headlines)


@pytest.mark.parametrize(
    "line",
    [
        "Le phare rouvre",
        "- Le phare rouvre",
        "• Le phare rouvre",
        "2. Le phare rouvre",
        "12) Le phare rouvre",
        "- 2. Le phare rouvre",
        "Le phare rouvre 13/05/2026",
        "Le phare rouvre 13/05/2026 17:45",
        "Le phare rouvre (13/05/2026)",
        "Le phare rouvre - 13 mai 2026",
        "Le phare rouvre 13/05/2026 | 17h45",
    ],
)
def test_bare_headlines(line: str) -> None:
    """Bullet, number and day of a list come off."""
    assert bare_headline(line, Stretch(0, len(line))).of(line) == "Le phare rouvre"


@pytest.mark.parametrize(
    "line",
    [
        "2 Le phare rouvre",
        "100 marins en mer",
        "2.Le phare rouvre",
        "2026. Le phare rouvre",
        "Le phare rouvre en mai 2026",
        "Le phare - Le port",
        "13/05/2026",
    ],
)
def test_headlines_as_they_are(line: str) -> None:
    """Figures of the headline itself stay, and nothing becomes empty."""
    assert line == bare_headline(line, Stretch(0, len(line))).of(line)


def test_rank_comes_off() -> None:
    """A number without a dot comes off where it is a rank."""
    line = "2 Le phare rouvre"
    assert bare_headline(line, Stretch(0, len(line)), rank=True).of(line) == "Le phare rouvre"


@pytest.mark.parametrize(
    ("line", "below", "headline"),
    [
        ("Le phare rouvre.", "Kribi (ACAP) – Le phare rouvre lundi.", True),
        ("Le phare rouvre.", "Par Awa Mbarga", True),
        ("Le phare rouvre.", BODY, False),
        ("Le phare rouvre", "Par Awa Mbarga", False),
        ("Le phare ferme. Le port rouvre.", "Par Awa Mbarga", False),
        ("Kribi (ACAP) – Le phare rouvre.", "Par Awa Mbarga", False),
        ("Le phare rouvre. (AFP).", "Par Awa Mbarga", False),
        (f"Le phare {'rouvre ' * 20}.", "Par Awa Mbarga", False),
    ],
)
def test_headlines_with_a_stop(line: str, below: str, headline: bool) -> None:  # noqa: FBT001
    """A short sentence above a dateline or a byline may be the headline."""
    text, (first, second) = stacked(line, below)
    assert headline == has_stop(text, first, [second])
