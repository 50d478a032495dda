"""Keep the error of one article from the others of its batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from celery.exceptions import SoftTimeLimitExceeded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

In = TypeVar("In")
Out = TypeVar("Out")


def each(function: Callable[[In], Out]) -> Callable[[Sequence[In]], list[Out | Exception]]:
    """Apply to one article after the other; what one raises is that one's result.

    When the soft time limit strikes, it is the result of all that are not done.
    """

    def apply(items: Sequence[In]) -> list[Out | Exception]:
        results: list[Out | Exception] = []
        for item in items:
            try:
                results.append(function(item))
            except SoftTimeLimitExceeded as out_of_time:
                return [*results, *[out_of_time] * (len(items) - len(results))]
            except Exception as error:  # noqa: BLE001 - the result, accounted for by the step
                results.append(error)
        return results

    return apply


def together(
    function: Callable[[Sequence[In]], Sequence[Out]],
) -> Callable[[Sequence[In]], list[Out | Exception]]:
    """Apply to the whole batch at once and, should that fail, to one after the other."""

    def one(item: In) -> Out:
        (result,) = function([item])
        return result

    alone = each(one)

    def apply(items: Sequence[In]) -> list[Out | Exception]:
        try:
            results = function(items)
            if len(results) == len(items):
                return list(results)
            return alone(items)
        except SoftTimeLimitExceeded as out_of_time:
            return [out_of_time] * len(items)
        except Exception:  # noqa: BLE001 - raised again, one by one, by the article whose it is
            return alone(items)

    return apply
