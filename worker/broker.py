"""What waits in Redis."""

from __future__ import annotations

from functools import cache
from typing import cast

import redis

from worker.app import settings

LAST_SENT = 100  # messages: where no worker takes any, few have come since


@cache
def _client() -> redis.Redis:
    if settings.redis_url is None:  # pragma: no cover - worker.app has refused by then
        raise RuntimeError("REDIS_URL is not set")
    return redis.Redis.from_url(
        settings.redis_url.get_secret_value(), socket_timeout=5, socket_connect_timeout=5
    )


def waiting() -> int:
    """Messages that no worker has yet.

    Raises:
        redis.RedisError: Redis cannot be reached.
    """
    return int(_client().llen(settings.queue))


def unacknowledged() -> int:
    """Messages that a worker has and has not finished.

    Raises:
        redis.RedisError: Redis cannot be reached.
    """
    return int(_client().hlen("unacked"))


def withdraw(task: str) -> None:
    """Take a task that was sent a moment ago out of the queue again, if it is among the last.

    Raises:
        redis.RedisError: Redis cannot be reached.
    """
    last = cast("list[bytes]", _client().lrange(settings.queue, 0, LAST_SENT - 1))
    for message in last:
        if task.encode() in message:
            _client().lrem(settings.queue, 1, cast("str", message))
