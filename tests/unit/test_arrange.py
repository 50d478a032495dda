"""Original, version, copy, withdrawal: what each article of a story is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.article import Stated
from worker.core.stories.arrange import Member, Place, agencies, arrange, same_source

TOLD = (
    "Le bac de Farafenni a repris ses rotations mardi, a indiqué le capitaine Modou Sarr.\n\n"
    "La réparation du moteur a coûté 310 millions de francs CFA et a duré six semaines entières."
)
OTHERWISE = TOLD.replace("310", "130")
MORE = TOLD + "\n\nLes chauffeurs de camions attendent un second bac pour la saison des pluies."
MONDAY = date(2031, 5, 5)
NOON = datetime(2031, 5, 5, 12, tzinfo=UTC)
STORED = Member(
    id=1,
    feed="aps",
    agencies=frozenset({"aps"}),
    published=MONDAY,
    first_seen=NOON,
    lead=None,
    body=TOLD,
    stated=None,
)


def later(number: int, body: str = TOLD, **other: object) -> Member:
    """An article that came an hour after another one for each number beyond the first."""
    came = NOON + timedelta(hours=number - 1)
    return replace(STORED, id=number, body=body, **{"first_seen": came, **other})  # type: ignore[arg-type]


def roles(*members: Member) -> dict[int, str]:
    """The role of each, by its id, with the number of a version and a star at the current one."""
    return {
        place.id: f"{place.role} {place.version or ''}{'*' * place.current}".strip()
        for place in arrange(members)
    }


def test_alone() -> None:
    """An article that nothing is like is the original, and current."""
    assert arrange([STORED]) == [Place(1, "original", 1, current=True)]
    assert arrange([]) == []


def test_republished() -> None:
    """What tells the same is a copy, whosever it is."""
    elsewhere = later(3, feed="web", agencies=frozenset())
    assert roles(STORED, later(2), elsewhere) == {1: "original 1*", 2: "copy", 3: "copy"}


@pytest.mark.parametrize(
    "body",
    [
        OTHERWISE,
        TOLD.replace("Modou Sarr", "Modou Sall"),
        MORE,
        TOLD.partition("\n\n")[0],
    ],
)
def test_corrected_without_a_word(body: str) -> None:
    """Another figure, name or paragraph of the same source is a version, and the current one."""
    assert roles(STORED, later(2, body)) == {1: "original 1", 2: "version 2*"}
    by_agency = later(2, body, feed="web")
    assert roles(STORED, by_agency) == {1: "original 1", 2: "version 2*"}
    elsewhere = later(2, body, feed="web", agencies=frozenset({"afp"}))
    assert roles(STORED, elsewhere) == {1: "original 1*", 2: "copy"}


@pytest.mark.parametrize(
    "body",
    [
        TOLD.replace("a indiqué", "a dit"),
        TOLD.replace("de francs", "defrancs").replace("\n\n", "\n\n  "),
        TOLD.upper().replace("MODOU SARR", "Modou Sarr"),
    ],
)
def test_other_words_only(body: str) -> None:
    """Wording, case, blanks and lost blanks make no version."""
    assert roles(STORED, later(2, body)) == {1: "original 1*", 2: "copy"}


def test_a_figure_that_was_changed_back() -> None:
    """An old version that comes again is no version."""
    found = roles(STORED, later(2, OTHERWISE), later(3))
    assert found == {1: "original 1", 2: "version 2*", 3: "copy"}


def test_what_says_so() -> None:
    """A version that says that it is one needs no other difference; said again it is a copy."""
    corrected = later(2, stated=Stated("correction"))
    again = later(3, stated=Stated("correction"), feed="web")
    found = roles(STORED, corrected, again, later(4, stated=Stated("update", 2)))
    assert found == {1: "original 1", 2: "version 2", 3: "copy", 4: "version 3*"}


def test_another_source_that_says_so() -> None:
    """Who only took a story over corrects no more than his copy of it."""
    web = later(2, OTHERWISE, feed="web", agencies=frozenset(), stated=Stated("correction"))
    assert roles(STORED, web) == {1: "original 1*", 2: "copy"}


def test_versions_of_what_a_faithful_copy_brought_first() -> None:
    """The agency's own text comes after a site's; its correction is a version all the same."""
    site = replace(STORED, feed="web", agencies=frozenset())
    found = roles(site, later(2), later(3, OTHERWISE))
    assert found == {1: "original 1", 2: "copy", 3: "version 2*"}


def test_versions_of_a_copy_that_tells_otherwise() -> None:
    """Who rewrites a story and then rewrites it again has not made a version of it."""
    site = {"feed": "web", "agencies": frozenset[str]()}
    found = roles(STORED, later(2, MORE, **site), later(3, OTHERWISE, **site))
    assert found == {1: "original 1*", 2: "copy", 3: "copy"}


def test_leads_in_the_order_that_they_state() -> None:
    """Of one day, whatever the order in which they came."""
    second = later(2, OTHERWISE, stated=Stated("update", 2))
    first = later(3, MORE, stated=Stated("update", 1))
    assert roles(STORED, second, first) == {1: "original 1", 3: "version 2", 2: "version 3*"}


def test_a_correction_that_came_before_what_it_corrects() -> None:
    """It is no original, of one load or of one day, where its source told the story without."""
    corrected = replace(STORED, body=OTHERWISE, stated=Stated("correction"))
    for came in (NOON, NOON + timedelta(hours=5)):
        told = later(2, first_seen=came)
        assert roles(corrected, told) == {2: "original 1", 1: "version 2*"}
    elsewhere = later(2, feed="web", agencies=frozenset())
    assert roles(corrected, elsewhere) == {1: "original 1*", 2: "copy"}


def test_an_archive_that_is_loaded_at_once() -> None:
    """What states no day is no younger than what came with it; so it is never a false newest."""
    now = NOON + timedelta(days=200)
    corrected = later(
        2, OTHERWISE, published=MONDAY + timedelta(1), first_seen=now, stated=Stated("correction")
    )
    undated = replace(STORED, id=3, published=None, first_seen=now)
    assert roles(undated, corrected) == {3: "original 1", 2: "version 2*"}
    short = later(1, TOLD.partition("\n\n")[0], published=None, first_seen=now, feed="web")
    dated = replace(STORED, id=3, first_seen=now)
    site = replace(short, agencies=frozenset())
    assert roles(site, corrected, dated) == {3: "original 1", 1: "copy", 2: "version 2*"}


def test_what_states_no_day_supersedes_no_correction() -> None:
    """Of one load and one mixed feed, it may be older than the correction that came with it."""
    came = NOON + timedelta(days=300)
    load: dict[str, object] = {"agencies": frozenset(), "first_seen": came}
    stated = Stated("correction")
    corrected = later(3, OTHERWISE, published=MONDAY, stated=stated, **load)
    told = later(1, TOLD, published=None, **load)
    cut = later(2, TOLD.partition("\n\n")[0], published=None, **load)
    assert roles(told, cut, corrected) == {1: "original 1", 2: "version 2", 3: "version 3*"}


def test_the_source_of_a_correction_told_it_first() -> None:
    """Of what states no day and came with it, whatever the order they came in."""
    came = NOON + timedelta(days=300)
    corrected = later(3, OTHERWISE, published=MONDAY, stated=Stated("correction"), first_seen=came)
    site = later(1, MORE, feed="web", agencies=frozenset(), published=None, first_seen=came)
    told = later(2, TOLD, feed="sites", published=None, first_seen=came)
    assert roles(site, told, corrected) == {2: "original 1", 1: "copy", 3: "version 2*"}


def test_a_day_that_is_stated_goes_before_the_day_of_arrival() -> None:
    """Yesterday's text that comes today is no version of today's."""
    late = later(2, OTHERWISE, published=MONDAY - timedelta(1))
    assert roles(STORED, late) == {2: "original 1", 1: "version 2*"}


def test_withdrawn() -> None:
    """A note leaves a story with nothing current, wherever it stands; nothing is lost."""
    note = later(3, "Prière de ne pas utiliser cette dépêche.", stated=Stated("withdrawal"))
    assert roles(STORED, later(2, OTHERWISE), note) == {
        1: "original 1",
        2: "version 2",
        3: "withdrawal",
    }
    assert roles(note) == {3: "withdrawal"}


def test_a_note_does_not_stand_for_the_story() -> None:
    """A correction that is but a line is a version; the story is told by the one before."""
    note = later(2, "Bien lire 130 millions et non 310.", stated=Stated("correction"))
    assert roles(STORED, note) == {1: "original 1*", 2: "version 2"}
    assert roles(STORED, note, later(3, OTHERWISE))[3] == "version 3*"


def test_sources() -> None:
    """One feed, or an agency in common as it is printed."""
    assert agencies("VNA", "VNA/CVN") == {"vna", "cvn"}
    assert agencies(None, None) == frozenset()
    other = replace(STORED, feed=None, agencies=agencies(None, "APS / Dia"))
    assert same_source(STORED, other)
    assert not same_source(STORED, replace(other, agencies=frozenset()))
    assert same_source(replace(STORED, feed=None), replace(other, agencies=frozenset()))


MEMBERS = st.lists(
    st.builds(
        Member,
        id=st.integers(1, 1_000),
        feed=st.sampled_from([None, "aps", "web"]),
        agencies=st.frozensets(st.sampled_from(["aps", "afp"])),
        published=st.none() | st.dates(MONDAY, MONDAY + timedelta(2)),
        first_seen=st.datetimes(
            datetime(2031, 5, 4),  # noqa: DTZ001 - the strategy adds it
            datetime(2031, 5, 8),  # noqa: DTZ001
            timezones=st.just(UTC),
        )
        | st.just(NOON),
        lead=st.none() | st.just("Un bac repart."),
        body=st.sampled_from([TOLD, OTHERWISE, MORE, "Bien lire 130.", ""]),
        stated=st.none()
        | st.builds(
            Stated,
            st.sampled_from(["correction", "update", "withdrawal"]),
            st.none() | st.integers(0, 3),
        ),
    ),
    max_size=8,
    unique_by=lambda member: member.id,
)


@settings(max_examples=300)
@given(MEMBERS, st.randoms())
def test_any_story(members: list[Member], random: object) -> None:
    """Whatever the order given: one original, versions from 1 on, at most one current."""
    places = arrange(members)
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert arrange(shuffled) == places
    assert sorted(place.id for place in places) == sorted(member.id for member in members)
    notes = [each.id for each in members if each.stated and each.stated.kind == "withdrawal"]
    assert sorted(place.id for place in places if place.role == "withdrawal") == sorted(notes)
    numbers = [place.version for place in places if place.version is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    for place in places:
        assert (place.version is not None) == (place.role in ("original", "version"))
        assert (place.role == "original") == (place.version == 1)
        assert not place.current or place.version
    told = len(notes) < len(members)
    assert bool(numbers) == told
    assert sum(place.current for place in places) == int(told and not notes)
