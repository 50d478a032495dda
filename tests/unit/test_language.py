"""Telling the language of a story."""

from __future__ import annotations

import pytest

from worker.core.enrich.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le phare du port accueille de nouveau le public depuis lundi.", "fr"),
        ("The lighthouse has been open to the public since Monday.", "en"),
        ("Ngọn hải đăng đã mở cửa trở lại cho công chúng từ thứ Hai.", "vi"),
        ("El faro del puerto recibe de nuevo al público desde el lunes.", "es"),
        ("Der Leuchtturm ist seit Montag wieder für Besucher geöffnet.", "de"),
        ("O farol do porto volta a receber o público desde segunda-feira.", "pt"),
        ("Il faro del porto accoglie di nuovo il pubblico da lunedì.", "it"),
        ("Маяк снова открыт для посетителей с понедельника.", "ru"),
    ],
)
def test_languages(text: str, language: str) -> None:
    """One sentence is enough, in languages without a recogniser of names too."""
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Lê Quang Vinh et Astrid Lindholm signent à Göteborg", "fr"),
        ("Jean-Baptiste Delacourt and Élodie Marchand to lead Crédit du Littoral", "en"),
        ("Hoang Van Duc und Pilar Echevarria in Madrid geehrt", "de"),
    ],
)
def test_names_are_of_no_language(text: str, language: str) -> None:
    """The small words between names decide, however foreign the names look."""
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("LE PHARE ROUVRE SES PORTES AU PUBLIC", "fr"),
        ("Lighthouse Reopens After Two Years", "en"),
        ("Ngon hai dang da mo cua tro lai cho cong chung tu thu Hai", "vi"),
    ],
)
def test_unusual_spellings(text: str, language: str) -> None:
    """Lines of capitals, headlines with capitals, and texts without diacritics are read too."""
    assert detect(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Maire : oui.",
        "2031 – 12 % – 45 – 7 – 2032 – 100 – 2033 – 60 %",
        "GDP CPI USD 2031 12 % VNA AFP IMF WTO OPEC NATO",
    ],
)
def test_too_little_to_tell(text: str) -> None:
    """A few letters, figures, and letters that are of no language have none."""
    assert detect(text) is None


def test_only_the_beginning_counts() -> None:
    """A long text is told by its beginning."""
    assert detect("Le phare accueille de nouveau le public. " * 40 + "The end. " * 400) == "fr"
