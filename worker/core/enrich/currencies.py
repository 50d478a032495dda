"""What currencies are called, from Unicode's CLDR as babel carries it, and which one is meant."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final

from babel.core import get_global
from babel.numbers import get_currency_name

from worker.core.enrich.countries import country_names
from worker.core.enrich.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN: Final = "XXX"
"""ISO 4217 for no currency, which CLDR calls the unknown one."""

# Codes that are words in capitals too.
_WORDS: Final = frozenset({"ALL", "BAM", "CUP", "GEL", "MOP", "PEN", "SOS", "TOP", "TRY"})
# Other names than CLDR's.
_NAMES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "fr": {
        "USD": ("dollar US", "dollars US", "dollar américain", "dollars américains"),
        "CNY": ("yuan chinois", "yuans chinois", "renminbi", "renminbis"),
        "SGD": ("dollars singapouriens",),
        "HKD": ("dollars hongkongais",),
        "BRL": ("réaux", "reais"),
        "IRR": ("rials iraniens",),
        "IDR": ("rupiah", "rupiahs"),
        "AED": ("dirham émirati", "dirhams émiratis", "dirhams émiriens"),
        "RON": ("lei",),
    },
    "en": {
        "USD": ("American dollar", "American dollars"),
        "GBP": ("pound sterling", "pounds sterling"),
        "CNY": ("renminbi",),
        "RUB": ("rouble", "roubles", "Russian roubles"),
        "UGX": ("Uganda shillings",),
        "SEK": ("Swedish crowns",),
        "NOK": ("Norwegian crowns",),
        "DKK": ("Danish crowns",),
        "CZK": ("Czech crowns",),
        "RON": ("lei",),
    },
}
# Nouns that mean other things than money: only with what follows them are they currencies.
_NOT_ALONE: Final = {
    "fr": frozenset(
        ["colon", "couronne", "gold", "livre", "mark", "nouveau", "nouveaux", "sol", "som", "sum"]
    ),
    "en": frozenset(["gold", "mark", "real", "sol", "som"]),
}
NOT_WITHOUT_SCALE: Final = frozenset({"pound", "pounds", "won"})
"""Names that are weights and verbs as well, unless millions of them are meant."""
# What a noun that several countries use means where nothing is said: of the dollar and the pound
# everywhere, of the others if the text names no country that has them. Of the two CFA francs, which
# are worth the same, the western one has the more people.
_ALWAYS: Final = {"dollar": "USD", "pound": "GBP"}
_ELSE: Final = {"won": "KRW", "rouble": "RUB", "ruble": "RUB"}
_ADDED: Final = re.compile(r" \([^)]*\)|\bnouveau(?:x)? |\bnew (?=shekel)")
_PARTICLE: Final = re.compile("^(?:de |des |du |d’|d')")


@cache
def codes() -> frozenset[str]:
    """The ISO 4217 codes of the currencies in use, but those that are words as well."""
    return frozenset(_countries()) - _WORDS


@cache
def names(language: str) -> Mapping[str, tuple[str, ...]]:
    """The codes of the currencies that a folded name, singular or plural, may stand for."""
    found: dict[str, set[str]] = defaultdict(set)
    noun_at = 0 if language == "fr" else -1
    for code in _countries():
        for name in (*_printed(code, language), *_NAMES[language].get(code, ())):
            found[fold(name)].add(code)
        for name in _printed(code, language):
            noun = fold(name.split()[noun_at])
            if noun.removesuffix("s") not in _NOT_ALONE[language]:
                found[noun].add(code)
                found[f"{noun.removesuffix('s')}s"].add(code)
    for name in ("fcfa", "f-cfa"):
        found[name] = {"XAF", "XOF"}
    return {name: tuple(sorted(several)) for name, several in found.items()}


def may_begin(word: str, language: str) -> bool:
    """Whether the name of a currency may begin with a word."""
    return fold(word).partition("-")[0] in _first_words(language)


@cache
def _first_words(language: str) -> frozenset[str]:
    return frozenset(name.partition("-")[0] for name in names(language))


def choose(name: str, text: str, language: str) -> str:
    """The code of the currency that a name of ``names`` stands for in a text.

    Where several countries have a currency of that name, it is that of the countries that the text
    names most often, by noun or adjective; ``UNKNOWN`` where that leaves a doubt.
    """
    possible = names(language)[name]
    singular = name.replace("francs", "franc").removesuffix("s")
    if len(possible) == 1 or singular in _ALWAYS:
        return _ALWAYS.get(singular, possible[0])
    named = {code: len(_evidence(code, language).findall(text)) for code in possible}
    most = max(named.values())
    best = [code for code, count in named.items() if count == most]
    if len(best) == 1:
        return best[0]
    return "XOF" if set(possible) == {"XAF", "XOF"} else _ELSE.get(singular, UNKNOWN)


@cache
def _countries() -> Mapping[str, tuple[str, ...]]:
    """The countries, by ISO 3166-1, where each currency is legal tender."""
    found: dict[str, list[str]] = defaultdict(list)
    for country, currencies in get_global("territory_currencies").items():
        for code, _, end, tender in currencies:
            if tender and end is None:
                found[code].append(country)
    return {code: tuple(countries) for code, countries in sorted(found.items())}


def _printed(code: str, language: str) -> tuple[str, ...]:
    """CLDR's name in the singular and the plural, without what it adds to tell two apart."""
    return tuple(_ADDED.sub("", get_currency_name(code, count, language)) for count in (1, 2))


@cache
def _evidence(code: str, language: str) -> re.Pattern[str]:
    """What in a text speaks for a currency: its countries, and the adjective of its name."""
    countries = country_names(language)
    words = [
        re.escape(countries[each]) + r"(?!\w)" for each in _countries()[code] if each in countries
    ]
    name = get_currency_name(code, 1, language)
    own = name.partition(" ")[2] if language == "fr" else name.rpartition(" ")[0]
    words.append(re.escape(_PARTICLE.sub("", own).strip("()")))
    return re.compile(rf"(?<!\w)(?:{'|'.join(filter(None, words))})")
