"""What the operator's desk lists, and how addresses say what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from sqlalchemy import func, select, update
from tornado.web import HTTPError

from models import Delivery
from tests.factories import MAX_BYTES, arrived
from worker import intake, ledger
from worker.desk import filters, listing
from worker.desk.filters import Filters
from worker.desk.retry import came_to, described
from worker.operate import Failed, Retried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

AT = datetime(2031, 5, 4, 8, 30, 1, 123456, tzinfo=UTC)


def arguments(query: str) -> dict[str, list[bytes]]:
    """As Tornado has them."""
    return {name: [each.encode() for each in values] for name, values in parse_qs(query).items()}


def delivered(connection: Connection, number: int, feed: str = "vna") -> list[int]:
    files = [arrived(feed=feed) for _ in range(number)]
    return [each.id for each in intake.deliver(connection, files, MAX_BYTES)]


def fail(connection: Connection, ids: Sequence[int], why: str, step: str = "enrich") -> None:
    ledger.dispose(connection, "quarantined", step, dict.fromkeys(ids, why))


def listed(connection: Connection, wanted: Filters) -> list[int]:
    """All pages, one after the other."""
    ids: list[int] = []
    before = None
    while True:
        page = listing.page(connection, wanted, before)
        ids += [row.id for row in page.deliveries]
        if page.older is None:
            return ids
        assert len(page.deliveries) == listing.PAGE
        before = page.older


@pytest.mark.parametrize(
    "wanted",
    [
        Filters(),
        Filters("stored", "a & b", "enrich", "100 %", None, AT, AT),
        Filters(cause="clean: \x1b[1m “…”\t+ = # é"),
    ],
)
def test_an_address_says_the_filters(wanted: Filters) -> None:
    """To the character and the microsecond, whatever else stands there."""
    assert filters.read(arguments(wanted.address())) == wanted
    assert filters.read(arguments(wanted.address(before=7, count=2))) == wanted


def test_times_are_in_utc_unless_they_say_otherwise() -> None:
    """As Flower shows them; or how long ago."""
    read = filters.read(arguments("since=2031-05-04T08:30&until=2031-05-04T08:30%2B02:00"))
    assert read.since == datetime(2031, 5, 4, 8, 30, tzinfo=UTC)
    assert read.until == datetime(2031, 5, 4, 6, 30, tzinfo=UTC)
    ago = filters.read(arguments("since=2h")).since
    assert ago is not None
    assert timedelta(hours=2) <= datetime.now(UTC) - ago < timedelta(hours=3)


@pytest.mark.parametrize("value", ["0", "17", "9223372036854775807"])
def test_ids_up_to_what_postgres_counts_to(value: str) -> None:
    """Whether there is such a delivery is another question."""
    assert filters.delivery_id(value) == int(value)


@pytest.mark.parametrize(
    ("value", "status"), [("", 400), ("-1", 400), ("1.5", 400), ("١", 400), ("9" * 19, 404)]
)
def test_ids_that_none_can_have(value: str, status: int) -> None:
    """400 where it is no number, 404 where it is too large a one."""
    with pytest.raises(HTTPError) as raised:
        filters.delivery_id(value)
    assert raised.value.status_code == status


@pytest.mark.parametrize("wanted", [Filters(), Filters("pending"), Filters(feed="vna")])
def test_pages_show_every_delivery_once_newest_first(
    connection: Connection, wanted: Filters
) -> None:
    """Many are received at the same moment; an older id may have been received later."""
    ids = delivered(connection, 2 * listing.PAGE + 7)
    late = update(Delivery).where(Delivery.id == ids[3])
    connection.execute(late.values(received_at=func.now() + timedelta(seconds=1)))
    found = listed(connection, wanted)
    newest = sorted(ids, reverse=True)
    if wanted != Filters():
        newest = [ids[3], *(each for each in newest if each != ids[3])]
    assert found == newest


def test_filters_let_through_what_all_of_them_are_true_of(connection: Connection) -> None:
    """Of quarantined ones as `worker.operate` means them: what is listed is what is retried."""
    one, two, three, rejected = delivered(connection, 4)
    other = delivered(connection, 1, feed="aps")
    fail(connection, [one, two], "KeyError: 'a'")
    fail(connection, [three], "ValueError: 100 %", "clean")
    fail(connection, other, "KeyError: 'b'")
    ledger.dispose(connection, "rejected", "clean", {rejected: "no-body: 100 %"})
    bad = "quarantined"
    assert listed(connection, Filters(bad)) == [*other, three, two, one]
    assert listed(connection, Filters(bad, feed="vna", step="enrich")) == [two, one]
    assert listed(connection, Filters(bad, cause="enrich: KeyError: …")) == [*other, two, one]
    assert listed(connection, Filters(error="100 %")) == [rejected, three]
    assert listed(connection, Filters(error="100_%")) == []
    assert listed(connection, Filters(bad, since=AT)) == []
    assert listed(connection, Filters(bad, until=AT, error="keyerror")) == [*other, two, one]
    for wanted in (Filters(bad, feed="vna"), Filters(bad, step="clean"), Filters(bad, until=AT)):
        assert wanted.failed.count(connection) == len(listed(connection, wanted))


def test_causes_are_counted_with_feeds_and_times(connection: Connection) -> None:
    """Those of the filters only, the most frequent first."""
    fail(connection, delivered(connection, 1), "ValueError: x")
    fail(connection, delivered(connection, 2), "KeyError: 1")
    fail(connection, delivered(connection, 1, feed="aps"), "KeyError: 2")
    many, few = listing.causes(connection, Failed())
    assert (many.cause, many.deliveries, list(many.feeds)) == (
        "enrich: KeyError: …",
        3,
        ["aps", "vna"],
    )
    assert many.first < many.last
    assert (few.cause, few.deliveries) == ("enrich: ValueError: x", 1)
    assert [cause.deliveries for cause in listing.causes(connection, Failed(feed="aps"))] == [1]


def test_a_row_says_what_became_of_it(connection: Connection) -> None:
    """What it duplicates by name; whether it can be retried, which needs its bytes."""
    owner, twin = delivered(connection, 2)
    ledger.dispose_duplicates(connection, "dedupe", {twin: owner})
    large = arrived("x" * (MAX_BYTES + 1), file="large.txt")
    [too_large] = intake.deliver(connection, [large], MAX_BYTES)
    first, second, third = listing.named(connection, [owner, twin, too_large.id])
    assert (first.disposition, first.failed) == ("pending", False)
    assert (second.duplicate_of, second.original_feed, second.failed) == (owner, "vna", False)
    assert (third.disposition, third.failed) == ("rejected", False)


def test_a_task_leads_to_its_deliveries(connection: Connection) -> None:
    """Each once, however often the task began."""
    ids = delivered(connection, 3)
    for again in range(2):
        ledger.begin(connection, "clean", ids[:2], "task", again)
    ledger.begin(connection, "clean", ids[2:], "another", 0)
    assert [row.id for row in listing.of_task(connection, "task")] == ids[:2]
    assert connection.scalar(select(func.count()).select_from(Delivery)) == 3


@pytest.mark.parametrize(
    ("count", "failed", "words"),
    [
        (1, Failed(), "1 quarantined delivery"),
        (1_200, Failed(step="clean"), "1,200 deliveries quarantined at clean"),
        (
            30,
            Failed(cause="enrich: KeyError: …", feed="vna", until=AT),
            "30 deliveries quarantined at enrich because of “KeyError: …” in feed vna",
        ),
        (
            2,
            Failed(error="died", since=AT),
            "2 quarantined deliveries with “died” in the reason since 2031-05-04 08:30 UTC",
        ),
    ],
)
def test_the_question_says_which_are_meant(count: int, failed: Failed, words: str) -> None:
    """The number first."""
    assert described(count, failed) == words


@pytest.mark.parametrize(
    ("retried", "shown", "sentence"),
    [
        (Retried((1,), 0, queued=True), 1, "1 delivery runs again."),
        (
            Retried((1, 2), 0, queued=False),
            2,
            "2 deliveries run again. Redis cannot be reached: they run once it is back.",
        ),
    ],
)
def test_what_a_retry_came_to(retried: Retried, shown: int, sentence: str) -> None:
    """In words for whoever pressed the button."""
    assert came_to(retried, shown) == sentence
