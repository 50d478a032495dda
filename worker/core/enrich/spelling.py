"""The name within a surface, and which spelling of a name to show."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from worker.core.characters import CAPITAL, squeeze
from worker.core.enrich.folding import SMALL_WORDS, fold, word_set
from worker.core.enrich.people import VIETNAMESE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from worker.core.article import Label

_EDGES: Final = " \t\n.,;:!?\"'’‘«»“”()[]–—-…*"
_POSSESSIVE: Final = re.compile(r"(?<=\w)['’]s$|(?<=s)['’]$", re.IGNORECASE)
# Forms of address and functions that stand before a person's name with a capital too. Functions
# in small letters need no list.
_TITLES: Final = word_set(
    "m mm mme mmes mlle mr mrs ms miss mister madame monsieur mademoiselle sir lord lady "
    "dr docteur doctor pr prof professeur professor me maitre president presidente "
    "premier premiere ministre minister prime secretaire ambassadeur ambassadrice "
    "ambassador chancelier chanceliere chancellor general colonel commandant capitaine "
    "lieutenant amiral marechal senateur senatrice senator depute deputee gouverneur "
    "governor roi king queen princesse princess cheikh cheikha pape pope mgr monseigneur "
    "ayatollah camarade"
)
_VIETNAMESE_TITLES: Final = frozenset({"ông", "bà"})  # without diacritics they are names
_ARTICLES: Final = frozenset({"l", "la", "le", "les", "the"})
_BEFORE_TITLE: Final = ("ex-", "vice-", "sous-")
_PARTICLES: Final = word_set(
    "abou abu al as ash ben bin bint d da dal das de del della den der des di do dos du "
    "el et ibn la las le los ould san te ten ter van von zu"
)
_ARTICLE: Final = re.compile(r"^(?:(?:les?|la|the)\s+|l['’]\s*)(?=\w)", re.IGNORECASE)
_SMALL_ARTICLE: Final = re.compile(r"^(?:(?:les?|la|the)\s+|l['’]\s*)(?=\w)")
# Common nouns beside a proper name, which are no part of it.
_PLACE: Final = re.compile(
    r"^(?:ville|province|capitale|région|commune)\s+"
    rf"(?:(?:de\s+la|du|des|de|of)\s+|(?:de\s+l|d)['’])?(?={CAPITAL})"
)
_PLACE_BEHIND: Final = re.compile(r"\s+(?:City|[Pp]rovince)$")
_BODY: Final = re.compile(
    r"^(?:groupe|société|compagnie|entreprise|agence|chaîne|quotidien|journal|club|constructeur|"
    rf"géant|ONG)\s+(?={CAPITAL})"
)
_LEGAL_FORM: Final = re.compile(
    r"(?:[\s,]+(?:Inc|Corp|Co|Ltd|LLC|PLC|SA|S\.A|SAS|SARL|GmbH|AG|JSC|NV|SE)\.?)+$"
)
_BRACKETS: Final = re.compile(r"\s*[(\[][^()\[\]]*(?:[)\]]|$)")
_TREATY: Final = re.compile("(?:convention|accord|traité|protocole|charte)", re.IGNORECASE)
_YEAR: Final = re.compile(r"\s+(?:de\s+|of\s+)?(?:1[89]|20)\d\d$")
_NO_PART: Final[Mapping[str, tuple[re.Pattern[str], ...]]] = {
    "LOC": (_PLACE, _PLACE_BEHIND),
    "ORG": (_BODY, _LEGAL_FORM),
}
_NUMERAL: Final = re.compile("[IVX]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_ACRONYM: Final = 3  # letters: so many capitals and no more are no word in capitals


def trimmed(surface: str) -> str:
    """The surface without punctuation around it and without an English possessive."""
    bare = squeeze(surface).lstrip(_EDGES).rstrip(_EDGES.replace("'", "").replace("’", ""))
    return _POSSESSIVE.sub("", bare).rstrip(_EDGES) or squeeze(surface)


def person(surface: str) -> str:
    """A person's name without titles: ``président Macron`` is ``Macron``.

    A word in small letters before the name belongs to a title unless it is a particle (``von``);
    so do the words before it (``ministre des Affaires étrangères``).
    """
    words = trimmed(surface).split()
    with_article = len(words) > 1 and fold(words[0]) in _ARTICLES and _is_title(words[1])
    if with_article or _is_title(words[0]):
        small = [at for at, word in enumerate(words[:-1]) if _is_common(word)]
        start = max(small[-1] + 1 if small else 0, int(with_article))
        while start < len(words) - 1 and _is_title(words[start]):
            start += 1
        if fold("".join(words[start:])):
            return " ".join(words[start:])
    return " ".join(words)


def _is_title(word: str) -> bool:
    folded = fold(word)
    for prefix in _BEFORE_TITLE:
        folded = folded.removeprefix(prefix)
    return folded in _TITLES or word.casefold() in _VIETNAMESE_TITLES or _is_common(word)


def _is_common(word: str) -> bool:
    """Whether a word of a person's name is written small without being a particle."""
    return word[0].islower() and fold(word).partition("-")[0] not in _PARTICLES


