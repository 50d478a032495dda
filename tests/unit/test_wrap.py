"""Lines that a margin broke are put together again, other lines are left alone."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import BLANKS
from worker.core.clean.structure.lines import split_lines
from worker.core.clean.structure.wrap import unwrap

SHOWN = {ord(blank): None for blank in BLANKS}
FIRST = (
    "Le phare de Kribi, fermé depuis dix ans, accueille de nouveau le public depuis lundi, a "
    "annoncé le maire devant la presse et les marins du port, qui attendaient cette réouverture "
    "avec impatience depuis la fin des travaux, menés par une équipe de trente ouvriers."
)
NAMES = (
    "Le chantier a été conduit par une équipe de trente ouvriers venus de Douala, de Limbé, "
    "d’Edéa, de Garoua et de Yaoundé, avec Awa Mbarga, Paul Essomba, Rose Eyenga, Jean Ekotto, "
    "Simon Abena, que la mairie a remerciés lors d’une fête donnée sur la plage du phare."
)
ENGLISH = (
    "The lighthouse of Kribi, which had been closed for ten years, is open to visitors again, "
    "the mayor told reporters and sailors who had been waiting for this day with some "
    "impatience since the end of the works, which cost two million euros in all."
)
VIETNAMESE = (
    "Ngọn hải đăng Kribi, đóng cửa mười năm nay, đã mở cửa trở lại cho công chúng từ thứ Hai, "
    "thị trưởng cho biết trước báo giới và các thủy thủ của cảng, những người đã chờ đợi ngày "
    "này từ khi công trình kết thúc, với kinh phí hai triệu euro "
    "do thành phố và các nhà tài trợ đóng góp."
)
PARAGRAPHS = [FIRST, NAMES, ENGLISH, VIETNAMESE, FIRST, NAMES]
HEADLINES = [
    "La pêche reprend au large de Kribi après un mois",
    "Le marché aux poissons de Douala change de quai",
    "Un musée de la mer ouvrira ses portes à Limbé",
    "Deux bateaux neufs pour les marins du Littoral",
    "Les écoles de Yaoundé visitent le port en mai",
    "Le phare de Kribi rouvre enfin aux visiteurs",
]


def lines_of(text: str) -> list[str]:
    return [line.stretch.of(text) for line in unwrap(text)]


def wrapped(*paragraphs: str, width: int = 60, newline: str = "\n") -> str:
    return (2 * newline).join(newline.join(textwrap.wrap(each, width)) for each in paragraphs)


@pytest.mark.parametrize("paragraph", PARAGRAPHS[:4])
@pytest.mark.parametrize("width", [45, 60])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_wrapped_prose(paragraph: str, width: int, newline: str) -> None:
    """A wrapped paragraph is one line, whatever the margin and the ends of lines."""
    (line,) = lines_of(wrapped(paragraph, width=width, newline=newline))
    assert paragraph == " ".join(line.split())


def test_before_capitals() -> None:
    """A break that the margin made is one before a name too, in the middle of a paragraph."""
    text = wrapped(FIRST, NAMES, width=60)
    assert any(line[0].isupper() for line in wrapped(NAMES).split("\n")[1:])
    assert [" ".join(line.split()) for line in lines_of(text)] == [FIRST, NAMES]


def test_empty_lines_part() -> None:
    """Paragraphs with an empty line between them stay apart, and follow on none."""
    found = list(unwrap(wrapped(FIRST, ENGLISH, VIETNAMESE)))
    assert [line.follows for line in found] == [False, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(PARAGRAPHS),
        "\n\n".join(PARAGRAPHS),
        "Le phare rouvre\nLa mer monte\nLe port ferme\nLes marins attendent\nLa pêche reprend",
        "\n".join(HEADLINES),
        "Kribi 3\nDouala 2\nLimbé 1\nEdéa 0\nGaroua 0\nYaoundé 0",
        "Un titre\nUne phrase.",
        "",
        "\n \n",
    ],
    ids=["paragraphs", "parted", "short", "headlines", "table", "two", "empty", "blank"],
)
def test_left_alone(text: str) -> None:
    """A paragraph to a line, headlines and tables have no margin."""
    assert list(split_lines(text)) == list(unwrap(text))


@pytest.mark.parametrize(
    "own",
    [
        "Photo : ACAP/Awa Mbarga",
        ">> La pêche reprend au large",
        "À lire aussi : La pêche reprend",
        "Voir plus",
        "Publié le 10/03/2026",
        "Mardi 10 mars 2026, 08h30",
    ],
)
def test_lines_of_their_own(own: str) -> None:
    """A credit, a link, a button or a date below a full line goes on with nothing."""
    lines = wrapped(FIRST).split("\n")
    text = "\n".join([*lines[:-1], own, *textwrap.wrap(ENGLISH, 60)])
    assert own == lines_of(text)[1].splitlines()[0]


def test_caption_above_a_paragraph() -> None:
    """What stands below the credit of a caption does not go on with it."""
    caption = "Le phare de Kribi vu de la grande plage. Photo : ACAP/Mbarga"
    text = "\n".join([caption, *textwrap.wrap(FIRST, 60)])
    first, second = lines_of(text)
    assert caption == first
    assert " ".join(second.split()) == FIRST


WORDS = [
    "le",
    "phare",
    "de",
    "Kribi",
    "accueille",
    "Photo : ACAP",
    "2026",
    "\n",
    "\r\n",
    "\n\n",
    ".",
]


@given(st.lists(st.sampled_from(WORDS)).map(" ".join), st.integers(40, 90))
def test_nothing_is_lost(text: str, width: int) -> None:
    """Every character that shows is in a line, in its order; lines do not overlap."""
    for each in (text, wrapped(text, text, width=width)):
        found = [line.stretch for line in unwrap(each)]
        assert sorted(found) == found
        shown = "".join(stretch.of(each) for stretch in found)
        assert each.translate(SHOWN) == shown.translate(SHOWN)
