"""What people decide about entities, applied to what the linker found."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.article import Mention
from worker.core.enrich.judgements import Judgement, Judgements, Kind, differing

if TYPE_CHECKING:
    from collections.abc import Collection

_number = itertools.count()
START = datetime(2031, 5, 4, tzinfo=UTC)


def judgement(kind: Kind, key: str, target: str | None = None, **others: Any) -> Judgement:
    """Made a minute after that of the call before."""
    number = next(_number)
    made_at = START + timedelta(minutes=number)
    return Judgement(uuid.UUID(int=number), made_at, "ana", kind, key, target, **others)


def judge(
    judgements: Collection[Judgement],
    found: str,
    surface: str = "x",
    content_hash: str = "sha256:0",
    others: Collection[str] = (),
) -> str | None:
    return Judgements(judgements).judge(found, surface, content_hash, others)


def split(key: str, target: str, **evidence: str) -> Judgement:
    return judgement("split", key, target, name="Une autre", **evidence)


def test_nothing_decided_nothing_changed() -> None:
    """What the linker found holds."""
    assert judge([], "per:a") == "per:a"
    assert judge([judgement("merge", "per:b", "per:c")], "per:a") == "per:a"


def test_merges_are_followed_to_their_end() -> None:
    """Whatever the order they were made in, and across labels."""
    chain = [judgement("merge", "misc:b", "org:c"), judgement("merge", "loc:a", "misc:b")]
    assert [judge(chain, key) for key in ("loc:a", "misc:b", "org:c")] == ["org:c"] * 3
    assert Judgements(chain).merged_into("org:c") == ["loc:a", "misc:b"]
    assert Judgements(chain).merged_into("misc:b") == []


def test_an_ignored_name_is_no_entity() -> None:
    """Nor is what was merged into it."""
    decided = [judgement("ignore", "misc:b"), judgement("merge", "misc:a", "misc:b")]
    assert judge(decided, "misc:a") is judge(decided, "misc:b") is None
    assert Judgements(decided).is_ignored("misc:b")
    assert not Judgements(decided).is_ignored("misc:a")


def test_the_later_one_wins() -> None:
    """A merge and an ignore of one key replace each other, by time and not by place in a list."""
    merge, ignore = judgement("merge", "org:a", "org:b"), judgement("ignore", "org:a")
    again = judgement("merge", "org:a", "org:c")
    assert judge([ignore, merge], "org:a") is None
    assert judge([again, ignore, merge], "org:a") == "org:c"


def test_undone_ones_do_not_count() -> None:
    """And the one before is in force again."""
    merge = judgement("merge", "org:a", "org:b")
    undone = judgement("merge", "org:a", "org:c", undone_at=START)
    assert judge([merge, undone], "org:a") == "org:b"


@pytest.mark.parametrize(
    ("evidence", "surface", "content_hash", "others", "holds"),
    [
        ({"surface": "Nguyễn Văn A."}, "NGUYEN VAN A", "sha256:1", (), True),
        ({"surface": "Nguyễn Văn A."}, "Văn A", "sha256:1", (), False),
        ({"content_hash": "sha256:1"}, "Văn A", "sha256:1", (), True),
        ({"content_hash": "sha256:1"}, "Văn A", "sha256:2", (), False),
        ({"with_key": "org:club"}, "Văn A", "sha256:1", ("loc:hue", "org:club"), True),
        ({"with_key": "org:club"}, "Văn A", "sha256:1", ("loc:hue",), False),
        ({"with_key": "org:club", "surface": "A"}, "Văn A", "sha256:1", ("org:club",), False),
        ({"with_key": "org:club", "surface": "A"}, "A", "sha256:1", ("org:club",), True),
    ],
)
def test_a_split_goes_by_its_evidence(
    evidence: dict[str, str],
    surface: str,
    content_hash: str,
    others: tuple[str, ...],
    holds: bool,  # noqa: FBT001 - the expected value
) -> None:
    """Spelling as the linker compares it, article, company; all that is given must hold."""
    decided = [split("per:nguyen-van-a", "per:nguyen-van-a-footballeur", **evidence)]
    expected = "per:nguyen-van-a-footballeur" if holds else "per:nguyen-van-a"
    assert judge(decided, "per:nguyen-van-a", surface, content_hash, others) == expected


def test_a_split_says_more_than_a_merge() -> None:
    """The rest goes where the merge says, whichever came first."""
    apart = split("per:a", "per:b", surface="A")
    rest = judgement("merge", "per:a", "per:c")
    later = split("per:a", "per:d", surface="D")
    decided = [apart, rest, later]
    assert [judge(decided, "per:a", surface) for surface in ("A", "D", "E")] == [
        "per:b",
        "per:d",
        "per:c",
    ]


def test_what_was_merged_can_be_split() -> None:
    """By the spelling of the one that was merged, for example."""
    decided = [judgement("merge", "per:a", "per:b"), split("per:b", "per:c", surface="A")]
    assert judge(decided, "per:a", "A") == "per:c"
    assert judge(decided, "per:a", "B") == "per:b"


def test_of_two_splits_that_hold_the_later_wins() -> None:
    """Also where its evidence was given before."""
    by_surface = split("per:a", "per:b", surface="A")
    by_article = split("per:a", "per:c", content_hash="sha256:1")
    again = split("per:a", "per:d", surface="A")
    assert judge([by_surface, by_article], "per:a", "A", "sha256:1") == "per:c"
    assert judge([by_surface, by_article, again], "per:a", "A", "sha256:1") == "per:d"


def test_company_counts_after_merges() -> None:
    """An article that names the club by another key names the club."""
    decided = [
        split("per:a", "per:b", with_key="org:club"),
        judgement("merge", "org:fc-club", "org:club"),
    ]
    assert judge(decided, "per:a", others=["org:fc-club"]) == "per:b"
    decided.append(judgement("merge", "org:club", "org:le-club"))
    assert judge(decided, "per:a", others=["org:le-club"]) == "per:b"


def test_names() -> None:
    """The latest of a rename and of a split that made the entity."""
    decided = [split("per:a", "per:b", surface="B"), judgement("rename", "per:a", name="Â")]
    names = Judgements([*decided, judgement("rename", "per:b", name="Bé")])
    assert [names.canonical(key) for key in ("per:a", "per:b", "per:c")] == ["Â", "Bé", None]
    assert Judgements(decided).canonical("per:b") == "Une autre"


def test_a_judgement_that_would_lead_back_is_void() -> None:
    """The earlier ones hold, and no mention goes round in a circle."""
    there = judgement("merge", "per:a", "per:b")
    on = split("per:b", "per:c", surface="C")
    back = judgement("merge", "per:c", "per:a")
    assert Judgements([back, on, there]).void == (back,)
    assert judge([back, on, there], "per:a", "C") == "per:c"
    assert judge([back, on], "per:b", "C") == "per:a"


@pytest.mark.parametrize(
    ("kind", "others", "message"),
    [
        ("merge", {}, "merge needs a target"),
        ("ignore", {"target": "per:b"}, "ignore takes no target"),
        ("rename", {}, "rename needs a name"),
        ("merge", {"target": "per:b", "name": "B"}, "merge takes no name"),
        ("split", {"target": "per:b", "name": "B"}, "split needs evidence"),
        ("ignore", {"surface": "B"}, "ignore takes no evidence"),
        ("merge", {"target": "per:a"}, "per:a stands on both sides"),
        ("merge", {"target": "Jean"}, "'Jean' is no key: keys look like per:le-hoai-trung"),
        ("rename", {"name": "…"}, "'…' has neither a letter nor a digit"),
        ("rename", {"name": "a\0b"}, "'a\\x00b' is empty, too long"),
        ("rename", {"name": "a\ud800"}, "'a\\ud800' is empty, too long"),
        ("ignore", {"note": ""}, "'' is empty, too long"),
    ],
)
def test_half_a_judgement_is_none(kind: Kind, others: dict[str, Any], message: str) -> None:
    """The message says what is missing or too much."""
    with pytest.raises(ValueError, match="^" + message.replace("\\", r"\\")):
        judgement(kind, "per:a", **others)


def test_all_mentions_of_an_article() -> None:
    """Names go by all that the article names; dates belong to no entity."""
    mentions = [
        Mention("title", 0, 1, "A", "PER", "A", "per:a"),
        Mention("title", 2, 3, "4 mai", "DATE", "2031-05-04", None),
        Mention("body", 0, 1, "C", "ORG", "C", "org:club"),
    ]
    decided = Judgements([split("per:a", "per:b", with_key="org:club")])
    assert decided.judge_all(mentions, "sha256:1") == ["per:b", None, "org:club"]
    assert decided.judge_all(mentions[:2], "sha256:1") == ["per:a", None]


KEYS = [f"per:{letter}" for letter in "abcde"]
keys = st.sampled_from(KEYS)


@st.composite
def decided(draw: st.DrawFn) -> Judgement:
    key, target, other = draw(st.permutations(KEYS))[:3]
    match draw(st.sampled_from(["merge", "ignore", "spelling", "company", "rename"])):
        case "merge":
            return judgement("merge", key, target)
        case "ignore":
            return judgement("ignore", key)
        case "spelling":
            return split(key, target, surface=draw(st.sampled_from("xy")))
        case "company":
            return split(key, target, with_key=other)
        case _:
            return judgement("rename", key, name="N")


@given(st.lists(decided(), max_size=12))
def test_every_mention_comes_to_an_end(judgements: list[Judgement]) -> None:
    """At an entity that nothing leads away from, or at none; without evidence where none counts."""
    state = Judgements(judgements)
    for found, surface in itertools.product(KEYS, "xy"):
        end = state.judge(found, surface, "sha256:1", KEYS[:2])
        assert end is None or end in state.reachable([found])
        assert end is None or state.judge(end, surface, "sha256:1", KEYS[:2]) == end
        if not state.needs_evidence(found):
            assert end == state.judge(found, "other", "sha256:2", ())


@given(
    st.lists(decided(), max_size=8),
    st.lists(decided(), max_size=2),
    st.lists(st.integers(0, 7), max_size=2),
    st.sets(keys),
)
def test_only_what_may_differ_need_be_judged_again(
    old: list[Judgement], new: list[Judgement], undone: list[int], others: set[str]
) -> None:
    """Found keys that are not named as differing are judged alike before and after."""
    left = [each for number, each in enumerate(old) if number not in undone]
    before, after = Judgements(old), Judgements(left + new)
    same = set(KEYS) - differing(before, after)
    for found, surface in itertools.product(same, "xy"):
        known = others | {found}
        assert before.judge(found, surface, "h", known) == after.judge(found, surface, "h", known)


@given(st.lists(decided(), max_size=8), st.randoms())
def test_order_of_a_list_does_not_matter(judgements: list[Judgement], random: Any) -> None:
    """The same judgements say the same, however they came into a database."""
    shuffled = list(judgements)
    random.shuffle(shuffled)
    one, other = Judgements(judgements), Judgements(shuffled)
    assert not differing(one, other)
    assert (one.names, one.void) == (other.names, other.void)
