"""Whatever bytes come: an article that can be stored, or `Permanent`; nothing else is raised."""

from __future__ import annotations

import os
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oddities import CONTENTS
from tests.storable import by_rules, whole_way
from worker.core.enrich.recognise import ANY_LANGUAGE, NullRecogniser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.core.enrich.recognise import Recogniser

EXAMPLES = int(os.environ.get("ROTATIVE_FUZZ", "0"))
"""How many examples at random; 0 for the same few each time."""
MODEST = settings(
    derandomize=not EXAMPLES,
    max_examples=EXAMPLES or 60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FILES = st.sampled_from(["a.txt", "a.html", "a.xml", ""])
SMALL = 5_000  # bytes

SEEDS = [
    *(path.read_bytes() for path in sorted(Path("seeds").rglob("*.txt"))),
    *(data for make, _ in CONTENTS.values() if len(data := make()) < SMALL),
]

_TOLD = st.sampled_from(
    [
        "Le navire numéro 7 est arrivé mardi au port de Lomé, a déclaré Afi Mensah, directrice. ",
        "The ship arrived on Monday at the port of Tema, said Kofi Mensah of the port authority. ",
        "Con tàu đã cập cảng Hải Phòng hôm thứ Hai, theo ông Lê Hoài Trung. ",
        "Das Schiff kam am Montag im Hafen von Hamburg an, sagte Anna Müller. ",
        "El buque llegó el lunes al puerto de Vigo, dijo Ana García. ",
        *("Le port de Lomé rouvre", "Lomé (ATOP) – ", "Hanoï, 31 décembre 9999 (VNA) – ", ">> "),
        *("date 0001-01-01", "date 1900-02-29 ", "Publié le 31/12/9999 à 24:61", "Photo : VNA/CVN"),
        *("demain", "hier", "la semaine prochaine", "l’an dernier", "in the next century", "lundi"),
        *("du 30 février au 3 mars", "en 2019-2018", "29 février", "au 3e trimestre", "0 mai 0"),
        *("1er janvier 0001", "31 décembre 9999", "le mois prochain", "next year", "last week"),
        *(
            "3,5 millions d’euros",
            "$1.2.3bn",
            "10 000 000 000 000 francs CFA",
            "€ 0",
            "1e999 dollars",
        ),
        *(
            "trois mille milliards de dollars",
            "½ million",
            "entre 3 et 1 euros",
            "9" * 5_000,
            "-1 €",
        ),
        *("-VNA/CVN", "Par Awa Mbarga", "Le\u00adnavire", "e\u0301", "\u0301", "\u200b", "\ufeff"),
        *(
            "\0",
            "\x85",
            "\u2028",
            "\r",
            "\n",
            "\n\n",
            "\x1c",
            "ﬁ",
            "ǅ",
            "İ",
            "ß",
            "\U0010ffff",
            "\ufffe",
        ),
        *("&#0;", "&#xD800;", "&amp;amp;lt;", "&#x110000;", "&nbsp;", "&unknown;", "Ã©", "â€™"),
    ]
)
_TAGS = (
    *("html", "head", "title", "body", "article", "p", "div", "br", "h1", "span", "a", "table"),
    *(
        "script",
        "style",
        "time",
        "meta",
        "li",
        "figure",
        "nitf",
        "body.content",
        "body.head",
        "hl1",
    ),
    *("newsItem", "newsMessage", "contentSet", "inlineXML", "inlineData", "headline", "p:p"),
    *("NewsML", "DataContent", "date.issue", "dateline", "itemMeta", "firstCreated", "svg", "hl1"),
)
_MARKUP = st.one_of(
    st.sampled_from(_TAGS).map("<{}>".format),
    st.sampled_from(_TAGS).map("</{}>".format),
    st.sampled_from(_TAGS).map("<{}/>".format),
    st.sampled_from(_TAGS).map(' <{} lang="fr" datetime="9999-12-31T24:00:00-24:00">'.format),
    st.sampled_from(
        [
            *(
                '<?xml version="1.0" encoding="utf-16"?>',
                "<!DOCTYPE html>",
                "<!--",
                "-->",
                "<![CDATA[",
            ),
            *(
                "]]>",
                '<!DOCTYPE nitf [<!ENTITY e "e">]>',
                "&e;",
                "<?php",
                "?>",
                "<",
                ">",
                '"',
                "<p <p",
            ),
            *('<date.issue norm="00000000"/>', '<date.issue norm="99991231T2359-1400"/>'),
            '<meta property="article:published_time" content="0001-01-01T00:00:00+14:00">',
            '<meta name="date" content="9999-12-31T23:59:59-12:00"><meta charset="utf-7">',
            '<script type="application/ld+json">{"datePublished":1e400,"@type":"NewsArticle"}',
            "</script>",
            '<script type="application/ld+json">[[[{"headline":["\\ud800"]}]]]</script>',
        ]
    ),
)
_SOUP = st.lists(_TOLD | _MARKUP | st.text(max_size=20), max_size=40).map("".join)
_ENCODINGS = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1258", "cp850", "utf-7"]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Seeds cut up and put together again, with other bytes between."""
    first, second = draw(st.sampled_from(SEEDS)), draw(st.sampled_from(SEEDS))
    places = sorted(draw(st.lists(st.integers(0, len(first)), max_size=5)))
    pieces = [first[start:end] for start, end in pairwise([0, *places, len(first)])]
    between = st.binary(max_size=8) | _SOUP.map(lambda text: text.encode("utf-8", "replace"))
    filled = [piece + draw(between) for piece in draw(st.permutations(pieces))]
    return b"".join([*filled, second[: draw(st.integers(0, len(second)))]])


ANYTHING = (
    st.binary(max_size=2_000)
    | mutated()
    | st.tuples(_SOUP, _ENCODINGS).map(lambda soup: soup[0].encode(soup[1], "replace"))
)


@cache
def recognisers(kind: str) -> Mapping[str, Recogniser]:
    return by_rules() if kind == "rules" else {ANY_LANGUAGE: NullRecogniser()}


@pytest.mark.parametrize("kind", ["null", "rules"])
@MODEST
@given(data=ANYTHING, file=FILES)
def test_any_bytes(data: bytes, file: str, kind: str) -> None:
    """Random bytes, seeds cut up, soups of text and markup: all can be stored, or are refused."""
    whole_way(data, file, recognisers(kind))


@pytest.mark.parametrize("kind", ["null", "rules"])
@MODEST
@given(text=_SOUP, file=FILES)
def test_any_markup(text: str, file: str, kind: str) -> None:
    """The same of pages and newswire that tell a story amid anything."""
    told = "<p>Le navire est arrivé mardi au port de Lomé, a déclaré Afi Mensah.</p>"
    for opening, closing in (
        ("<html><body>", "</body></html>"),
        ("<nitf><body><body.content>", "</body.content></body></nitf>"),
    ):
        page = f"{opening}{told}{text}{told}{closing}"
        whole_way(page.encode("utf-8", "replace"), file, recognisers(kind))
