"""The words and figures of the calendar in a text, as tokens for the grammar of ``dates``.

Each token has a *kind*, one character. A text is so a string of kinds, and the grammar a few short
patterns over them that hold for French and English alike.

====  =====================================  ====  =====================================
D     number from 1 to 31                    d     de, du, d' · of
E     1er · 1st, 22nd                        f     from
O     premier, 3e · first                    t     à, au · to, through
C     number from 2 to 12, in words          e     et · and
M     month                                  b     entre · between
A     month, abbreviated                     l     le, les, l' · the
Y     year                                   p     en, depuis, fin · in, since, late
T     0, and 32 to 99                         c     ce, cette · this
X     1990s                                  r     dernier, prochain · last, next
F     2024-03-10, 10/03/2024                 R     hier, demain · yesterday, tomorrow
W     day of the week                        g     -ci
U V   T1, Q1 and S1, H1                      i     mi- · mid-
Q H   trimestre, semestre · quarter, half    a     années
S L z premiers, derniers, mois · month       w     any other word, figure or sign
N     printemps · spring                     y s   an, semaine · year, week
====  =====================================  ====  =====================================

A dash is ``-`` where it touches what stands on both its sides, else ``–``; ``,`` ``(`` ``)`` ``/``
stand for themselves, and ``¶`` for the end of a line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from worker.core.clean.structure.dates import MONTHS

LANGUAGES: Final = ("en", "fr")


class Token(NamedTuple):
    """A word, a figure or a sign at ``text[start:end]``."""

    kind: str
    start: int
    end: int
    value: int
    """Of figures and words for numbers the number; of months 1 to 12, of weekdays 0 for Monday to
    6; of relative words how many days or periods they lie off; of parts of a year their months."""


_WORDS: Final = {
    "fr": {
        "d": "de du d'",
        "t": "à au",
        "e": "et",
        "b": "entre",
        "l": "le la les l'",
        "p": "en fin début courant depuis dès avant après vers pour durant",
        "c": "ce cet cette",
        "g": "ci",
        "i": "mi",
        "a": "années",
        "S": "premiers",
        "L": "derniers",
        "y": "an année",
        "s": "semaine",
    },
    "en": {
        "o": "of",
        "f": "from",
        "t": "to through until till",
        "e": "and",
        "b": "between",
        "l": "the",
        "p": "in since by during early late before after around",
        "c": "this",
        "i": "mid",
        "y": "year",
        "s": "week",
    },
}
_NUMBERED: Final = {
    "fr": {
        "W": (0, "lundi mardi mercredi jeudi vendredi samedi dimanche"),
        "C": (2, "deux trois quatre cinq six sept huit neuf dix onze douze"),
        "O": (1, "premier deuxième troisième quatrième"),
        "R": (-1, "hier aujourd'hui demain"),
    },
    "en": {
        "W": (0, "monday tuesday wednesday thursday friday saturday sunday"),
        "C": (2, "two three four five six seven eight nine ten eleven twelve"),
        "O": (1, "first second third fourth"),
        "R": (-1, "yesterday today tomorrow"),
    },
}
_VALUED: Final = {
    "fr": {
        ("O", 1): "première",
        ("O", 2): "second",
        ("r", -1): "dernier dernière passé passée",
        ("r", 1): "prochain prochaine",
        ("N", 3): "printemps",
        ("N", 6): "été",
        ("N", 9): "automne",
        ("N", 12): "hiver",
        ("z", 1): "mois",
        ("Q", 3): "trimestre trimestres",
        ("H", 6): "semestre semestres",
    },
    "en": {
        ("r", -1): "last",
        ("r", 1): "next",
        ("N", 3): "spring",
        ("N", 6): "summer",
        ("N", 9): "autumn fall",
        ("N", 12): "winter",
        ("z", 1): "month months",
        ("Q", 3): "quarter quarters",
        ("H", 6): "half",
    },
}
_MONTHS: Final = {
    "fr": "janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre"
    " décembre decembre",
    "en": "january february march april may june july august september october november december",
}

_TOKEN: Final = re.compile(
    r"""
      (?P<figures>
        (?<![\w.,/-])
        (?:[0-9]{4}([-/.])[0-9]{1,2}\2[0-9]{1,2} | [0-9]{1,2}([-/.])[0-9]{1,2}\3[0-9]{4})
        (?![\w/-]|[.,][0-9])
      )
    | (?P<grouped>
        [0-9]{1,3}(?:[.,\x20\u00a0\u2009\u202f][0-9]{3})+(?![0-9])(?:[.,][0-9]+)? | [0-9]+[.,][0-9]+
      )
    | (?P<first>1[^\S\n]?(?:ers?|re)\b)
    | (?P<number>[0-9]+)(?P<suffix>[^\W\d_]*)
    | (?P<part>[TQSH](?P<nth>[1-4])\b)
    | (?P<word>aujourd['’]hui|(?:[dl]|jusqu)['’](?=\w)|[^\W\d_]+)
    | (?P<line>\n)
    | (?P<dash>[-–—])
    | (?P<sign>[^\s\w])
    """,
    re.VERBOSE,
)

_NOTHING: Final = Token("¶", 0, 0, 0)
_DAYS: Final = 31
_DIGITS: Final = 4  # more are no figure of the calendar
_TWO_FIGURES: Final = 99
_LATEST: Final = 2199
_EARLIEST: Final = 1000
_EARLIEST_BARE: Final = 1700
"""Of a number that nothing but its size makes a year."""

# What may stand before a number and makes it a year, or shows that it is none.
_YEAR_AFTER: Final = {
    "fr": "an ans année années exercice saison édition ici horizon période noël millésime jusqu'",
    "en": "year years season fiscal class",
}
_NUMBER_AFTER: Final = {
    "fr": "° n no nº résolution résolutions loi article vol route chambre page numéro norme iso"
    " les ces ses leurs aux quelque quelques environ soit presque que km près # $ € £ +",
    "en": "no nos number resolution resolutions act article flight route room page iso about some"
    " nearly almost than over only these those # $ € £ + °",
}
# What may stand behind it: what the number counts. French writes four figures without a sign
# between them, so that any noun in the plural may be counted; English does so rarely.
_COUNTED: Final = {
    "fr": "% ‰ ° € $ £ km m cm mm kg g t h ha mw gw kw kwh mètre hectare gmt utc million milliard"
    " mille heures",
    "en": "% ‰ ° € $ £ km m cm mm kg t ft ha mw gw kw kwh gmt utc million billion people persons"
    " men women children troops soldiers officers workers jobs employees deaths cases homes houses"
    " families students voters votes seats points words pages calories barrels kilometers"
    " kilometres miles meters metres feet yards acres hectares tons tonnes kilograms pounds"
    " dollars euros days years hours units vehicles",
}
_NOT_COUNTED: Final = (
    "alors après auprès aux auxquels celles certaines certains ces ceux dans depuis des"
    " desquels deux dix dès elles envers hors ils jamais les lesquelles lesquels leurs lors"
    " mais mes mieux moins nos nous parfois pas plus plusieurs près puis quelques sans ses six sous"
    " toujours tous toutes trois très vers vos vous"
)
_HAVING: Final = frozenset(("a", "ont", "avait", "avaient", "aura", "auront", "ayant", "avoir"))
_PREFIXES: Final = frozenset(["mi", "mid", "post", "pre", "pré", "après", "avant"])
_ORDINAL_SUFFIXES: Final = {
    "fr": dict.fromkeys(("e", "è", "ème", "eme", "nd", "nde"), "O"),
    "en": dict.fromkeys(("st", "nd", "rd", "th"), "E"),
}
_PLURAL: Final = re.compile(r"[^\W\d_A-Z]{2,}[sx]")


class _Lexicon(NamedTuple):
    words: dict[str, tuple[str, int]]
    year_after: frozenset[str]
    number_after: frozenset[str]
    counted: frozenset[str]
    not_counted: frozenset[str]


def tokens(text: str, language: str) -> list[Token]:
    """The tokens of a text in one of ``LANGUAGES``, in their order; none is empty."""
    lexicon = _lexicon(language)
    found = [_token(text, match, lexicon, language) for match in _TOKEN.finditer(text)]
    # From the end, since what a range ends with tells what it begins with.
    for nth in range(len(found) - 1, -1, -1):
        if found[nth].kind == "Y" and not _is_year(text, found, nth, lexicon, language):
            found[nth] = found[nth]._replace(kind="w")
    return found


@cache
def _lexicon(language: str) -> _Lexicon:
    words = {month: ("A", number) for month, number in MONTHS.items()}
    words |= {month: ("M", MONTHS[month]) for month in _MONTHS[language].split()}
    words |= {
        word: (kind, 0) for kind, several in _WORDS[language].items() for word in several.split()
    }
    for kind, (first, several) in _NUMBERED[language].items():
        words |= {word: (kind, nth) for nth, word in enumerate(several.split(), first)}
    for (kind, value), several in _VALUED[language].items():
        words |= dict.fromkeys(several.split(), (kind, value))
    return _Lexicon(
        words,
        frozenset(_YEAR_AFTER[language].split()),
        frozenset(_NUMBER_AFTER[language].split()),
        frozenset(_COUNTED[language].split()),
        frozenset(_NOT_COUNTED.split()),
    )


def _token(text: str, match: re.Match[str], lexicon: _Lexicon, language: str) -> Token:
    start, end = match.span()
    kind, value = "w", 0
    if match["word"]:
        kind, value = _word(match["word"], lexicon, language)
    elif match["number"]:
        if not text[max(0, start - 1) : start].isalpha():
            kind, value = _number(match["number"], match["suffix"].lower(), language)
    elif match["figures"]:
        kind = "F"
    elif match["first"]:
        kind, value = "E", 1
    elif match["part"]:
        kind, value = "U" if match[0][0] in "TQ" else "V", int(match["nth"])
    elif match["line"]:
        kind = "¶"
    elif match["dash"]:
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        kind = "-" if len(around.strip()) == len("??") else "–"
    elif match["sign"] in set(",.()/"):
        kind = match["sign"]
    return Token(kind, start, end, value)


def _word(word: str, lexicon: _Lexicon, language: str) -> tuple[str, int]:
    kind, value = lexicon.words.get(word.lower().replace("’", "'"), ("w", 0))
    # In small letters ``may`` and ``march`` are verbs.
    if language == "en" and kind in "MAW" and not word[0].isupper():
        return "w", 0
    return kind, value


def _number(digits: str, suffix: str, language: str) -> tuple[str, int]:
    if len(digits) > _DIGITS:
        return "w", 0
    value = int(digits)
    kind = "w"
    if suffix in _ORDINAL_SUFFIXES[language]:
        kind = _ORDINAL_SUFFIXES[language][suffix] if 1 <= value <= _DAYS else "w"
    elif suffix == "s" and language == "en" and value % 10 == 0 and value >= _EARLIEST_BARE:
        kind = "X"
    elif not suffix and len(digits) == _DIGITS and _EARLIEST <= value <= _LATEST:
        kind = "Y"
    elif not suffix and value <= _TWO_FIGURES:
        kind = "D" if 1 <= value <= _DAYS else "T"
    return kind, value


def _is_year(text: str, found: list[Token], nth: int, lexicon: _Lexicon, language: str) -> bool:
    """Whether four figures are a year, by what stands on either side of them."""
    before, after = _neighbour(found, nth - 1), _neighbour(found, nth + 1)
    word_before, word_after = _lower(text, before), _lower(text, after)
    if (
        _is_part(text, found, nth)
        or word_after in lexicon.counted
        or word_before in lexicon.number_after
    ):
        return False
    if before.kind in "paMA" or word_before in lexicon.year_after:
        return True
    if found[nth].value < _EARLIEST_BARE and before.kind not in "be-":
        return False
    return not (
        language == "fr"
        and after.kind == "w"
        and _PLURAL.fullmatch(text[after.start : after.end])
        and word_after not in lexicon.not_counted
    )


def _is_part(text: str, found: list[Token], nth: int) -> bool:
    """Whether what stands around four figures makes them part of something else than a date.

    That is a name (``A-2024``), a verb's form, or a range of what are no years.
    """
    before, after = _neighbour(found, nth - 1), _neighbour(found, nth + 1)
    first, last = _neighbour(found, nth - 2), _neighbour(found, nth + 2)
    if before.kind in "-/" and first.kind not in "YUVi":
        return _lower(text, first) not in _PREFIXES
    if after.kind in "-/":
        return last.kind not in "YDT"
    if before.kind == "N" and _lower(text, first) in _HAVING:
        return True  # ils ont été 2000
    # ``last`` is four figures that were found to be no year.
    return before.kind in "bdf" and after.kind in "te–" and last.kind == "w" and last.value > 0


def _neighbour(found: list[Token], nth: int) -> Token:
    return found[nth] if 0 <= nth < len(found) else _NOTHING


def _lower(text: str, token: Token) -> str:
    return text[token.start : token.end].lower().replace("’", "'")
