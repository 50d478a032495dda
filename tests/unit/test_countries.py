"""Countries and cities as CLDR names them."""

from __future__ import annotations

import pytest

from worker.core.enrich.countries import LANGUAGES, cities, country_codes, country_names
from worker.core.enrich.folding import fold


def test_countries_are_those_of_iso_3166_and_kosovo() -> None:
    """CLDR's regions that are no country are left out, in every language."""
    for language in LANGUAGES:
        names = country_names(language)
        assert len(names) == 250
        assert {"VN", "XK", "PS", "TW"} < names.keys()
        assert names.keys().isdisjoint({"EU", "UN", "EZ", "ZZ", "XA", "QO"})


@pytest.mark.parametrize(
    ("language", "name", "code"),
    [
        ("fr", "Corée du Sud", "KR"),
        ("fr", "Cote d'Ivoire", "CI"),
        ("fr", "Myanmar", "MM"),
        ("en", "Bosnia and Herzegovina", "BA"),
        ("en", "Saint Lucia", "LC"),
        ("en", "Mexico", "MX"),
        ("vi", "Hàn Quốc", "KR"),
        ("es", "Alemania", "DE"),
        ("de", "Österreich", "AT"),
    ],
)
def test_codes(language: str, name: str, code: str) -> None:
    """A country is found by its folded name in each language."""
    assert country_codes(language)[fold(name)] == code


def test_names_are_plain() -> None:
    """Names have straight apostrophes, no explanation in brackets and no soft hyphens."""
    names = [name for language in LANGUAGES for name in country_names(language).values()]
    names += [name for city in cities() for name in city.names]
    assert not any(set("’()[]\u00ad") & set(name) for name in names)


def test_cities_have_their_names_in_all_languages() -> None:
    """A city's names stand together, the French one first."""
    by_name = {city.canonical: city.names for city in cities()}
    assert {"Londres", "London"} <= set(by_name["Londres"])
    assert {"Moscou", "Moskau", "Moscú", "Moscow"} <= set(by_name["Moscou"])
    assert "ville inconnue" not in by_name
