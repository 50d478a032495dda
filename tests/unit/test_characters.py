"""Blanks and composed characters."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import BLANKS, SILENT, nfc, squeeze


def test_squeeze_leaves_single_spaces() -> None:
    """Runs of any blanks become one space, and characters without width go."""
    assert squeeze("\ufeff un\u00a0\u202f\r\n\tdeux \u200b tr\u00adois\u2003") == "un deux trois"


def test_nfc_composes() -> None:
    """Letters and their marks become one character."""
    assert nfc(unicodedata.normalize("NFD", "Huế, Đà Nẵng")) == "Huế, Đà Nẵng"


@given(st.text())
def test_nfc_is_stable(text: str) -> None:
    """Composed text is composed, and composing it again changes nothing."""
    once = nfc(text)
    assert unicodedata.normalize("NFC", once) == once
    assert once == nfc(once)


def test_nfc_breaks_endless_marks() -> None:
    """No letter keeps more marks than Unicode's limit for streams, and no mark is lost."""
    marks = "\u0323\u0301" * 500
    composed = nfc("x" + marks)
    assert composed.count("\u0301") == 500
    assert max(map(len, composed.split("\u034f"))) == len("x") + 30


@given(st.text(alphabet=BLANKS))
def test_blanks_show_nothing(text: str) -> None:
    """A text of nothing but blanks is empty both ways."""
    assert text.strip(BLANKS) == ""
    assert squeeze(text.translate(SILENT)) == ""
