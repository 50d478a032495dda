"""Which of the lines at the head of a file is the headline, and what is written around it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from worker.core.characters import CAPITAL
from worker.core.clean.segments import Segment, Stretch
from worker.core.clean.structure.dateline import find_dateline
from worker.core.clean.structure.dates import DAY
from worker.core.clean.structure.lines import unbulleted
from worker.core.clean.structure.outline import is_title
from worker.core.clean.structure.repeats import is_repeated
from worker.core.clean.structure.signature import find_byline, find_signature
from worker.core.stories.notices import headline_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.article import RemovedKind

_MAX_MASTHEAD: Final = 5  # words in capitals
_MAX_SECTION_NAME: Final = 2  # words; a headline may have no more than three
_MAX_SECTION: Final = 4  # words, of two names with a sign between
_LONGEST_SECTION: Final = 25  # characters
_IN_HEADLINES: Final = frozenset(
    {"a", "à", "au", "aux", "dans", "des", "en", "est", "et", "face", "la", "le", "les", "ont"}
    | {"pour", "s’est", "se", "sont", "sur", "un", "une", "are", "for", "has", "in", "is", "of"}
    | {"on", "the", "to", "was", "were", "với", "cho", "và", "của", "là"}
)
"""Words that hold a short headline together; the name of a section has none of them."""
_PARTED: Final = re.compile(r"\s[-–|/&>•·]\s")
_MAX_HEADS: Final = 5  # lines that may stand above a headline
_LONGEST_WITH_STOP: Final = 110  # characters of a headline that ends as a sentence does

_SLUG: Final = re.compile(
    # Vietnam-climat-intempéries, 2E-LEAD
    r"(?:[^\W_]{2,20}(?:-[a-zà-ÿœ]{2,25}){2,6}|[A-ZÀ-Ý0-9]{2,20}(?:-[A-ZÀ-Ý0-9]{2,25}){2,6})"
    r"(?:,?\s[0-9A-Z].{0,30})?"
    # 1er lead
    r"|[0-9]{1,2}(?:er|e|ère|nd)?[\s-](?:lead|papier|version|édition|avis)(?:\s.{0,30})?"
    r"|(?:Eds?|EDS|NOTE|À\sNOTER)\s?:.{2,120}"
    r"|(?:URGENT|ALERTE|ATTENTION|FLASH|BREAKING|LEAD|CORRECTION|RÉPÉTITION)(?:\s?[-:–].{0,120})?"
    r"|.{2,120}///"
)
_NUMBER: Final = re.compile(r"[0-9]{1,2}[.)]\s{1,2}(?=\S)")
_RANK: Final = re.compile(r"(?P<rank>[0-9]{1,2})\s{1,2}(?=[^\W\d_])")
_LONGEST_WHEN: Final = 40
_WHEN: Final = re.compile(
    rf"\s{{1,3}}(?P<parted>[-–|(])?\s?{DAY}(?:[\s,|-]{{1,3}}[0-2]?[0-9]\s?[:h]\s?[0-5][0-9])?\)?$",
    re.VERBOSE | re.IGNORECASE,
)
_AGENCY: Final = re.compile(r"(?:Agence|Agency|Thông tấn xã)\s.{2,60}|.{2,60}\s(?:Agency|Agence)")
_SLUG_BEFORE: Final = re.compile(
    r"(?:[A-ZÀ-Ý]{3,20}(?:-[A-ZÀ-Ý]{3,25}){1,5}|[^/\n]{2,40}-[A-ZÀ-Ý]{2,6})\s?/"
    rf"\s{{0,2}}(?={CAPITAL})"
)
_NOTE_BEHIND: Final = re.compile(
    r"\s{1,2}\((?:PAPIER|SYNTH[ÈE]SE|REPORTAGE|ENCADR[ÉE]|LEAD|ACTUALISATION|DÉVELOPPEMENT|PHOTOS?|VID[ÉE]O)"
    r"[^()\n]{0,30}\)$"
)


def above_headline(text: str, paragraphs: list[Stretch]) -> list[Segment]:
    """The lines above the headline: a slug, a newspaper's name, a section's.

    ``VIETNAM-CLIMAT-INTEMPÉRIES``, ``LE COURRIER DU VIETNAM``, ``Sport - Handball``. There are
    none where no line is left below them that could be the headline.
    """
    above: list[Segment] = []
    for line, below in pairwise(paragraphs[: _MAX_HEADS + 1]):
        kind = _kind(text, line)
        if kind is None:
            break
        if not is_title(text, below):
            return []
        above.append(Segment(kind, line))
    return above if len(paragraphs) > len(above) + 1 else []


def _kind(text: str, line: Stretch) -> RemovedKind | None:
    """What a line is that is no headline but looks like one."""
    words = line.of(text)
    if _SLUG.fullmatch(words):
        return "header"
    if any(map(str.isdigit, words)):
        return None
    short = len(words.split())
    capitals = words.isupper() and short <= _MAX_MASTHEAD
    named = len(words) <= _LONGEST_SECTION and _IN_HEADLINES.isdisjoint(words.casefold().split())
    section = short <= (_MAX_SECTION if named or _PARTED.search(words) else _MAX_SECTION_NAME)
    if (capitals or section or _AGENCY.fullmatch(words)) and is_title(text, line):
        return "navigation"
    return None


def headline_segments(text: str, line: Stretch, *, withdrawn: bool = False) -> list[Segment]:
    """The headline, and what an agency wrote before and behind it for other agencies.

    ``SENEGAL-AGRICULTURE / Une arachide précoce``, ``La tempête s’éloigne (PAPIER GENERAL)``,
    ``RECTIFICATIF - Le port rouvre``. What is below it may say that a story is ``withdrawn``.
    """
    before = _SLUG_BEFORE.match(text, *line)
    behind = _NOTE_BEHIND.search(text, *line)
    start = before.end() if before else line.start
    end = behind.start() if behind else line.end
    if start < end:
        inside = headline_in(text[start:end], withdrawn=withdrawn)
        start, end = start + inside[0], start + inside[1]
    title = Stretch(start, end).trimmed(text) if start < end else None
    if not title:
        return [Segment("title", line)]
    around = (Stretch(line.start, title.start), Stretch(title.end, line.end))
    notes = (shown for each in around if (shown := each.trimmed(text)))
    return [*(Segment("header", note) for note in notes), Segment("title", title)]


def ranked(text: str, headlines: Sequence[Stretch]) -> bool:
    """Whether the headlines are numbered from 1 on, as those that are read most."""
    ranks = [_RANK.match(text, *line) for line in headlines]
    return len(ranks) > 1 and all(
        rank and int(rank["rank"]) == place for place, rank in enumerate(ranks, start=1)
    )


def bare_headline(text: str, line: Stretch, *, rank: bool = False) -> Stretch:
    """A headline in a list of links, without its bullet or number and the day that it is from.

    ``- Le port rouvre``, ``2. Le port rouvre``, ``Le port rouvre 13/05/2026 17:45``; ``2 Le port
    rouvre`` where the number is its ``rank``.
    """
    start = unbulleted(text, line).start
    number = (_RANK if rank else _NUMBER).match(text, start, line.end)
    if number:
        start = number.end()
    when = _WHEN.search(text, max(start, line.end - _LONGEST_WHEN), line.end)
    # A day written out may be the headline's own: ``Retour sur le 13 mai 2026``.
    dated = when and (when["iso"] or when["figures"] or when["parted"])
    end = when.start() if when and dated else line.end
    return Stretch(start, end).trimmed(text) or line


def has_stop(text: str, line: Stretch, below: Sequence[Stretch]) -> bool:
    """Whether the line may be a headline that ends in a full stop.

    It is short, and a dateline or a byline is the next paragraph or the one after a lead.
    """
    words = line.of(text)
    return (
        len(words) <= _LONGEST_WITH_STOP
        and words.endswith(".")
        and words.count(". ") == 0
        and any(find_dateline(text, each) or find_byline(text, each) for each in below[:2])
        and not find_dateline(text, line)
        and not find_signature(text, line)
        and not any(is_repeated(words, each.of(text)) for each in below[:1])
    )
