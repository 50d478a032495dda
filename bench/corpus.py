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
    from collections.abc import Iterator, Sequence

SEEDS: Final = Path(__file__).resolve().parent.parent / "seeds"

# Whole numbers, but not the parts of an ISO date, and not the mark of a caption.
_NUMBER: Final = re.compile(r"(?<![\d-])(?<!ảnh )\d+(?![\d-])")
_WORD: Final = re.compile(r"(?<![\w’'-])[a-zà-ÿœ]{4,}(?![\w’'-])")
"""A word that is no name."""
A_SENTENCE: Final = 6  # words of a line: what is shorter is furniture
REWORDED: Final = 0.8


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
    """Different articles without end: other numbers, and other words, names left as they are.

    Names recur from one article to the next, as they do in the news. Two made of one story share
    too little to be told as one (`worker.core.stories`).
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
    words = _WORD.findall(text)
    renumbered = _NUMBER.sub(lambda number: _other(number[0], chance), text)
    return "\n".join(
        _WORD.sub(lambda word: _reworded(word[0], words, chance), line)
        if len(line.split()) >= A_SENTENCE
        else line
        for line in renumbered.splitlines()
    )


def _other(number: str, chance: random.Random) -> str:
    """A number of as many digits."""
    return str(chance.randrange(10 ** (len(number) - 1), 10 ** len(number)))


def _reworded(word: str, words: Sequence[str], chance: random.Random) -> str:
    """Mostly another word of the story."""
    return chance.choice(words) if chance.random() < REWORDED else word
