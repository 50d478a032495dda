"""What an article says of itself to editors: that it corrects, continues or withdraws something.

A word alone is no notice: ``Annulation du sommet de Genève`` is news. What tells is the form: a
slug on a line of its own, in capitals before a dash or a colon, or in brackets; or a paragraph that
speaks to editors of a story: ``Prière de ne pas utiliser notre dépêche``. Capitals tell nothing
where all is in capitals.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from worker.core.article import Stated
from worker.core.characters import CAPITAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.core.clean.segments import Part
    from worker.core.stories.kinds import Notice

_ORDER: Final[tuple[Notice, ...]] = ("withdrawal", "correction", "update")
"""Of several notices in an article the first counts: ``CORRECTED-UPDATE 1``."""

# Slugs. All patterns are matched with what `_folded` returns.

_Force = Literal["certain", "plain", "loud", "weak"]
"""When a word is a notice: wherever a slug may stand; alone on a line, or loud; only if loud, that
is, in capitals, in brackets or numbered; only if loud, and if the text says so too."""
_WORDS: Final[dict[tuple[Notice, _Force], str]] = {
    ("withdrawal", "certain"): (
        r"(?:mandatory|advisory|bulletin)\skill|(?:priere\sde|a)\sne\spas\sutiliser|do\snot\suse"
    ),
    ("withdrawal", "plain"): r"kill",
    ("withdrawal", "loud"): r"annulation|annule",
    ("withdrawal", "weak"): (
        r"annulee?|retrait|retiree?|withdrawn|withdrawal|retract(?:ed|ion)|cancell?ed"
    ),
    ("correction", "certain"): (
        r"rectificatifs?|errat(?:um|a)|corrected|refile|annule\set\sremplace|kill\sand\sreplace"
    ),
    ("correction", "plain"): r"corrections?|correctifs?|rectifications?",
    ("correction", "loud"): r"corrigee?|corrige|clarification|rectif\.?",
    ("update", "certain"): r"update|(?:ld[\s-])?writethru",
    ("update", "plain"): r"lead|ld|actualisation",
    ("update", "loud"): r"actualisee?|mise\sa\sjour|maj|updated",
}
_COUNTED: Final = r"version|papier|developpement"  # only with a number or in brackets
_ORDINALS: Final = {
    "premier": 1,
    "premiere": 1,
    "first": 1,
    "deuxieme": 2,
    "second": 2,
    "seconde": 2,
    "troisieme": 3,
    "third": 3,
    "quatrieme": 4,
    "fourth": 4,
}
_MARK: Final = re.compile(
    rf"(?:(?:(?P<first>[0-9]{{1,2}})(?:ere|eme|er|re|e|nde|nd|st|rd|th|d)?"
    rf"|(?P<ordinal>{'|'.join(_ORDINALS)}))[\s-])?(?:"
    + "|".join(f"(?P<{kind}_{force}>{words})" for (kind, force), words in _WORDS.items())
    + rf"|(?P<counted>{_COUNTED}))(?:[\s-]?(?P<last>[0-9]{{1,2}}))?"
)
_HINT: Final = re.compile(
    r"\b(?:kill|annul|retrait|retire|retract|withdr|cancel|rectif|errat|corr[ei]|refile|clarif|updat|ld\b"
    r"|writethru|lead|actualis|mise\sa|maj\b|version|papier|develop|do\snot)|utiliser"
)
"""What has none of this is no slug, which is known sooner than otherwise."""
_OF_PAGES: Final = re.compile(r"updated?|mise?\sa\sjour|maj|actualisee?")
"""What a page says before the day of its last change."""

_TOLD: Final[tuple[_Force, ...]] = ("certain", "plain")
_LONGEST_SLUG: Final = 100  # characters
_MOST_TOPIC: Final = 2  # words beside the notice
_EDGES: Final = " *=_#~.…:!/-–—"
_PART: Final = re.compile(r"[(\[](?P<inside>[^()\[\]]*)[)\]]|(?P<outside>[^()\[\]]+)")
_SEPARATOR: Final = re.compile(r"\s[-–—|]+\s|\s?/+\s?|\s?[:,;]\s|\s?///?")
_BEFORE: Final = re.compile(
    r"\s*(?:[(\[](?P<inside>[^()\[\]\n]{2,40})[)\]](?:\s?[-–—:/])?"
    r"|(?P<loose>[^()\[\]:/\n]{2,40}?)(?:\s?[:/]|\s[-–—])(?=\s)"
    r"|(?P<tight>[^()\[\]:/\n-]{3,20})-)\s*(?=\S)"
)
_BEHIND: Final = re.compile(
    r"\s*=?[(\[](?P<inside>[^()\[\]\n]{2,40})[)\]]=?$|(?:\s[-–—]|,)\s(?P<loose>[^()\[\],\n]{2,40})$"
)
_BEGINS: Final = re.compile(rf"{CAPITAL}|[«“\"‘'0-9]")
_LONGEST_BEHIND: Final = 60  # characters
_LONGEST_TITLE: Final = 300
_PLAIN: Final = (
    ("’", "'"),
    ("‘", "'"),
    ("–", "-"),
    ("—", "-"),
    ("œ", "oe"),
    *((quote, '"') for quote in "«»“”„"),
)


class _Mark(NamedTuple):
    """A notice in a slug."""

    kind: Notice
    number: int | None
    force: _Force
    sure: bool
    """Whether it is one whatever the text says."""


def is_slug(line: str) -> bool:
    """Whether a line is nothing but a notice, with topics and the like beside it.

    ``RECTIFICATIF``, ``2e lead``, ``TOGO-PORT, ACTUALISATION``, ``Kenya-Islande (Rectificatif)``.
    """
    return bool(_slug(line))


def headline_in(title: str, *, withdrawn: bool = True) -> tuple[int, int]:
    """Where in a title the headline stands: without the notices before and behind it.

    ``RECTIFICATIF - Le port rouvre``, ``UPDATE 2-Port reopens``, ``Le port rouvre (2e lead)``; and
    ``ANNULATION : Le concert`` too if what is below it withdraws a story, or else it is news.
    """
    _, start, end = _titled(title, withdrawn=withdrawn)
    return start, end


def _slug(line: str) -> list[_Mark]:
    words = line.strip(_EDGES)
    if not words or len(words) > _LONGEST_SLUG or not _HINT.search(_folded(words)):
        return []
    parts = list(_parts(words))
    marks: list[_Mark] = []
    for text, bracketed in parts:
        mark = _mark(text, bracketed=bracketed, alone=len(parts) == 1)
        found = [mark] if mark else _chained(text)
        if not found and not _is_topic(text):
            return []
        marks += found
    return marks


def _parts(words: str) -> Iterator[tuple[str, bool]]:
    """The parts of a slug, and whether they stand in brackets."""
    for found in _PART.finditer(words):
        bracketed = found["inside"] is not None
        texts = [found["inside"]] if bracketed else _SEPARATOR.split(found["outside"])
        for text in texts:
            if shown := text.strip(_EDGES):
                yield shown, bracketed


def _mark(text: str, *, bracketed: bool = False, alone: bool = False) -> _Mark | None:
    """The notice that a part of a slug is, if it is loud enough for it."""
    found = _MARK.fullmatch(_folded(text))
    if not found:
        return None
    number = _number(found)
    loud = bracketed or text.isupper() or number is not None
    if found["counted"]:
        return _Mark("update", number, "loud", sure=True) if number or bracketed else None
    kind, force = next(each for each in _WORDS if found["_".join(each)])
    if force == "certain" or loud or (force == "plain" and alone):
        return _Mark(kind, number, force, sure=force != "weak")
    return None


def _number(found: re.Match[str]) -> int | None:
    digits = found["first"] or found["last"]
    return int(digits) if digits else _ORDINALS.get(found["ordinal"] or "")


def _chained(text: str) -> list[_Mark]:
    """The notices at the end of a chain of topics: ``NIGER-CRUES-RECTIFICATIF``, ``Kenya-2e lead``.

    What withdraws may be a topic there: ``MALI-ARMEE-RETRAIT``.
    """
    *topics, before, last = ("", *text.split("-"))
    if not before or any(" " in topic for topic in topics):
        return []
    both = _mark(f"{before}-{last}")
    marks = [both] if both else [_mark(before), _mark(last)]
    if not all(mark or " " not in link for mark, link in zip(marks, (before, last), strict=False)):
        return []
    return [
        mark
        for mark in marks
        if mark and mark.kind != "withdrawal" and (mark.number or mark.force in _TOLD)
    ]


def _is_topic(text: str) -> bool:
    words = text.split()
    return len(words) == 1 or (len(words) <= _MOST_TOPIC and text.isupper())


def _titled(title: str, *, withdrawn: bool = True) -> tuple[list[_Mark], int, int]:
    """The notices around a headline, and where it stands."""
    marks: list[_Mark] = []
    start, end = 0, len(title)
    if end > _LONGEST_TITLE or not _HINT.search(_folded(title)):
        return marks, start, end
    while found := _BEFORE.match(title, start, end):
        mark = _before(found)
        if not mark or not (mark.sure or withdrawn) or not _BEGINS.match(title, found.end()):
            break
        marks.append(mark)
        start = found.end()
    while found := _BEHIND.search(title, max(start + 1, end - _LONGEST_BEHIND), end):
        mark = _behind(found, title[start : found.start()])
        if not mark:
            break
        marks.append(mark)
        end = found.start()
    return marks, start, end


def _before(found: re.Match[str]) -> _Mark | None:
    bracketed = found["inside"] is not None
    text = (found["inside"] or found["loose"] or found["tight"]).strip(_EDGES)
    mark = _mark(text, bracketed=bracketed)
    if not mark or not _stands_out(mark, found.string[found.end() :]):
        return None
    known = mark.number or mark.force == "certain" or mark.kind == "withdrawal"
    if found["tight"] and not (text.isupper() and known):  # ``LEAD-Free Petrol``
        return None
    # ``ANNULATION : Le concert n’aura pas lieu``: it may be what the story is about.
    news = mark.kind == "withdrawal" and mark.force == "loud" and not bracketed
    return mark._replace(sure=mark.sure and not news)


def _behind(found: re.Match[str], headline: str) -> _Mark | None:
    text = (found["inside"] or found["loose"]).strip(_EDGES)
    mark = _mark(text, bracketed=found["inside"] is not None)
    if not mark or not (text[0].isupper() or mark.number) or not _stands_out(mark, headline):
        return None
    # ``Concert de Lomé (ANNULÉ)``: the same.
    return mark if mark.kind != "withdrawal" else None


def _stands_out(mark: _Mark, headline: str) -> bool:
    """Whether capitals tell: not where the headline is in capitals too."""
    return mark.force == "certain" or mark.number is not None or any(map(str.islower, headline))


# Paragraphs that speak to editors.

_READ: Final = 500  # characters of a paragraph that are looked at
_STORY: Final = (
    r"\b(?:depeches?|articles?|papiers?|textes?|informations?|infos?|nouvelles?|sujets?|breves?"
    r"|versions?|urgents?|photos?|legendes?|(?:intitule|titre)e?s?|stor(?:y|ies)|items?|reports?"
    r"|dispatch(?:es)?|copy|headlined|titled|slugged)\b"
)
_SPEAKS: Final = re.compile(_STORY)
_CLAUSE: Final = r"(?:^|[.:,;!)\"-]\s?)"
_PLEA: Final = re.compile(
    rf"{_CLAUSE}(?:(?:priere|merci|veuillez|(?:nous\s)?(?:vous\s)?(?:prions|demandons)|vous\setes\sprie|il\sest\sdemande"
    r"|vous\svoudrez\sbien)\b[^.]{0,80}?\b(?:ne\s(?:pas|plus)\s(?:en\s|l['a]\s?|les\s)?(?:utiliser|publier"
    r"|diffuser|reprendre|exploiter|imprimer|considerer|tenir\scompte|prendre\sen\scompte)"
    r"|ignorer|annuler|supprimer|retirer|detruire|considerer\scomme\snul)"
    r"|(?:please|kindly)\s(?:disregard|ignore|kill|withdraw|remove|discard|delete"
    r"|do\snot\s(?:use|publish|run))"
    r"|(?:do\snot\suse|disregard|kill)(?=\s(?:the|this|our)\s))\b(?P<what>[^\n]{0,300})"
)
_OURS: Final = re.compile(
    rf"{_CLAUSE}(?:(?:(?:notre|nos)\s(?:\S+\s)?{_STORY}|(?:la|cette|les)\s(?:\S+\s)?depeches?\b)[^\n]{{0,250}}?"
    r"\b(?:est|sont|a\sete|ont\sete|doi(?:t|vent)\setre)\s(?:annule|retire|supprime|considere)"
    rf"|nous\s(?:annulons|retirons|avons\s(?:annule|retire))\s[^\n]{{0,40}}?{_STORY}"
    rf"|(?:annulation|retrait)\sde\s(?:notre|nos|la\sdepeche)\b"
    rf"|(?:(?:our|this)\s(?:\S+\s)?{_STORY}|the\sstory\s(?:headlined|titled|slugged|\"))[^\n]{{0,250}}?\b(?:is|are|was|were|(?:has|have)\sbeen)\s(?:being\s)?"
    r"(?:withdrawn|retracted|killed|cancelled)"
    rf"|we\s(?:are\s|have\s)?(?:withdr[ae]w|retract|kill)\w*\s[^\n]{{0,40}}?{_STORY})"
)
_DROPS: Final = re.compile(r"annul|retir|retrait|supprim|consider|withdr|retract|kill|cancel")
"""What `_OURS` takes longer to look for."""
_THEIRS: Final = re.compile(
    rf"{_STORY}[^\n]{{0,250}}?\b(?:annul|retir|supprim|erron|inexact|withdr|retract|kill|wrong|incorrect)"
    rf"|\b(?:annul|retir|withdr|retract|kill)\w*\s[^\n]{{0,80}}?{_STORY}"
)
"""Of somebody's story; it tells only below a slug that withdraws."""
_REPLACES: Final = re.compile(
    r"\brempla|\breplac|\bsubstitut|\bversions?\s(?:corrige|rectifie|suivante|ci-dessous|precedente|anterieure)"
    r"|\b(?:precedente|premiere|ancienne)s?\s(?:version|depeche)|\bdepeches?\sprecedente"
    r"|\bcorrected\s(?:version|story)|\b(?:previous|earlier)\s(?:version|story)"
)
_NOTED: Final = r"[(\[=*\s]*(?:(?<=[(\[=*])|attention\s?[-:!]+\s?|eds?\.?\s?:\s?|editors\s?:\s?)"
_CORRECTS: Final = re.compile(
    rf"{_NOTED}(?:(?:corrig|rectifi)(?:e|ee|es|ees|eant|ant)|correct(?:s|ed|ing)|refil(?:es|ed|ing)|modifie|precise)\b"
    r"|\W{0,3}(?:bien\slire|lire\sbien|il\s(?:faut|fallait)\s(?:bien\s)?lire"
    r"|(?:(?:priere|merci)\sde|veuillez)\s(?:bien\s)?lire)\b"
    r"|\W{0,3}dans\s(?:notre|la)\s[^\n]{0,250}?\b(?:bien\slire|il\s(?:faut|fallait)\slire"
    r"|lire\b[^\n]{0,150}?\b(?:au\slieu\sde|et\snon))\b"
    r"|\W{0,3}(?:an?\s(?:earlier|previous)|une\s(?:premiere|precedente))\sversion\s(?:of\sthis|de\sce)"
    r"|\W{0,3}une\sversion\s(?:precedente|anterieure)\sde\sce"
    rf"|\W{{0,3}}this\s(?:\S+\s)?{_STORY}\s(?:has\sbeen\s|was\s|is\s)?(?:corrects|corrected|amended)\b"
    rf"|\W{{0,3}}(?:cette|la\spresente)\s(?:depeche|version)\s(?:corrige|rectifie|remplace)\b"
    r"|\W{0,3}cet(?:te)?\s(?:depeche|article)\s(?:a\sete|est)\s(?:corrige|rectifie)"
    rf"|\W{{0,3}}(?:(?:cette?|notre|(?:la|le)\spresente?)\s{_STORY}\s)?annul(?:e|ant)\set\srempla"
    rf"|\W{{0,3}}(?:this\s{_STORY}\s)?(?:kills?|withdraws?)\sand\sreplaces?\b"
)
_LABELLED: Final = re.compile(r"(?P<mark>[^:.\n–—]{4,40}?)\s?(?:[:.]|\s[-–—])\s")
_READS: Final = re.compile(
    r"\b(?:lire|au\slieu\sde|et\snon|paragraphe?s?|erreurs?|errone\w*|should\sread|instead\sof|misstated"
    rf"|incorrect\w*|wrong\w*)\b|{_STORY}"
)
_UPDATES: Final = re.compile(
    rf"{_NOTED}(?:actualis\w+|updat(?:es|ed|ing)|mise?\sa\sjour|adds|recasts|ajoute|enrichi\w*|developpe)\b"
    r"(?!\s?(?:le|a|at|on|:|the)?\s?[0-9])(?=\s\w)"
    rf"|\W{{0,3}}this\s(?:\S+\s)?{_STORY}\s(?:has\sbeen|was|is)\supdated\s(?:to|with)\b"
    r"|\W{0,3}ce(?:t|tte)\s(?:depeche|article|version)\s(?:est\s|a\sete\s)?(?:actualise|mise?\sa\sjour)e?\s(?:avec|pour)\b"
)


