"""The name within a surface, and the spelling to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.enrich.folding import fold
from worker.core.enrich.spelling import barer, best, own_name, person, shown, trimmed

if TYPE_CHECKING:
    from worker.core.article import Label


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("M. Macron", "Macron"),
        ("le président Macron", "Macron"),
        ("Le Président Emmanuel Macron", "Emmanuel Macron"),
        ("vice-présidente Kamala Harris", "Kamala Harris"),
        ("ministre des Affaires étrangères Le Hoai Trung", "Le Hoai Trung"),
        ("Prime Minister Pham Minh Chinh", "Pham Minh Chinh"),
        ("Ông Phạm Minh Chính", "Phạm Minh Chính"),
        ("Mme von der Leyen", "von der Leyen"),
        ("el-Béchir", "el-Béchir"),
        ("Le Hoai Trung", "Le Hoai Trung"),
        ("Luiz Inácio Lula da Silva", "Luiz Inácio Lula da Silva"),
        ("Macron’s", "Macron"),
        ("James’", "James"),
        ("Mme", "Mme"),
    ],
)
def test_people_without_titles(surface: str, name: str) -> None:
    """Titles are no part of a name, particles and articles of family names are."""
    assert person(surface) == name


@pytest.mark.parametrize(
    ("surface", "label", "name"),
    [
        ("l’ASEAN", "ORG", "ASEAN"),
        ("la Cour des comptes", "ORG", "Cour des comptes"),
        ("Le Monde", "ORG", "Le Monde"),
        ("groupe Sovico", "ORG", "Sovico"),
        ("Thaco Ltd.", "ORG", "Thaco"),
        ("Tan Hiep Co., Ltd", "ORG", "Tan Hiep"),
        ("ville d’Aného", "LOC", "Aného"),
        ("province de la Sangha", "LOC", "Sangha"),
        ("Lang Son Province", "LOC", "Lang Son"),
        ("Union du fleuve (UDF)", "ORG", "Union du fleuve"),
        ("Coupe du monde 2026", "MISC", "Coupe du monde 2026"),
        ("groupe de travail", "ORG", "groupe de travail"),
    ],
)
def test_own_name(surface: str, label: Label, name: str) -> None:
    """Articles in small letters, common nouns, legal forms and brackets are no part of a name."""
    assert own_name(surface, label) == name


def test_barer() -> None:
    """Known names are looked for from the surface on to ever barer ones; treaties lose the year."""
    assert list(barer("La Convention de Kribi de 1982", "MISC")) == [
        "La Convention de Kribi de 1982",
        "Convention de Kribi de 1982",
    ]
    assert list(barer("Convention de Kribi de 1982", "MISC"))[-1] == "Convention de Kribi"
    assert list(barer("Coupe de Kribi 1982", "MISC")) == ["Coupe de Kribi 1982"]


@pytest.mark.parametrize(
    ("name", "label", "form"),
    [
        ("LÊ HOÀI TRUNG", "PER", "Lê Hoài Trung"),
        ("PHAM VAN DONG", "PER", "Pham Van Dong"),
        ("Awa DIOP", "PER", "Awa Diop"),
        ("ANNA VAN DEN BERG", "PER", "Anna van den Berg"),
        ("JEAN-NOËL O'BRIEN", "PER", "Jean-Noël O'Brien"),
        ("LOUIS XIV", "PER", "Louis XIV"),
        ("XI JINPING", "PER", "Xi Jinping"),
        ("JD Vance", "PER", "JD Vance"),
        ("MBS", "PER", "MBS"),
        ("CÔTE D'OPALE", "LOC", "Côte d'Opale"),
        ("PORT-AU-SABLE", "LOC", "Port-au-Sable"),
        ("ZAC", "LOC", "ZAC"),
        ("mer de Kribi", "LOC", "Mer de Kribi"),
        ("CNRST", "ORG", "CNRST"),
        ("ministère des Eaux", "ORG", "Ministère des Eaux"),
        ("iPhone", "MISC", "iPhone"),
    ],
)
def test_shown(name: str, label: Label, form: str) -> None:
    """People and places are not shown in capitals; what is no person begins with one."""
    assert shown(name, label) == form


def test_best() -> None:
    """The fullest spelling has most diacritics, and capitals only where there is no other."""
    assert best(["LÊ ĐÌNH", "Le Dinh", "Lê Dinh"]) == "Lê Dinh"
    assert best(["Lê Dinh", "Lê Đình", "Lê Dình"]) == "Lê Đình"
    assert best(["LE DINH", "LÊ ĐÌNH"]) == "LÊ ĐÌNH"


@given(st.text().filter(fold), st.sampled_from(["PER", "ORG", "LOC", "MISC"]))
def test_a_name_remains(surface: str, label: Label) -> None:
    """Whatever is left out, letters remain, and showing a name does not change its letters."""
    for name in (trimmed(surface), person(surface), own_name(surface, label)):
        assert fold(name)
    assert all(map(fold, barer(surface, label)))
    name = own_name(surface, label)
    assert fold(shown(name, label)) == fold(name)
