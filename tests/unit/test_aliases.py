"""The table of known entities, and what names mean in each language."""

from __future__ import annotations

import csv
import re
from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from worker.core.enrich.aliases import known, wikidata
from worker.core.enrich.countries import LANGUAGES, country_codes, country_names
from worker.core.enrich.folding import entity_key, fold

if TYPE_CHECKING:
    from worker.core.article import Label

TABLE = resources.files("worker.core.enrich") / "data" / "aliases.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
LABELS: dict[str, Label] = {"org": "ORG", "loc": "LOC", "misc": "MISC"}


def test_lines_are_well_formed() -> None:
    """Keys are folded names or codes of countries and come once; each line has a source."""
    countries = {f"loc:{code}" for code in country_names("fr")}
    for row in ROWS:
        label, _, name = row["key"].partition(":")
        assert label in {*LABELS, "per"}, row
        assert row["key"] in countries or (name and name == fold(name)), row
        assert row["canonical"] == row["canonical"].strip() != "", row
        assert set(row["source"].split()) <= {"cldr", "own"}, row
        assert re.fullmatch(r"(?:Q[1-9]\d*)?", row["wikidata"]), row
    assert max(Counter(row["key"] for row in ROWS).values()) == 1


def test_each_wikidata_id_stands_for_one_entity() -> None:
    """No id is used twice."""
    ids = [row["wikidata"] for row in ROWS if row["wikidata"]]
    assert len(ids) == len(set(ids)) > 400


def test_aliases_say_something() -> None:
    """No alias is empty, or repeats another of its line in another spelling."""
    for row in ROWS:
        names = [row["canonical"], *(row["aliases"].split("|") if row["aliases"] else [])]
        folded = list(map(fold, names))
        assert all(folded), row
        assert len(folded) == len(set(folded)), row


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_leads_to_its_entity(language: str) -> None:
    """A line's names mean its entity, unless they are a country's in the article's language."""
    entities = known(language)
    for row in ROWS:
        label = LABELS.get(row["key"].partition(":")[0])
        for name in filter(None, (row["canonical"], *row["aliases"].split("|"))):
            found = entities.things(fold(name), label) if label else entities.people(fold(name))
            keys = {entity.key for entity in found}
            assert row["key"] in keys or fold(name) in country_codes(language), (row, name, keys)


@pytest.mark.parametrize(
    ("name", "language", "key"),
    [
        ("Mexico", "fr", "loc:mexico"),
        ("Mexico", "en", "loc:MX"),
        ("Đức", "vi", "loc:DE"),
        ("Island", "de", "loc:IS"),
        ("Deutschland", "fr", "loc:DE"),
        ("Mumbai", "en", "loc:bombay"),
        ("Tachkent", "fr", "loc:tachkent"),
        ("Taschkent", "de", "loc:tachkent"),
        ("Curaçao", "fr", "loc:CW"),
        ("Kaimaninseln", "de", "loc:KY"),
    ],
)
def test_names_of_places(name: str, language: str, key: str) -> None:
    """A name means what the article's language means by it; cities have one key in all."""
    assert [entity.key for entity in known(language).things(fold(name), "LOC")] == [key]


@pytest.mark.parametrize("name", ["Island", "Đức", "Granada", "Italien", "Algérien"])
def test_foreign_words_are_no_countries(name: str) -> None:
    """What is a country in another language only is not one in French if it may be a word."""
    assert known("fr").things(fold(name), "LOC") == ()


def test_label_of_the_line_wins() -> None:
    """An organisation that a recogniser takes for a place is the same entity."""
    entities = known("fr")
    assert entities.things("ue", "LOC") == entities.things("ue", "ORG")
    assert entities.things("ue", "MISC")[0].key == entity_key("Union européenne", "ORG")


def test_ambiguous_names_have_several_entities() -> None:
    """A name that two lines share leads to both."""
    assert {entity.key for entity in known("fr").things("coree", "LOC")} == {"loc:KR", "loc:KP"}


def test_small_words_make_no_other_organisation() -> None:
    """Prepositions may differ in names of three words and more."""
    entity = known("fr").thing_without_small_words("organisation-mondiale-pour-la-sante")
    assert entity is not None
    assert entity.canonical == "Organisation mondiale de la santé"


def test_unknown_languages_are_read_as_french() -> None:
    """An article without a language, or in another one, has the French names."""
    assert known(None) is known("fr") is known("ja")


def test_wikidata() -> None:
    """Only entities whose id is certain have one."""
    assert wikidata("loc:VN") == "Q881"
    assert wikidata("loc:hanoi") == "Q1858"
    assert wikidata("org:union-europeenne") == "Q458"
    assert wikidata("per:nobody-at-all") is None
