"""From bytes to text."""

from __future__ import annotations

import io
import random
import unicodedata
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.decode import CONTROLS, MOJIBAKE, NULS, REPLACEMENTS, decode
from worker.errors import Permanent

TEXT = "Un été à Đà Nẵng\r\nL’œuvre est finie – enfin.\n"
LATIN = "Un été à Nice\r\nL’œuvre coûte 12 € – enfin.\n"
VIETNAMESE = "Thủ tướng Chính phủ vừa ký quyết định ở Hà Nội.\n"
RUSSIAN = "Москва – столица России, крупнейший город страны."


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
        (TEXT.encode("utf-32-le"), "utf-32-le"),
        (TEXT.encode("utf-32-be"), "utf-32-be"),
        (unicodedata.normalize("NFD", TEXT).encode(), "utf-8"),
    ],
)
def test_unicode(data: bytes, encoding: str) -> None:
    """Every form of Unicode gives the same composed text, line ends as they were."""
    decoded = decode(data)
    assert (TEXT, encoding, ()) == (decoded.text, decoded.encoding, decoded.flags)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_letters_beyond_latin_1(encoding: str) -> None:
    """A quarter of Vietnamese letters have no NUL in UTF-16: the others' beat is enough."""
    decoded = decode(VIETNAMESE.encode(encoding))
    assert (VIETNAMESE, encoding) == (decoded.text, decoded.encoding)


def test_utf_16_with_an_ideograph() -> None:
    """A Chinese name whose codes are two ASCII letters does not make a story binary."""
    text = "Zhang 中 et Li 水 ont gagné à Nice, hier, devant 3 000 personnes."
    assert decode(text.encode("utf-16-le")).text == text


def test_composed_across_a_mark() -> None:
    """What a byte-order mark amid the text kept apart is composed."""
    assert decode("Un e\ufeff\u0301te\u0301".encode()).text == "Un été"


def test_overlong_nul() -> None:
    """A NUL that undoing brings to light is dropped too."""
    assert decode("Un Ã©tÃ© À\x80 Nice".encode()).text == "Un été  Nice"


def test_ascii() -> None:
    """Plain ASCII is called UTF-8."""
    assert decode(b"Rien de plus.").encoding == "utf-8"


def test_bytes_undefined_in_windows() -> None:
    """The five bytes that cp1252 does not define are kept as Latin-1 has them, and flagged."""
    text = "\u0081 Un été de plus à Nice, près de la mer."
    decoded = decode(text.encode("latin-1"))
    assert (text, "cp1252", (CONTROLS,)) == (decoded.text, decoded.encoding, decoded.flags)


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe", b"\xc2\xa0", b"\xff\xfe \0\n\0"],
)
def test_empty(data: bytes) -> None:
    """Nothing but blanks or a byte-order mark is an empty file."""
    with pytest.raises(Permanent) as caught:
        decode(data)
    assert caught.value.reason == "empty"


def _zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", TEXT)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\nBT (Bonjour) Tj ET",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"GIF89a" + bytes(range(200, 250)),
        _zipped(),
        zlib.compress(LATIN.encode() * 50),
        random.Random(1).randbytes(5000),  # noqa: S311 - no secret
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00",
        b"\0\0\0\0",
        b"abc\0" * 100,
        bytes(range(1, 128)) * 4,
    ],
    ids=["pdf", "png", "gif", "zip", "zlib", "random", "elf", "nul", "records", "controls"],
)
def test_binary(data: bytes) -> None:
    """Files that are no text are refused by their first bytes, NULs or control characters."""
    with pytest.raises(Permanent) as caught:
        decode(data)
    assert caught.value.reason == "binary"


@pytest.mark.parametrize(
    "data",
    [b"Un mot\0 et un autre.", b"Un mot et un autre.\0", b"Un mot et un autre." + bytes(5000)],
    ids=["stray", "ended", "padded"],
)
def test_stray_nuls(data: bytes) -> None:
    """A few NULs, or a last block filled up with them, do not make a text binary."""
    decoded = decode(data)
    assert (decoded.text, decoded.flags) == ("Un mot et un autre.", (NULS,))


