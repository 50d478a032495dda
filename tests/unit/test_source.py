"""The text that all offsets of an article refer to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import nfc
from worker.core.clean.decode import Decoded
from worker.core.clean.segments import Stretch
from worker.core.clean.source import ENTITIES, Source, read
from worker.errors import Permanent

STORY = "Le phare de Kribi, fermé depuis dix ans, accueille le public depuis lundi matin."
MORE = "Les travaux ont coûté deux millions d’euros, selon la mairie, qui en paie la moitié."
PAGE = f"""<!DOCTYPE html><html lang="fr-CM"><head>
<meta property="article:published_time" content="2031-05-04T08:00+01:00">
<meta name="author" content="Par Awa Mbarga"></head>
<body><h1>Le phare rouvre</h1><p>{STORY}</p><p>{MORE}</p></body></html>"""


def text_of(text: str) -> str:
    return read(Decoded(text, "utf-8"), "a.txt").text


# Plain text


@given(st.text(st.characters(exclude_characters="&<")).map(nfc))
def test_plain_text(text: str) -> None:
    """It comes back as it is, and says nothing of itself."""
    assert read(Decoded(text, "cp1252", ("nul",)), "a.txt") == Source(
        text=text, encoding="cp1252", flags=("nul",), format="text"
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("l&rsquo;&eacute;t&eacute;", "l’été"),
        ("l&#8217;&#xE9;t&#Xe9;", "l’été"),
        ("Hano&iuml; &ndash; &laquo;&nbsp;oui&nbsp;&raquo;", "Hanoï – «\u00a0oui\u00a0»"),
        ("&amp;", "&"),
        ("R&amp;D", "R&D"),
        ("l&amp;eacute;", "lé"),
        ("l&amp;amp;#233;", "lé"),
        ("&amp;amp;amp;", "&"),
        ("2 &lt; 3", "2 < 3"),
        ("e&#769;", "é"),
        ("&frac12;", "½"),
        ("&#128;", "€"),
        ("&#0;", "\ufffd"),
        ("a&amp;#0;b", "a\ufffdb"),
        ("&#x000000;", "\ufffd"),
        ("&#xD800;", "\ufffd"),
        ("&#xFFFFFF;", "\ufffd"),
    ],
)
def test_entities(written: str, meant: str) -> None:
    """Characters written as HTML writes them are characters, also when escaped twice."""
    found = read(Decoded(written, "utf-8"), "a.txt")
    assert (found.text, found.format, found.flags) == (meant, "text", (ENTITIES,))


@pytest.mark.parametrize(
    "text",
    [
        *("R&D", "A & B", "&", "&;", "&#;", "&#x;", "&eacute", "&copy", "&AT&T;", "&inconnu;"),
        *("&#99999999;", "http://a.example/?a=1&copy=2", "& amp;", "&éacute;"),
    ],
)
def test_no_entities(text: str) -> None:
    """An ampersand that opens no name is an ampersand; nothing is flagged."""
    found = read(Decoded(text, "utf-8"), "a.txt")
    assert (found.text, found.flags) == (text, ())


def test_no_nul_comes_in() -> None:
    """The database takes none, and half a character is none."""
    text = text_of("".join(f"&#{code};&#x{code:x};" for code in (0, *range(0xD7FF, 0xE001))))
    assert "\0" not in text
    assert text.encode().decode() == text


def test_flags_are_sorted() -> None:
    """Those of the bytes and this one are one list."""
    found = read(Decoded("l&#8217;or", "utf-8", ("controls", "mojibake")), "")
    assert found.flags == ("controls", ENTITIES, "mojibake")


@given(st.lists(st.sampled_from(["&", "amp;", "#", "0;", "x", "233;", "eacute;", "lt;", "é", "3"])))
def test_any_ampersands(pieces: list[str]) -> None:
    """Whatever is made of them, the text is composed, without NUL, and not longer."""
    written = "".join(pieces)
    text = text_of(written)
    assert text == nfc(text)
    assert "\0" not in text
    assert len(text) <= len(written)


# Markup


def test_page() -> None:
    """Of a page the story is the text; what its markup tells is passed on."""
    assert read(Decoded(PAGE, "utf-8", ("mojibake",)), "a.html") == Source(
        text=f"Le phare rouvre\n\n{STORY}\n\n{MORE}",
        encoding="utf-8",
        flags=("mojibake",),
        format="html",
        title=Stretch(0, len("Le phare rouvre")),
        published="2031-05-04",
        byline="Awa Mbarga",
        language="fr",
    )


def test_page_without_a_word_of_itself() -> None:
    """What the markup does not tell is not known."""
    found = read(Decoded(f"<html><body><p>{STORY}</p></body></html>", "utf-8"), "")
    assert (found.text, found.format) == (STORY, "html")
    assert (found.title, found.published, found.byline, found.language) == (None,) * 4


def test_references_of_a_page_are_read_once() -> None:
    """The page's own reader has turned them into characters: what it shows, it shows."""
    found = read(Decoded(f"<html><body><p>{STORY} &amp;eacute;</p></body></html>", "utf-8"), "")
    assert found.text == f"{STORY} &eacute;"
    assert found.flags == ()


def test_newswire() -> None:
    """An agency's XML is markup, too."""
    text = (
        "<nitf><body><body.head><hedline><hl1>Le phare rouvre</hl1></hedline></body.head>"
        f"<body.content><p>{STORY}</p></body.content></body></nitf>"
    )
    found = read(Decoded(text, "utf-8"), "a.xml")
    assert (found.format, found.text) == ("nitf", f"Le phare rouvre\n\n{STORY}")
    assert found.title
    assert found.title.of(found.text) == "Le phare rouvre"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><body></body></html>", "no-body"),
        ("<rss><channel/></rss>", "unsupported"),
        (f"<html><body>{'<b>' * 60_000}", "too-large"),
    ],
)
def test_markup_without_a_story(text: str, reason: str) -> None:
    """Such a file is rejected for the reason that its reader gives."""
    with pytest.raises(Permanent) as caught:
        read(Decoded(text, "utf-8"), "")
    assert caught.value.reason == reason
