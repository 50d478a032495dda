"""How a story is signed: the agency's mark at its end, the writer's name."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from worker.core.clean.agencies import has_shape, is_known
from worker.core.clean.segments import Stretch

_LONGEST: Final = 80  # characters, of a signature or a byline
_MAX_WORDS: Final = 5  # in a person's name
_MIN_WORDS: Final = 2

_SEPARATOR: Final = re.compile(r"\s{0,2}/\s{0,2}|\s{1,2}[-–—]\s{1,2}")
_WHOLE: Final = re.compile(
    r"(?:Sources?\s{0,2}:\s{0,2})?[-–—(]{0,2}\s{0,2}(?P<name>[^\W\d_].*?)\)?\s{0,2}\.?$"
)
_AT_END: Final = re.compile(
    r"(?P<stop>[.!?…]\s?[»”\")\]]{0,2})?\s{0,3}"
    r"(?P<signature>(?P<mark>(?<!\w)[-–—]{1,2}\s{0,2}|\(|(?<=\s))"
    r"(?P<name>[A-ZĐ]\w{1,11}(?:/\w{2,12}){0,4})\)?\s{0,2}\.?)$"
)
_BYLINE: Final = re.compile(r"(?:Par|PAR|By|BY)\s{1,3}(?P<name>[^\W\d_][^.,:;!?()\n]{2,60})$")


class Signature(NamedTuple):
    """A signature as it stands at the end of a paragraph, and the name in it."""

    stretch: Stretch
    name: Stretch
    known: bool
    """Whether it is a known agency's, not only one by its shape."""


def find_signature(text: str, paragraph: Stretch) -> Signature | None:
    """The signature that ends the paragraph, or that is the whole paragraph.

    ``VNA/CVN`` and ``Thu Lan/CVN`` by themselves; ``. -VNA/VI``, ``. – AVI``, ``. (AFP)`` after a
    sentence; without the end of a sentence only the dash and name of a known agency.
    """
    return _whole(text, paragraph) or _at_end(text, paragraph)


def find_byline(text: str, paragraph: Stretch) -> Stretch | None:
    """The writer's name in a paragraph that says nothing else: ``Par Lan Nguyên``."""
    if paragraph.end - paragraph.start > _LONGEST:
        return None
    found = _BYLINE.match(text, paragraph.start, paragraph.end)
    return Stretch(*found.span("name")) if found and _is_person(found["name"]) else None


def _whole(text: str, paragraph: Stretch) -> Signature | None:
    if paragraph.end - paragraph.start > _LONGEST:
        return None
    found = _WHOLE.match(text, paragraph.start, paragraph.end)
    if not found:
        return None
    *writers, agency = _SEPARATOR.split(found["name"])
    known = any(map(is_known, (*writers, agency)))
    certain = known or not writers or "/" in found["name"]
    if certain and _is_agency(agency) and all(map(_is_writer, writers)):
        return Signature(paragraph, Stretch(*found.span("name")), known=known)
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
        certain = known or "/" in name or found["mark"] != ""
    else:
        certain = known and found["mark"] not in {"", "("}
    if certain and (known or has_shape(name)):
        return Signature(
            Stretch(*found.span("signature")), Stretch(*found.span("name")), known=known
        )
    return None


def _is_agency(name: str) -> bool:
    return is_known(name) or has_shape(name)


def _is_writer(name: str) -> bool:
    return _is_agency(name) or _is_person(name, at_least=1)


def _is_person(name: str, *, at_least: int = _MIN_WORDS) -> bool:
    words = name.split()
    return at_least <= len(words) <= _MAX_WORDS and all(
        word[0].isupper() and not any(map(str.isdigit, word)) for word in words
    )
