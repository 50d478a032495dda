"""Where a story ends, and what the parts of its tail are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.structure.outline import Outline
from worker.core.clean.structure.pieces import cut
from worker.core.clean.structure.tail import (
    is_only_teasers,
    list_pieces,
    story_end,
    tail_segments,
)

TITLE = "Le phare de Kribi rouvre aux visiteurs"
FIRST = "Le phare accueille de nouveau le public depuis lundi, a annoncé la mairie."
SECOND = "Les travaux ont coûté deux millions d’euros."
OTHER = "Les marins ont repris la mer mardi."
FISHING = "La pêche reprend au large de Kribi après un mois d’arrêt"
MARKET = "Le marché aux poissons de Douala change de quartier"
MUSEUM = "Un musée de la mer ouvrira ses portes à Limbé au printemps"
CAPTION = "Un marin répare son filet. Photo : ACAP"
PICTURE = "Le marché de Douala. Photo : ACAP"
STORY = (TITLE, FIRST, SECOND)


def outline(*lines: str) -> Outline:
    text = "\n\n".join(lines)
    return Outline(text, list(cut(text, None)))


def told(*lines: str) -> list[str]:
    """The lines that come before the other stories."""
    found = outline(*lines)
    return [piece.stretch.of(found.text) for piece in found.pieces[: story_end(found)]]


def tail(*lines: str) -> list[tuple[str, str, str | None]]:
    """The tail below the story: its segments' parts, texts and values."""
    found = outline(*STORY, *lines)
    return [
        (part, stretch.of(found.text), value.of(found.text) if value else None)
        for part, stretch, value in (
            (segment.part, segment.stretch, segment.value)
            for segment in tail_segments(found, len(STORY))
        )
    ]


def test_letters() -> None:
    """Each piece is a letter by its own looks."""
    found = outline(
        *STORY, CAPTION, f"{OTHER} -VNA", "VNA", "Voir plus", "Lire aussi", "Commentaires", "source"
    )
    assert found.letters == "HSSCGgMRK-"
    assert sorted(found.signatures) == [4, 5]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        STORY,
        (*STORY, "VNA/CVN"),
        (TITLE, FIRST, f"{SECOND} -VNA"),
        (TITLE, FIRST, "Un chantier long", SECOND, "Une fête", OTHER),
        (TITLE, FIRST, CAPTION, SECOND),
        (TITLE, FIRST, "Voir plus", SECOND, f"{OTHER} -VNA"),
        (TITLE, FIRST, "3 commentaires", SECOND, f"{OTHER} -VNA"),
        (TITLE, FIRST, "Sur le même sujet", FISHING, MARKET, SECOND, OTHER),
        (TITLE, FIRST, "Lire aussi", FISHING, f"{OTHER} -VNA"),
        (TITLE, f"{FIRST} -VNA", SECOND, OTHER, f"{SECOND} (AFP)"),
        ("VNA", TITLE, FIRST, SECOND),
        (*STORY, "OMS", FISHING),
    ],
    ids=[
        *("nothing", "story", "signature", "signed", "headings", "caption", "button", "count"),
        *("related", "related-signed", "not-signed-yet", "agency-above", "acronym"),
    ],
)
def test_story_to_the_end(lines: tuple[str, ...]) -> None:
    """Markers and names in the middle end nothing where the story goes on behind them."""
    assert list(lines) == told(*lines)


@pytest.mark.parametrize(
    "behind",
    [
        ("Voir plus",),
        ("Voir plus", FISHING, MARKET),
        ("Tin khác", FISHING),
        ("Read more", FISHING, OTHER, MARKET, OTHER),
        ("Sur le même sujet", FISHING, MARKET),
        ("3 commentaires", "Awa dit bravo.", "Paul dit merci."),
        ("Bình luận", "Awa dit bravo."),
        (CAPTION, FISHING, OTHER, PICTURE, MARKET, OTHER),
    ],
    ids=[
        *("marker", "headlines", "vietnamese", "summaries", "related", "comments"),
        *("comments-vietnamese", "blocks-without-a-word"),
    ],
)
def test_end_at_a_marker(behind: tuple[str, ...]) -> None:
    """The story ends where other stories are announced, or where two pictures show them."""
    assert list(STORY) == told(*STORY, *behind)


