"""TCVN3 and VNI."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from worker.core.clean.decode import decode
from worker.core.clean.decode.vietnamese import TCVN3, VSCII, from_tcvn3, from_vni

MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam"


def test_tcvn3() -> None:
    """The state's motto in the ABC fonts."""
    decoded = decode("Céng hßa x· héi chñ nghÜa ViÖt Nam".encode("cp1252"))
    assert (decoded.text, decoded.encoding) == (MOTTO, "tcvn3")


def test_tcvn3_with_windows_quotes() -> None:
    """Where TCVN3 has no letters, its fonts show what Windows shows."""
    data = b"Th\xf1 t\xad\xedng n\xe3i: \x93Vi\xd6t Nam c\xe3 l\xeei\x94 \x96 h\xabm nay"
    assert decode(data).text == "Thủ tướng nói: “Việt Nam có lợi” – hôm nay"


def test_tcvn_5712_1() -> None:
    """The variant with toned capitals has them where others have control characters."""
    data = b"\x99 H\xb5 N\xe9i, \x16 ki\xd5n c\xf1a ng\xad\xeai d\xa9n \xae\xad\xeec nghe"
    decoded = decode(data)
    assert decoded.text == "Ở Hà Nội, Ý kiến của người dân được nghe"
    assert (decoded.encoding, decoded.flags) == ("tcvn3", ())


@pytest.mark.skipif(not shutil.which("iconv"), reason="iconv is an independent table")
def test_table_against_iconv() -> None:
    """Our table of TCVN 5712-1 is glibc's."""
    for byte in range(1, 256):
        command = ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"]
        done = subprocess.run(command, input=bytes((byte,)), capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            pytest.skip("this iconv does not know TCVN5712-1")
        assert done.stdout.decode() == VSCII[byte], hex(byte)


def test_tables_have_each_byte() -> None:
    """Both tables read every byte."""
    assert len(TCVN3) == len(VSCII) == 256


def test_capitals_as_pairs() -> None:
    """A bare capital before its toned small letter is one toned capital."""
    assert from_tcvn3("Aánh sáng, Ơở Hà Nội, Ôống, Uúc") == "Ánh sáng, Ở Hà Nội, Ống, Úc"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("HộI NGHị Hà NộI ĐãN ở VIệT NAM", "HỘI NGHỊ HÀ NỘI ĐÃN Ở VIỆT NAM"),
        ("UBND ở TP HCM, Hà NộI và cả nước", "UBND ở TP HCM, Hà NỘI và cả nước"),
        ("UBND TP Hà Nội, TP HCM và cả nước", "UBND TP Hà Nội, TP HCM và cả nước"),
        ("Trời mưa. ở Hà Nội, ông nói", "Trời mưa. Ở Hà Nội, ông nói"),
        ("Trời mưa\n\nở Hà Nội, ông nói: “ảnh", "Trời mưa\n\nỞ Hà Nội, ông nói: “Ảnh"),
        ("ông đến úc, ấn Độ, cúc", "ông đến Úc, Ấn Độ, cúc"),
        ("ở Hà Nội", "ở Hà Nội"),
    ],
)
def test_capitals_that_only_the_font_shows(read: str, meant: str) -> None:
    """Small toned letters amid capitals, and after a sentence's end, were capitals."""
    assert from_tcvn3(read) == meant


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", MOTTO),
        ("COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM", MOTTO.upper()),
        ("AÛnh, Aûnh; ngöôøi ñöôïc, kyõ, Myõ, kî, tæ", "Ảnh, Ảnh; người được, kỹ, Mỹ, kỵ, tỉ"),
        ("baét ñaàu naêm, giaëc, aên quaû, boán, loã", "bắt đầu năm, giặc, ăn quả, bốn, lỗ"),
    ],
)
def test_vni(read: str, meant: str) -> None:
    """A base letter and what follows it are one letter; a capital's mark may be small."""
    assert from_vni(read) == meant
    decoded = decode(read.encode("cp1252"))
    assert (decoded.text, decoded.encoding) == (meant, "vni")
