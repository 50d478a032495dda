"""What people and programs ask of the operator's tasks and commands, checked before it is done."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Final, ParamSpec, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, validate_call

from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT: Final = 10_000  # deliveries that a retry of many takes, unless it is told otherwise
_LARGEST: Final = 2**63 - 1  # what Postgres counts to
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?) ?(min|h|d|w)")
_UNITS: Final = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Step(StrEnum):
    """A step that may have failed."""

    dedupe = "dedupe"
    clean = "clean"
    enrich = "enrich"
    persist = "persist"


def ids(value: object) -> list[int]:
    """Ids as they are typed: ``17``, ``"17"``, ``"17, 18"``, ``[17, "18"]``.

    Raises:
        UserError: there is something else among them.
    """
    match value:
        case bool():
            pass
        case int() if 0 < value <= _LARGEST:
            return [value]
        case str():
            words = value.replace(",", " ").split()
            if words and all(word.isascii() and word.isdigit() for word in words):
                return [each for word in words for each in ids(int(word))]
        case list() | tuple():
            return [each for item in value for each in ids(item)]
    raise UserError(f"{value!r} is no id: name deliveries by numbers such as 17, one or a list.")


def moment(value: object) -> datetime:
    """A time as it is typed: ISO 8601, or how long ago (``30min``, ``2h``, ``3d``, ``1w``).

    Without an offset it is in the time zone of this machine.

    Raises:
        UserError: it is neither.
    """
    try:
        match value:
            case datetime():
                return value.astimezone()
            case str() if span := _SPAN.fullmatch(value.strip()):
                return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: float(span[1])})
            case str():
                return datetime.fromisoformat(value.strip()).astimezone()
    except (ValueError, OverflowError):
        pass
    raise UserError(
        f"{value!r} is no time: write 2031-05-04, 2031-05-04T08:00+01:00, or how long ago, as "
        "30min, 2h, 3d or 1w."
    )


Count = Annotated[int, Field(ge=0, le=100_000)]
Ids = Annotated[list[int], BeforeValidator(ids)]
Moment = Annotated[datetime, BeforeValidator(moment)]


def checked(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Have the arguments of a function fit its annotations, or say in a sentence what it takes."""
    call = validate_call(function)

    @wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return call(*args, **kwargs)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
            )
            takes = ", ".join(signature(function).parameters)
            raise UserError(f"{wrong}. What can be given: {takes}.") from None

    return run
