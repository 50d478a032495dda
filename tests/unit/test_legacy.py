"""Legacy encodings told apart by what makes words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from worker.core.clean.decode import decode, legacy

if TYPE_CHECKING:
    from collections.abc import Iterable

FRENCH = "Le maire a précisé, à Évreux, que l'arrêté « serait signé » dès jeudi à Noël."
SPANISH = "La niña preguntó: ¿cuándo llegará el señor Ibáñez? ¡Mañana, según él!"
GERMAN = "Der Bürgermeister räumte ein, dass die Größe des Gebäudes für alle überraschend war."
CAPITALS = "LE PRÉSIDENT À L'ÉLYSÉE : ÉTÉ BRÛLANT À NÎMES, FORÊTS MENACÉES"


@pytest.mark.parametrize("text", [FRENCH, SPANISH, GERMAN, CAPITALS], ids=["fr", "es", "de", "FR"])
@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac-roman"])
def test_western(text: str, encoding: str) -> None:
    """One sentence is enough to tell Windows, DOS and Mac apart."""
    decoded = decode(text.encode(encoding))
    assert (text, encoding, ()) == (decoded.text, decoded.encoding, decoded.flags)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Un vœu à 12 € pour l'été.", "iso8859-15"),
        ("Un vœu à 12 € pour l’été – enfin.", "cp1252"),
        ("Une pièce de 1½ pouce coûte 3 £.", "cp1252"),
        ("Le café à 2 € du matin, déjà très cher.", "cp858"),
    ],
)
def test_near_relations(text: str, encoding: str) -> None:
    """The few letters in which two encodings differ decide by where they stand."""
    decoded = decode(text.encode(encoding))
    assert (text, encoding) == (decoded.text, decoded.encoding)


def test_latin_1_is_called_windows() -> None:
    """Latin-1 is the part of cp1252 that both have."""
    assert decode(FRENCH.encode("latin-1")).encoding == "cp1252"


def test_windows_1258() -> None:
    """Vietnamese Windows text, whose tones follow their letters, comes back composed."""
    data = b"Thu\xd2 t\xfd\xf5\xecng \xf0\xea\xecn H\xe0 N\xf4\xf2i v\xe0o s\xe1ng th\xfd\xec ba"
    decoded = decode(data)
    assert decoded.text == "Thủ tướng đến Hà Nội vào sáng thứ ba"
    assert decoded.encoding == "cp1258"


def test_sample_is_small_and_has_every_byte() -> None:
    """However long the text, a few words for each byte are looked at, late ones too."""
    data = b" ".join(b"mot%d\xe9" % i for i in range(50_000)) + b" c\x9cur"
    words = legacy.sample(data)
    assert len(words) <= 2 * legacy._EACH
    assert words[-1] == b"c\x9cur"


@pytest.mark.parametrize(
    "data",
    [bytes(range(0x80, 0x100)) * 8000, b"\xe9" * 10**6, b"a" * 10**6 + b"\xe9", b"\xe9 " * 10**6],
    ids=["all", "one-letter", "long-word", "short-words"],
)
def test_work_is_bounded(data: bytes) -> None:
    """A megabyte of anything is judged by no more words than an article."""
    priced = 0

    def count(words: Iterable[str]) -> float:
        nonlocal priced
        priced += sum(len(word) for word in words)
        return 0

    with patch.object(legacy, "cost", count):
        legacy.cheapest(data)
    assert priced <= len(legacy.ENCODINGS) * 128 * legacy._EACH * 40


def test_cost_prefers_words() -> None:
    """Words are cheaper than what is no word, in any of the languages."""
    assert legacy.cost(["déjà"]) < legacy.cost(["d‚j…"])
    assert legacy.cost(["nước"]) < legacy.cost(["nöôùc"])
    assert legacy.cost([]) == 0
