"""When two texts are the same content."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.decode import decode
from worker.core.dedupe import content_hash, normalise

STORY = "Le marché rouvre à Lomé\n\nLes étals sont prêts « depuis hier », dit-on.\n"


@pytest.mark.parametrize(
    "other",
    [
        STORY.replace("\n", "\r\n"),
        STORY.replace("\n\n", "\n"),
        STORY.replace(" ", "\u00a0"),
        STORY.replace("« ", "«\u202f"),
        STORY.replace("marché", "mar\u200bché"),
        unicodedata.normalize("NFD", STORY),
        "\ufeff" + STORY,
        "  " + STORY + "\t\n",
    ],
    ids=["crlf", "lines", "nbsp", "narrow", "zero-width", "nfd", "bom", "outside"],
)
def test_layout_makes_no_difference(other: str) -> None:
    """Blanks, line ends and composition do not make another content."""
    assert content_hash(STORY) == content_hash(other)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encoding_makes_no_difference(encoding: str) -> None:
    """The same text in another encoding is the same content."""
    assert content_hash(STORY) == content_hash(decode(STORY.encode(encoding)).text)


@pytest.mark.parametrize("other", [STORY.lower(), STORY + "Fin.", STORY.replace("à", "a")])
def test_letters_make_a_difference(other: str) -> None:
    """Case, accents and words make another content."""
    assert content_hash(STORY) != content_hash(other)


def test_form_of_a_hash() -> None:
    """A hash says its algorithm: what the empty text gives is well known."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert f"sha256:{empty}" == content_hash(" \n")


@given(st.text())
def test_normalise_is_idempotent(text: str) -> None:
    """Normalised text is its own normal form."""
    once = normalise(text)
    assert once == normalise(once)