@pytest.mark.parametrize("signed", [(f"{SECOND} -VNA",), (SECOND, "VNA/CVN")])
@pytest.mark.parametrize(
    "behind",
    [
        (FISHING, MARKET),
        (FISHING, OTHER, MARKET, OTHER),
        (CAPTION, FISHING, OTHER, PICTURE, MARKET, OTHER),
        ("Voir plus", FISHING),
        ("Sur le même sujet", FISHING, MARKET),
    ],
    ids=["headlines", "summaries", "blocks", "marker", "related"],
)
def test_end_at_a_signature(signed: tuple[str, ...], behind: tuple[str, ...]) -> None:
    """A known agency's signature ends the story where headlines or a marker follow."""
    assert [TITLE, FIRST, *signed] == told(TITLE, FIRST, *signed, *behind)


def test_signed_by_an_unknown_name() -> None:
    """A name that is only written like an agency's ends nothing by itself."""
    lines = (TITLE, FIRST, f"{SECOND} -ACAP", FISHING)
    assert list(lines) == told(*lines)


def test_one_picture_ends_nothing() -> None:
    """One picture with a heading and a paragraph is the story's own."""
    lines = (*STORY, CAPTION, "Une fête", OTHER)
    assert list(lines) == told(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        (FISHING, MARKET, MUSEUM),
        (CAPTION, FISHING, OTHER, PICTURE, MARKET, OTHER),
        (FISHING, OTHER, MARKET, OTHER, MUSEUM, OTHER),
    ],
    ids=["headlines", "pictures", "summaries"],
)
def test_only_teasers(lines: tuple[str, ...]) -> None:
    """Headlines with or without pictures and summaries are no story."""
    found = outline(*lines)
    assert is_only_teasers(found, len(found.pieces))


@pytest.mark.parametrize(
    "lines",
    [
        (),
        STORY,
        (TITLE,),
        (TITLE, CAPTION),
        (TITLE, FIRST, "Un chantier long", SECOND, "Une fête", OTHER),
        (TITLE, CAPTION, FIRST, SECOND),
        ("Le phare", "Le port", "La mer"),
        (TITLE, FIRST, "VNA/CVN"),
        ("Politique", TITLE, FIRST),
    ],
    ids=[
        "nothing",
        "story",
        "title",
        "picture",
        "headings",
        "pictured",
        "poem",
        "signed",
        "section",
    ],
)
def test_not_only_teasers(lines: tuple[str, ...]) -> None:
    """A story may be short, have headings and pictures, or consist of short lines."""
    found = outline(*lines)
    assert not is_only_teasers(found, len(found.pieces))


def test_teasers_behind_a_marker() -> None:
    """A file that opens with a marker has no story."""
    found = outline("Voir plus", FISHING, MARKET, MUSEUM)
    assert story_end(found) == 0


def test_lists_inside_a_story() -> None:
    """Two long headlines in a row between paragraphs are other stories'."""
    found = outline(TITLE, FIRST, FISHING, MARKET, SECOND, OTHER)
    assert {2, 3} == list_pieces(found, len(found.pieces))
    assert frozenset() == list_pieces(found, 3)


@pytest.mark.parametrize(
    "lines",
    [
        ("Un chantier long",),
        ("Un chantier long", "Une fête au port"),
        (FISHING,),
        (f"- {FISHING}", f"- {MARKET}"),
        (f"1. {FISHING}", f"2. {MARKET}"),
        (f"08h30 {FISHING}", f"09h30 {MARKET}"),
        (f"– {FISHING}", f"– {MARKET}"),
    ],
    ids=["heading", "headings", "one", "dashes", "numbers", "hours", "speech"],
)
def test_no_lists_of_headlines(lines: tuple[str, ...]) -> None:
    """Headings, a list's points and a chronology are the story's own."""
    found = outline(TITLE, FIRST, *lines, SECOND, OTHER)
    assert frozenset() == list_pieces(found, len(found.pieces))


