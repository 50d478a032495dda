"""What a worker does with a connection to Redis that is lost while it has messages in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kombu.common import ignore_errors

from worker.app import app, settings

if TYPE_CHECKING:
    import pytest

QUEUE = f"{settings.queue}_lost"


def test_what_was_closed_by_half_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery collects it first, then closes it; its channels are in the midst of reading."""
    connection = app.connection_for_read()
    first: Any = connection.default_channel
    connection.SimpleQueue(QUEUE, channel=first).put({})
    taken = first.basic_get(QUEUE)

    def lose(channel: Any) -> None:
        def read() -> None:
            channel._in_poll = None
            raise ConnectionError("lost")

        monkeypatch.setattr(channel, "_in_poll", True)
        monkeypatch.setattr(channel, "_brpop_read", read)

    second: Any = connection.channel()
    lose(first)
    lose(second)
    connection.collect(socket_timeout=1)
    assert not first.closed
    ignore_errors(connection, connection.close)
    assert first.closed
    with app.connection_for_read() as another:
        channel: Any = another.default_channel
        channel.qos.ack(taken.delivery_tag)
    second._disconnect_pools()  # Kombu leaves that to the garbage collector
