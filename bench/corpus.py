"""Any number of different articles, made from the stories of `seeds/`, the same for every seed."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from worker.core.article import RawArticle
from worker.core.clean.decode import decode
from worker.core.process import process

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS: Final = Path(__file__).resolve().parent.parent / "seeds"

# Whole numbers, but not the parts of an ISO date, and not the mark of a caption.
_NUMBER: Final = re.compile(r"(?<![\d-])(?<!ảnh )\d+(?![\d-])")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) (?=[A-ZÀ-Ý«\"])")


def stories() -> list[str]:
    """The texts of the sample files that hold a story, each story once."""
    texts: dict[object, str] = {}
    for path in sorted(SEEDS.rglob("*.txt")):
        data = path.read_bytes()
        found = process(RawArticle(path.name, None, data), {}, max_bytes=len(data))
        if found["disposition"] == "stored":
            texts.setdefault(found["content_hash"], decode(data).text)
    return list(texts.values())


def articles(seed: str) -> Iterator[bytes]:
    """Different articles without end: other numbers, and sentences in another order.

    Names recur from one article to the next, as they do in the news.
    """
    chance = random.Random(seed)  # noqa: S311 - repeats itself, guards nothing
    templates = stories()
    seen: set[str] = set()
    while True:
        for template in templates:
            text = _perturbed(template, chance)
            if text not in seen:
                seen.add(text)
                yield text.encode()


def _perturbed(text: str, chance: random.Random) -> str:
    lines = _NUMBER.sub(lambda number: _other(number[0], chance), text).splitlines()
    return "\n".join(_shuffled(line, chance) for line in lines)


def _other(number: str, chance: random.Random) -> str:
    """A number of as many digits."""
    return str(chance.randrange(10 ** (len(number) - 1), 10 ** len(number)))


def _shuffled(line: str, chance: random.Random) -> str:
    """The line with its sentences in another order, but for the first and the last."""
    first, *inner = _SENTENCE_END.split(line)
    last = inner[-1:]
    inner = inner[:-1]
    chance.shuffle(inner)
    return " ".join([first, *inner, *last])