def test_tail_with_summaries() -> None:
    """Headlines have themselves as value; summaries and captions have none."""
    assert tail("Voir plus", CAPTION, FISHING, OTHER) == [
        ("teaser", "Voir plus", None),
        ("teaser", CAPTION, None),
        ("teaser", FISHING, FISHING),
        ("teaser", OTHER, None),
    ]


def test_tail_of_related_stories() -> None:
    """What announces other stories says which they are, until the next does."""
    assert tail("Sur le même sujet", FISHING, "Voir plus", MARKET) == [
        ("related", "Sur le même sujet", None),
        ("related", FISHING, FISHING),
        ("teaser", "Voir plus", None),
        ("teaser", MARKET, MARKET),
    ]


def test_tail_with_comments() -> None:
    """The words of readers are navigation, up to the next marker."""
    assert tail("2 commentaires", "Awa dit bravo.", "Merci Awa", "Voir plus", MARKET) == [
        ("navigation", "2 commentaires", None),
        ("navigation", "Awa dit bravo.", None),
        ("navigation", "Merci Awa", None),
        ("teaser", "Voir plus", None),
        ("teaser", MARKET, MARKET),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (f"1 {FISHING}", f"2 {MARKET}"),
        (f"1. {FISHING}", f"2. {MARKET}"),
        (f"- {FISHING}", f"- {MARKET}"),
        (f"{FISHING} 13/05/2026 17:45", f"{MARKET} (13 mai 2026)"),
    ],
    ids=["ranks", "numbers", "bullets", "days"],
)
def test_tail_of_a_list(lines: tuple[str, ...]) -> None:
    """The headlines of a list are kept without numbers, bullets and days."""
    assert [value for _, _, value in tail("Voir plus", *lines)] == [None, FISHING, MARKET]


@pytest.mark.parametrize(
    "when", ["Mardi 10 mars 2026, 08h30", "10/03/2026 17:45", "08:30", "10 mars"]
)
def test_tail_with_days(when: str) -> None:
    """A line that is only when another story is from is no headline."""
    assert tail("Voir plus", FISHING, when, MARKET, when)[1:] == [
        ("teaser", FISHING, FISHING),
        ("navigation", when, None),
        ("teaser", MARKET, MARKET),
        ("navigation", when, None),
    ]


def test_tail_with_captions_above_headlines() -> None:
    """Where pictures show, the line above a headline with its summary is a caption."""
    lines = ("Un marin et son bateau", FISHING, OTHER, "Un étal de poissons", MARKET, OTHER)
    assert [value for _, _, value in tail("Voir plus", *lines)] == [
        None,
        None,
        FISHING,
        None,
        None,
        MARKET,
        None,
    ]


def test_tail_with_everything_else() -> None:
    """Links keep their headlines; code and controls are told apart."""
    assert tail("Voir plus", f">> {FISHING}", "window.x = 1;", "source", MARKET) == [
        ("teaser", "Voir plus", None),
        ("related", f">> {FISHING}", FISHING),
        ("tracking", "window.x = 1;", None),
        ("navigation", "source", None),
        ("teaser", MARKET, MARKET),
    ]


LINES = [TITLE, FIRST, SECOND, FISHING, MARKET, CAPTION, "VNA", f"{OTHER} -VNA", "Voir plus"]
LINES += ["Sur le même sujet", "3 commentaires", "source", "10/03/2026", f">> {FISHING}"]


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_every_piece_has_its_place(lines: list[str]) -> None:
    """The story ends somewhere in the file, and behind it each piece is one segment."""
    found = outline(*lines)
    end = story_end(found)
    assert 0 <= end <= len(found.pieces)
    assert list_pieces(found, end) <= set(range(end))
    segments = list(tail_segments(found, end))
    assert [piece.stretch for piece in found.pieces[end:]] == [each.stretch for each in segments]


def test_a_long_list_of_headlines_is_judged_at_once() -> None:
    """However many ways there were to divide it, none is tried: this would never end."""
    headlines = [f"Résultat de la rencontre numéro {number}" for number in range(200)]
    found = outline(TITLE, *headlines, FIRST, SECOND, FISHING)
    assert not is_only_teasers(found, len(found.pieces))
