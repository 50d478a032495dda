"""What waits in Redis."""

from __future__ import annotations

from functools import cache
from typing import cast

import redis

from worker.app import settings

MEMORY_SHARE = 0.5  # of what Redis may use at most
LAST_SENT = 100  # messages: where no worker takes any, few have come since


@cache
def _client() -> redis.Redis:
    if settings.redis_url is None:  # pragma: no cover - worker.app has refused by then
        raise RuntimeError("REDIS_URL is not set")
    return redis.Redis.from_url(
        settings.redis_url.get_secret_value(), socket_timeout=5, socket_connect_timeout=5
    )


def waiting(queue: str | None = None) -> int:
    """Messages that no worker has yet, in this queue or in both.

    Raises:
        redis.RedisError: Redis cannot be reached.
    """
    queues = (queue,) if queue else (settings.queue, settings.bulk_queue)
    return sum(int(_client().llen(each)) for each in queues)


def obstacle(*, bulk: bool) -> str | None:
    """Why Redis is to be given no more of what comes in bulk, or of what is fresh; or None.

    Messages grow on their way, once they carry articles: a part of the memory is left to them.

    Raises:
        redis.RedisError: Redis cannot be reached.
    """
    memory = cast("dict[str, int]", _client().info("memory"))
    used, most = memory["used_memory"], memory["maxmemory"]
    if most and used > MEMORY_SHARE * most:
        return f"Redis has used {used / most:.0%} of the memory that it may use"
    queue = settings.bulk_queue if bulk else settings.queue
    limit = settings.bulk_limit if bulk else settings.queue_limit
    if (messages := waiting(queue)) >= limit:
        return f"the queue {queue} is full: {messages:,} messages wait in it"
    return None


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
