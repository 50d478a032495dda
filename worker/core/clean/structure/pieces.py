"""A file cut into pieces, each told by its own looks.

A line is asked in turn whether it is code, a header, furniture, a link …: the first that knows it
says what its pieces are. What nobody knows is a paragraph, with or without a picture's credit.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.core.characters import CAPITAL
from worker.core.clean.segments import Stretch
from worker.core.clean.structure.dateline import find_dateline, find_inner_datelines
from worker.core.clean.structure.furniture import furniture
from worker.core.clean.structure.headers import find_header, find_inner_header
from worker.core.clean.structure.lines import (
    Credit,
    find_credit,
    find_inner_link,
    find_link,
    find_number,
    opens_caption,
)
from worker.core.clean.structure.outline import Piece, is_title
from worker.core.clean.structure.repeats import longest_border
from worker.core.clean.structure.scripts import edge_tags, is_script
from worker.core.clean.structure.signature import find_byline, find_signature, is_person
from worker.core.clean.structure.wrap import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_CAPTION: Final = 600  # characters; a longer line is a paragraph with a credit at its end
_MAX_GLUED_CAPTION: Final = 150  # where no blank parts them: more often the end of a paragraph
_MAX_CAPTION_SENTENCES: Final = 2
_SENTENCE_END: Final = re.compile(rf"(?<=[a-zà-ÿ0-9)»”\"]{{2}})[.!?…][»”\")]?\s+(?={CAPITAL})")
_SENTENCE_ENDS: Final = frozenset(".!?…:;")
_HEAD: Final = 2  # sentences, before which a line may be but a day, or the name of a section
_HEAD_LINE: Final = 100  # characters of a line that a byline and a date share
_BYLINE_BREAK: Final = re.compile(r"\s?[|•·–,-]\s{1,2}|\s{1,2}(?=le\s[0-9])")
_BRACKETED_BYLINE: Final = re.compile(r"\((?:Par|By)\s[^()\n]{3,60}\)")
_LONGEST_HEAD: Final = 1_500  # characters that a title, a lead and the title again may take
_SHORTEST_REPEAT: Final = 20  # characters of a title that is looked for inside a line


def cut(text: str, known_title: Stretch | None) -> Iterator[Piece]:
    """The pieces of a text, in order, with nothing but blanks between them.

    ``known_title`` is where the title stands, if markup told so.
    """
    title = known_title.of(text) if known_title else None
    sentences = 0
    above: Piece | None = None
    for line in unwrap(text):
        reading = _Reading(text, line.stretch, title, opening=sentences < _HEAD)
        known = [Piece("paragraph", line.stretch)] if line.stretch == known_title else None
        for piece in known or _tell(reading):
            if above and line.follows and _continues(text, above, piece):
                above = Piece("paragraph", Stretch(above.stretch.start, piece.stretch.end))
                continue
            if above and line.follows and _captions(text, above, piece):
                above = Piece("caption", above.stretch, piece.value)
            if above:
                yield above
            above = piece
            if piece.look == "paragraph":
                title = title or piece.stretch.of(text)
                sentences += sentences < _HEAD and not is_title(text, piece.stretch)
    if above:
        yield above


class _Reading(NamedTuple):
    """A line, or a part of one, and what is known where it is read."""

    text: str
    line: Stretch
    title: str | None
    """The first paragraph of the file, which may be repeated."""
    opening: bool
    """Whether hardly a sentence has been read."""
    whole: bool = True
    """Whether it is a line as it stands in the file: only such a one is cut in parts."""

    def part(self, start: int, end: int) -> Iterator[Piece]:
        """The pieces of a part of the line, if it shows anything."""
        shown = Stretch(start, end).trimmed(self.text)
        if shown:
            yield from _tell(self._replace(line=shown, whole=False))


def _continues(text: str, above: Piece, below: Piece) -> bool:
    """Whether a line goes on with the sentence of the line right above it."""
    return (
        above.look == below.look == "paragraph"
        and text[below.stretch.start].islower()
        and text[above.stretch.end - 1] not in _SENTENCE_ENDS
        and not find_signature(text, above.stretch)
    )


def _captions(text: str, above: Piece, below: Piece) -> bool:
    """Whether the line right above a credit that stands alone describes its picture."""
    return (
        above.look == "paragraph"
        and below.look == "credit"
        and _is_caption(text, above.stretch, glued=False)
        and not find_signature(text, above.stretch)
    )


def _tell(reading: _Reading) -> Iterator[Piece]:
    """The pieces of a line."""
    for teller in _TELLERS:
        if pieces := teller(reading):
            return iter(pieces)
    return _picture(reading.text, reading.line)


def _script(reading: _Reading) -> list[Piece]:
    known = is_script(reading.text, reading.line)
    return [Piece("tracking", reading.line)] if known else []


def _tagged(reading: _Reading) -> list[Piece]:
    """``<p class="x">Le port rouvre.</p>``."""
    tags = edge_tags(reading.text, reading.line) if reading.whole else None
    if not tags:
        return []
    inside = _tell(reading._replace(line=tags.inside, whole=False))
    pieces = [*(Piece("tracking", tag) for tag in tags.around), *inside]
    return sorted(pieces, key=lambda piece: piece.stretch)


def _headed(reading: _Reading) -> list[Piece]:
    """``date 2026-03-10 Vietnam - Corée : échanges``."""
    if not reading.whole:
        return []
    header = find_header(reading.text, reading.line, opening=reading.opening)
    return [*header.pieces, *reading.part(header.end, reading.line.end)] if header else []


def _furniture(reading: _Reading) -> list[Piece]:
    kind = furniture(reading.text, reading.line, opening=reading.opening)
    return [Piece(kind, reading.line)] if kind else []


def _link(reading: _Reading) -> list[Piece]:
    """``>> Le port rouvre``."""
    text, line = reading.text, reading.line
    headline = find_link(text, line)
    if not headline:
        return []
    behind = Stretch(headline.end, line.end).trimmed(text)
    return [
        Piece("link", Stretch(line.start, headline.end), headline),
        *(_picture(text, behind) if behind else ()),
    ]


def _dated_byline(reading: _Reading) -> list[Piece]:
    """``Par Awa Ndiaye | 12 mai 2026 à 10h15``."""
    text, line = reading.text, reading.line
    if not reading.opening:
        return []
    for found in _BYLINE_BREAK.finditer(text, line.start, min(line.end, line.start + _HEAD_LINE)):
        name = Stretch(line.start, found.start())
        signed = find_byline(text, name) or ("|" in found[0] and is_person(name.of(text)))
        if not signed:
            continue
        header = find_header(text, Stretch(found.end(), line.end), opening=True)
        if header and header.end == line.end:
            return [Piece("paragraph", name), *header.pieces]
    return []


def _inner_link(reading: _Reading) -> list[Piece]:
    """``… la ville. À lire aussi : Le port rouvre``."""
    text, line = reading.text, reading.line
    link = find_inner_link(text, line)
    if not link:
        return []
    before = Stretch(line.start, link.start).trimmed(text)
    return [
        *(_picture(text, before) if before else ()),
        Piece("link", link, find_link(text, link)),
    ]


def _parted(reading: _Reading) -> list[Piece]:
    """A line that a dateline, a header or the title over a picture was glued to."""
    starts = _glued_parts(reading) if reading.whole else []
    if not starts:
        return []
    cuts = pairwise((reading.line.start, *starts, reading.line.end))
    return [piece for start, end in cuts for piece in _part(reading, start, end)]


def _part(reading: _Reading, start: int, end: int) -> Iterator[Piece]:
    """The pieces of a part, which may begin with a header and a byline of its own."""
    shown = Stretch(start, end).trimmed(reading.text)
    header = find_header(reading.text, shown, opening=True) if shown else None
    if header:
        yield from header.pieces
        start = header.end
    byline = _BRACKETED_BYLINE.match(reading.text, start, end)
    if byline:
        yield Piece("paragraph", Stretch(*byline.span()))
        start = byline.end()
    yield from reading.part(start, end)


def _glued_parts(reading: _Reading) -> list[int]:
    """Where in the line its parts begin, but for the first."""
    text, line, title = reading.text, reading.line, reading.title
    starts = set(find_inner_datelines(text, line))
    if title is None and (header := find_inner_header(text, line)):
        starts.add(header)
    number = find_number(text, line)
    if number and title and len(title) >= _SHORTEST_REPEAT:
        starts.add(text.rfind(title, line.start + 1, number.start))
    elif number and not title:
        # The title itself is glued to the line: it is what the line begins with, said again.
        above = Stretch(line.start, number.start).of(text).rstrip()[:_LONGEST_HEAD]
        length = longest_border(above)
        if length >= _SHORTEST_REPEAT:
            starts |= {line.start + length, line.start + len(above) - length}
    return sorted(start for start in starts if start > line.start)


def _numbered(reading: _Reading) -> list[Piece]:
    """``Le port rouvre ảnh 1La foule au port. Photo : VNA``."""
    text, line, title = reading.text, reading.line, reading.title
    number = find_number(text, line)
    if not number and not opens_caption(text, line):
        return []
    if not (number and title and text.startswith(title, line.start)):
        return [_caption(text, line)]
    behind = Stretch(number.end, line.end).trimmed(text)
    return [
        Piece("duplicate-title", Stretch(line.start, number.end)),
        *([_caption(text, behind)] if behind else []),
    ]


def _caption(text: str, line: Stretch) -> Piece:
    credit = find_credit(text, line)
    return Piece("caption", line, credit.owner if credit else None)


_TELLERS: Final[tuple[Callable[[_Reading], list[Piece]], ...]] = (
    *(_script, _tagged, _headed, _furniture, _link),
    *(_dated_byline, _inner_link, _parted, _numbered),
)


def _picture(text: str, line: Stretch) -> Iterator[Piece]:
    """The line as credit, caption or paragraph, or as a paragraph that credits are glued to."""
    found: list[Credit] = []
    before: Stretch | None = line
    while before and (credit := _credit(text, before)):
        found.append(credit)
        before = Stretch(line.start, credit.stretch.start).trimmed(text)
    if before is None:
        yield Piece("credit", line, found[0].owner)
    elif found and _is_caption(text, before, glued=before.end == found[-1].stretch.start):
        yield Piece("caption", line, found[0].owner)
    else:
        yield Piece("paragraph", before)
        for credit in reversed(found):
            yield Piece("credit", credit.stretch, credit.owner)


def _credit(text: str, line: Stretch) -> Credit | None:
    credit = find_credit(text, line)
    signature = find_signature(text, line) if credit else None
    # ``Texte : Lan – Photos : Bui/CVN`` signs the story.
    return None if signature and signature.stretch == line else credit


def _is_caption(text: str, before: Stretch, *, glued: bool) -> bool:
    """Whether what stands before a credit describes the picture; a story's paragraph tells more."""
    longest = _MAX_GLUED_CAPTION if glued else _MAX_CAPTION
    if before.end - before.start > longest or find_dateline(text, before):
        return False
    return len(_SENTENCE_END.findall(text, *before)) < _MAX_CAPTION_SENTENCES
