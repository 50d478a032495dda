"""What changed between two articles, and how it is shown."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.factories import enriched
from worker.core.stories.changes import Reading, Run, Telling, compare, matters, telling
from worker.show.changes import changed

FIRST = (
    "Le bac de Farafenni a repris ses rotations mardi, a indiqué le capitaine Modou Sarr.\n\n"
    "La réparation du moteur a coûté 1 310 millions de francs CFA, soit 3,5 % du budget.\n\n"
    "Les chauffeurs attendent un second bac pour la saison des pluies."
)
TITLE = "Le bac de Farafenni rouvre"


def told(body: str = FIRST, title: str | None = TITLE, *names: str) -> Telling:
    return Telling(title, None, body, frozenset(names))


def passages(before: Telling, after: Telling) -> list[tuple[str, str]]:
    """Field and kind of each passage that changed."""
    found = compare(before, after).passages
    return [(each.field, each.kind) for each in found if each.kind != "same"]


def test_nothing() -> None:
    """The same words are no change, however they are set."""
    set_otherwise = (
        FIRST.replace("’", "'").replace("1 310", "1310").replace("mardi, a", "mardi,a").upper()
    )
    changes = compare(told(), told(set_otherwise))
    assert not changes.any
    assert (changes.words, *changes.figures, *changes.entities) == ((0, 0), (), (), (), ())
    assert [each.field for each in changes.passages] == ["title", "body", "body", "body"]


def test_a_figure() -> None:
    """It is told as printed, in its place and by itself."""
    changes = compare(told(), told(FIRST.replace("1 310", "1 130").replace("3,5 %", "3,9 %")))
    assert changes.figures == (("1 310", "3,5 %"), ("1 130", "3,9 %"))
    (passage,) = (each for each in changes.passages if each.kind != "same")
    assert passage.field == "body"
    assert passage.runs == (
        Run("same", "La réparation du moteur a coûté"),
        Run("gone", "1 310"),
        Run("new", "1 130"),
        Run("same", "millions de francs CFA, soit"),
        Run("gone", "3,5"),
        Run("new", "3,9"),
        Run("same", "% du budget."),
    )
    assert changes.words == (2, 2)


@pytest.mark.parametrize(
    ("before", "after"), [("3,5 %", "35 %"), ("-3 %", "3 %"), ("10-12", "1012"), ("3 %", "3")]
)
def test_signs_of_figures(before: str, after: str) -> None:
    """They say something: their loss is a change."""
    changes = compare(told(f"Un total de {before} hier."), told(f"Un total de {after} hier."))
    assert changes.any
    assert changes.figures.gone != changes.figures.new


def test_paragraphs_that_came_and_went() -> None:
    """Each stands by itself, not mixed with another that has a word in common."""
    paragraphs = FIRST.split("\n\n")
    new = "Une tout autre information est donnée ici, que le premier texte n’avait pas."
    found = compare(told(), told("\n\n".join([paragraphs[0], new, paragraphs[2]]))).passages
    assert [(each.kind, len(each.runs)) for each in found] == [
        *(("same", 1), ("same", 1), ("gone", 1), ("new", 1), ("same", 1)),
    ]
    assert found[2].runs[0].text == paragraphs[1]
    assert found[3].runs[0].text == new


def test_paragraphs_that_were_joined() -> None:
    """Words that stayed are the same in another paragraph."""
    joined = FIRST.replace("\n\n", " ").replace("1 310", "1 130")
    changes = compare(told(), told(joined))
    assert changes.words == (1, 1)


def test_a_beginning_that_went() -> None:
    """It goes with the paragraph whose rest is left."""
    shorter = FIRST.replace("Les chauffeurs attendent un", "Un")
    assert passages(told(), told(shorter)) == [("body", "changed")]
    *_, last = compare(told(), told(shorter)).passages
    assert [run.kind for run in last.runs] == ["gone", "same"]
    assert last.runs[0].text == "Les chauffeurs attendent"


def test_title_and_lead() -> None:
    """They are passages too; a lead that became a paragraph has not changed."""
    lead = FIRST.partition("\n\n")[0]
    led = Telling(TITLE, lead, FIRST.partition("\n\n")[2], frozenset())
    assert passages(told(), led) == []
    assert passages(told(), told(FIRST, "Le bac rouvre mercredi")) == [("title", "changed")]
    assert passages(told(FIRST, None), told()) == [("title", "new")]


def test_entities() -> None:
    """Who is no longer named, and who is new, by the names of entities."""
    before = telling(
        enriched("Modou Sarr et Awa Dia.", {"Modou Sarr": "per:a", "Awa Dia": "per:b"})
    )
    after = telling(enriched("Modou Sarr.", {"Modou Sarr": "per:a"}))
    assert compare(before, after).entities == (("Awa Dia",), ())
    assert compare(after, before).entities == ((), ("Awa Dia",))


def reads(body: str) -> Reading:
    return Reading.of(body)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1 310", "1 311"),
        ("3,5 %", "35 %"),
        ("Modou Sarr", "Modou Sall"),
        ("Farafenni", "Farafenny"),
        ("\n\nLes chauffeurs attendent un second bac pour la saison des pluies.", ""),
    ],
)
def test_what_matters(before: str, after: str) -> None:
    """A figure, a name, a paragraph; whichever of the two came first."""
    other = FIRST.replace(before, after)
    assert matters(reads(FIRST), reads(other))
    assert matters(reads(other), reads(FIRST))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a repris", "a enfin repris"),
        ("mardi, a", "mardi,a"),
        ("capitaine Modou", "capitaineModou"),
        ("1 310", "1310"),
        ("\n\nLes", " Les"),
        ("Les chauffeurs", "Ici, les chauffeurs"),
    ],
)
def test_what_does_not_matter(before: str, after: str) -> None:
    """Wording, lost blanks, and where a paragraph or a sentence begins."""
    other = FIRST.replace(before, after)
    assert not matters(reads(FIRST), reads(other))
    assert not matters(reads(other), reads(FIRST))


WORDS = st.lists(
    st.sampled_from(["Le", "bac", "12", "1 310", "Sarr", "rouvre.", "—", "l’eau", "et"]),
    max_size=12,
).map(" ".join)
TELLINGS = st.builds(
    Telling,
    st.none() | WORDS,
    st.none() | WORDS,
    st.lists(WORDS, max_size=5).map("\n\n".join),
    st.just(frozenset[str]()),
)


@settings(max_examples=300)
@given(TELLINGS, TELLINGS)
def test_any_two(before: Telling, after: Telling) -> None:
    """All words of the new one stand in it in order, and all that are gone were in the old one."""
    changes = compare(before, after)
    runs = [run for passage in changes.passages for run in passage.runs]
    new = " ".join(run.text for run in runs if run.kind != "gone").split()
    assert new == " ".join(filter(None, after[:3])).split()
    old = " ".join(filter(None, before[:3])).split()
    left = list(old)
    for word in " ".join(run.text for run in runs if run.kind == "gone").split():
        left.remove(word)
    assert changes.any == any(run.kind != "same" for run in runs)
    assert not compare(after, after).any
    assert not matters(Reading.of(after.body), Reading.of(after.body))


def test_much_that_is_all_new() -> None:
    """Texts of ten thousand words that have none in common are compared in no time."""
    one, other = (" ".join(f"{word}{n}" for n in range(10_000)) for word in ("un", "deux"))
    (passage, *_) = compare(told(one, None), told(other, None)).passages
    assert passage.kind == "gone"


def printed(before: Telling, after: Telling, *, colours: bool = False) -> str:
    """What is sent to the terminal."""
    console = Console(file=io.StringIO(), width=100, color_system="standard" if colours else None)
    console.print(changed(before, after))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_shown() -> None:
    """Marks tell what is gone and what is new, colours too; what stayed is counted."""
    after = told(FIRST.replace("1 310", "1 130"), TITLE, "Awa Dia")
    text = printed(told(), after)
    assert TITLE in text
    assert "[-1 310-] {+1 130+}" in text
    assert text.count("… 1 paragraph is the same") == len(["above", "below"])
    assert "Words:    1 gone, 1 new" in text
    assert "Figures:  − 1 310, + 1 130" in text
    assert "Entities: + Awa Dia" in text
    assert "\x1b[31m[-1 310-]" in printed(told(), after, colours=True)
    assert printed(told(), told()) == "They tell the same in the same words.\n"


def test_no_word_of_a_file_steers_the_terminal() -> None:
    """Control characters in an article are shown, never sent."""
    text = printed(told(), told(FIRST, "\x1b[2Jrouvre\u202e"))
    assert re.search(r"[\x1b\u202e]", text) is None


def test_only_words_changed_in_any_article() -> None:
    """What is compared of an article at hand is its text and its entities."""
    article = enriched(FIRST, {"Modou Sarr": "per:modou-sarr"})
    renamed = replace(article, clean=replace(article.clean, title="Autre titre"))
    assert passages(telling(article), telling(renamed)) == [("title", "changed")]
