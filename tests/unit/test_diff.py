"""A file before and after clean, as a person sees it at a terminal."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from worker.core import characters
from worker.core.article import RawArticle
from worker.show.diff import side_by_side

STORY = (
    "date 2031-05-04 Le phare rouvre\n\n"
    "Kribi (ACAP) – Le\u00a0phare de Kribi a signé un accord decoopé\u00adration avec le port.\n\n"
    ">> La pêche reprend\n\n"
    "Les travaux ont coûté deux millions, selon leprésident du port. -ACAP\n\n"
    "Voir plus\n"
)
_SENT = re.compile(r"\x1b\[[0-9;]*m")


def printed(data: bytes, file: str = "a.txt", *, colours: bool = False) -> str:
    """What is sent to the terminal."""
    console = Console(file=io.StringIO(), width=140, color_system="standard" if colours else None)
    console.print(side_by_side(RawArticle(file, None, data)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def rows(data: bytes) -> dict[str, tuple[str, str]]:
    """What was delivered and what is stored, by the part; of several the last."""
    lines = printed(data).splitlines()
    head = next(line for line in lines if "As delivered" in line)
    left, right = head.index("As delivered"), head.index("As stored")
    found = ((line[:left], line[left:right], line[right:]) for line in lines)
    return {part.strip(): (before.strip(), after.strip()) for part, before, after in found}


DIRECTIONS = frozenset(characters.DIRECTIONS)


def is_harmless(text: str) -> bool:
    """Whether nothing in it steers a terminal, or turns the direction of writing."""
    return DIRECTIONS.isdisjoint(text) and all(
        unicodedata.category(character) != "Cc" or character == "\n" for character in text
    )


def test_title() -> None:
    """It names the file, what it was read as, and in which encoding."""
    assert printed(STORY.encode(), "a.txt").startswith("a.txt (text, utf-8)")
    assert printed(STORY.encode("cp1252", "ignore")).startswith("a.txt (text, cp1252)")


def test_kept_and_removed() -> None:
    """What is kept stands on both sides, what was removed only where it was delivered."""
    found = rows(STORY.encode())
    assert found["title"] == ("Le phare rouvre", "Le phare rouvre")
    assert found["related"] == (">> La pêche reprend", "")
    assert found["teaser"] == ("Voir plus", "")
    assert found["signature"] == ("-ACAP", "-ACAP")
    assert "whitespace" not in found


def test_repaired() -> None:
    """A word reads as delivered on the one side, as it is stored on the other."""
    delivered, stored = rows(STORY.encode())["body"]
    assert delivered.startswith("Les travaux")
    assert "leprésident" in delivered
    assert "le président" in stored
    assert "de coopération" in printed(STORY.encode())


def test_order() -> None:
    """The pieces stand in the order of the file."""
    parts = re.findall(r"^ ([a-z]+) ", printed(STORY.encode()), re.MULTILINE)
    assert parts == [
        *("header", "published", "title", "dateline", "body", "related", "body", "signature"),
        "teaser",
    ]


def test_colours() -> None:
    """Red is gone, green is a field, bold marks the words put right on either side."""
    sent = printed(STORY.encode(), colours=True)
    assert re.search(r"\x1b\[31mVoir plus", sent)
    assert re.search(r"\x1b\[32mtitle", sent)
    assert re.search(r"\x1b\[1;31mleprésident", sent)
    assert re.search(r"\x1b\[1;32mle président", sent)


def test_summary() -> None:
    """It counts the characters removed by kind, blanks aside, and the repairs by rule."""
    text = printed(STORY.encode())
    assert "Published 2031-05-04\n" in text
    removed = {"related": len(">>Lapêchereprend"), "teaser": len("Voirplus"), "header": 4}
    line = next(each for each in text.splitlines() if each.startswith("Characters removed"))
    counted = {name: int(number) for name, number in re.findall(r"([a-z-]+) (\d+)", line)}
    assert counted == removed
    assert line.startswith(f"Characters removed: {sum(removed.values())} (")
    assert "Repairs: 3 (glue 2, space 1)" in text


def test_summary_of_nothing() -> None:
    """Where nothing was done it says so, and adds no flags."""
    text = printed(b"Le phare rouvre\n\nLe port est ouvert.\n")
    assert "Published unknown\nCharacters removed: 0\nRepairs: 0\n" in text


def test_flags() -> None:
    """What was wrong with the characters is named."""
    text = printed("Le phare\n\nL&rsquo;été est ouvert, dit-il\x01.\n".encode())
    assert "flags: controls, entities" in text


def test_page() -> None:
    """Of a page the text that was found is shown, not its tags."""
    text = printed(b"<html><body><h1>Un</h1><p>Le port est ouvert.</p></body></html>", "a.html")
    assert text.startswith("a.html (html, utf-8)")
    assert "Le port est ouvert." in text
    assert "<p>" not in text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" \n", "empty: the file holds nothing but blanks"),
        (b"%PDF-1.7", "binary: the file is PDF"),
        (b"Voir plus\n\nUn titre", "no-body: no paragraph of a story is left"),
        (b"<html></html>", "no-body: its markup holds no text of a story"),
    ],
)
def test_rejected(data: bytes, reason: str) -> None:
    """A file that holds no story gives a sentence that says why."""
    assert printed(data) == f"a.txt: rejected, {reason}\n"


# What a file may not do


@pytest.mark.parametrize(
    "escape",
    [
        *("\x1b[2J", "\x1b]0;titre\x07", "\x1bc", "\x9b31m", "\x07", "\x08", "\r", "\x0b", "\x0c"),
        *("\x7f", "\x85", "\x90", "\x1c", "\u202e", "\u2067", "\u200f"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "Le phare{}rouvre\n\nLe port de Kribi est ouvert.\n",
        "Le phare rouvre\n\nLe port de{}Kribi est ouvert.\n",
        "Le phare rouvre\n\nLe port est ouvert. -VNA\n\nVoir plus\n\nLa pêche{}reprend\n",
    ],
)
def test_terminal_escapes(text: str, escape: str) -> None:
    """Control characters are shown as pictures, in fields and in what was removed."""
    sent = printed(text.format(escape).encode())
    assert "Characters removed" in sent
    assert is_harmless(sent)


@pytest.mark.parametrize("name", ["\x1b[2Ja.txt", "a\x07.txt", "a\r\x9b31m.txt"])
def test_terminal_escapes_in_the_name(name: str) -> None:
    """Nor are those of a name sent."""
    assert is_harmless(printed(STORY.encode(), name))


@pytest.mark.parametrize("name", ["\x1b[2Ja.txt", "a\x9b31m.txt"])
def test_terminal_escapes_in_the_name_of_a_rejected_file(name: str) -> None:
    """Not even where there is only a sentence."""
    assert is_harmless(printed(b"", name))


@given(st.lists(st.text(max_size=20) | st.sampled_from([*STORY.split("\n"), "\x1b[1m", "[/]"])))
def test_any_text(lines: list[str]) -> None:
    """Whatever is in a file, no control character is sent."""
    assert is_harmless(printed("\n\n".join(lines).encode(errors="replace")))


@pytest.mark.parametrize("tag", ["[red]", "[/]", "[/red]", "[link=http://a.example]", "[", "\\["])
def test_markup_of_rich(tag: str) -> None:
    """What looks like rich's own markup is text like any other, in the text and in the name."""
    text = f"Le phare {tag} rouvre\n\nLe port {tag} est ouvert.\n\n>> La pêche {tag} reprend\n"
    sent = printed(text.encode(), f"{tag}.txt")
    assert sent.startswith(f"{tag}.txt (text, utf-8)")
    assert sent.count(f"Le port {tag} est ouvert.") == 2
    assert f"La pêche {tag} reprend" in sent
    assert printed(b"", f"{tag}.txt").startswith(f"{tag}.txt: rejected")
    coloured = printed(text.encode(), f"{tag}.txt", colours=True)
    assert f"Le port {tag} est ouvert." in _SENT.sub("", coloured)
