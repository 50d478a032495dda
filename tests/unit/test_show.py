"""An article with its mentions, as a person sees it at a terminal."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import TYPE_CHECKING, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from worker.core import characters
from worker.core.article import Label, RawArticle
from worker.core.enrich.recognise import ANY_LANGUAGE, NullRecogniser, Span
from worker.show.article import COLOURS, in_colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.article import EntitiesBy
    from worker.core.enrich.recognise import Recogniser

STORY: Final = (
    "Le phare de Kribi rouvre\n\n"
    "Kribi (ACAP) – Le phare de Kribi rouvre le 4 mai 2031, a dit Mme Awa Mbarga.\n\n"
    "Les travaux de la Banque du Sud ont coûté 2 millions de dollars, selon Mbarga. -ACAP\n"
)
NAMES: Final[dict[str, Label]] = {"Kribi": "LOC", "Awa Mbarga": "PER", "Banque du Sud": "ORG"}
_SENT: Final = re.compile(r"\x1b\[[0-9;]*m")


class Names:
    """Knows the names of the story."""

    name: str = "names-1"
    kind: EntitiesBy = "model"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """Wherever they stand."""
        pattern = "|".join(NAMES)
        return [
            [Span(*found.span(), NAMES[found[0]]) for found in re.finditer(pattern, text)]
            for text in texts
        ]


class Everything:
    """Takes any line for a name."""

    name: str = "every\x1bthing"
    kind: EntitiesBy = "model"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The lines of each text."""
        return [
            [Span(*found.span(), "MISC") for found in re.finditer(r"[^\n]+", text)]
            for text in texts
        ]


def printed(
    data: bytes,
    recogniser: Recogniser | None = None,
    file: str = "a.txt",
    *,
    colours: bool = False,
    max_bytes: int = 10_000,
) -> str:
    """What is sent to the terminal."""
    console = Console(file=io.StringIO(), width=140, color_system="standard" if colours else None)
    raw = RawArticle(file, None, data)
    console.print(in_colour(raw, {ANY_LANGUAGE: recogniser or Names()}, max_bytes))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def table(sent: str) -> list[list[str]]:
    """The rows of the table."""
    lines = sent.splitlines()
    head = next(i for i, line in enumerate(lines) if "Canonical" in line)
    columns = ("Label", "Canonical", "Key", "As printed")
    starts = [lines[head].index(column) for column in columns]
    return [
        [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        for line in lines[head + 2 :]
        if line.strip()
    ]


def is_harmless(text: str) -> bool:
    """Whether nothing in it steers a terminal, or turns the direction of writing."""
    return frozenset(characters.DIRECTIONS).isdisjoint(text) and all(
        unicodedata.category(character) != "Cc" or character == "\n" for character in text
    )


def test_head() -> None:
    """It names the file, the language, and what found the names."""
    assert printed(STORY.encode()).startswith("a.txt: fr, names by names-1\n")
    assert printed(b"Abc\n\nAbc def ghi jkl.").startswith(
        "a.txt: unknown language, names by names-1\n"
    )


def test_legend() -> None:
    """Each label has a colour of its own, which is told first."""
    assert set(COLOURS) == set(get_args(Label))
    assert len(set(COLOURS.values())) == len(COLOURS)
    assert printed(STORY.encode()).splitlines()[1] == "  ".join(COLOURS)


def test_fields() -> None:
    """The whole text of the fields is shown in order, as it is stored."""
    sent = printed(STORY.encode())
    title = sent.index("Le phare de Kribi rouvre\n")
    first = sent.index("Le phare de Kribi rouvre le 4 mai 2031, a dit Mme Awa Mbarga.")
    last = sent.index(
        "Les travaux de la Banque du Sud ont coûté 2 millions de dollars, selon Mbarga."
    )
    assert title < first < last
    assert "ACAP" not in sent


def test_colours() -> None:
    """A mention stands in the colour of its label, what is beside it in none."""
    sent = printed(STORY.encode(), colours=True)
    assert "\x1b[1;32mKribi\x1b[0m" in sent
    assert "a dit Mme \x1b[1;35mAwa Mbarga\x1b[0m." in sent
    assert "\x1b[36m4 mai 2031\x1b[0m" in sent
    assert "coûté \x1b[31m2 millions de dollars\x1b[0m, selon \x1b[1;35mMbarga\x1b[0m." in sent


def test_table() -> None:
    """Each entity, date and amount stands there once, by label, with its spellings counted."""
    assert table(printed(STORY.encode())) == [
        ["PER", "Awa Mbarga", "per:awa-mbarga", "Awa Mbarga, Mbarga"],
        ["ORG", "Banque du Sud", "org:banque-du-sud", "Banque du Sud"],
        ["LOC", "Kribi", "loc:kribi", "Kribi ×2"],
        ["DATE", "2031-05-04", "", "4 mai 2031"],
        ["MONEY", "2000000 USD", "", "2 millions de dollars"],
    ]


def test_no_mentions() -> None:
    """Where nothing was found the table is empty."""
    assert table(printed(b"Le phare rouvre\n\nLe port est ouvert.\n", NullRecogniser())) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" \n", "empty: the file holds nothing but blanks"),
        (b"%PDF-1.7", "binary: the file is PDF"),
        (b"Voir plus\n\nUn titre", "no-body: no paragraph of a story is left"),
        (b"x" * 101, "too-large: the file has more than 100 bytes"),
    ],
)
def test_rejected(data: bytes, reason: str) -> None:
    """A file that holds no story gives a sentence that says why."""
    assert printed(data, max_bytes=100) == f"a.txt: rejected, {reason}\n"


