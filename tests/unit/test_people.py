"""Which person a short name means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich.people import Words, fullest

WORDS = st.lists(
    st.sampled_from(["a", "anna", "ben", "al-ben", "jr", "le", "trung"]), min_size=1, max_size=4
).map(tuple)


def nobody(_: Words) -> list[Words]:
    return []


def resolved(*names: str, known: tuple[str, ...] = ()) -> list[str]:
    """The full names; ``known`` are all names of one person."""
    spellings = [tuple(name.split()) for name in known]
    found = fullest(
        [tuple(name.split()) for name in names],
        lambda words: spellings if words in spellings else [],
    )
    return [" ".join(words) for words in found]


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("blinken", "antony blinken"),
        ("von der leyen", "ursula von der leyen"),
        ("leyen", "ursula von der leyen"),
        ("trung", "le hoai trung"),
        ("hoai trung", "le hoai trung"),
        ("xi", "xi jinping"),
        ("bassirou faye", "bassirou diomaye faye"),
        ("j biden", "joe biden"),
        ("j biden", "joe robinette biden"),
        ("j-n barrot", "jean-noel barrot"),
        ("jn barrot", "jean-noel barrot"),
        ("assad", "bachar al-assad"),
        ("king", "martin luther king jr"),
        ("martin luther king", "martin luther king jr"),
        ("moon", "moon jae-in"),
        ("diomaye", "bassirou diomaye faye"),
    ],
)
def test_short_names(short: str, full: str) -> None:
    """A short name means the only person whom it fits, named before or after."""
    assert resolved(full, short) == [full, full]
    assert resolved(short, full) == [full, full]


@pytest.mark.parametrize(
    ("other", "full"),
    [
        ("le", "le hoai trung"),
        ("moon", "ban ki-moon"),
        ("jean", "jean-luc melenchon"),
        ("le trung", "le hoai trung"),
        ("hoai", "le hoai trung"),
        ("ould", "mohamed ould ghazouani"),
        ("jr", "ferdinand marcos jr"),
        ("k biden", "joe biden"),
        ("brigitte macron", "emmanuel macron"),
    ],
)
def test_other_names(other: str, full: str) -> None:
    """Family names of Vietnam, parts of words and particles are not short for anybody."""
    assert resolved(full, other) == [full, other]


def test_nearest_before_is_meant() -> None:
    """Of several people the one named last is meant, or the first to come."""
    assert resolved("dupont", "jean dupont", "dupont", "marie dupont", "dupont") == [
        "jean dupont",
        "jean dupont",
        "jean dupont",
        "marie dupont",
        "marie dupont",
    ]


def test_end_of_a_name_comes_before_its_beginning() -> None:
    """A surname is more likely than a given name."""
    assert resolved("thomas anders", "marie thomas", "thomas")[-1] == "marie thomas"


def test_known_names_stay() -> None:
    """A known full name is nobody else's short name; a known surname is a relative's here."""
    trump = ("donald trump", "donald j trump", "trump")
    assert resolved("donald trump jr", "donald trump", known=trump)[-1] == "donald trump"
    assert resolved("melania trump", "trump", known=trump)[-1] == "melania trump"
    assert resolved("trump smith", "trump", known=trump)[-1] == "trump"


def test_other_names_of_a_known_person_count() -> None:
    """What is short for another name of the person is short for this one."""
    known = ("ali bongo", "ali bongo ondimba")
    assert resolved("ali bongo ondimba", "bongo", known=known)[-1] == "ali bongo ondimba"


@given(st.lists(WORDS, max_size=12))
def test_names_only_become_names_of_the_article(names: list[tuple[str, ...]]) -> None:
    """Every name means itself or a name that means itself."""
    found = fullest(names, nobody)
    assert len(found) == len(names)
    meaning = dict(zip(names, found, strict=True))
    for words in found:
        assert words in names
        assert meaning[words] == words


def test_many_people_of_one_name() -> None:
    """Thousands of namesakes are told apart by place, without trying all pairs."""
    names = [word for i in range(20_000) for word in ((f"x{i}", "nom"), ("nom",))]
    assert fullest(names, nobody) == [(f"x{i // 2}", "nom") for i in range(40_000)]
