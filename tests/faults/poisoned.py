"""A worker as in production, but for a recogniser that some articles poison.

`python -m tests.faults.poisoned worker`: an article that has ``poison-<name>`` in its text has the
function of that name in `POISONS` called by whichever process recognises it.
`python -m tests.faults.poisoned deliver` reads batches of texts, a JSON list of lists, and hands
each batch over as one message; it prints the deliveries' ids in the same shape.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

from worker import cli
from worker.core.enrich.recognise import ANY_LANGUAGE, NullRecogniser, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.core.article import Label

_MARK = re.compile(r"poison-(\w+)")
_SPARE_BYTES = 200_000_000

Spans = list[list[Span]]


class _Unspeakable(Exception):  # noqa: N818 - says what it is
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


def _killed(_: Spans) -> Spans:
    """As the system does that is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def _segfault(_: Spans) -> Spans:
    ctypes.string_at(0)
    return []


def _memory(_: Spans) -> Spans:
    """All that it may have, and more."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(open("/proc/self/statm").read().split()[0])  # noqa: PTH123, SIM115 - one line
    limit = pages * resource.getpagesize() + _SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        hoard = [bytearray(10_000_000)]
        while hoard:
            hoard.append(bytearray(10_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    return []


def _loop(_: Spans) -> Spans:
    while True:
        pass


def _hang(_: Spans) -> Spans:
    """In code that no signal interrupts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    while True:
        time.sleep(60)


def _leave(_: Spans) -> Spans:
    os._exit(0)


def _raise(error: BaseException) -> Callable[[Spans], Spans]:
    def poison(_: Spans) -> Spans:
        raise error

    return poison


def _recurse(found: Spans) -> Spans:
    return _recurse(found)


def _unlabelled(found: Spans) -> Spans:
    return [[Span(0, 4, cast("Label", "NOPE"))] for _ in found]


POISONS: dict[str, Callable[[Spans], Spans]] = {
    "killed": _killed,
    "segfault": _segfault,
    "leave": _leave,
    "loop": _loop,
    "hang": _hang,
    "memory": _memory,
    "memory_error": _raise(MemoryError()),
    "recursion": _recurse,
    "unspeakable": _raise(_Unspeakable()),
    "interrupt": _raise(KeyboardInterrupt()),
    "exit": _raise(SystemExit(3)),
    "too_few": lambda found: found[:-1],
    "too_many": lambda found: [*found, []],
    "unlabelled": _unlabelled,
}


class Poisoned(NullRecogniser):
    """Finds nothing, and is harmed by what is poisoned."""

    def recognise(self, texts: Sequence[str]) -> Spans:
        """No names, for each text."""
        found = super().recognise(texts)
        for text in texts:
            if mark := _MARK.search(text):
                found = POISONS[mark[1]](found)
        return found


def _deliver(batches: list[list[str]]) -> list[list[int]]:
    from tests.factories import deliver  # noqa: PLC0415 - only this command needs it
    from worker import db, pipeline  # noqa: PLC0415

    taken = []
    for texts in batches:
        with db.transaction() as connection:
            taken.append(list(deliver(connection, *texts)))
        pipeline.submit(taken[-1])
    return taken


if __name__ == "__main__":
    if sys.argv[1:] == ["deliver"]:
        sys.stdout.write(json.dumps(_deliver(json.load(sys.stdin))))
    else:
        with patch("worker.tasks.enrich.recognisers", lambda: {ANY_LANGUAGE: Poisoned()}):
            cli.main()
