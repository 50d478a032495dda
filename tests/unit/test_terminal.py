"""What is printed for people, and for programs."""

from __future__ import annotations

import json
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core import characters
from worker.show.terminal import print_json, shown


@given(st.text() | st.text(st.characters(max_codepoint=0x9F)) | st.text(characters.BLANKS))
def test_shown_is_harmless(text: str) -> None:
    """Nothing out of a file steers the terminal; each character stands for one."""
    plain = shown(text).plain
    assert len(plain) == len(text)
    assert set(characters.DIRECTIONS).isdisjoint(plain)
    assert not any(
        unicodedata.category(character) == "Cc" for character in plain if character not in "\n\t"
    )


@pytest.mark.parametrize(
    ("character", "picture"),
    [("\x1b", "␛"), ("\x00", "␀"), ("\r", "␍"), ("\x7f", "\ufffd"), ("\x9b", "\ufffd")],
)
def test_pictures(character: str, picture: str) -> None:
    """A control character is shown, not left out, so that one sees what the file holds."""
    assert shown(f"a{character}b").plain == f"a{picture}b"


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])))
def test_text_is_shown_as_it_is(text: str) -> None:
    """What is harmless is left alone, brackets too."""
    assert shown(text).plain == text


def test_style() -> None:
    """The style is that of the whole text."""
    assert shown("[red]a[/]", "bold").style == "bold"


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """An object is one line, in its own letters."""
    print_json({"title": "Le phare\nrouvre à Huế", "published": date(2031, 5, 4)})
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "Huế" in line
    assert json.loads(line) == {"title": "Le phare\nrouvre à Huế", "published": "2031-05-04"}
