"""Gold: what a careful editor makes of a file, character by character.

An own gold article is a list of pieces that spell the file, each with the part that it is;
``¦`` in a piece is a space that the file has lost. The articles that lie beside the checkout say
what the fields are; their pieces are found again in the file.
"""

from __future__ import annotations

import html
import itertools
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

LOST: Final = "¦"
FIELDS: Final = frozenset({"title", "lead", "body"})
NEUTRAL: Final = frozenset({"dateline", "byline", "signature", "published", "whitespace"})
"""Parts that are no boilerplate, and of which no character counts as the story's."""

HERE: Final = Path(__file__).parent
SHARED: Final = HERE.parents[2] / "shared"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the file, which part it is, and where spaces were lost in it."""

    part: str
    text: str
    lost: tuple[int, ...] = ()
    """Offsets into ``text`` that a space is missing before."""

    @property
    def reading(self) -> str:
        """The text with the lost spaces put back."""
        cuts = [0, *self.lost, len(self.text)]
        return " ".join(self.text[a:b] for a, b in itertools.pairwise(cuts))


@dataclass(frozen=True, slots=True)
class Gold:
    """A file and what becomes of it."""

    name: str
    pieces: tuple[Piece, ...]
    expected: dict[str, Any]

    @property
    def raw(self) -> str:
        """The file's text."""
        return "".join(piece.text for piece in self.pieces)

    def unescaped(self) -> Gold:
        """The same with HTML's names of characters as characters, which offsets then count."""
        pieces = tuple(
            Piece(each.part, html.unescape(each.text), each.lost) for each in self.pieces
        )
        return Gold(self.name, pieces, self.expected)

    @property
    def body(self) -> list[str]:
        """The paragraphs of the story, blanks evened out."""
        return [" ".join(each.reading.split()) for each in self.pieces if each.part == "body"]


def own(split: str) -> list[Gold]:
    """The project's own gold of a split: ``dev``, that rules are made on, or ``test``."""
    return [_own(path) for path in sorted((HERE / "gold" / split).glob("*.json"))]


@cache
def shared() -> list[Gold]:
    """The gold beside the checkout, if it is there."""
    return [_shared(path) for path in sorted((SHARED / "gold").glob("*.json"))]


def _own(path: Path) -> Gold:
    read = json.loads(path.read_text("utf-8"))
    pieces = []
    for part, marked in read["pieces"]:
        parts = marked.split(LOST)
        lost = [sum(map(len, parts[: n + 1])) for n in range(len(parts) - 1)]
        pieces.append(Piece(part, "".join(parts), tuple(lost)))
    return Gold(path.stem, tuple(pieces), read["expected"])


def _shared(path: Path) -> Gold:
    read = json.loads(path.read_text("utf-8"))
    raw = (SHARED / "seeds" / read["file"]).read_text("utf-8")
    pieces: list[Piece] = []
    done = 0
    story = [("title", read["title"]), ("lead", read["lead"])]
    story += [("body", paragraph) for paragraph in read["body"]]
    for part, reading in story:
        if reading is None:
            continue
        start, found = _locate(raw, reading, done)
        pieces += (*_between(raw[done:start], read), Piece(part, *found))
        done = start + len(found[0])
    pieces += _between(raw[done:], read)
    expected = {
        "title": read["title"],
        "lead": read["lead"],
        "published": read["published"] if "stated (" in read["published_source"] else None,
        "dateline": read["dateline"],
        "signature": read["signoff"],
    }
    return Gold(path.stem, tuple(pieces), expected)


def _locate(raw: str, reading: str, done: int) -> tuple[int, tuple[str, tuple[int, ...]]]:
    """Where the reading stands in the file, blanks aside, and the spaces that it has more."""
    shown = [(at, character) for at, character in enumerate(raw[done:], done) if character.strip()]
    bare = "".join(character for _, character in shown)
    first = bare.index("".join(reading.split()))
    start = shown[first][0]
    lost = []
    at, blank = start, False
    for character in reading:
        if not character.strip():
            blank = True
            continue
        gap = at
        while not raw[at].strip():
            at += 1
        if blank and gap == at:
            lost.append(at - start)
        blank = False
        at += 1
    return start, (raw[start:at], tuple(lost))


def _between(text: str, read: dict[str, Any]) -> list[Piece]:
    """What stands between fields: boilerplate, unless it is the dateline or the signature."""
    shown = text.strip()
    neutral = shown.strip("-–— ") == read["signoff"] or (
        read["dateline"] is not None
        and shown.startswith(read["dateline"]["place"])
        and shown.endswith(("–", "-"))
    )
    if not shown or neutral:
        return [Piece("signature" if shown else "whitespace", text)]
    start = text.index(shown)
    pieces = [Piece("whitespace", text[:start])]
    header = f"date {read['published']}"
    if shown.startswith(header):
        pieces.append(Piece("published", header))
        shown = shown.removeprefix(header)
    for line in shown.splitlines(keepends=True):
        bare = line.strip()
        if read["dateline"] and bare.startswith(f"{read['dateline']['place']} ("):
            pieces.append(Piece("dateline", line))
        elif bare.strip("-–— ") == read["signoff"]:
            pieces.append(Piece("signature", line))
        else:
            pieces.append(Piece("boilerplate" if bare else "whitespace", line))
    return [*pieces, Piece("whitespace", text[len("".join(piece.text for piece in pieces)) :])]
