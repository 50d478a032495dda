"""What reads otherwise in a field than in the file, and that each change is accounted for."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import CONTROLS, INVISIBLE, SILENT
from worker.core.clean.glue import missing_spaces
from worker.core.clean.repairs import Passage, read, unglue
from worker.core.clean.segments import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable

GLUED = "Le ministre a signé un accord decoopération avec les deux pays, selon leprésident."
WHOLE = "Le ministre a signé un accord de coopération avec les deux pays, selon le président."


def passage(text: str) -> Passage:
    return read(text, Stretch(0, len(text)))


def changes(found: Passage) -> list[tuple[str, str, str]]:
    return [(repair.before, repair.after, repair.rule) for repair in found.repairs]


def unglued(*texts: str) -> list[Passage]:
    """The passages of a story of these paragraphs, its words put right."""
    text = "\n\n".join(texts)
    passages, start = [], 0
    for each in texts:
        passages.append(read(text, Stretch(start, start + len(each))))
        start += len(each) + 2
    return unglue(text, passages)


def check(text: str, passages: Iterable[Passage]) -> None:
    """Hold each passage to what it promises: its text is the file's, with the repairs applied."""
    for found in passages:
        reads, done = "", found.stretch.start
        for repair in found.repairs:
            assert done <= repair.start < repair.end <= found.stretch.end
            assert repair.before == text[repair.start : repair.end] != repair.after
            reads += text[done : repair.start] + repair.after
            done = repair.end
        assert reads + text[done : found.stretch.end] == found.text


# Characters


@pytest.mark.parametrize(
    ("between", "after", "rule"),
    [
        ("\u00a0", " ", "space"),
        ("\u202f", " ", "space"),
        ("\t", " ", "space"),
        ("  ", " ", "space"),
        (" \u200b ", " ", "space"),
        ("\u200b\u00a0", " ", "space"),
        ("\n", " ", "line-break"),
        ("\r\n", " ", "line-break"),
        (" \n\t", " ", "line-break"),
        ("\u2028", " ", "line-break"),
        ("\x0b", " ", "line-break"),
        ("\x85", " ", "line-break"),
        ("\u200b", "", "invisible"),
        ("\u00ad", "", "invisible"),
        ("\u200b\u2060\ufeff", "", "invisible"),
        ("\x01", "", "invisible"),
    ],
)
def test_odd_characters(between: str, after: str, rule: str) -> None:
    """Blanks of any kind are one space, and what shows nothing goes, by one repair for a run."""
    found = passage(f"le{between}pont")
    assert found.text == f"le{after}pont"
    assert changes(found) == [(between, after, rule)]


def test_a_single_space_is_no_repair() -> None:
    """Nor is anything else that reads as it stands."""
    text = "« Vingt- et peut-être trente », dit-il – enfin…"
    assert passage(text) == Passage(Stretch(0, len(text)), text, ())


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("vingt-\ncinq", "vingt-cinq"),
        ("vingt-\r\n   cinq", "vingt-cinq"),
        ("vingt- \ncinq", "vingt-cinq"),
        ("vingt-\u00ad\ncinq", "vingt-cinq"),
        ("vingt‐\ncinq", "vingt‐cinq"),
        ("le mot -\nou presque", "le mot - ou presque"),
        ("le mot –\nou presque", "le mot – ou presque"),
        ("-\nou presque", "- ou presque"),
    ],
)
def test_hyphen_at_the_end_of_a_line(broken: str, whole: str) -> None:
    """A word's hyphen takes the next line to it; a dash between words does not."""
    found = passage(broken)
    assert found.text == whole
    assert [repair.rule for repair in found.repairs] == ["line-break"]


def test_hyphen_behind_what_shows_nothing() -> None:
    """A hyphen is a word's own also where a character without width stands before it."""
    assert passage("vingt\u200b-\ncinq").text == "vingt-cinq"


def test_soft_hyphen_at_the_end_of_a_line() -> None:
    """It says that the word goes on in the next line."""
    assert passage("coopé\u00ad\nration").text == "coopération"
    assert passage("coopé\u00ad\u200b \nration").text == "coopération"


def test_letters_stay_composed() -> None:
    """What stands between a letter and its accent stays, lest the text be another when composed."""
    assert passage("e\u200b\u0301te\u200bs").text == "e\u200b\u0301tes"


def test_only_the_stretch_is_read() -> None:
    """Offsets are the file's, and a hyphen before the stretch is not looked at."""
    text = "a-\n\u00e9\u00a0t\u00a0b"
    found = read(text, Stretch(3, 6))
    assert (found.text, found.stretch) == ("\u00e9 t", Stretch(3, 6))
    assert [(repair.start, repair.end) for repair in found.repairs] == [(4, 5)]


