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
        ("Maire : oui.", None),
        ("", None),
        ("Маяк снова открыт для посетителей с понедельника.", None),
        ("2031 – 12 % – 45 – 7 – 2032 – 100 – 2033 – 60 %", None),
    ],
)
def test_languages(text: str, language: str | None) -> None:
    """One sentence is enough; a few letters, figures and other scripts are not."""
    assert language == detect(text)