# What a file may not do


@pytest.mark.parametrize(
    "escape",
    [
        *("\x1b[2J", "\x1b]0;titre\x07", "\x1bc", "\x9b31m", "\x07", "\x08", "\r", "\x0b", "\x0c"),
        *("\x7f", "\x85", "\x90", "\x1c", "\u202e", "\u2067", "\u200f"),
    ],
)
@pytest.mark.parametrize("recogniser", [Names(), Everything()])
def test_terminal_escapes(recogniser: Recogniser, escape: str) -> None:
    """Control characters are shown as pictures, in the text, in mentions and in the table."""
    sent = printed(STORY.replace("Kribi", f"Kri{escape}bi").encode(), recogniser)
    assert "Canonical" in sent
    assert is_harmless(sent)


@pytest.mark.parametrize("name", ["\x1b[2Ja.txt", "a\x07.txt", "a\r\x9b31m.txt", "a\u202e.txt"])
@pytest.mark.parametrize("data", [STORY.encode(), b""])
def test_terminal_escapes_in_the_name(data: bytes, name: str) -> None:
    """Nor are those of a name sent, of a story or of a rejected file."""
    assert is_harmless(printed(data, file=name))


@given(st.lists(st.text(max_size=20) | st.sampled_from([*STORY.split("\n"), "\x1b[1m", "[/]"])))
def test_any_text(lines: list[str]) -> None:
    """Whatever is in a file, no control character is sent."""
    assert is_harmless(printed("\n\n".join(lines).encode(errors="replace"), Everything()))


@pytest.mark.parametrize("tag", ["[red]", "[/]", "[/red]", "[link=http://a.example]", "[", "\\["])
def test_markup_of_rich(tag: str) -> None:
    """What looks like rich's own markup is text like any other."""
    text = f"Le phare {tag} rouvre\n\nLe port {tag} est ouvert.\n"
    for recogniser in (NullRecogniser(), Everything()):
        sent = printed(text.encode(), recogniser, f"{tag}.txt", colours=True)
        assert _SENT.sub("", sent).startswith(f"{tag}.txt: ")
        assert f"Le port {tag} est ouvert" in _SENT.sub("", sent)
    assert printed(b"", file=f"{tag}.txt").startswith(f"{tag}.txt: rejected")
