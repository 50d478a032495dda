"""What is compared of an article, and the keys by which likely twins are found."""

from __future__ import annotations

import random
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.core.stories.fingerprint import (
    BANDS,
    COMPARED,
    LEAST,
    ROWS,
    bands,
    body_key,
    letters,
    minima,
    shingles,
    text_of,
    title_key,
)

STORY = (
    "Le bac de Kribi reprendra lundi sa traversée, après 17 jours d’arrêt. L’hélice, faussée par "
    "un tronc, a été redressée à Douala pour 3,5 millions de francs, soit 12 % de moins que prévu."
    "\n\nQuelque 410 passagers l’empruntent chaque jour. « Nous avons pris la piste, trois heures "
    "au lieu de vingt minutes », raconte Élise Mbarga, marchande de poisson, en chargeant sa "
    "camionnette. La température au large est tombée à -2 degrés sous la normale de saison."
)
GOLDEN_MINIMA = [15862859, 24230738, 613158, 33918688]
GOLDEN_BANDS = [528214817827230770, -3260554550922899256, 6662268849007219992, -8719552032211056854]
GOLDEN_BODY = "sha256:9e7f33eb2c53cdd2d8aca7f044af4f3cb7af26e997d62ccd471cd8adc7dbaa04"
GOLDEN_TITLE = 690462831852443485
BLANKS = st.text(" \n\t\u00a0\u202f\u200b", max_size=2)


def words(number: int, seed: int) -> str:
    """Words that no two seeds have in common, one after the other."""
    dice = random.Random(seed)  # noqa: S311 - repeats itself
    return " ".join("".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=9)) for _ in range(number))


def test_letters_are_plain() -> None:
    """Nothing but letters is left, without case, diacritics and ligatures."""
    assert letters("La 2e crue, à HUÊ : « 17 œufs » de Đà Nẵng") == "laecrueahueoeufsdedanang"


@settings(deadline=None)
@given(st.text())
@example("℡ ŉ ǰ ϓ ß İ")
def test_letters_of_letters(text: str) -> None:
    """What is folded once is folded for good, and holds letters only."""
    once = letters(text)
    assert letters(once) == once
    assert once == "" or once.isalpha()


@settings(deadline=None)
@given(st.lists(st.text("abéÀ ’,19", max_size=9), max_size=20), BLANKS, BLANKS)
def test_shingles_know_no_blanks(parts: list[str], one: str, other: str) -> None:
    """Lost and doubled spaces, line ends and characters of no width change no shingle."""
    assert np.array_equal(shingles(one.join(parts)), shingles(other.join(parts)))


@settings(deadline=None)
@given(st.text("abc", max_size=60))
def test_shingles_are_the_stretches_of_13_letters(text: str) -> None:
    """There is a hash for each different stretch of 13 letters, in order."""
    found = shingles(text)
    assert len(found) == len({text[at : at + 13] for at in range(len(text) - 12)})
    assert np.array_equal(found, np.unique(found))


def test_golden_values() -> None:
    """Stored keys were made by this arithmetic: whoever changes it raises FINGERPRINT."""
    least = minima(shingles(STORY))
    assert least[:4].tolist() == GOLDEN_MINIMA
    assert bands(least)[:4] == GOLDEN_BANDS
    assert body_key(None, STORY) == GOLDEN_BODY
    assert title_key("Le bac de Kribi est réparé") == GOLDEN_TITLE


def test_bands_are_signed_and_many() -> None:
    """There are 35 different keys, which a column of eight bytes can hold."""
    keys = bands(minima(shingles(STORY)))
    assert len(set(keys)) == BANDS
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert min(keys) < 0 < max(keys)


@pytest.mark.parametrize("size", [0, 12, 13, LEAST - 1])
def test_what_is_too_short_has_no_bands(size: int) -> None:
    """Below 200 letters nothing is told; from there on, it is."""
    text = "".join(words(40, 1).split())
    assert bands(minima(shingles(text[:size]))) == []
    assert bands(minima(shingles(text[:LEAST])))


def test_equal_bands_are_of_the_same_number() -> None:
    """Of a text whose minima are all the same, no two bands have the same key."""
    assert len(set(bands(np.zeros(BANDS * ROWS, np.uint32)))) == BANDS


