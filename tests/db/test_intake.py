"""Intake: bytes and deliveries go in together, and each arrival once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from models import Delivery, RawContent
from tests.factories import MAX_BYTES, arrived
from worker import intake

if TYPE_CHECKING:
    from sqlalchemy import Connection


def test_bytes_and_delivery_are_stored(connection: Connection) -> None:
    """What was delivered can be read back to the byte, and is pending."""
    (delivered,) = intake.deliver(connection, [arrived(b"\xff\x00 bytes", feed="vna")], MAX_BYTES)
    row = connection.execute(
        select(Delivery.feed, Delivery.file, Delivery.disposition, RawContent.data)
        .join(RawContent)
        .where(Delivery.id == delivered.id)
    ).one()
    assert tuple(row) == ("vna", "a.txt", "pending", b"\xff\x00 bytes")
    assert delivered.pending


def test_one_arrival_is_one_delivery(connection: Connection) -> None:
    """A file that a crash left in the inbox is known when it is taken again."""
    file = arrived()
    (first,) = intake.deliver(connection, [file], MAX_BYTES)
    connection.execute(
        update(Delivery).values(received_at=func.now() - func.make_interval(0, 0, 0, 1))
    )
    (second,) = intake.deliver(connection, [file], MAX_BYTES)
    assert first.id == second.id
    assert (first.new, second.new) == (True, False)
    assert not second.pending


def test_same_content_twice_is_two_deliveries_of_one_content(connection: Connection) -> None:
    """Bytes are kept once, arrivals are counted each."""
    file = arrived("twice the same")
    again = replace(arrived("twice the same"), file="b.txt")
    first, second = intake.deliver(connection, [file, again], MAX_BYTES)
    assert first.id != second.id
    hashes = connection.scalars(
        select(Delivery.raw_sha256).where(Delivery.id.in_([first.id, second.id]))
    ).all()
    assert len(set(hashes)) == 1


def test_too_large_a_file_is_rejected_at_the_door(connection: Connection) -> None:
    """It ends at once, with the reason, and no worker hears of it."""
    (delivered,) = intake.deliver(connection, [arrived(b"x" * (MAX_BYTES + 1))], MAX_BYTES)
    row = connection.execute(
        select(Delivery.disposition, Delivery.reason, Delivery.raw_sha256).where(
            Delivery.id == delivered.id
        )
    ).one()
    assert tuple(row) == ("rejected", "too-large: the file has more than 100000 bytes", None)
    assert not delivered.pending


def test_order_is_kept(connection: Connection) -> None:
    """Deliveries come back in the order of their files."""
    files = [arrived(file=f"{number}.txt") for number in range(20)]
    delivered = intake.deliver(connection, files, MAX_BYTES)
    for file, delivery in zip(files, delivered, strict=True):
        assert file.file == connection.scalar(
            select(Delivery.file).where(Delivery.id == delivery.id)
        )


def test_nothing_arrived(connection: Connection) -> None:
    """An empty batch is no error."""
    assert intake.deliver(connection, [], MAX_BYTES) == []
