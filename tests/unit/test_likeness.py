"""How alike two articles are, and whether they tell the same story."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.stories.likeness import (
    Likeness,
    Reading,
    are_instalments,
    are_twins,
    compare,
    read,
)

TEXTS = st.text("ab", max_size=40)
BULLETIN = (
    "La Banque d’État a fixé à {0} dongs le cours central du dollar, contre {1} dongs la veille. "
    "Les banques commerciales achetaient le billet vert à {2} dongs et le vendaient à {3} dongs. "
    "L’euro s’échangeait à {4} dongs à l’achat, et le tael d’or des bijouteries valait {5} dongs."
)
STAGE = (
    "Le vainqueur de l’étape du jour est {0}, qui devance au sprint un coureur de son équipe. La "
    "deuxième place revient à {1}, et la troisième à {2}, après une course sans incident. Au "
    "classement général, le maillot reste sur les épaules de {3}, premier depuis le départ. Le "
    "prix du plus combatif va à {4}, longtemps seul en tête. On passera demain le Massif central."
)


def told(text: str, published: str | None = None) -> Reading:
    """An article of this body."""
    return read(None, text, published)


def prose(number: int, seed: object) -> str:
    """So many letters, of which no other seed has a stretch."""
    dice = random.Random(str(seed))  # noqa: S311 - repeats itself
    return "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=number))


def twins(one: Reading, other: Reading) -> bool:
    """Whether they are, either way round."""
    found = are_twins(one, other, compare(one, other))
    assert found == are_twins(other, one, compare(other, one))
    return found


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_likeness_is_exact(one: str, other: str) -> None:
    """Both measures are those of the sets of stretches of 13 letters."""
    mine, theirs = ({text[at : at + 13] for at in range(len(text) - 12)} for text in (one, other))
    expected = Likeness(
        len(mine & theirs) / max(1, len(mine | theirs)),
        len(mine & theirs) / max(1, min(len(mine), len(theirs))),
    )
    assert compare(told(one), told(other)) == expected


@pytest.mark.parametrize(("common", "expected"), [(0.9, True), (0.7, True), (0.6, False)])
def test_half_of_what_both_say(common: float, expected: bool) -> None:  # noqa: FBT001
    """Stories with two thirds of each in common, half of all, are twins."""
    start = prose(round(2_000 * common), "common")
    rest = 2_000 - len(start)
    one, other = told(start + prose(rest, 1)), told(start + prose(rest, 2))
    assert twins(one, other) is expected


def test_paragraphs_may_be_moved() -> None:
    """The order of paragraphs makes no difference."""
    paragraphs = [prose(400, seed) for seed in range(5)]
    assert twins(told("\n\n".join(paragraphs)), told("\n\n".join(paragraphs[::-1])))


@pytest.mark.parametrize(
    ("letters", "expected"), [(1_000, True), (350, True), (280, False)], ids=str
)
def test_a_story_cut_short_is_its_twin(letters: int, expected: bool) -> None:  # noqa: FBT001
    """The beginning of a long story is its twin, unless it is a few lines."""
    whole = prose(1_300, "whole")
    assert twins(told(whole), told(whole[:letters])) is expected


def test_a_digest_is_no_twin_of_what_it_quotes() -> None:
    """What holds a whole story after others does not tell that story."""
    quoted = [prose(500, seed) for seed in range(5)]
    digest = told("\n\n".join(quoted))
    assert not any(twins(digest, told(story)) for story in quoted[1:])


@pytest.mark.parametrize(("names", "expected"), [("Rossi", True), ("Keita", False)])
def test_what_goes_on_about_others_is_a_digest(names: str, expected: bool) -> None:  # noqa: FBT001
    """What begins with a whole story tells it, if it still speaks of the same later on."""
    story = f"le maire Rossi l’a dit. {prose(500, 1)}, selon lui."
    rest = f" {prose(800, 2)}, selon {names}. {prose(200, 3)}"
    whole = told(story + rest)
    assert twins(whole, told(story)) is expected


def test_a_stock_paragraph_makes_no_twins() -> None:
    """Short stories with a long paragraph in common, below everything, are different ones."""
    stock = prose(600, "about the agency")
    one, other = told(prose(210, 1) + stock), told(prose(210, 2) + stock)
    assert compare(one, other).jaccard > 0.5
    assert not twins(one, other)


def test_a_new_first_paragraph_leaves_a_twin() -> None:
    """A story with another opening is the same, if what was its opening is still there."""
    story = prose(1_200, "story")
    assert twins(told(story), told(prose(350, "new") + story))


def test_daily_bulletins_are_no_twins() -> None:
    """The same words on another day with other figures are another instalment."""
    monday = told(BULLETIN.format(*range(25_100, 25_106)), "2026-05-04")
    tuesday = told(BULLETIN.format(*range(25_200, 25_206)), "2026-05-05")
    assert compare(monday, tuesday).jaccard == 1
    assert are_instalments(monday, tuesday)
    assert not twins(monday, tuesday)


@pytest.mark.parametrize(
    ("figures", "published"),
    [
        (range(25_200, 25_206), "2026-05-04"),
        (range(25_200, 25_206), None),
        ([25_100, 25_101, 25_102, 25_103, 1, 2], "2026-05-05"),
    ],
    ids=["same day", "no day", "two of six"],
)
def test_a_correction_is_no_instalment(figures: list[int], published: str | None) -> None:
    """Figures that change on the same day, or a few of them later, are those of a version."""
    first = told(BULLETIN.format(*range(25_100, 25_106)), "2026-05-04")
    assert twins(first, told(BULLETIN.format(*figures), published))


def test_years_are_no_figures() -> None:
    """That the year is the same does not make two bulletins the same."""
    bulletin = "L’igname vaut {0} francs, le mil {1} francs, le riz {2} francs, le maïs {3} francs."
    bulletin += "".join(f" Récolte {letter * 9} : {2016 + n}." for n, letter in enumerate("abcdef"))
    one, other = (told(bulletin.format(*range(at, at + 4)), f"2026-05-0{at}") for at in (1, 6))
    assert are_instalments(one, other)


def test_the_same_words_about_others_are_no_twins() -> None:
    """Results that differ in most of their names are of another match, whatever the day."""
    one = told(STAGE.format("Dumas", "Keita", "Rossi", "Lopes", "Nguyen"))
    other = told(STAGE.format("Marek", "Sané", "Ortiz", "Dupuis", "Wolff"))
    assert compare(one, other).jaccard >= 0.5
    assert not twins(one, other)


def test_a_name_put_right_leaves_a_twin() -> None:
    """One name that was wrong throughout makes a version."""
    names = "Dumas", "Keita", "Rossi", "Lopes"
    assert twins(
        told(STAGE.format(*names, "Lopes")), told(STAGE.format(*names[:3], "Lopez", "Lopez"))
    )


def test_chains_of_versions_stay_twins() -> None:
    """A story that loses its end bit by bit is the twin of the version before."""
    whole = prose(2_000, "whole")
    versions = [told(whole[: round(2_000 * 0.8**cut)]) for cut in range(5)]
    assert all(twins(one, other) for one, other in pairwise(versions))
