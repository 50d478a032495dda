"""Code and tags that leaked into a text, and sentences with the same signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import BLANKS
from worker.core.clean.segments import Stretch
from worker.core.clean.structure.scripts import edge_tags, is_script

SHOWN = {ord(blank): None for blank in BLANKS}


def edges(line: str) -> tuple[str, list[str]] | None:
    tagged = edge_tags(line, Stretch(0, len(line)))
    return (tagged.inside.of(line), [tag.of(line) for tag in tagged.around]) if tagged else None


@pytest.mark.parametrize(
    "line",
    [
        "window.dataLayer = window.dataLayer || [];",
        "(function() {",
        "function gtag(){dataLayer.push(arguments);}",
        "gtag('js', new Date());",
        "var x = 1;",
        "const a = 3",
        "x => { return y }",
        "if (a) { b(); }",
        "$('#menu').show();",
        "document.getElementById('phare').innerHTML = 'a';",
        "});",
        "}",
        ".class{color:red}",
        "body {",
        "display:none;",
        "margin:0; padding:0;",
        '{"@context": "https://schema.org", "@type": "NewsArticle"}',
        "<br/>",
        "</div></div>",
        "<script>",
        '<iframe src="https://acap.example">',
        "<!-- publicité -->",
        "//<![CDATA[",
        "&nbsp;",
    ],
)
def test_scripts(line: str) -> None:
    """Statements, rules of a style sheet, data and tags without words."""
    assert is_script(line, Stretch(0, len(line)))


@pytest.mark.parametrize(
    "line",
    [
        "Le phare de Kribi rouvre aux visiteurs.",
        "a < b",
        "Le port de Kribi a < b fois son tonnage",
        "La fonction function() { ouvre le bloc, explique le maire aux élèves de Kribi.",
        "window.dataLayer",
        "Il a changé le document (secret) de place.",
        "Le cours : 3 € = 2 $",
        "E = mc²",
        "3 > 2",
        "<3",
        "R&D",
        "Kribi & Douala",
        "Le chiffre d’affaires d’AT&T monte ;",
        "Il a dit : « oui » ; elle a dit : « non » ;",
        "Résultats : Kribi 3 ; Douala 2 ;",
        "Groupe A : Kribi = 3 pts ; Douala = 1 pt ;",
        "| Kribi | 3 |",
        "| Kribi | 3 | = |",
        ">> Le port rouvre",
        "Le port <b>rouvre</b>",
        "<p>Le port rouvre.</p>",
        "[…]",
        "(…)",
        "Le code {x} est faux",
        "Let it be",
        "If the port opens (and it will), we sail;",
        "Giá dầu > 80 USD",
    ],
)
def test_prose(line: str) -> None:
    """Sentences, tables and formulas have the same signs, but few of them, or no statement."""
    assert not is_script(line, Stretch(0, len(line)))


@pytest.mark.parametrize(
    ("line", "inside", "around"),
    [
        ('<p class="x">Le port rouvre.</p>', "Le port rouvre.", ['<p class="x">', "</p>"]),
        ("<p>Le port rouvre.", "Le port rouvre.", ["<p>"]),
        ("Le port rouvre.</p>", "Le port rouvre.", ["</p>"]),
        ("<p><b>Le port</b></p>", "Le port", ["<p><b>", "</b></p>"]),
        ("<p> Le port </p>", "Le port", ["<p>", "</p>"]),
        ("<p>Le <b>port</b> rouvre.</p>", "Le <b>port</b> rouvre.", ["<p>", "</p>"]),
    ],
)
def test_edge_tags(line: str, inside: str, around: list[str]) -> None:
    """The tags at both ends come off, all of them, and those inside stay."""
    assert (inside, around) == edges(line)


@pytest.mark.parametrize(
    "line",
    ["Le port", "a < b", "<3 le port", "Le port > la mer", "<br>", "<", ">", "<p>\u200b</p>"],
)
def test_no_edge_tags(line: str) -> None:
    """Without tags, or without words between them, there is nothing to take off."""
    assert edges(line) is None


@given(st.text(alphabet='<>/pb "=é\u00a0\n', min_size=1), st.text(max_size=5))
def test_edge_tags_keep_everything(line: str, before: str) -> None:
    """What is inside and around stands in the line, in order, and leaves nothing out but blanks."""
    text = f"{before}{line}<"
    stretch = Stretch(len(before), len(text) - 1)
    tagged = edge_tags(text, stretch)
    if tagged:
        parts = sorted((tagged.inside, *tagged.around))
        assert stretch.start <= parts[0].start
        assert parts[-1].end <= stretch.end
        shown = "".join(part.of(text) for part in parts)
        assert line.translate(SHOWN) == shown.translate(SHOWN)
