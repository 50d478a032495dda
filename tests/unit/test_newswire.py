"""XML newswire read out, and XML that would open files or fill the memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.core.clean.markup import extract
from worker.errors import Permanent

SAMPLES = Path(__file__).parent / "markup"


def body(paragraphs: str, head: str = "", before: str = "") -> str:
    return (
        f"{before}<nitf><body><body.head>{head}</body.head>"
        f"<body.content>{paragraphs}</body.content></body></nitf>"
    )


def lines(text: str) -> list[str]:
    return extract(text, "a.xml").text.split("\n\n")


def read(name: str) -> tuple[str, list[str], str | None, str | None, str | None]:
    found = extract((SAMPLES / name).read_text(encoding="utf-8"), name)
    assert found.title
    assert found.title.start == 0
    return (
        found.format,
        found.text.split("\n\n"),
        found.published,
        found.byline,
        found.language,
    )


def test_nitf() -> None:
    """Title, dateline, blocks and metadata; no pictures, no notes at the end."""
    assert read("story.nitf.xml") == (
        "nitf",
        [
            "Le dernier chantier naval de Montbrac rouvre",
            "Montbrac (AFP) – La sirène a retenti à huit heures dans la grande halle du chantier.",
            "Une vingtaine d’ouvriers ont repris leurs établis.",
            "Un pari",
            "Trois commandes sont fermes.",
        ],
        "2026-03-10",
        "Solène Kerdraon",
        "fr",
    )


def test_newsml_g2() -> None:
    """The first item with text; the day on which it first came out."""
    assert read("message.newsml-g2.xml") == (
        "newsml-g2",
        [
            "Harwick ferry to run through the night",
            "HARWICK, May 4 (Reuters) - The ferry will run around the clock, the board decided.",
            "Two extra crews will be paid by a levy.",
        ],
        "2026-05-04",
        "Jane Oldcastle",
        "en",
    )


def test_newsml_1() -> None:
    """The older NewsML with paragraphs inside."""
    assert read("agency.newsml-1.xml") == (
        "html",
        [
            "La criée de Hent change d’horaires",
            "Hent, 10 mars 2026 (AFP) - Les ventes auront lieu à l’aube dès lundi.",
            "Les pêcheurs l’avaient demandé.",
        ],
        "2026-03-10",
        None,
        "fr",
    )


def test_newsml_with_nitf() -> None:
    """NITF inside either NewsML."""
    nitf = body("<p>Un.</p><p>Deux.</p>", "<hedline><hl1>Le riz</hl1></hedline>")
    old = extract(f"<NewsML><NewsItem><DataContent>{nitf}</DataContent></NewsItem></NewsML>", "")
    new = extract(
        f"<newsItem><contentSet><inlineXML>{nitf}</inlineXML></contentSet></newsItem>", ""
    )
    assert (old.format, new.format) == ("nitf", "newsml-g2")
    assert old.text == new.text == "Le riz\n\nUn.\n\nDeux."


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("text/plain", "Un &lt;b&gt;\nencore\n \nDeux.", ["Un <b> encore", "Deux."]),
        ("text/plain", "Un.\nDeux.", ["Un.", "Deux."]),
        ("text/html", "<![CDATA[<p>L’&eacute;t&eacute;</p><p>Deux]]>", ["L’été", "Deux"]),
    ],
)
def test_inline_data(kind: str, data: str, told: list[str]) -> None:
    """Text and HTML that are put into NewsML-G2 as characters; prefixes do not matter."""
    assert told == lines(
        "<n:newsItem xmlns:n='u'><n:contentSet>"
        f"<n:inlineData contenttype='{kind}'>{data}</n:inlineData></n:contentSet></n:newsItem>"
    )


@pytest.mark.parametrize(
    ("dateline", "told"),
    [
        ("Hanoï (VNA) –", ["Hanoï (VNA) – Un.", "Deux."]),
        ("Hanoï, 3 mai", ["Hanoï, 3 mai", "Un.", "Deux."]),
        ("Un", ["Un.", "Deux."]),
        (" ", ["Un.", "Deux."]),
    ],
)
def test_dateline(dateline: str, told: list[str]) -> None:
    """A dateline runs into the first paragraph where it is written so; it is not said twice."""
    head = f"<dateline><location>{dateline}</location></dateline>"
    assert lines(body("<p>Un.</p><p>Deux.</p>", head)) == told


def test_names_of_letters() -> None:
    """HTML's names of letters are known without a document type; unknown ones are refused."""
    assert lines(body("<p>&Eacute;t&eacute;&nbsp;&lt;a&gt; &amp;eacute;</p>")) == [
        "Été <a> &eacute;"
    ]
    with pytest.raises(Permanent):
        lines(body("<p>&inconnu;</p>"))


def test_declared_encoding() -> None:
    """What the declaration says about bytes is nothing any more."""
    assert lines(body("<p>Été</p>", before="<?xml version='1.0' encoding='utf-16'?>")) == ["Été"]


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    "before",
    [
        f'<!DOCTYPE nitf [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE nitf [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE nitf [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a"> %a; <!ENTITY l9 "ha">]>',
        '<!DOCTYPE nitf SYSTEM "http://127.0.0.1:9/a.dtd">',
        '<!DOCTYPE nitf [<!ENTITY l9 "]>">]>',
    ],
)
def test_entities(before: str) -> None:
    """No document type is ever read: what it declares is unknown, and opens nothing."""
    with pytest.raises(Permanent) as caught:
        lines(body("<p>Un &l9;</p>", before=before))
    assert caught.value.reason == "unsupported"


def test_document_type_is_harmless() -> None:
    """A document type that nothing refers to does not keep a story away."""
    before = '<?xml version="1.0"?><!DOCTYPE nitf [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>'
    assert lines(body("<p>Un.</p>", before=before)) == ["Un."]


def test_inclusion() -> None:
    """XInclude is not obeyed."""
    include = "<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>"
    assert lines(body(f"<p>Un.</p>{include}")) == ["Un."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<nitf>" + "<p>" * 100_000, "unsupported"),
        (body("<p>Un.</p>" * 30_000), "too-large"),
        (body("<p>Un.</p>") + "<p>", "unsupported"),
    ],
)
def test_intricate(text: str, reason: str) -> None:
    """XML too deep, with too many elements or with something behind its end is rejected."""
    with pytest.raises(Permanent) as caught:
        lines(text)
    assert caught.value.reason == reason
