"""Raw text and article as they are marked on a delivery's page."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.factories import enriched, story
from tests.unit.test_explain import STORED, attempt
from worker.core.article import RawArticle, Removed, Repair
from worker.desk import reading
from worker.desk.reading import MOST, Stored, cleaned, marks, read
from worker.desk.spans import Piece, Span, pieces

if TYPE_CHECKING:
    from worker.explain.story import Story

TEXT = "Voir plus\n\nUn titre\n\nLe navire estarrivé."
ARTICLE = replace(
    enriched("Le navire est arrivé.", {}).clean,
    removed=(Removed("navigation", 0, 9), Removed("whitespace", 9, 11)),
    repairs=(Repair(31, 41, "estarrivé", "est arrivé", "glue"), Repair(9, 11, "", " ", "blanks")),
)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], [("abcdef", "")]),
        ([(0, 6, "x")], [("abcdef", "x")]),
        ([(0, 2, "x"), (2, 4, "y")], [("ab", "x"), ("cd", "y"), ("ef", "")]),
        ([(3, 5, "y"), (1, 4, "x")], [("a", ""), ("bc", "x"), ("d", "x y"), ("e", "y"), ("f", "")]),
        ([(0, 6, "x"), (2, 3, "y")], [("ab", "x"), ("c", "x y"), ("def", "x")]),
        ([(1, 2, "x"), (1, 2, "x")], [("a", ""), ("b", "x"), ("cdef", "")]),
        ([(4, 99, "x"), (-3, 1, "y")], [("a", "y"), ("bcd", ""), ("ef", "x")]),
        ([(3, 3, "x"), (5, 2, "y"), (8, 9, "z")], [("abcdef", "")]),
    ],
)
def test_spans_cut_a_text(
    spans: list[tuple[int, int, str]], expected: list[tuple[str, str]]
) -> None:
    """Side by side, one over the other, empty, reversed and beyond the text: nothing is lost."""
    made = pieces("abcdef", [Span(*span) for span in spans])
    assert [(piece.text, piece.css) for piece in made] == expected


def test_titles_of_spans_that_overlap_are_all_told() -> None:
    """The first first."""
    made = pieces("ab", [Span(0, 2, "x", "one"), Span(1, 2, "y", "two")])
    assert made == [Piece("a", "x", "one"), Piece("b", "x y", "one; two")]
    assert pieces("", [Span(0, 1, "x")]) == []


def test_what_clean_left_out_and_put_right_is_marked() -> None:
    """Blanks are not: they would only make the page restless."""
    assert list(marks(ARTICLE)) == [
        Span(0, 9, "story-removed", "left out: navigation"),
        Span(31, 41, "story-repaired", "glue: reads “est arrivé”"),
    ]


def test_mentions_are_marked_by_their_label() -> None:
    """With what they name, and a legend of the labels that are there."""
    article = enriched("Zorbatou voit Lomé.", {"Zorbatou": "per:zorbatou", "Lomé": "loc:lome"})
    shown = cleaned("The article", article.clean, article.mentions)
    assert shown.legend == [("PER", "people"), ("LOC", "places")]
    assert dict(shown.fields)["body"] == [
        Piece("Zorbatou", "story-mention story-per", "Zorbatou (per:zorbatou)"),
        Piece(" voit "),
        Piece("Lomé", "story-mention story-loc", "Lomé (loc:lome)"),
        Piece("."),
    ]


def passed(*steps: str) -> Story:
    """A delivery that has passed these steps, and is not stored."""
    return replace(STORED, article=None, tries=tuple(attempt(step, 1) for step in steps))


def raw(text: str) -> RawArticle:
    """A file with this text, in an encoding that tells."""
    return RawArticle("a.txt", None, text.encode("utf-16"))


def test_what_is_not_stored_is_shown_as_clean_makes_it() -> None:
    """With the marks of today's rules."""
    text, article = read(passed("dedupe", "clean"), raw(f"{story('Un titre')}\nVoir plus\n"), None)
    assert text is not None
    assert text.notes == ["Read as text, utf-16-le."]
    assert ("Voir plus", "story-removed") in [(piece.text, piece.css) for piece in text.pieces]
    assert article is not None
    assert article.heading == "What clean makes of it today; it is not stored"
    assert article.fields[0] == ("title", [Piece("Un titre")])
    assert ("Dateline", "Lomé, ATOP") in article.about


@pytest.mark.parametrize(("steps", "shown"), [((), "\\xff\\xfec\x00"), (("dedupe",), "café")])
def test_a_file_is_put_through_no_step_that_it_has_not_passed(
    steps: tuple[str, ...], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be one that kills workers."""
    monkeypatch.setattr(reading, "clean", lambda *_: sys.exit("it is dead"))
    if "dedupe" not in steps:
        monkeypatch.setattr(reading, "decode", lambda *_: sys.exit("it is dead"))
    text, article = read(passed(*steps), raw("café"), None)
    assert text is not None
    assert text.pieces[0].text.startswith(shown)
    assert article is None


def test_a_file_that_fails_is_shown_all_the_same() -> None:
    """As text as far as it is, else as what its bytes would be."""
    story = passed("dedupe", "clean")
    text, article = read(story, raw("Voir plus"), None)
    assert (text and text.pieces, article) == ([Piece("Voir plus")], None)
    text, article = read(story, RawArticle("a.txt", None, b"\x89PNG\r\n\x1a\n\xff\x00"), None)
    assert (text and text.pieces[0].text[:7], article) == ("\\x89PNG", None)
    assert read(story, RawArticle("a.txt", None, b""), None) == (None, None)
    assert read(story, None, None) == (None, None)


def test_a_stored_article_is_shown_as_it_is_stored() -> None:
    """Should other rules have made it, its marks may stand elsewhere, and that is said."""
    stored = Stored(STORED.id, ARTICLE, ())
    text, article = read(STORED, raw(TEXT), stored)
    assert text is not None
    assert text.notes[1] == "Other rules cleaned it than today's: marks may stand a little off."
    assert text.pieces[0] == Piece("Voir plus", "story-removed", "left out: navigation")
    assert article is not None
    assert article.heading == "The article"


def test_a_duplicate_is_shown_beside_the_article_that_it_repeats() -> None:
    """Whose marks belong to another file."""
    text, article = read(passed("dedupe", "clean"), raw(TEXT), Stored(3, ARTICLE, ()))
    assert text is not None
    assert text.marked is False
    assert article is not None
    assert article.heading == "The article of delivery 3"


def test_a_long_text_is_cut() -> None:
    """With a note; what is marked behind the cut is left out."""
    beyond = Removed("header", MOST - 1, MOST + 5)
    long = replace(ARTICLE, body="x" * (MOST + 5), removed=(beyond,), repairs=())
    text, article = read(STORED, raw("y" * (MOST + 5)), Stored(STORED.id, long, ()))
    assert text is not None
    assert text.notes[-1] == "These are the first 200,000 of 200,005 characters."
    assert [len(piece.text) for piece in text.pieces] == [MOST - 1, 1]
    assert article is not None
    assert [len(piece.text) for piece in dict(article.fields)["body"]] == [MOST]
