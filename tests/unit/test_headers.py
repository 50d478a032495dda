"""Lines that say when a story was published, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import BLANKS
from worker.core.clean.segments import Stretch
from worker.core.clean.structure.headers import find_header, find_inner_header

SHOWN = {ord(blank): None for blank in BLANKS}


def read(line: str, *, opening: bool = False) -> tuple[list[tuple[str, str]], str] | None:
    """The pieces of the header, and the rest of the line."""
    header = find_header(line, Stretch(0, len(line)), opening=opening)
    if not header:
        return None
    return [(piece.look, piece.stretch.of(line)) for piece in header.pieces], line[header.end :]


def stated(line: str, *, opening: bool = False) -> tuple[str, str] | None:
    """The day that a line that is all header states, and which day it is."""
    found = read(line, opening=opening)
    assert found is not None
    assert found[1] == ""
    return next((piece for piece in found[0] if piece[0] != "header"), None)


def test_pieces() -> None:
    """The day is a piece of its own, what stands before and behind it are others."""
    assert read("Publié le 10/03/2026 à 14:05 - Mis à jour le 11/03/2026") == (
        [
            ("header", "Publié le"),
            ("published", "10/03/2026"),
            ("header", "à 14:05 - Mis à jour le 11/03/2026"),
        ],
        "",
    )


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Publié le 10/03/2026", "10/03/2026"),
        ("PUBLIÉ LE 10 MARS 2026 À 08H30", "10 MARS 2026"),
        ("Modifié le 11/03/2026 - Publié le 10/03/2026", "10/03/2026"),
        ("Mis à jour le 11/03/2026, publié le 10/03/2026", "10/03/2026"),
        ("Publié : 10/03/2026 - 08:00 | Modifié : 11/03/2026", "10/03/2026"),
        ("Cet article a été publié le 10/03/2026", "10/03/2026"),
        ("Date de publication : 10/03/2026", "10/03/2026"),
        ("Date : 2031-05-04", "2031-05-04"),
        ("Mis en ligne le 1er juin 2026", "1er juin 2026"),
        ("Published: March 3, 2026 10:00 AM", "March 3, 2026"),
        ("Published on March 3, 2026 | Updated on March 4, 2026", "March 3, 2026"),
        ("Issued 10 March 2026", "10 March 2026"),
        ("Ngày đăng: 10/03/2026", "10/03/2026"),
        ("Đăng lúc 10:05, thứ ba, 10/03/2026 (GMT+7)", "10/03/2026"),
    ],
)
def test_published(line: str, day: str) -> None:
    """The day of publication is told wherever it stands in the line."""
    assert ("published", day) == stated(line)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Mis à jour le 12 mai 2026", "12 mai 2026"),
        ("Mise à jour : 12/05/2026 à 08h30", "12/05/2026"),
        ("Updated March 3, 2026", "March 3, 2026"),
        ("Cập nhật lúc 10:05 ngày 10/03/2026", "10/03/2026"),
    ],
)
def test_updated(line: str, day: str) -> None:
    """An update is told from the publication."""
    assert ("updated", day) == stated(line)


@pytest.mark.parametrize(
    "line",
    [
        "Dernière mise à jour : 12 mai 2026",
        "Modifié le 12/05/2026",
        "Modified: May 12, 2026",
        "Cập nhật lần cuối: 12/05/2026",
        "Published: 03/10/2026",
        "Updated 03/10/2026",
        "Publié le 31/02/2026",
        "date 2031-13-45",
    ],
)
def test_nothing_stated(line: str) -> None:
    """The last update, doubtful figures and days of no calendar are headers all the same."""
    assert stated(line) is None


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Mardi 10 mars 2026, 08h30", "10 mars 2026"),
        ("10 mars 2026", "10 mars 2026"),
        ("Le 10 mars 2026 à 08h", "10 mars 2026"),
        ("10 mars 2026 3 min de lecture", "10 mars 2026"),
        ("Tuesday, March 10, 2026 - 08:30", "March 10, 2026"),
        ("March 3, 2026 at 10:00 a.m. EST", "March 3, 2026"),
        ("2026-03-10T08:00:00+07:00", "2026-03-10"),
        ("Thứ ba, 10/03/2026, 08:30 (GMT+7)", "10/03/2026"),
        ("Chủ nhật, 10/03/2026", "10/03/2026"),
        ("10:00 | 10/03/2026", "10/03/2026"),
    ],
)
def test_opening(line: str, day: str) -> None:
    """A line that is but a day and a time is a header at the head of a file, and only there."""
    assert ("published", day) == stated(line, opening=True)
    assert read(line, opening=False) is None


@pytest.mark.parametrize("line", ["10 mars", "Le mardi 10 mars", "May 1, 08:30"])
def test_no_year(line: str) -> None:
    """A day without its year heads a file and states nothing."""
    assert ([("header", line)], "") == read(line, opening=True)
    assert read(line) is None


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("date 2026-03-10 Vietnam - Corée : échanges", "Vietnam - Corée : échanges"),
        ("Publié le 10/03/2026 Le phare rouvre", "Le phare rouvre"),
        ("Publié le 10/03/2026 à 08:30 Le phare rouvre", "Le phare rouvre"),
        ("date 2031-05-04 À Kribi, le phare", "À Kribi, le phare"),
        ("Ngày đăng: 10/03/2026 Hải đăng mở cửa", "Hải đăng mở cửa"),
    ],
)
@pytest.mark.parametrize("opening", [True, False])
def test_glued_to_a_headline(line: str, rest: str, opening: bool) -> None:  # noqa: FBT001
    """A header that says what it is ends where the headline begins."""
    found = read(line, opening=opening)
    assert found is not None
    assert rest == found[1]


@pytest.mark.parametrize(
    "line",
    [
        "Publié le 10 mars 2026, le rapport montre que le phare ferme.",
        "Publié le 10 mars 2026 Le phare rouvre",
        "Publié le 10/03/2026 le rapport montre",
        "Créée le 10 mars 2026, l’association aide les marins.",
        "Le 10 mars 2026, le phare a rouvert.",
        "Published on March 3, 2026, the report says so.",
        "Mardi 10 mars, le phare a rouvert.",
        "10 mars 2026 – Le phare rouvre",
        "9 mars 2026 : le phare ferme",
        "10/03/2026 Le phare",
        "08:30",
        "mardi",
        "Mars 2026",
        "En date du 10/03/2026",
        "La date 2031-05-04",
        "date 2031-05-041",
        "Date limite : 10/03/2026",
        "Rendez-vous le 10/03/2026",
        "Publiée hier",
        "Ngày 10/03/2026, ngọn hải đăng mở cửa.",
    ],
)
@pytest.mark.parametrize("opening", [True, False])
def test_no_headers(line: str, opening: bool) -> None:  # noqa: FBT001 - both must hold
    """Sentences and lines of a chronology begin with a day too; an hour alone is nothing."""
    assert read(line, opening=opening) is None


def test_inside_the_stretch() -> None:
    """Only the line that is asked for is read, wherever it stands in the text."""
    text = "Un titre\nPublié le 10/03/2026\nUne phrase."
    header = find_header(text, Stretch(9, 29), opening=False)
    assert header is not None
    assert [piece.stretch.of(text) for piece in header.pieces] == ["Publié le", "10/03/2026"]
    assert header.end == 29


TOKENS = ["Publié le", "Mis à jour", "date", "Published", "10/03/2026", "10 mars 2026", "mardi"]
TOKENS += [
    "08h30",
    "(GMT+7)",
    "-",
    ",",
    "à",
    "le",
    "Le phare",
    "rouvre",
    ":",
    "2026-03-10",
    "10 mai",
]


@given(
    st.lists(st.sampled_from(TOKENS), min_size=1).map(" ".join), st.text(max_size=5), st.booleans()
)
def test_pieces_tile_the_header(line: str, before: str, opening: bool) -> None:  # noqa: FBT001
    """The pieces stand in order, do not overlap, and leave nothing out but blanks."""
    text = before + line
    header = find_header(text, Stretch(len(before), len(text)), opening=opening)
    if header:
        parts = [piece.stretch for piece in header.pieces]
        assert sorted(parts) == parts
        shown = "".join(part.of(text) for part in parts)
        printed = text[len(before) : header.end]
        assert printed.translate(SHOWN) == shown.translate(SHOWN)
        assert all(part.trimmed(text) == part for part in parts)


@pytest.mark.parametrize(
    ("headline", "header"),
    [
        ("Le phare rouvre ", "Publié le 3/5/2026"),
        ("Le phare rouvre", "Publié le 3/5/2026"),
        ("Le phare rouvre ", "Publié le 3 mai 2026 à 10:00"),
        ("Le phare rouvre ", "Mis en ligne le 3/5/2026"),
        ("The lighthouse opens ", "Published on 3/5/2026"),
        ("Hải đăng mở cửa ", "Ngày đăng: 03/05/2026"),
    ],
)
def test_inner(headline: str, header: str) -> None:
    """A header may be glued to the headline before it."""
    line = headline + header
    assert len(headline) == find_inner_header(line, Stretch(0, len(line)))


@pytest.mark.parametrize(
    "line",
    [
        "Publié le 3/5/2026",
        "Le rapport, publié le 3 mai 2026, montre que le phare ferme.",
        "Le rapport Publié en mai",
        "Le phare rouvre le 3/5/2026",
        "Le phare rouvre",
    ],
)
def test_no_inner(line: str) -> None:
    """A header at the head of a line is no inner one; a sentence writes its word small."""
    assert find_inner_header(line, Stretch(0, len(line))) is None
