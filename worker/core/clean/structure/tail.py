"""Where a story ends and other stories' headlines, captions and summaries begin.

The shapes of tails are patterns over the letters of an ``Outline``: in a tail each summary has its
headline, in a story paragraph follows on paragraph. Every pattern looks no further than the next
marker, or only once at the whole, so that the work grows with the length and no faster.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.core.clean.segments import Segment
from worker.core.clean.structure.dateline import find_dateline
from worker.core.clean.structure.headers import find_header
from worker.core.clean.structure.headlines import bare_headline, ranked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.core.clean.segments import Part
    from worker.core.clean.structure.outline import Outline

_STORY_FROM_BUTTON: Final = re.compile(r"(?:S[HS]*)?[Gg](?![HSGg])")
"""Behind ``Voir plus`` or a count of comments: the story still, up to its signature."""

_STORY_FROM_LINKS: Final = re.compile(r"H{0,8}(?:SS|S?[HS]*[Gg](?![HSGg]))")
"""Behind ``Sur le même sujet``: headlines, and then the story again."""

_STORY_FROM_SIGNATURE: Final = re.compile(r"H{0,2}SS")
"""Behind an agency's name that only looked like a signature."""

_TEASERS: Final = re.compile(r"S?[HMRK]")
_LAST_WORDS: Final = re.compile(r"S(?![HSGg])")

_BLOCKS_BACKWARDS: Final = re.compile(r"(?:(?:-*S)?-*H-*C(?:-*C)?){2,}")
"""Two pictures or more with their headlines, which end a file without a word of warning."""

_ONLY_TEASERS: Final = re.compile(r"S?H(?:S?H)*S?")  # one way to match: it never backtracks far
_MIN_TEASERS: Final = 3  # headlines without pictures; two where each has its own
_LIST: Final = re.compile(r"(?<=S)(?P<list>H{2,4})(?=S)")
_QUOTES: Final = frozenset('«“"‘—–-•')  # words of a witness, and who says them
_MEAN_HEADLINE: Final = 40
_NO_HEADLINE: Final = frozenset("-–—•*·0123456789|")  # a list's or a table's line
_OPENING: Final = 5  # characters; lines that begin alike are a list of the story's own
_MIN_HEADLINE: Final = 45  # characters; a heading inside a story is shorter


def story_end(outline: Outline) -> int:
    """How many of the pieces come before the other stories that may follow this one."""
    shown = [nth for nth, letter in enumerate(outline.letters) if letter in "HSGgMRK"]
    word = "".join(outline.letters[nth] for nth in shown)
    told = signed = False
    for at, nth in enumerate(shown, start=1):
        match word[at - 1]:
            case "S":
                told = True
            case "M" | "K" if signed or not _STORY_FROM_BUTTON.match(word, at):
                return nth
            case "R" if signed or not _STORY_FROM_LINKS.match(word, at):
                return nth
            case "G" | "g" as letter:
                told = told or letter == "G"
                signature = outline.signatures[nth]
                quoted = letter == "G" and outline.text[signature.stretch.start] == "("
                if told and signature.known and _closes(word, at, letter, quoted=quoted):
                    return nth + 1
                signed = signed or told
    return _before_blocks(outline.letters)


def _closes(word: str, at: int, letter: str, *, quoted: bool) -> bool:
    """Whether what follows a signature are other stories.

    A story goes on behind a name that is not its last, or that is only ``quoted`` in brackets.
    """
    if (quoted or word[-1] in "Gg") and _STORY_FROM_SIGNATURE.match(word, at):
        return False
    return _TEASERS.match(word, at) is not None or (
        letter == "g" and _LAST_WORDS.match(word, at) is not None
    )


def _before_blocks(letters: str) -> int:
    blocks = _BLOCKS_BACKWARDS.match(letters[::-1])
    end = len(letters) - blocks.end() if blocks else len(letters)
    return end if "S" in letters[:end] else len(letters)


