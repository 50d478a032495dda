"""Segments that cover a text, and characters that show nothing and change nothing."""

from __future__ import annotations

from operator import attrgetter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import CONTROLS, INVISIBLE, SILENT
from worker.core.clean import clean
from worker.core.clean.decode import Decoded
from worker.core.clean.segments import FieldPart, Segment, Shown, Stretch, is_removed, tile
from worker.core.clean.structure import label

STORY = (
    "date 2031-05-04 Le phare de Kribi rouvre aux visiteurs\n\n"
    "Par Awa Mbarga\n\n"
    "Fermé depuis dix ans, le phare de Kribi accueille de nouveau le public.\n"
    "Le phare de Kribi rouvre aux visiteurs ảnh 1Le phare, vu de la plage. Photo : ACAP\n"
    "Kribi (ACAP) – Le phare de Kribi, fermé depuis dix ans, accueille le public.\n\n"
    ">> La pêche reprend au large\n\n"
    "Les travaux ont coûté deux millions d’euros, selon la mairie. -ACAP\n\n"
    "source\n\nVoir plus\n\nUn marin répare son filet. Photo: ACAP\n\nUn port s’éveille\n"
)
FIELDS = attrgetter("title", "lead", "body", "byline", "signature", "credits", "related")
STATED = attrgetter("published", "dateline")
ARTICLE = clean(Decoded(STORY, "utf-8"))
PARTS = [(segment.part, segment.stretch.of(STORY)) for segment in label(STORY)]


def sprinkled(text: str, silent: list[tuple[int, str]]) -> str:
    """The text with characters put before these offsets."""
    pieces: list[str] = []
    done = 0
    for at, character in sorted(silent):
        pieces += (text[done:at], character)
        done = at
    return "".join((*pieces, text[done:]))


def test_the_story_has_every_part() -> None:
    """Without one the tests below would not see it lost."""
    assert all((*FIELDS(ARTICLE), *STATED(ARTICLE)))


# Stretches


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        ("mot", "mot"),
        (" \u200b\u00a0mot un\x01\n", "mot un"),
        ("\ufeffm", "m"),
        (" \u200b\x01\n", None),
        ("", None),
    ],
)
def test_trimmed(text: str, trimmed: str | None) -> None:
    """A stretch ends with what shows; one that shows nothing is none."""
    around = f"a{text}a"
    found = Stretch(1, len(text) + 1).trimmed(around)
    assert (found and found.of(around)) == trimmed


# Tiles


def test_tile() -> None:
    """Segments come in order, and the blanks around and between them are whitespace."""
    text = "\n a bb \u200b c\n"
    body, title = Segment("body", Stretch(4, 6)), Segment("title", Stretch(2, 3))
    link = Segment("related", Stretch(9, 10))
    blanks = [
        Segment("whitespace", Stretch(*each)) for each in ((0, 2), (3, 4), (6, 9), (10, len(text)))
    ]
    assert tile(text, [body, link, title]) == [
        *(blanks[0], title, blanks[1], body, blanks[2], link, blanks[3]),
    ]


def test_tile_of_neighbours() -> None:
    """Nothing stands between segments that meet, and an empty text has none."""
    segments = [Segment("dateline", Stretch(0, 2)), Segment("body", Stretch(2, 3))]
    assert tile("abc", segments) == segments
    assert tile("", []) == []
    assert tile("  ", []) == [Segment("whitespace", Stretch(0, 2))]


def test_is_removed() -> None:
    """Fields are kept, and all else is removed."""
    assert not any(is_removed(part) for part in get_args(FieldPart))
    assert is_removed("whitespace")
    assert is_removed("caption")


# Shown


@given(st.text(st.sampled_from([*"ab \n", *INVISIBLE, *CONTROLS])), st.data())
def test_shown(text: str, data: st.DataObject) -> None:
    """A segment of what is shown stands, in the text, round the same characters."""
    shown = Shown(text)
    assert shown.text == text.translate(SILENT)
    if not shown.text:
        return
    start = data.draw(st.integers(0, len(shown.text) - 1))
    end = data.draw(st.integers(start + 1, len(shown.text)))
    stretch = Stretch(start, end)
    filed = shown.filed(Segment("body", stretch, Stretch(start, start + 1)))
    assert filed.stretch.of(text).translate(SILENT) == stretch.of(shown.text)
    assert filed.value
    assert filed.value.of(text) == shown.text[start]
    assert {filed.stretch.of(text)[0], filed.stretch.of(text)[-1]}.isdisjoint(INVISIBLE + CONTROLS)


def test_nothing_to_hide() -> None:
    """A text without such characters is its own."""
    segment = Segment("body", Stretch(0, 3))
    assert Shown("mot").filed(segment) is segment


_PLACES = st.lists(
    st.tuples(st.integers(0, len(STORY)), st.sampled_from(["\u200b", "\u00ad", "\u200e", "\x01"])),
    max_size=60,
)


@given(_PLACES)
def test_parts_stay(silent: list[tuple[int, str]]) -> None:
    """Which part is which does not depend on what shows nothing, wherever that stands."""
    text = sprinkled(STORY, silent)
    found = [
        (segment.part, segment.stretch.of(text).translate(SILENT))
        for segment in label(text)
        if segment.stretch.of(text).translate(SILENT)
    ]
    assert [each for each in found if each[0] != "whitespace"] == [
        each for each in PARTS if each[0] != "whitespace"
    ]
    assert "".join(shown for _, shown in found) == STORY


@given(_PLACES)
def test_fields_stay(silent: list[tuple[int, str]]) -> None:
    """A story reads the same whatever is in it that shows nothing."""
    assert FIELDS(clean(Decoded(sprinkled(STORY, silent), "utf-8"))) == FIELDS(ARTICLE)


@pytest.mark.parametrize("part", ["2031-05-04", "Kribi (ACAP)"])
@pytest.mark.parametrize("silent", ["\u200b", "\u00ad", "\x01"])
def test_stated_stays(part: str, silent: str) -> None:
    """Nor does what the story states of its day, its place and its agency."""
    assert {
        STATED(clean(Decoded(STORY.replace(part, f"{part[:at]}{silent}{part[at:]}"), "utf-8")))
        for at in range(1, len(part))
    } == {STATED(ARTICLE)}
