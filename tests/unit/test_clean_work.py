"""How the work of clean grows with its input, counted in calls and characters, not in seconds."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

import worker.core.clean
from worker.core import characters
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SIZE = 5_000  # characters; what is not linear shows at this size already
_SLACK = 1.1  # caches that fill once, and what is cut at another place

HOSTILE = {
    "a line": "a",
    "words": "mot ",
    "sentences": "Le pont est ouvert. ",
    "links": ">>",
    "spaces": " ",
    "digits": "1",
    "combining marks": "e\u0301\u0300",
    "short lines": "Ab c\n",
    "one-letter lines": "a\n",
    "signatures": "Le pont est ouvert. -VNA\n",
    "agencies": "VNA\n",
    "markers": "Voir plus\n",
    "lists of links": "Sur le même sujet\nUn titre\n",
    "teasers": "Le pont. Photo : VNA\nUn titre\nUne phrase.\n",
    "pictures": "Le pont. Photo : VNA\nUn titre\n",
    "headers": "date 2026-03-10Date ",
    "datelines": "a.Hanoï (VNA) – b",
    "numbers of pictures": "ảnh 1A",
    "code": "{};",
    "open tags": "<p>",
    "angles": "<",
    "entities": "&amp;",
    "quotes": "\"'",
    "brackets": "(",
    "credits": "Photo : ",
    "hashtags": "#a",
    "addresses": "http://a.b ",
    "zero-width spaces": "a\u200b",
    "controls": "a\x01",
    "wrapped lines": "mot " * 18 + "fin\n",
    "glue": "lacoopération ",
    "one long word": "lacoopération",
    "commas": "a,b",
    "mixed case": "AbCd",
    "mojibake": "Ã©",
    "figures": "3,5%de ",
    "full stops": ". A",
}


class Counted:
    """A compiled pattern that adds up the characters that it is let loose on."""

    def __init__(self, pattern: re.Pattern[str], count: Callable[[int], None]) -> None:
        self._pattern, self._count = pattern, count

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._pattern, name)
        if name in {"search", "finditer", "findall"}:
            return self._within(method)
        if name in {"sub", "subn", "split"}:
            return self._whole(method)
        return method

    def _within(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(string: str, pos: int = 0, endpos: int = sys.maxsize) -> Any:
            found = method(string, pos, endpos)
            end = found.end() if isinstance(found, re.Match) else min(endpos, len(string))
            self._count(end - pos)
            return found

        return call

    def _whole(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self._count(len(arguments[-1]))
            return method(*arguments, **options)

        return call


class Work:
    """Adds up calls and characters while it is looked at."""

    def __init__(self) -> None:
        self.done = 0

    def add(self, characters: int) -> None:
        """Count characters that a pattern was let loose on."""
        self.done += characters

    def of(self, text: str) -> int:
        """What it takes to decode and clean a text."""
        self.done = 0
        data = text.encode()

        def profile(_frame: FrameType, event: str, _argument: object) -> None:
            self.done += event in {"call", "c_call"}

        sys.setprofile(profile)
        try:
            clean(decode(data))
        except Permanent:
            pass
        finally:
            sys.setprofile(None)
        return self.done


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Counts what the modules of clean do."""
    counted = Work()
    for module in (characters, *_modules()):
        for name, value in list(vars(module).items()):
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                monkeypatch.setattr(module, name, Counted(value, counted.add))
            elif isinstance(value, tuple) and any(isinstance(each, re.Pattern) for each in value):
                several = tuple(Counted(each, counted.add) for each in value)
                monkeypatch.setattr(module, name, several)
    return counted


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(worker.core.clean.__path__, "worker.core.clean."):
        yield importlib.import_module(found.name)


@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_the_input_takes_twice_the_work(work: Work, kind: str) -> None:
    """However hostile a file is, the work grows with its length and no faster."""
    unit = HOSTILE[kind]
    text = unit * (SIZE // len(unit))
    work.of(text)  # fills what is loaded once
    once, twice = work.of(text), work.of(text + text)
    assert 0 < twice <= 2 * _SLACK * once


def test_work_is_counted(work: Work) -> None:
    """The measure sees work that is not linear."""
    pattern = Counted(re.compile("b"), work.add)

    def square(text: str) -> int:
        work.done = 0
        for start in range(len(text)):
            pattern.search(text, start)
        return work.done

    assert square("a" * 200) > 3 * square("a" * 100)