def is_only_teasers(outline: Outline, end: int) -> bool:
    """Whether what comes before ``end`` are headlines of several stories, and no story."""
    links = list_pieces(outline, end)
    letters = "".join("-" if nth in links else outline.letters[nth] for nth in range(end))
    word = letters.replace("-", "")
    if end < len(outline.pieces) and not set("SG").intersection(word):
        return True  # the head of a page of them
    pieces = list(zip(letters, outline.pieces, strict=False))
    beginnings = sum(piece.look == "read-on" for piece in outline.pieces[:end])
    datelines = sum(
        letter == "S" and find_dateline(outline.text, piece.stretch) is not None
        for letter, piece in pieces
    )
    unsigned = set("Gg").isdisjoint(word)
    if unsigned and word.count("H") >= datelines >= max(_MIN_TEASERS, word.count("S") / 2):
        return True  # each with its own headline and dateline
    headlines = list(
        dict.fromkeys(piece.stretch.of(outline.text) for letter, piece in pieces if letter == "H")
    )
    if beginnings > 1 and unsigned and not datelines:
        return True  # of stories that are elsewhere
    if datelines or not _ONLY_TEASERS.fullmatch(word.replace("C", "")) or _is_told(headlines):
        return False
    if word.count("CH") >= _MIN_TEASERS - 1:
        return True
    # In a story the lines below the first are headings.
    lengths = [len(headline) for headline in headlines[1:] if " " in headline]
    return len(lengths) >= _MIN_TEASERS - 1 and sum(lengths) >= _MEAN_HEADLINE * len(lengths)


def _is_told(headlines: Sequence[str]) -> bool:
    """Whether the lines that look like headlines are questions of an interview, or quotes."""
    told = sum(line.endswith("?") or line[0] in _QUOTES for line in headlines[1:])
    return 3 * told > len(headlines)


def list_pieces(outline: Outline, end: int) -> frozenset[int]:
    """The headlines of other stories that stand in the middle of this one, two or more in a row.

    A heading of the story itself is short, and stands alone.
    """
    found: set[int] = set()
    for run in _LIST.finditer(outline.letters, 0, end):
        pieces = range(*run.span("list"))
        openings = {outline.pieces[nth].stretch.of(outline.text)[:_OPENING] for nth in pieces}
        if len(openings) == len(pieces) and all(_is_long_headline(outline, nth) for nth in pieces):
            found.update(pieces)
    return frozenset(found)


def _is_long_headline(outline: Outline, nth: int) -> bool:
    start, stop = outline.pieces[nth].stretch
    return stop - start >= _MIN_HEADLINE and outline.text[start] not in _NO_HEADLINE


def tail_segments(outline: Outline, start: int) -> Iterator[Segment]:
    """The segments of the tail that begins with the piece ``start``."""
    comments = False
    announced: Part = "teaser"
    letters = outline.letters[start:]
    pictures = "C" in letters or letters.count("HHS") > 1
    headlines = [
        piece.stretch
        for piece, letter in zip(outline.pieces[start:], letters, strict=True)
        if letter == "H"
    ]
    rank = ranked(outline.text, headlines)
    for nth in range(start, len(outline.pieces)):
        piece, letter = outline.pieces[nth], outline.letters[nth]
        match letter:
            case "K":
                comments = True
            case "M" | "R":
                comments = False
                announced = "related" if letter == "R" else "teaser"
        if (
            comments
            or piece.look in {"navigation", "read-on", "header", "published", "updated"}
            or _is_day(outline, nth)
        ):
            yield Segment("navigation", piece.stretch)
        elif piece.look == "tracking":
            yield Segment("tracking", piece.stretch)
        elif piece.look == "link":
            yield Segment("related", piece.stretch, piece.value)
        else:
            headline = letter == "H" and not (pictures and _is_caption(outline.letters, nth))
            value = bare_headline(outline.text, piece.stretch, rank=rank) if headline else None
            yield Segment(announced, piece.stretch, value)


def _is_day(outline: Outline, nth: int) -> bool:
    """Whether a line is only the day, or the hour, that another story is from."""
    piece = outline.pieces[nth]
    if piece.look != "paragraph" or outline.letters[nth] not in "H-":
        return False
    header = find_header(outline.text, piece.stretch, opening=True)
    return header is not None and header.end == piece.stretch.end


def _is_caption(letters: str, nth: int) -> bool:
    """Whether the line above a headline and its summary is the caption of their picture."""
    return letters[nth + 1 : nth + 3] == "HS" and letters[nth - 1 : nth] != "H"
