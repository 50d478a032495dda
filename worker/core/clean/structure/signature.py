"""How a story is signed: the agency's mark at its end, the writer's name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.agencies import has_shape, is_known

_LONGEST: Final = 80  # characters, of a signature or a byline
_WINDOW: Final = 220  # characters of a paragraph that are looked at
_LONGEST_CREDITS: Final = 200  # with everybody's part in the work
_MAX_WORDS: Final = 5  # in a person's name
_MIN_WORDS: Final = 2

_SEPARATOR: Final = re.compile(r"\s{0,2}/\s{0,2}|\s{1,2}[-–—]\s{1,2}|\s{1,2}(?=\([^()]{2,30}\)$)")
_WHOLE: Final = re.compile(
    r"/?\.?[-–—(\s]{0,4}(?P<printed>(?:(?:Sources?|Nguồn)\s{0,2}:\s{0,2}|(?:Theo|Avec|With)\s)?"
    r"(?P<name>[^\W\d_].*?))\s{0,2}\.?$"
)
_AT_END: Final = re.compile(
    r"(?P<stop>[.!?…]\s?[»”\")\]]{0,2})?\s{0,3}"
    r"(?P<signature>(?P<mark>(?:(?<!\w)[-–—]{1,2}|(?<=[.!?…])/\.)\s{0,2}|\(|(?<=\s))"
    r"(?P<name>[A-ZĐ]\w{1,11}(?:/\w{2,12}){0,4})\)?\s{0,2}\.?)$"
)
_CREDITS: Final = re.compile(
    r"\(?(?P<credits>(?P<label>Textes?|Texte et photos?|Article et photos?|Propos recueillis"
    r"|Reportage"
    r"|Version française|Édité|Recueilli|Synthèse|Reporting|Additional reporting|Writing|Editing"
    r"|Compiled|Bài(?:, ảnh)?|Ảnh và bài"
    r"|Bài và ảnh|Thực hiện)(?:\s{0,2}:|\s(?=[A-ZÀ-Ý])|\spar\s|\sby\s).{2,180}?)\)?\s?\.?$"
)
_IN_CREDITS: Final = frozenset(
    {"and", "by", "de", "du", "en", "et", "in", "par", "photo", "photos", "recueillis", "texte"}
    | {"version", "française", "édité", "édition", "avec", "rédaction", "journaliste"}
    | {"textes", "editing", "reporting", "writing", "additional", "và", "ảnh", "bài", "la", "à"}
)
_DESK: Final = re.compile(r"(?<=[A-Z]{2})(?:\s[A-Z]{2,4}){1,4}$")  # PTI SKC RHL
_INITIALS: Final = re.compile(r"[a-z]{2,4}(?:[-/][a-z]{2,4}){2,6}")
_BRACKETED: Final = re.compile(
    r"(?P<stop>[.!?…]\s?[»”\")\]]{0,2})\s{0,3}"
    r"(?P<signature>\((?:(?:Avec|With|Source\s?:)\s)?(?P<name>[^()\n]{2,60})\)\s{0,2}\.?)$"
)
_NO_NAMES: Final = frozenset(
    {"christmas", "day", "night", "noël", "notre", "year", "monday", "tuesday"}
    | {"wednesday", "thursday", "friday", "saturday", "sunday", "avion"}
)
_BYLINE: Final = re.compile(
    r"\(?(?:(?:[Pp]ar|PAR|[Bb]y|BY)\s?:?\s"
    r"|(?:Auteure?|Author|Tác giả|Bài(?:, ảnh| viết)?)\s?:)\s{0,2}"
    r"(?P<name>[^\W\d_][^.,:;!?()\n]{2,60}?)"
    r"(?:,\s(?:envoyée?\s|correspondante?\s|journaliste\s|VNA|AFP).{0,40}"
    r"|\s(?:in|à|en)\s[^\W\d_a-z].{1,30})?\)?$"
)


class Signature(NamedTuple):
    """A signature as it stands at the end of a paragraph, and the name in it."""

    stretch: Stretch
    name: Stretch
    known: bool
    """Whether it is a known agency's, or says who did what; not only one by its shape."""


def find_signature(text: str, paragraph: Stretch) -> Signature | None:
    """The signature that ends the paragraph, or that is the whole paragraph.

    ``VNA/CVN``, ``Thu Lan/CVN``, ``Mai Lan (TTXVN)``, ``Texte : Lan – Photos : Bui/CVN`` by
    themselves; ``. -VNA/VI``, ``. – AVI``, ``. (AFP)``, ``./. VNA`` after a sentence; without the
    end of a sentence only the dash and name of a known agency.
    """
    # Only its last words are looked at, by several that ask the same.
    start = max(paragraph.start, paragraph.end - _WINDOW)
    found = _signature(text[start : paragraph.end], whole=start == paragraph.start)
    if not found:
        return None
    here, name = found.stretch, found.name
    return Signature(
        Stretch(start + here.start, start + here.end),
        Stretch(start + name.start, start + name.end),
        known=found.known,
    )