_FEW: Final = 4  # words behind ``Prière de ne pas utiliser``, which name nothing then

_QUOTED: Final = re.compile(
    r"«\s?(?P<french>[^«»]{6,250}?)\s?»|“(?P<curved>[^“”]{6,250})”|\"(?P<straight>[^\"\n]{6,250})\""
    r"|\b(?i:headlined|titled|slugged)\s'(?P<single>[^'\n]{6,250})'(?!\w)"
    r"|\b(?i:intitulée?s?|titrée?s?|sous\sle\stitre|headlined|titled)\s?:?\s"
    r"(?P<bare>[^«“\"'\s][^«»“”\"\n]{5,250}?)(?=[.;]?$|[.;]\s|,\s[a-z])"
)
_MIN_HEADLINE: Final = 3  # words
_HEAD: Final = 8  # pieces of a file that a slug or a note may stand among
_OPENING: Final = 2  # paragraphs of a story that may be a note
_FOOT: Final = 3  # pieces at the end of a story that may be a note
_BEHIND_STORY: Final = 2  # pieces behind it
_BRIEF: Final = 300  # characters of prose; a note has hardly more
_LONGEST_HEADLINE: Final = 150  # characters


class Line(NamedTuple):
    """A piece of a file, and what it is there."""

    part: Part
    text: str


