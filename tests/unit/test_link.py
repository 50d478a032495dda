"""Which entity each name of an article means."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich.link import Link, Name, link

if TYPE_CHECKING:
    from worker.core.article import Label

CASES = Path(__file__).parents[1] / "quality" / "data" / "linking-dev.tsv"
LABELS: list[Label] = ["PER", "ORG", "LOC", "MISC"]


def linked(text: str, *names: tuple[str, Label], language: str = "fr") -> list[Link]:
    """The links of names that follow each other in a body."""
    found: list[Name] = []
    for surface, label in names:
        start = text.index(surface, found[-1].end if found else 0)
        found.append(Name("body", start, start + len(surface), surface, label))
    return link(found, {"body": text}, language)


def read_cases() -> list[dict[str, str]]:
    """Columns: surface, label, language, context, key, canonical.

    The context is the article's names in order, ``surface/LABEL`` with ``|`` between them, the
    asterisk being the case itself.
    """
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case['surface']}-{case['key']}")
def test_cases(case: dict[str, str]) -> None:
    """Names of all kinds lead to their entities, with and without the rest of the article."""
    names: list[tuple[str, Label]] = []
    for each in (case["context"] or "*").split(" | "):
        surface, _, label = each.rpartition("/")
        if each == "*":
            place = len(names)
            surface, label = case["surface"], case["label"]
        names.append((surface, next(one for one in LABELS if one == label)))
    text = ", puis ".join(surface for surface, _ in names)
    found = linked(text, *names, language=case["language"])[place]
    assert found == Link(case["canonical"], case["key"])


def test_explained_acronyms() -> None:
    """An acronym is what the article says, also before it says so, and one with its long form."""
    text = "Le BM dit. Le Bureau maritime (BM) l'a dit. La HAP (Haute autorité pour la paix) aussi."
    found = linked(
        text,
        ("BM", "ORG"),
        ("Bureau maritime", "ORG"),
        ("BM", "ORG"),
        ("HAP", "ORG"),
        ("Haute autorité pour la paix", "ORG"),
    )
    bureau = Link("Bureau maritime", "org:bureau-maritime")
    authority = Link("Haute autorité pour la paix", "org:haute-autorite-pour-la-paix")
    assert found == [bureau, bureau, bureau, authority, authority]


def test_acronym_whose_long_form_is_no_mention() -> None:
    """What the recogniser missed still explains the acronym."""
    text = "selon l'Agence des pêches du Sud (APS). L'APS note"
    assert linked(text, ("APS", "ORG"), ("APS", "ORG"))[1] == Link(
        "Agence des pêches du Sud", "org:agence-des-peches-du-sud"
    )


def test_english_acronym_of_a_french_name() -> None:
    """Half of the letters are enough beside the long form, but not for an agency's place."""
    text = "le ministère des Mines et du Pétrole (MOMP), Addis-Abeba (ANS)"
    found = linked(
        text,
        ("ministère des Mines et du Pétrole", "ORG"),
        ("MOMP", "ORG"),
        ("Addis-Abeba", "LOC"),
        ("ANS", "ORG"),
    )
    assert found[0] == found[1]
    assert found[2].entity == "loc:addis-abeba"
    assert found[3] == Link("ANS", "org:ans")


def test_known_acronym_beside_a_strange_long_form() -> None:
    """An acronym that is known tells what the long form means if its letters are not the same."""
    text = "l'Association des États du Sud-Est asiatique (ASEAN)"
    found = linked(text, ("Association des États du Sud-Est asiatique", "ORG"), ("ASEAN", "ORG"))
    assert {each.entity for each in found} == {"org:asean"}


def test_fullest_spelling_is_shown() -> None:
    """An unknown name is shown with its diacritics everywhere, and not in capitals."""
    names: list[tuple[str, Label]] = [
        ("TRAN THI MAI", "PER"),
        ("Mme Mai", "PER"),
        ("Trân Thi Mai", "PER"),
        ("BAC MOI", "LOC"),
        ("Bắc Mới", "LOC"),
    ]
    found = linked(", ".join(surface for surface, _ in names), *names)
    assert {each.canonical for each in found[:3]} == {"Trân Thi Mai"}
    assert {each.canonical for each in found[3:]} == {"Bắc Mới"}


def test_title_in_the_text() -> None:
    """A person who is known under a title is found by the title before the name."""
    assert linked("le pape François", ("François", "PER"))[0].canonical == "Pape François"
    assert linked("le maçon François", ("François", "PER"))[0].canonical == "François"


def test_plurals_in_one_article() -> None:
    """A trailing s makes no other organisation if the article has both."""
    one, other = linked("Parti vert, Parti verts", ("Parti vert", "ORG"), ("Parti verts", "ORG"))
    assert one == other


def test_names_of_other_fields_count() -> None:
    """A title's surname is the person of the body."""
    names = [Name("title", 0, 4, "Diop", "PER"), Name("body", 0, 8, "Awa Diop", "PER")]
    assert len(set(link(names, {"title": "Diop", "body": "Awa Diop"}, "fr"))) == 1


SURFACES = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        ["M. A", "d’A", "Le A", "A's", "A.B.", "A (X)", "X (", "A Co., Ltd", "UE", "ﷺ"]
    ),
).filter(lambda text: any(map(str.isalnum, text)))


@given(
    st.lists(st.tuples(SURFACES, st.sampled_from(LABELS), st.sampled_from([" (", ") ", ", "]))),
    st.sampled_from(["fr", "en", "xx", None]),
)
def test_any_names(parts: list[tuple[str, Label, str]], language: str | None) -> None:
    """Whatever is found has a name and a key that fits an index, the same each time."""
    text = ""
    names = []
    for surface, label, behind in parts:
        names.append(Name("body", len(text), len(text) + len(surface), surface, label))
        text += surface + behind
    links = link(names, {"body": text}, language)
    assert links == link(names, {"body": text}, language)
    assert len(links) == len(names)
    for each in links:
        assert each.canonical.strip()
        assert each.entity.partition(":")[2]
        assert len(each.entity) <= 250