@lru_cache(maxsize=1 << 10)
def _signature(text: str, *, whole: bool) -> Signature | None:
    """The signature in the last words of a paragraph, or in the ``whole`` of it."""
    words = Stretch(0, len(text))
    alone = (_whole(text, words) or _credits(text, words)) if whole else None
    return alone or _at_end(text, words) or _in_brackets(text, words)


def find_byline(text: str, paragraph: Stretch) -> Stretch | None:
    """The writer's name in a paragraph that says nothing else: ``Par Lan Nguyên``."""
    if paragraph.end - paragraph.start > _LONGEST:
        return None
    found = _BYLINE.match(text, paragraph.start, paragraph.end)
    if not found or not _NO_NAMES.isdisjoint(found["name"].casefold().split()):
        return None
    if is_person(found["name"]) or is_known(found["name"]):
        return Stretch(*found.span("name"))
    return None


def _whole(text: str, paragraph: Stretch) -> Signature | None:
    if paragraph.end - paragraph.start > _LONGEST:
        return None
    if _INITIALS.fullmatch(text, *paragraph):
        return Signature(paragraph, paragraph, known=True)
    found = _WHOLE.match(text, paragraph.start, paragraph.end)
    if not found:
        return None
    name = found["name"] if "(" in found["name"] else found["name"].rstrip(") ")
    desk = _DESK.search(name)
    if desk and is_known(name[: desk.start()]):
        name = name[: desk.start()]
    *writers, agency = (part.strip("()") for part in _SEPARATOR.split(name))
    known = any(map(is_known, (*writers, agency)))
    certain = known or not writers or "/" in name
    first = (writers or [agency])[0]
    signed = _is_agency(agency) or is_known(first)
    if certain and signed and all(map(_is_writer, (*writers, agency))):
        length = desk.end() if desk else len(name)
        printed = Stretch(found.start("printed"), found.start("name") + length)
        return Signature(paragraph, printed, known=known)
    return None


def _credits(text: str, paragraph: Stretch) -> Signature | None:
    """Who wrote, translated and took the pictures, in a line of names."""
    if paragraph.end - paragraph.start > _LONGEST_CREDITS:
        return None
    found = _CREDITS.match(text, paragraph.start, paragraph.end)
    if not found:
        return None
    words = re.findall(r"[^\W\d_]+", text[found.end("label") : paragraph.end])
    if all(word[0].isupper() or word.casefold() in _IN_CREDITS for word in words):
        return Signature(paragraph, Stretch(*found.span("credits")), known=True)
    return None


def _at_end(text: str, paragraph: Stretch) -> Signature | None:
    window = Stretch(max(paragraph.start, paragraph.end - _LONGEST), paragraph.end)
    # Most paragraphs end in a small word, which spares them the search.
    if window.of(text).split()[-1].islower():
        return None
    found = _AT_END.search(text, *window)
    if not found:
        return None
    name = found["name"]
    known = any(map(is_known, name.split("/")))
    if found["stop"]:
        certain = known or "/" in name or found["mark"] not in {"", "("}
    else:
        certain = known and found["mark"] not in {"", "("}
    if certain and (known or has_shape(name)):
        return Signature(
            Stretch(*found.span("signature")), Stretch(*found.span("name")), known=known
        )
    return None


def _in_brackets(text: str, paragraph: Stretch) -> Signature | None:
    """``(ACI/Firmin Ngoma)``, ``(Keystone-ATS)`` behind a sentence."""
    if not text.endswith((")", ")."), paragraph.start, paragraph.end):
        return None
    window = max(paragraph.start, paragraph.end - _LONGEST)
    found = _BRACKETED.search(text, window, paragraph.end)
    if not found:
        return None
    parts = _SEPARATOR.split(found["name"])
    if any(map(is_known, parts)) and all(map(_is_writer, parts)):
        span, name = found.span("signature"), found.span("name")
        return Signature(Stretch(*span), Stretch(*name), known=True)
    return None


def _is_agency(name: str) -> bool:
    return is_known(name) or has_shape(name)


def _is_writer(name: str) -> bool:
    return _is_agency(name) or is_person(name, at_least=1)


def is_person(name: str, *, at_least: int = _MIN_WORDS) -> bool:
    """Whether it is written as a person's name is, and as little else: capitalised words."""
    words = name.split()
    return at_least <= len(words) <= _MAX_WORDS and all(
        word[0].isupper() and all(map(_in_name, word)) for word in words
    )


def _in_name(character: str) -> bool:
    return character.isalpha() or character in "-'’."
