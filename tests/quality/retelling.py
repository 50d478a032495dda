"""Files that tell a story again, and files that only look as if they did.

The stories are French Wikinews (see ``data/README.md``); bulletins and stock paragraphs are our
own. What is done to a story is what happens to wire copy: another headline, a caption, a tail of
teasers, lost spaces, paragraphs cut, moved and added, figures corrected, bad OCR. All drawing is
seeded, so that a figure changes only when the code does.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.quality.glue import glue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.quality.glue import Story

_MONDAY: Final = date(2026, 5, 4)
_NUMBER: Final = re.compile(r"\d+")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?]) (?=[A-ZÀ-Ý«\"])")
_ABOUT: Final = (
    "L’Agence de presse du Littoral, fondée en 1962, diffuse chaque jour quelque trois cents "
    "dépêches, photographies et vidéos en quatre langues à plus de deux cents abonnés. Elle "
    "dispose de vingt-trois bureaux dans les régions et de correspondants dans onze capitales. "
    "Toute reproduction, même partielle, de ses contenus est soumise à son accord écrit. Pour "
    "s’abonner ou signaler une erreur, écrire au service des relations avec la clientèle."
)
_OCR: Final = {
    "e": "c", "c": "e", "l": "1", "i": "l", "o": "0", "a": "o", "u": "n", "n": "u", "m": "rn",
    "s": "5", "h": "b", "t": "f", "f": "t", "é": "e", "è": "e", "à": "a", "ê": "e", "r": "i",
    "d": "cl", "q": "g", "v": "y", "b": "h", "p": "q", "1": "l", "0": "O", "5": "S", ".": ",",
}  # fmt: skip
"""What is mistaken for what."""


class File(NamedTuple):
    """A file as it is delivered, and which story it tells."""

    kind: str
    story: str
    """The same for all files that tell the same."""
    text: str


class _Telling(NamedTuple):
    """A story that something is done to."""

    title: str
    paragraphs: list[str]
    others: list[Story]
    """Stories that are told beside it."""
    dice: random.Random


def files(stories: Sequence[Story], seed: int = 0) -> Iterator[File]:
    """Every story in each of its tellings, every bulletin twice, and digests."""
    for number, story in enumerate(stories):
        others = [stories[(number + step) % len(stories)] for step in (1, 2, 3)]
        for kind, retell in _RETOLD.items():
            dice = random.Random(f"{seed}/{number}/{kind}")  # noqa: S311 - repeats itself
            title, *paragraphs = story.paragraphs
            retold = retell(_Telling(title, paragraphs, others, dice))
            later = 0 if kind == ORIGINAL else dice.choice((0, 0, 1, 3))
            day = None if dice.random() < 0.3 else _MONDAY + timedelta(number + later)
            yield File(kind, f"story {number}", _written(day, *retold))
    yield from _bulletins(seed)
    yield from _digests(stories)


def _written(day: date | None, title: str, paragraphs: Sequence[str]) -> str:
    header = f" date {day} " if day else ""
    return "\n\n".join([header + title, *paragraphs])


# --- what happens to a story ------------------------------------------------------------------

ORIGINAL: Final = "original"
_Retold = tuple[str, list[str]]


def _headline(told: _Telling) -> _Retold:
    return f"{told.title.rpartition(' : ')[2]} : ce que l’on sait", told.paragraphs


def _caption(told: _Telling) -> _Retold:
    first, *rest = told.paragraphs
    shown = " ".join(first.split()[:8]).rstrip(".,;:")
    caption = told.dice.choice(
        (f"{told.title} ảnh 1{shown}. Photo : VNA", f"{shown}, le 4 mai. Photo : AFP/Jean Costa")
    )
    return told.title, [caption, first, *rest]


def _tail(told: _Telling) -> _Retold:
    *head, last = told.paragraphs
    teasers = [
        part
        for other in told.others[:2]
        for part in ("Une vue des lieux. Photo : VNA", other.paragraphs[0], other.paragraphs[1])
    ]
    return told.title, [*head, f"{last}-VNA", "source", "Voir plus", *teasers]


def _glued_lines(told: _Telling) -> _Retold:
    return told.title, glue(told.paragraphs, told.dice, 1.0)[0]


def _glued_words(told: _Telling) -> _Retold:
    def lost(space: re.Match[str]) -> str:
        return "" if told.dice.random() < 0.05 else space[0]

    return told.title, [re.sub(" ", lost, paragraph) for paragraph in told.paragraphs]


def _cut(share: float) -> Callable[[_Telling], _Retold]:
    def cut(told: _Telling) -> _Retold:
        left = share * sum(map(len, told.paragraphs))
        kept = []
        for paragraph in told.paragraphs:
            sentences = []
            for sentence in _SENTENCE_END.split(paragraph):
                if left > 0:
                    sentences.append(sentence)
                left -= len(sentence)
            kept.append(" ".join(sentences))
        return told.title, [paragraph for paragraph in kept if paragraph]

    return cut


def _without(told: _Telling) -> _Retold:
    """Without a paragraph or two of the middle, but at most a third."""
    places = range(1, len(told.paragraphs))
    gone: set[int] = set()
    allowed = sum(map(len, told.paragraphs)) / 3
    for place in told.dice.sample(places, min(2, len(places))):
        allowed -= len(told.paragraphs[place])
        if allowed > 0:
            gone.add(place)
    return told.title, [text for n, text in enumerate(told.paragraphs) if n not in gone]


def _moved(told: _Telling) -> _Retold:
    paragraphs = list(told.paragraphs)
    told.dice.shuffle(paragraphs)
    return told.title, paragraphs


def _figures(told: _Telling) -> _Retold:
    def other(number: re.Match[str]) -> str:
        size = len(number[0])
        drawn = str(told.dice.randrange(10 ** (size - 1), 10**size))
        return drawn if told.dice.random() < 0.25 else number[0]

    return told.title, [_NUMBER.sub(other, paragraph) for paragraph in told.paragraphs]


def _added(told: _Telling) -> _Retold:
    """With a new opening, and a paragraph that another story has too."""
    background = told.others[2].paragraphs[1]
    new = f"La situation évolue encore, selon nos confrères : {told.title}."
    return told.title, [new, *told.paragraphs, background]


def _new_lead(told: _Telling) -> _Retold:
    """With another first paragraph, in other words."""
    new = f"On en sait davantage : {told.title}. Nous rappelons ci-dessous ce qui était connu."
    return told.title, [new, *told.paragraphs[1:]]


def _stock(told: _Telling) -> _Retold:
    """The first half, and what the agency says of itself below everything."""
    title, paragraphs = _cut(0.5)(told)
    return title, [*paragraphs, _ABOUT]


def _scanned(rate: float) -> Callable[[_Telling], _Retold]:
    def scan(told: _Telling) -> _Retold:
        def seen(character: str) -> str:
            if told.dice.random() >= rate:
                return character
            return _OCR.get(character, told.dice.choice(("", "r", "i", " ")))

        return told.title, ["".join(map(seen, paragraph)) for paragraph in told.paragraphs]

    return scan


def _together(*ways: Callable[[_Telling], _Retold]) -> Callable[[_Telling], _Retold]:
    def retell(told: _Telling) -> _Retold:
        for way in ways:
            title, paragraphs = way(told)
            told = told._replace(title=title, paragraphs=paragraphs)
        return told.title, told.paragraphs

    return retell


_RETOLD: Final[dict[str, Callable[[_Telling], _Retold]]] = {
    ORIGINAL: lambda told: (told.title, told.paragraphs),
    "headline": _headline,
    "caption": _caption,
    "tail": _tail,
    "glued lines": _glued_lines,
    "glued words": _glued_words,
    "cut to two thirds": _cut(0.65),
    "cut to a third": _cut(0.33),
    "without paragraphs": _without,
    "moved": _moved,
    "figures": _figures,
    "added": _added,
    "new lead": _new_lead,
    "stock paragraph": _stock,
    "OCR 1 %": _scanned(0.01),
    "OCR 5 %": _scanned(0.05),
    "all at once": _together(_without, _figures, _glued_lines, _headline, _caption, _tail),
}

# --- what only looks alike ----------------------------------------------------------------------

_WEEKDAYS: Final = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
_SERIES: Final = {
    "Café : les cours du {day} mai": (
        "Le kilogramme de robusta s’est échangé {weekday} à {0} dongs à Buôn Ma Thuôt, contre {1} "
        "dongs la veille, soit une {trend} de {2} dongs, a indiqué la chambre de commerce.\n\n"
        "Dans la province voisine de Gia Lai, les négociants ont payé {3} dongs, et {4} dongs à "
        "Lâm Dông, où {5} tonnes ont changé de mains.\n\n"
        "À Londres, le contrat de juillet valait {6} dollars la tonne à la clôture, et celui de "
        "septembre {7} dollars. À New York, la livre d’arabica est passée à {8} cents."
    ),
    "Météo du {weekday} {day} mai": (
        "Le temps sera {sky} ce {weekday} sur le delta et les plateaux du Centre, avec un vent de "
        "sud-est de {0} kilomètres à l’heure, prévoit le centre hydrométéorologique.\n\n"
        "Il fera {1} degrés à Hanoï, {2} à Huê, {3} à Dà Nang et {4} degrés à Cân Tho. Dans la "
        "nuit, le thermomètre descendra à {5} degrés à Sa Pa.\n\n"
        "Il est tombé {6} millimètres de pluie à Vinh au cours des dernières vingt-quatre heures. "
        "Les pêcheurs sont invités à la prudence au large, où les creux atteindront {7} mètres."
    ),
    "Le dollar au {day} mai": (
        "La Banque d’État a fixé {weekday} à {0} dongs le cours central du dollar, en {trend} de "
        "{1} dongs par rapport à la séance précédente.\n\n"
        "Les banques commerciales, autorisées à s’en écarter de cinq pour cent, achetaient le "
        "billet vert à {2} dongs et le vendaient à {3} dongs. L’euro s’échangeait à {4} dongs à "
        "l’achat et à {5} dongs à la vente, la livre sterling à {6} dongs.\n\n"
        "Le tael d’or des bijouteries de Saïgon valait {7} dongs à l’ouverture du marché."
    ),
    "Barrages : le niveau de l’eau": (
        "Le barrage de Hoa Binh retenait {weekday} matin {0} millions de mètres cubes, soit {1} "
        "pour cent de sa capacité, selon l’autorité du bassin, qui annonce un ciel {sky}.\n\n"
        "Celui de Son La en retenait {2} millions, et celui de Tuyên Quang {3} millions. Les "
        "lâchers ont été portés à {4} mètres cubes par seconde afin de préserver les rizières.\n\n"
        "En aval, l’échelle de Hanoï indiquait {5} centimètres, et celle de Pha Lai {6}."
    ),
}
_DAYS: Final = 8


def _bulletins(seed: int) -> Iterator[File]:
    """The same words day by day; each day's bulletin comes from two sources."""
    for title, words in _SERIES.items():
        dice = random.Random(f"{seed}/{title}")  # noqa: S311 - repeats itself
        levels = [dice.randrange(10, 40_000) for _ in range(9)]
        for later in range(_DAYS):
            day = _MONDAY + timedelta(later)
            levels = [round(level * dice.uniform(0.9, 1.1)) for level in levels]
            said = {
                "day": day.day,
                "weekday": _WEEKDAYS[day.weekday()],
                "trend": dice.choice(("hausse", "baisse")),
                "sky": dice.choice(("dégagé", "couvert", "changeant")),
            }
            body = [words.format(*levels, **said)]
            story = f"{title}/{day}"
            yield File("bulletin", story, _written(day, title.format(**said), body))
            headline = f"{title.format(**said)} (notre tableau)"
            yield File("bulletin, copied", story, _written(day, headline, body))


def _digests(stories: Sequence[Story]) -> Iterator[File]:
    """The openings of five stories in one file, which tells none of them."""
    for number in range(0, len(stories) - 4, 5):
        quoted = [" ".join(story.paragraphs[1:3]) for story in stories[number : number + 5]]
        yield File("digest", f"digest {number}", _written(None, "L’actualité en bref", quoted))