def find(lines: Sequence[Line]) -> Stated | None:
    """What an article says of itself, from all the pieces of its file in order."""
    parts = ("lead", "body") if any(line.part == "body" for line in lines) else ("title",)
    prose = [at for at, line in enumerate(lines) if line.part in parts]
    if not prose:
        return None
    head = lines[: min(_HEAD, prose[min(_OPENING, len(prose)) - 1] + 1)]
    headline = ""
    marks: list[_Mark] = []
    for at, line in enumerate(head):
        if line.part == "title":
            found, start, end = _titled(line.text)
            headline = line.text[start:end]
            marks += found or _slug(line.text)
        elif not _is_of_page(line, head[at + 1 : at + 2]):
            marks += _slug(line.text)
    foot = lines[max(len(head), prose[-1] + 1 - _FOOT) : prose[-1] + 1 + _BEHIND_STORY]
    notes = {line.text: kind for line in (*head, *foot) if (kind := note_in(line.text))}
    story = sum(len(lines[at].text) for at in prose if lines[at].text not in notes)
    kind = _kind(marks, notes, story, [lines[at].text for at in prose[:_FOOT]])
    if kind is None:
        return None
    headline = headline or _unmarked([lines[at].text for at in prose])
    number = next((mark.number for mark in marks if mark.number is not None), None)
    speaking = [line.text for line in (*head, *foot) if _SPEAKS.search(_folded(line.text[:_READ]))]
    quoted = (each for text in dict.fromkeys((*notes, *speaking)) for each in _quoted(text))
    return Stated(kind, number, tuple(dict.fromkeys(filter(None, (headline, *quoted)))))


