"""Mojibake undone, and good text left alone."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from ftfy import TextFixerConfig, fix_encoding
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.decode import mojibake
from worker.core.clean.decode.mojibake import undo
from worker.core.clean.decode.vietnamese import WINDOWS

FRENCH = "« L’été à Évreux », a déclaré Mme Lœw – c’était très beau…\n"
VIETNAMESE = "Thủ tướng vừa ký quyết định: “Bà Mỹ Lệ ở Đà Nẵng từ bỏ”.\n"
SPANISH = "¿Cuándo llegará la niña? ¡Mañana!\n"


def misread(text: str, encoding: str) -> str:
    data = text.encode()
    if encoding == "cp1252":
        return "".join(WINDOWS[byte] for byte in data)
    return data.decode(encoding)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac-roman", "cp850"])
@pytest.mark.parametrize("text", [FRENCH, VIETNAMESE, SPANISH], ids=["fr", "vi", "es"])
def test_misread(text: str, encoding: str) -> None:
    """UTF-8 that was read as Windows, Latin-1 or Mac text, once and twice."""
    once = misread(text, encoding)
    assert undo(once) == text
    assert undo(misread(once, encoding)) == text


def test_misread_as_latin_9() -> None:
    """Where two misreadings are possible, the one that makes words is undone."""
    assert undo(misread("Un décret très gêné", "iso8859-15")) == "Un décret très gêné"


def test_one_line_of_many() -> None:
    """A line of mojibake in a good text is undone, the rest stays."""
    assert undo(FRENCH + misread(SPANISH, "cp1252") + VIETNAMESE) == FRENCH + SPANISH + VIETNAMESE


def test_one_word_of_a_line() -> None:
    """A word of mojibake in a good line is undone, in any of the misreadings."""
    assert undo("Le prÃ©sident est à l’Élysée.") == "Le président est à l’Élysée."
    assert undo("Le pr√©sident est à l’Élysée.") == "Le président est à l’Élysée."


def test_lost_no_break_space() -> None:
    """Ftfy knows that ``Ã`` before a space was ``à``."""
    assert undo("Le prÃ©sident Ã  la tÃªte dâ€™un") == "Le président à la tête d’un"


def test_latin_1_controls() -> None:
    """Windows' quotes that were read as Latin-1 are quotes."""
    assert undo("L\x92été d\x92un an") == "L’été d’un an"


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        VIETNAMESE,
        SPANISH,
        "A AÇÃO POPULAR NÃO É, São Paulo",
        "“Quoted” ﬁn ﬂ ½ … ﬀ",
        "l’été, d’à côté, qu’É, «É»",
        "√4 = 2, 5 ≠ 6, π ≈ 3,14, ‚Ärger‘",
        "Москва — Россия; Αθήνα; 北京; 😀 🇫🇷",
        "Ｆｕｌｌ　ｗｉｄｔｈ &eacute; \x1b[0m",
    ],
)
def test_good_text_stays(text: str) -> None:
    """Quotes, ligatures, entities and other scripts are nobody's mojibake."""
    assert undo(text) == text


@given(st.text("éàÉư’“â€ÃÂ\xa0©™ ¬√·∫\n\x92a ", max_size=60))
def test_undone_once_is_undone(text: str) -> None:
    """Undoing again changes nothing."""
    assert undo(undo(text)) == undo(text)


@pytest.mark.parametrize(
    "text",
    ["Ã©" * 200_000, "Ã " * 200_000, "Ã" * 300_000, "é" * 300_000, "√√" * 100_000],
    ids=["mojibake", "spaced", "lead", "letters", "mac"],
)
def test_work_is_linear(text: str) -> None:
    """Ftfy sees pieces of bounded length, each a few times at most."""
    lengths: list[int] = []

    def count(piece: str, config: TextFixerConfig) -> str:
        lengths.append(len(piece))
        return fix_encoding(piece, config)

    with patch.object(mojibake, "fix_encoding", count):
        undo(text)
    assert max(lengths, default=0) <= 2001
    assert sum(lengths) <= mojibake._MAX_ROUNDS * len(text)