_PIECES = st.sampled_from(
    [*INVISIBLE, *CONTROLS, *" \t\n\r\x0b\x85\u00a0\u2028\u3000-‑é", "e", "\u0301", "mot", "Ab,"]
)
_STRETCHES = st.tuples(
    *(st.text(max_size=3), st.just("x"), st.lists(_PIECES).map("".join), st.just("y")),
    st.text(max_size=3),
)


@given(_STRETCHES)
def test_account_of_characters(pieces: tuple[str, str, str, str, str]) -> None:
    """A passage is its stretch with the repairs applied; nothing in it is left to put right."""
    text = "".join(pieces)
    stretch = Stretch(len(pieces[0]), len(text) - len(pieces[4]))
    found = read(text, stretch)
    check(text, [found])
    shown = found.text.translate(SILENT)
    assert " ".join(shown.split(" ")) == " ".join(shown.split())
    assert "".join(shown.split()) == "".join(stretch.of(text).translate(SILENT).split())


# Words


def test_lost_spaces() -> None:
    """Each word that lost a space is one repair, and its offsets are the file's."""
    (found,) = unglued(GLUED)
    assert found.text == WHOLE
    assert changes(found) == [
        ("decoopération", "de coopération", "glue"),
        ("leprésident.", "le président.", "glue"),
    ]
    check(GLUED, [found])


def test_nothing_lost() -> None:
    """A story without glue comes back as it was."""
    found = passage(WHOLE)
    assert unglue(WHOLE, [found]) == [found]
    assert unglue(WHOLE, []) == []


@pytest.mark.parametrize("silent", ["\u00ad", "\u200b", "\x01", "\u200b\u2060"])
@pytest.mark.parametrize("at", ["d", "de", "deco", "decoopératio"])
def test_invisible_inside_a_glued_word(silent: str, at: str) -> None:
    """One repair is for the whole word: it swallows what shows nothing inside."""
    word = f"{at}{silent}{'decoopération'.removeprefix(at)}"
    text = GLUED.replace("decoopération", word)
    (found,) = unglued(text)
    assert found.text == WHOLE
    assert changes(found)[0] == (word, "de coopération", "glue")
    check(text, [found])


def test_repairs_around_a_glued_word() -> None:
    """Those beside the word stay by themselves, however close."""
    text = GLUED.replace("accord decoopération avec", "ac\u200bcord\u00a0decoopération\n avec")
    (found,) = unglued(text)
    assert found.text == WHOLE
    assert changes(found) == [
        ("\u200b", "", "invisible"),
        ("\u00a0", " ", "space"),
        ("decoopération", "de coopération", "glue"),
        ("\n ", " ", "line-break"),
        ("leprésident.", "le président.", "glue"),
    ]
    check(text, [found])


def test_line_break_behind_a_hyphen_in_a_glued_word() -> None:
    """A word that a line's end divides and that lost a space is one repair, too."""
    text = GLUED.replace("decoopération", "desous-\ncommission")
    (found,) = unglued(text)
    assert "de sous-commission avec" in found.text
    assert changes(found)[0] == ("desous-\ncommission", "de sous-commission", "glue")
    check(text, [found])


def test_passages_of_a_story() -> None:
    """Each has its own repairs; the words of all are looked at together."""
    first, second, third = unglued(WHOLE, GLUED, WHOLE)
    assert (first.text, second.text, third.text) == (WHOLE, WHOLE, WHOLE)
    assert (first.repairs, third.repairs) == ((), ())
    assert second.repairs[0].start == len(WHOLE) + 2 + GLUED.index("decoop")


_WORDS = st.sampled_from([*GLUED.split(), *WHOLE.split(), "sous-", "À", "13%", "etdepuis"])
_JOINTS = st.sampled_from([" ", " ", " ", "", "\u00a0", "\n", " \u00ad", "\u200b", "-\n", "\x01"])
_GLUED = st.lists(st.tuples(_WORDS, _JOINTS), max_size=30).map(
    lambda words: "".join(["Le", *(joint + word for word, joint in words), " pays."])
)


@given(st.lists(_GLUED, min_size=1, max_size=3))
def test_account_of_words(texts: list[str]) -> None:
    """Spaces are put where the glue says, the rest reads as before, and all is accounted for."""
    text = "\n\n".join(texts)
    passages, start = [], 0
    for each in texts:
        passages.append(read(text, Stretch(start, start + len(each))))
        start += len(each) + 2
    found = unglue(text, passages)
    check(text, found)
    splits = missing_spaces([each.text for each in passages])
    for before, after, offsets in zip(passages, found, splits, strict=True):
        cuts = pairwise([0, *offsets, len(before.text)])
        assert after.text == " ".join(before.text[start:end] for start, end in cuts)
        assert after.stretch == before.stretch
