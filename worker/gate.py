"""The gate between Redis and Celery: what is no message of ours is refused, and said to be so.

Celery trusts what it finds in its queue. An item that is no JSON ends the worker, a forged time
limit takes a place in its pool for good, and what Celery does refuse it logs, content and all.
Here everything is looked at first. What is refused leaves the queue; the log says why, and quotes
nothing. No delivery is lost: Postgres has it, and the reconciler hands it over again.

It takes two looks. `Channel` sees all that comes out of Redis: is it a message? `Consumer` sees
what is meant for workers: does it call a task of ours, as we call it? What it says is for the step
to judge (`worker.messages`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import structlog
from celery.worker import consumer
from kombu.exceptions import SerializationError
from kombu.transport import redis, virtual
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

log = structlog.get_logger()

LONGEST_PAUSE = timedelta(hours=1)
TELLING_SECONDS = 0.5
"""How long events wait for others, two dozen at most: Flower need not know sooner."""
# What comes of reading nonsense; RecursionError if it is nested without end.
_NONSENSE = (
    *(ValueError, TypeError, LookupError, AttributeError, RecursionError),
    SerializationError,
)


class Refused(ValueError):  # noqa: N818 - says what it is
    """No message of ours; its words say why, and quote nothing."""


def _soon(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + LONGEST_PAUSE:
        raise ValueError("later than any pause of ours")
    return moment


Seconds = Annotated[int, Field(ge=1)] | None


class Headers(BaseModel):
    """What Celery acts upon, in the forms in which we send it."""

    model_config = ConfigDict(strict=True)

    task: str
    id: str = Field(min_length=1, max_length=100)
    retries: int = Field(0, ge=0, lt=2**15)
    timelimit: tuple[Seconds, Seconds] | None = Field(None, strict=False)
    eta: Annotated[AwareDatetime, Field(strict=False), AfterValidator(_soon)] | None = None
    expires: Annotated[AwareDatetime, Field(strict=False)] | None = None
    shadow: None = None


def check(message: virtual.Message, tasks: Collection[str]) -> None:
    """Look at what is meant for a worker that knows these tasks.

    Raises:
        Refused: it is not JSON that calls one of them.
    """
    if message.content_type != "application/json":
        raise Refused("its content type is not JSON")
    try:
        headers = Headers.model_validate(message.headers)
    except ValidationError as error:
        where, *_ = error.errors(include_url=False, include_context=False, include_input=False)
        names = ".".join(map(str, where["loc"]))
        raise Refused(f"its headers are not ours ({names}: {where['type']})") from None
    if headers.task not in tasks:
        raise Refused("it calls no task of ours")
    try:
        payload = message.payload
    except _NONSENSE as error:
        raise Refused(f"its body is not JSON ({type(error).__name__})") from None
    match payload:
        case [list(), dict(), dict()]:
            return
    raise Refused("its body is no call of a task")


class Message(virtual.Message):
    """A message that nothing is unpacked of before it has been looked at."""

    def __init__(self, payload: dict[str, Any], channel: Any = None, **options: Any) -> None:
        if "compression" in (payload.get("headers") or {}):
            raise Refused("its body is compressed, which ours never is")
        super().__init__(payload, channel, **options)


class Channel(redis.Channel):
    """Kombu's, but nonsense in a queue does not end its reader."""

    Message = Message
    # Bodies are JSON and pass as they are: base64, the default, would add a third to each copy.
    body_encoding = "utf-8"
    _client_of_pool: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002 - Kombu's
        """The client of this channel's connections, which Kombu makes anew for each command."""
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[misc]  # not in the stubs
        known = self._client_of_pool
        if known is None or known.connection_pool is not self.pool:
            known = self._client_of_pool = super()._create_client()  # type: ignore[misc]
        return known

    def _connparams(self, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002 - Kombu's
        """Where Redis is, which a lost connection forgets before it has closed all of its own.

        Kombu then stumbles over None (its issue 582), and the worker ends instead of connecting
        again. That a connection is lost it takes well.
        """
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous)  # type: ignore[misc]  # not in the stubs

    def _brpop_read(self, **options: Any) -> object:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # not in the stubs
        except _NONSENSE as error:
            why = str(error) if isinstance(error, Refused) else type(error).__name__
            log.error("message_refused", why=f"it is no message: {why}")  # noqa: TRY400 - no quotes
            return True


class Transport(redis.Transport):
    """Kombu's Redis, behind the gate."""

    Channel = Channel


class Consumer(consumer.Consumer):
    """Celery's, but it takes only what calls a task of ours as we call it, and tells in groups.

    What becomes of a task is told in four events, each a round trip to Redis and half of what the
    worker's main process does for a small message. So they wait for each other a moment.
    """

    def register_with_event_loop(self, hub: Any) -> None:
        """Begin to work: what is to be told is told at intervals."""
        super().register_with_event_loop(hub)
        hub.call_repeatedly(TELLING_SECONDS, self._tell)

    def on_send_event_buffered(self) -> Any:
        """An event waits to be told. Celery's tells it at once."""

    def shutdown(self) -> None:
        """Stop, all work being done; tell what has not been told."""
        self._tell()
        super().shutdown()

    def _tell(self) -> None:
        if dispatcher := getattr(self, "event_dispatcher", None):
            dispatcher.flush()

    def create_task_handler(self, *args: Any, **options: Any) -> Callable[[virtual.Message], None]:
        """The function that every message for the workers goes through."""
        take = super().create_task_handler(*args, **options)
        ours = {name for name in self.app.tasks if not name.startswith("celery.")}

        def look(message: virtual.Message) -> None:
            try:
                check(message, ours)
            except Refused as why:
                log.error("message_refused", why=str(why))  # noqa: TRY400 - it says it all
                message.reject()
            else:
                take(message)

        return look