def _kind(
    marks: Sequence[_Mark], notes: Mapping[str, Notice], story: int, opening: Sequence[str]
) -> Notice | None:
    """The notice that counts, if there is any.

    A plea not to use a story is a correction where another story follows in its place.
    """
    kinds = {mark.kind for mark in marks if mark.sure} | set(notes.values())
    if any(not mark.sure for mark in marks) and (
        story < _BRIEF or any(_THEIRS.search(_folded(text[:_READ])) for text in opening)
    ):
        kinds.add("withdrawal")
    if "withdrawal" in kinds and story >= _BRIEF:
        replaces = any(_REPLACES.search(_folded(note[:_READ])) for note in notes)
        if replaces or "correction" in kinds:
            return "correction"
    return next((kind for kind in _ORDER if kind in kinds), None)


def _unmarked(prose: Sequence[str]) -> str:
    """The headline of a note of which too little is left to tell it from its text."""
    first = next((text for text in prose if not _slug(text)), "")
    short = len(first) <= _LONGEST_HEADLINE and not first.endswith((".", ":"))
    return first if short and not note_in(first) else ""


def _is_of_page(line: Line, below: Sequence[Line]) -> bool:
    """Whether a line goes with the day below it, as ``UPDATED`` does on pages."""
    dated = any(each.part == "published" for each in below)
    return dated and _OF_PAGES.match(_folded(line.text)) is not None


