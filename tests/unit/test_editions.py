"""An article's place in its story, in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from worker.explain.editions import Edition, InStory, Tied, percent, sentences

CAME = datetime(2031, 5, 4, 8, 0, tzinfo=UTC)
FIRST = Edition(
    article=5,
    delivery=15,
    name="aps/a.txt",
    title="Un titre",
    published=date(2031, 5, 3),
    first_seen=CAME,
    role="original",
    version=1,
    current=True,
    notice=None,
    notice_number=None,
)
CORRECTED = replace(
    FIRST, article=7, name="aps/c.txt", role="version", version=2, notice="correction"
)
COPY = replace(
    FIRST, article=6, name="ag\u202eences/b.txt", role="copy", version=None, current=False
)
NOTE = replace(
    COPY, article=8, name="aps/d.txt", role="withdrawal", version=None, notice="withdrawal"
)
OLD = replace(FIRST, current=False)


def test_what_is_told_once_needs_no_word() -> None:
    """That is most articles."""
    assert sentences(InStory(5, 1, FIRST, (FIRST,), ())) == []


def test_a_note_whose_story_never_came() -> None:
    """An editor wants to know that it is one."""
    assert sentences(InStory(8, 1, NOTE, (NOTE,), ())) == [
        "Article 8 says that it is a note that withdraws another; what it is about has not come."
    ]


def test_a_version() -> None:
    """Which, of what, what it says of itself, and what it is like; no name turns the writing."""
    ties = (Tied(5, "aps/a.txt", "body", 0.93249, 1.0), Tied(6, COPY.name, "body", 0.5, 0.9))
    assert sentences(InStory(5, 3, CORRECTED, (OLD, CORRECTED, COPY), ties)) == [
        (
            "Article 7 is version 2 of story 5, which has 3 articles, and says that it is a "
            "correction: it is the current one."
        ),
        (
            "Of what either says, and of what the shorter one says, so much stands in both "
            "(Jaccard and containment; figures are not compared): 93.2 % and 100.0 % with article "
            "5 (aps/a.txt); 50.0 % and 90.0 % with article 6 (ag\ufffdences/b.txt)."
        ),
    ]


def test_what_was_superseded_says_by_what() -> None:
    """So does a copy."""
    told = "story 5, which has 3 articles: version 2, article 7 (aps/c.txt), is the current one."
    editions = (OLD, CORRECTED, COPY)
    assert sentences(InStory(5, 3, OLD, editions, ())) == [f"Article 5 is version 1 of {told}"]
    assert sentences(InStory(5, 3, COPY, editions, ())) == [f"Article 6 is a copy in {told}"]


def test_a_withdrawn_story() -> None:
    """Both the story and the note say that nothing is current; a headline ties them."""
    withdrawn = (OLD, NOTE)
    assert sentences(
        InStory(5, 2, OLD, withdrawn, (Tied(8, "aps/d.txt", "title", 0.004, 0.1),))
    ) == [
        (
            "Article 5 is version 1 of story 5, which has 2 articles: it was withdrawn by article "
            "8 (aps/d.txt), so none of them is current."
        ),
        (
            "A headline ties it to article 8 (aps/d.txt): one of the two says that it corrects, "
            "continues or withdraws the other."
        ),
    ]
    assert sentences(InStory(5, 2, NOTE, withdrawn, ())) == [
        "Article 8 withdraws story 5, which has 2 articles: none of them is current."
    ]


def test_likeness_is_told_to_a_tenth() -> None:
    """As one compares it with others."""
    assert [percent(each) for each in (0, 0.5, 0.93249, 1)] == [
        "0.0 %",
        "50.0 %",
        "93.2 %",
        "100.0 %",
    ]
