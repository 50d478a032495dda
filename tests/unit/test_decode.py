"""From bytes to text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.clean.decode import decode
from worker.errors import Permanent

TEXT = "Un été à Đà Nẵng\r\nL’œuvre est finie – enfin.\n"
LATIN = "Un été à Nice\r\nL’œuvre coûte 12 € – enfin.\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"), "utf-32-le"),
        (unicodedata.normalize("NFD", TEXT).encode(), "utf-8"),
    ],
)
def test_unicode(data: bytes, encoding: str) -> None:
    """Every form of Unicode gives the same composed text, line ends as they were."""
    decoded = decode(data)
    assert (TEXT, encoding) == (decoded.text, decoded.encoding)


def test_windows() -> None:
    """What is no Unicode is read as Western European Windows text."""
    decoded = decode(LATIN.encode("cp1252"))
    assert (decoded.text, decoded.encoding) == (LATIN, "cp1252")


def test_bytes_undefined_in_windows() -> None:
    """The five bytes that cp1252 does not define are kept as Latin-1 has them."""
    assert decode(b"\x81 Un \xe9t\xe9 de plus \xe0 Nice.").text == "\u0081 Un été de plus à Nice."


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe", b"\xc2\xa0"])
def test_empty(data: bytes) -> None:
    """Nothing but blanks or a byte-order mark is an empty file."""
    with pytest.raises(Permanent) as caught:
        decode(data)
    assert caught.value.reason == "empty"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\nBT (Bonjour) Tj ET",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"PK\x03\x04word/document.xml",
        b"\0\0\0\0",
        b"Un mot\0 et un autre.",
        bytes(range(1, 128)) * 4,
    ],
    ids=["pdf", "png", "zip", "nul", "stray-nul", "controls"],
)
def test_binary(data: bytes) -> None:
    """Files that are no text are refused by their first bytes, NULs or control characters."""
    with pytest.raises(Permanent) as caught:
        decode(data)
    assert caught.value.reason == "binary"


def test_half_a_character_at_the_end() -> None:
    """A file in UTF-16 that was cut in the middle of a character keeps its text."""
    assert decode(TEXT.encode("utf-16")[:-1]).text.startswith(TEXT[:-1])


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda text: text.encode("utf-16")))
def test_any_bytes(data: bytes) -> None:
    """Whatever arrives is either refused or becomes text that a database takes."""
    try:
        text = decode(data).text
    except Permanent:
        return
    assert unicodedata.is_normalized("NFC", text)
    assert not {"\0", "\ufeff"} & set(text)
    assert text.encode()
