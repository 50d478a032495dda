"""What people ask of operator tasks and commands is understood, or refused in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker import asked
from worker.asked import Count, Ids, Moment, Step, checked
from worker.errors import UserError


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (17, [17]),
        ("17", [17]),
        ("17, 18 19", [17, 18, 19]),
        ([17, "18"], [17, 18]),
        ((17, [18]), [17, 18]),
        ([], []),
    ],
)
def test_ids_as_they_are_typed(typed: object, understood: list[int]) -> None:
    """One or many, as numbers or as text."""
    assert asked.ids(typed) == understood


@pytest.mark.parametrize(
    "typed", ["", "x", "-1", 0, -1, True, 1.5, None, {}, ["x"], "1_7", "٣", 2**63, "9" * 30]
)
def test_what_is_no_id(typed: object) -> None:
    """Nothing is guessed, and Postgres could not count that far."""
    with pytest.raises(UserError, match="is no id: name deliveries by numbers such as 17"):
        asked.ids(typed)


@pytest.mark.parametrize(
    ("typed", "ago"),
    [
        ("30min", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1.5 h", timedelta(minutes=90)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(days=7)),
    ],
)
def test_how_long_ago(typed: str, ago: timedelta) -> None:
    """A span reaches back from now."""
    before = datetime.now(UTC)
    assert before <= asked.moment(typed) + ago <= datetime.now(UTC)


def test_iso_8601() -> None:
    """With an offset it is that moment; without one it is this machine's time."""
    moment = datetime(2031, 5, 4, 7, tzinfo=UTC)
    assert asked.moment("2031-05-04T08:00+01:00") == moment
    assert asked.moment(moment) == moment
    assert asked.moment("2031-05-04") == datetime(2031, 5, 4).astimezone()


@pytest.mark.parametrize(
    "typed", ["yesterday", "", "3", "3y", "2031-13-01", "9999999999999d", 3, None]
)
def test_what_is_no_time(typed: object) -> None:
    """The sentence shows what is."""
    with pytest.raises(UserError, match=r"is no time: write 2031-05-04, .* 30min, 2h, 3d or 1w"):
        asked.moment(typed)


@checked
def task(
    ids: Ids, *, step: Step | None = None, since: Moment | None = None, limit: Count = 5
) -> tuple[object, ...]:
    return ids, step, since and since.year, limit


def test_arguments_out_of_json() -> None:
    """They become what the function wants."""
    assert task("17", step="clean", since="2031-05-04", limit="3") == ([17], "clean", 2031, 3)  # type: ignore[arg-type]  # as JSON has them


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"stepp": "clean"}, "stepp: Unexpected keyword argument"),
        ({"step": "wash"}, "step: Input should be 'dedupe', 'clean', 'enrich' or 'persist'"),
        ({"limit": -1}, "limit: Input should be greater than or equal to 0"),
        ({"since": "soon"}, "'soon' is no time"),
    ],
)
def test_what_does_not_fit(arguments: dict[str, object], sentence: str) -> None:
    """What is wrong is named, and so is what there is."""
    with pytest.raises(UserError) as refused:
        task(17, **arguments)  # type: ignore[arg-type]  # wrong on purpose
    assert sentence in str(refused.value)
    if "since" not in arguments:
        assert str(refused.value).endswith("What can be given: ids, step, since, limit.")
