"""How the whole system stands, as Postgres is asked for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, update

from models import Alarm, Delivery, Retry
from tests.factories import deliver
from worker import ledger
from worker.metrics import Feeds, census
from worker.metrics.gauges import Corpus

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Connection


def test_an_empty_corpus(connection: Connection) -> None:
    """Nothing is pending, so nothing is old; no step has failed, and each says so."""
    assert census.corpus(connection) == Corpus(
        quarantined={"dedupe": 0, "clean": 0, "enrich": 0, "persist": 0}, alarms=[]
    )


def test_what_postgres_knows(connection: Connection) -> None:
    """The oldest is the one that has waited longest since it came, or was sent again."""
    young, old, again, *failed = deliver(connection, *[None] * 6)
    for delivery, hours in ((old, 1), (again, 3)):
        long_ago = func.now() - func.make_interval(0, 0, 0, 0, hours)
        connection.execute(
            update(Delivery).where(Delivery.id == delivery).values(received_at=long_ago)
        )
    connection.execute(update(Delivery).where(Delivery.id == again).values(retried_at=func.now()))
    ledger.dispose(connection, "quarantined", "clean", dict.fromkeys(failed[:2], "any"))
    ledger.dispose(connection, "quarantined", "enrich", {failed[2]: "any"})
    retry = {"made_by": "any", "disposition": "quarantined"}
    connection.execute(insert(Retry), [{"delivery_id": again, **retry}])
    alarm = {"figure": 1, "sentence": "…"}
    connection.execute(insert(Alarm).values(kind="quiet", feed="vna", **alarm))
    connection.execute(insert(Alarm).values(kind="quiet", cleared_at=func.now(), **alarm))
    corpus = census.corpus(connection)
    assert 3_600 <= corpus.oldest_seconds < 3_660
    assert corpus == Corpus(
        pending=len([young, old, again]),
        oldest_seconds=corpus.oldest_seconds,
        quarantined={"dedupe": 0, "clean": 2, "enrich": 1, "persist": 0},
        retried=1,
        alarms=[("quiet", "vna")],
    )


def test_it_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is scraped."""
    asked: list[int] = []

    def ask() -> Corpus:
        asked.append(1)
        return Corpus()

    monkeypatch.setattr(census, "_corpus", ask)
    monkeypatch.setattr(census, "KEPT_SECONDS", 3_600)
    system = census.Census(Feeds())
    assert list(system.collect()) == list(system.collect())
    assert asked == [1]
