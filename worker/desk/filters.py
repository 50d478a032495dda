"""Which deliveries a page is about, as its address says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args
from urllib.parse import urlencode

from tornado.web import HTTPError

from models.delivery import Disposition
from worker import asked
from worker.errors import UserError
from worker.operate import Failed
from worker.pipeline import STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BIGINT: Final = 2**63


@dataclass(frozen=True, slots=True)
class Filters:
    """Deliveries that all of these are true of; None says nothing."""

    disposition: str | None = None
    feed: str | None = None
    step: str | None = None
    error: str | None = None
    """Part of the reason, in any case."""
    cause: str | None = None
    since: datetime | None = None
    """Of quarantine where that is looked at, else of receipt; so is ``until``."""
    until: datetime | None = None

    @property
    def failed(self) -> Failed:
        """Those of them that are quarantined."""
        return Failed(self.step, self.error, self.cause, self.feed, self.since, self.until)

    @property
    def narrow(self) -> bool:
        """Whether they say more than a disposition."""
        return any((self.feed, self.step, self.error, self.cause, self.since, self.until))

    def address(self, **others: object) -> str:
        """The query of an address: these filters, and others; what is None is left out."""
        values: dict[str, object] = {
            "disposition": self.disposition,
            "feed": self.feed,
            "step": self.step,
            "error": self.error,
            "cause": self.cause,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            **others,
        }
        return urlencode({name: value for name, value in values.items() if value is not None})


def read(arguments: Mapping[str, Sequence[bytes]]) -> Filters:
    """The filters in the query of an address.

    Raises:
        HTTPError: 400, with a sentence that says which cannot be used.
    """
    disposition, step = text(arguments, "disposition"), text(arguments, "step")
    _known("disposition", disposition, get_args(Disposition))
    _known("step", step, STEPS)
    return Filters(
        disposition,
        text(arguments, "feed"),
        step,
        text(arguments, "error"),
        text(arguments, "cause"),
        _moment(arguments, "since"),
        _moment(arguments, "until"),
    )


def text(arguments: Mapping[str, Sequence[bytes]], name: str) -> str | None:
    """The last value of an argument; None if there is none, or an empty one.

    Tornado's own way to read it, and Flower's, would change what stands there.
    """
    try:
        value = arguments.get(name, [b""])[-1].decode()
    except UnicodeDecodeError:
        raise HTTPError(400, f"{name} is not in UTF-8.") from None
    if "\0" in value:
        raise HTTPError(400, f"{name} has a NUL character, which no text in Postgres has.")
    return value or None


def number(arguments: Mapping[str, Sequence[bytes]], name: str) -> int | None:
    """An argument that is a positive number."""
    value = text(arguments, name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > len(str(_BIGINT)):
        raise HTTPError(400, f"{name} is “{value}”, which is no number that can be used.")
    return min(int(value), _BIGINT - 1)


def delivery_ids(arguments: Mapping[str, Sequence[bytes]]) -> list[int]:
    """The numbers of deliveries that are named one by one."""
    return [delivery_id(value.decode(errors="replace")) for value in arguments.get("id", [])]


def delivery_id(value: str) -> int:
    """The number of a delivery.

    Raises:
        HTTPError: 400, it is no number; 404, there can be no such delivery.
    """
    if not (value.isascii() and value.isdigit()):
        raise HTTPError(400, f"“{value}” is no number of a delivery.")
    # int() refuses thousands of digits, and far fewer are too many.
    if len(value) > len(str(_BIGINT)) or int(value) >= _BIGINT:
        raise HTTPError(404, f"There is no delivery {value[:40]}.")
    return int(value)


def _known(name: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise HTTPError(400, f"{name} is “{value}”; it can be {', '.join(known)}.")


def _moment(arguments: Mapping[str, Sequence[bytes]], name: str) -> datetime | None:
    value = text(arguments, name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return _asked(name, value)
    return _asked(name, at if at.tzinfo else at.replace(tzinfo=UTC))  # as Flower shows times


def _asked(name: str, value: object) -> datetime:
    try:
        return asked.moment(value).astimezone(UTC)
    except (UserError, OverflowError) as error:
        raise HTTPError(400, f"{name}: {error}") from None