@pytest.mark.parametrize("shared", [0.2, 0.5, 0.8])
def test_minima_estimate_the_jaccard_index(shared: float) -> None:
    """Over many pairs, the share of equal minima is that of equal shingles, within its spread."""
    dice = np.random.default_rng(7)
    size, pairs = 1_000, 60
    both = round(2 * size * shared / (1 + shared))
    exact = both / (2 * size - both)
    estimates = []
    for _ in range(pairs):
        hashes = dice.integers(0, 2**64, 2 * size - both, np.uint64)
        one, other = minima(np.sort(hashes[:size])), minima(np.sort(hashes[size - both :]))
        estimates.append(np.mean(one == other))
    spread = (exact * (1 - exact) / (BANDS * ROWS)) ** 0.5
    assert abs(np.mean(estimates) - exact) < 4 * spread / pairs**0.5
    assert 0.7 * spread < np.std(estimates) < 1.3 * spread


def test_one_pair_in_a_hundred_is_lost_at_one_half() -> None:
    """At a Jaccard index of .5, what the bands find is what their numbers promise."""
    dice = np.random.default_rng(11)
    found = 0
    for _ in range(400):
        hashes = dice.integers(0, 2**64, 900, np.uint64)
        one, other = (bands(minima(np.sort(each))) for each in (hashes[:675], hashes[225:]))
        found += not set(one).isdisjoint(other)
    assert 1 - (1 - 0.5**ROWS) ** BANDS > 0.99
    assert found >= 390


@pytest.mark.parametrize(
    "other",
    [
        STORY.upper(),
        STORY.replace("\n\n", ""),
        STORY.replace("’", "'").replace("« ", '"').replace(" »", '"'),
        STORY.replace(" - ", " — ").replace("-2", "−2"),
        STORY.replace(", ", " – ").replace(".", " ;"),
        STORY.replace("tronc", "tr\u00adonc").replace(" ", "\u202f"),
        unicodedata.normalize("NFD", STORY),
    ],
    ids=["case", "paragraphs", "quotes", "dashes", "punctuation", "blanks", "nfd"],
)
def test_layout_and_typography_make_no_other_body(other: str) -> None:
    """What editors even out is not compared."""
    assert body_key(None, other) == body_key(None, STORY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("17", "18"),
        ("3,5", "35"),
        ("3,5", "3.5"),
        ("12 %", "12"),
        ("-2", "2"),
        ("-2", "+2"),
        ("Élise", "Elise"),
        ("arrêt", "arret"),
        ("Kribi", "Kribe"),
        ("410 passagers", "410 € passagers"),
    ],
)
def test_what_corrections_change_makes_another_body(old: str, new: str) -> None:
    """A figure, its sign, a diacritic or a letter makes another body."""
    assert old in STORY
    assert body_key(None, STORY.replace(old, new)) != body_key(None, STORY)


@settings(deadline=None)
@given(st.integers(0, len(STORY) - 1), BLANKS)
def test_a_blank_anywhere_makes_no_other_body(at: int, blank: str) -> None:
    """Lost and added spaces make no difference, wherever they are."""
    assert body_key(None, STORY[:at] + blank + STORY[at:]) == body_key(None, STORY)


@settings(deadline=None)
@given(st.data())
def test_any_other_digit_makes_another_body(data: st.DataObject) -> None:
    """No digit of a story can change unseen."""
    at = data.draw(st.sampled_from([n for n, each in enumerate(STORY) if each.isdigit()]))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != STORY[at]]))
    assert body_key(None, STORY[:at] + digit + STORY[at + 1 :]) != body_key(None, STORY)


def test_a_lead_is_part_of_what_is_compared() -> None:
    """Whether the first paragraph is set as lead makes no difference; that it is there does."""
    lead, _, body = STORY.partition("\n\n")
    assert text_of(lead, body) == text_of(None, STORY)
    assert body_key(lead, body) == body_key(None, STORY) != body_key(None, body)


def test_of_a_very_long_text_the_beginning_is_compared() -> None:
    """However long they are, twins cost no more; that they are the same must hold of all."""
    long = STORY * (COMPARED // len(STORY) + 1)
    assert text_of(None, long) == text_of(None, long + "17") == long[:COMPARED]
    assert body_key(None, long) != body_key(None, long + "17")


def test_a_short_body_has_no_key() -> None:
    """Of what may be a stock phrase, nobody can say that it is the same story."""
    text = "".join(words(40, 2).split())
    assert body_key(None, text[: LEAST - 1]) is None
    assert body_key(None, text[:LEAST]) is not None
    assert body_key(None, "...!" * LEAST) is None


def test_titles_share_a_key() -> None:
    """Titles share one unless their letters or figures differ."""
    title = "Séisme au Pérou : 12 blessés"
    assert title_key(title) == title_key("SEISME AU PEROU - 12 blessés.")
    assert title_key(title) != title_key("Séisme au Pérou : 13 blessés")
    assert [title_key(none) for none in (None, "", "Sports", "En bref :")] == [None] * 4
