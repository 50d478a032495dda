"""Acronyms that an article explains: ``Union européenne (UE)``, ``UE (Union européenne)``.

A simple form of A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation
definitions in biomedical text" (2003): the letters must be the initials of whole words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.core.enrich.folding import SMALL_WORDS, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACRONYM: Final = re.compile(r"[^\W\d_](?:[\w&-]|\.(?=\w)){1,11}")
_BRACKET: Final = re.compile(r"[(\[]\s*(?:ou\s+|en abrégé\s+)?([^()\[\]\n,;]{2,200})")
_BEFORE: Final = re.compile(r"[^\s'’]+$")
_LONGEST_NAME: Final = 200  # characters before the brackets that are looked at
_BREAK: Final = re.compile(r"[\n.;:!?()\[\]«»“”\"]")
_WORD: Final = re.compile(r"[^\W_]+")
_MOST_WORDS: Final = 18
_FEWEST_CAPITALS: Final = 2


def is_acronym(name: str) -> bool:
    """Whether a name looks like one: a word, half of it capitals, two at least."""
    capitals = sum(map(str.isupper, name))
    return (
        _ACRONYM.fullmatch(name.rstrip(".")) is not None
        and capitals >= _FEWEST_CAPITALS
        and 2 * capitals >= sum(map(str.isalnum, name))
    )


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """The acronyms that a text explains, each with its long form, in the order of the text."""
    for match in _BRACKET.finditer(text):
        inside = match[1].rstrip(" .")
        around = text[max(match.start() - _LONGEST_NAME, 0) : match.start()]
        before = _BREAK.split(around)[-1].rstrip()
        if is_acronym(inside):
            start = _start(before, inside)
            if start is not None:
                yield inside, before[start:]
        elif (
            (word := _BEFORE.search(before)) and is_acronym(word[0]) and stands_for(word[0], inside)
        ):
            yield word[0], inside


def stands_for(acronym: str, name: str) -> bool:
    """Whether the acronym's letters are the initials of the name's words.

    Articles and prepositions may be left out, and what follows a hyphen.
    """
    return _start(name, acronym, whole=True) is not None


def resembles(acronym: str, name: str) -> bool:
    """Whether half of the acronym's letters are initials of the name's words, in their order.

    So much is left of ``MOIT`` in ``ministère de l'Industrie et du Commerce``: the acronym of
    another language beside the French name.
    """
    letters, initials = fold(acronym), "".join(word[0] for word in fold(name).split("-") if word)
    row = [0] * (len(initials) + 1)  # longest common subsequence
    for letter in letters:
        previous = row
        row = [0]
        for at, initial in enumerate(initials):
            row.append(previous[at] + 1 if letter == initial else max(row[at], previous[at + 1]))
    return 2 * row[-1] >= len(letters)


def initials(name: str) -> str:
    """The initials of a name's words without articles and prepositions."""
    return "".join(word[0] for word in fold(name).split("-") if word and word not in SMALL_WORDS)


def _start(name: str, acronym: str, *, whole: bool = False) -> int | None:
    """Where in a name the words begin whose initials are the acronym; None if they are not.

    The words end with the name. If ``whole``, they must begin with it too.
    """
    letters = fold(acronym).replace("-", "")
    words = list(_WORD.finditer(name))
    if whole and len(words) > _MOST_WORDS:
        return None
    words = words[-_MOST_WORDS:]
    folded = [fold(word[0]) for word in words]
    small = [
        word in SMALL_WORDS or (match.start() > 0 and name[match.start() - 1] == "-")
        for word, match in zip(folded, words, strict=True)
    ]
    # For each number of letters that the words from here to the end can be.
    reached = {0}
    for at in range(len(words) - 1, -1, -1):
        taken = {
            count + 1
            for count in reached
            if count < len(letters) and folded[at][:1] == letters[len(letters) - count - 1]
        }
        if len(letters) in taken and folded[at] not in SMALL_WORDS:
            if not whole or all(small[:at]):
                return words[at].start()
            taken.discard(len(letters))
        reached = taken | (reached if small[at] else set())
        if not reached:
            return None
    return None