def barer(surface: str, label: Label) -> Iterator[str]:
    """What a place, an organisation … may be known as: ever barer names, from the surface on."""
    name = trimmed(surface)
    yield name
    year = (_YEAR,) if _TREATY.match(name) else ()
    for pattern in (_BRACKETS, _ARTICLE, *_NO_PART.get(label, ()), *year):
        bare = pattern.sub("", name)
        if bare != name and fold(bare):
            name = bare
            yield name


def own_name(surface: str, label: Label) -> str:
    """The name of a place, an organisation … that is not known.

    Left out is what is surely no part of it: an article in small letters, a common noun beside it
    (``groupe``), a legal form (``Ltd``), an explanation in brackets.
    """
    name = trimmed(surface)
    for pattern in (_BRACKETS, _SMALL_ARTICLE, *_NO_PART.get(label, ())):
        bare = pattern.sub("", name)
        name = bare if fold(bare) else name
    return name


def best(spellings: Iterable[str]) -> str:
    """The fullest spelling of one name: not all capitals, then with the most diacritics."""
    return max(spellings, key=lambda name: (not name.isupper(), _diacritics(name)))


def shown(name: str, label: Label) -> str:
    """A name that is not known as it is to be shown.

    People and places are not written in capitals; what is neither begins with one.
    """
    if label == "PER":
        return _person_shown(name)
    if label == "LOC" and name.isupper() and len(name) > _ACRONYM:
        return _LETTERS.sub(lambda word: _place_word(word, name), name)
    first = name.split(maxsplit=1)[0]
    return name[0].upper() + name[1:] if first.islower() else name


def _person_shown(name: str) -> str:
    words = name.split()
    if len(words) == 1 and len(name) <= _ACRONYM:
        return name
    capitals = name.isupper()
    particles = _PARTICLES if fold(words[0]) not in VIETNAMESE else frozenset()
    last = len(words) - 1
    return " ".join(
        word.lower()
        if capitals and 0 < at < last and fold(word) in particles
        else _LETTERS.sub(_capitalised, word)
        if word.isupper()
        and (capitals or len(word) >= _ACRONYM)
        and not (at == last > 0 and _NUMERAL.fullmatch(word))
        else word
        for at, word in enumerate(words)
    )


def _capitalised(word: re.Match[str]) -> str:
    return word[0].capitalize()


def _place_word(word: re.Match[str], name: str) -> str:
    small = word.start() > 0 and fold(word[0]) in SMALL_WORDS
    elided = name[word.end() : word.end() + 1] in {"'", "’"}
    return word[0].lower() if small or elided else word[0].capitalize()


def _diacritics(name: str) -> int:
    marks = sum(map(bool, map(unicodedata.combining, unicodedata.normalize("NFD", name))))
    return marks + sum(name.count(letter) for letter in "đĐ")