def test_controls_stay_and_are_flagged() -> None:
    """Control characters other than tabs and line ends are left for the repairs."""
    decoded = decode("Un été\x07\tà Nice\r\nou à \x1bCannes, au bord de la mer.\n".encode())
    assert "été\x07\tà" in decoded.text
    assert decoded.flags == (CONTROLS,)
    assert decode(b"Un\tmot\r\n\x0bet\x0cun autre.\n").flags == ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (TEXT.encode() + b"\xc3", TEXT + "\ufffd"),
        (TEXT.encode() + b"\xe1\xba", TEXT + "\ufffd"),
        (TEXT.encode() + b"\xe0", TEXT + "\ufffd"),
        (b"Un mot\xe1\xba et " + TEXT.encode(), "Un mot\ufffd et " + TEXT),
        (b"Un mot\xc3 et " + TEXT.encode(), "Un mot\ufffd et " + TEXT),
        (TEXT.encode("utf-16")[:-1], TEXT[:-1] + "\ufffd"),
        (TEXT.encode("utf-16-be")[:-1], TEXT[:-1] + "\ufffd"),
        ("L\ufffdt\ufffd d\ufffdun homme".encode(), "L\ufffdt\ufffd d\ufffdun homme"),
    ],
)
def test_lost_characters(data: bytes, text: str) -> None:
    """What is left of a cut character is U+FFFD; that is flagged, whoever lost the character."""
    decoded = decode(data)
    assert (decoded.text, decoded.flags) == (text, (REPLACEMENTS,))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (TEXT.encode() + LATIN.encode("cp1252"), TEXT + LATIN),
        (LATIN.encode("cp1252") + TEXT.encode(), LATIN + TEXT),
        (TEXT.encode() * 20 + b"d\xe9j\xe0", TEXT * 20 + "déjà"),
        (TEXT.encode() * 20 + b"l\x92an", TEXT * 20 + "l’an"),
    ],
)
def test_two_encodings_in_one_file(data: bytes, text: str) -> None:
    """Stray bytes in UTF-8 are read as Windows has them, the rest as what it is."""
    decoded = decode(data)
    assert (decoded.text, decoded.encoding) == (text, "utf-8")


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (
            b'<html><meta charset="windows-1251">' + RUSSIAN.encode("cp1251"),
            '<html><meta charset="windows-1251">' + RUSSIAN,
            "cp1251",
        ),
        (
            b"<?xml version='1.0' encoding='gb2312'?>" + "北京是首都".encode("gb2312"),
            "<?xml version='1.0' encoding='gb2312'?>北京是首都",
            "gb2312",
        ),
    ],
)
def test_declared(data: bytes, text: str, encoding: str) -> None:
    """A page's own word is taken where no other reading makes more sense."""
    decoded = decode(data)
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    "label", ["windows-1251", "utf-8", "utf-16", "hex", "idna", "undefined", "utf-7", "nonsense"]
)
def test_falsely_declared(label: str) -> None:
    """A page that says what its bytes are not, or names no text codec, is not believed."""
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">\n'
    assert decode((head + LATIN).encode("cp1252")).text == head + LATIN
    assert decode((head + LATIN).encode()).text == head + LATIN


def test_mojibake_is_flagged() -> None:
    """UTF-8 that was read as something else is undone, and the text says so."""
    decoded = decode(TEXT.encode().decode("latin-1").encode())
    assert (decoded.text, decoded.encoding, decoded.flags) == (TEXT, "utf-8", (MOJIBAKE,))


def test_flags_are_sorted() -> None:
    """Several flags come in alphabetical order."""
    decoded = decode("Un Ã©tÃ© Ã\xa0 \x07 Nice \0 o\ufffd.\nUn an de plus, et rien.".encode())
    assert decoded.flags == tuple(sorted((CONTROLS, MOJIBAKE, NULS, REPLACEMENTS)))


ANY_BYTES = (
    st.binary()
    | st.binary().map(lambda data: "Un été ".encode() + data)
    | st.text().map(str.encode)
    | st.text().map(lambda text: text.encode("utf-16"))
    | st.text("éà’ÃÂâ€©™\xa0 √¬aư\u0301\x92", max_size=40).map(str.encode)
)


@given(ANY_BYTES)
def test_any_bytes(data: bytes) -> None:
    """Whatever arrives is either refused or becomes text that a database takes."""
    try:
        decoded = decode(data)
    except Permanent:
        return
    text = decoded.text
    assert unicodedata.is_normalized("NFC", text)
    assert not {"\0", "\ufeff"} & set(text)
    assert text.encode()
    assert decoded.flags == tuple(sorted(decoded.flags))
    assert decode(data) == decoded


@given(ANY_BYTES)
def test_decoding_again_changes_nothing(data: bytes) -> None:
    """The text, written as UTF-8 and read again, is itself."""
    try:
        text = decode(data).text
        again = decode(text.encode())
    except Permanent:
        return
    assert (again.text, again.encoding) == (text, "utf-8")


LETTERS = st.text(
    st.characters(codec="utf-8", categories=("L", "Nd", "Zs", "Mn"), max_codepoint=0x1EFF),
    max_size=80,
)


@given(LETTERS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_round_trip(words: str, encoding: str) -> None:
    """What Unicode encodings carry comes back composed."""
    text = "Un mot, " + unicodedata.normalize("NFC", words)
    decoded = decode(text.encode(encoding))
    if MOJIBAKE not in decoded.flags:
        assert decoded.text == unicodedata.normalize("NFC", text)