@lru_cache(maxsize=64)  # a file's few paragraphs are asked again where its notice is looked for
def note_in(paragraph: str) -> Notice | None:
    """What a paragraph tells editors of the story, if it speaks to them."""
    said = _folded(paragraph[:_READ])
    plea = _PLEA.search(said)
    if plea and (_SPEAKS.search(said) or len(plea["what"].split()) < _FEW):
        return "withdrawal"
    if _DROPS.search(said) and _OURS.search(said):
        return "withdrawal"
    label = _LABELLED.match(paragraph.lstrip(" (["))
    mark = label and _mark(label["mark"], alone=True)
    if mark and mark.kind == "correction" and (mark.force == "certain" or _READS.search(said)):
        return "correction"
    if _CORRECTS.match(said):
        return "correction"
    return "update" if _UPDATES.match(said) else None


def _quoted(text: str) -> Iterator[str]:
    """The headlines that a note quotes."""
    for found in _QUOTED.finditer(text, 0, _READ):
        headline = found[found.lastgroup or 0].strip(" .,;'’")
        if len(headline.split()) >= _MIN_HEADLINE:
            yield headline


def _folded(text: str) -> str:
    """Small ASCII letters, whatever the diacritics, blanks, quotes, apostrophes and dashes."""
    plain = text.casefold()
    for character, same in _PLAIN:  # far faster than `str.translate`
        plain = plain.replace(character, same)
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return " ".join(ascii_only.split())
