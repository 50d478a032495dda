"""People who are named again, by one word of their name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.core.enrich.names.words import WORD
from worker.core.enrich.recognise import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.core.enrich.names.paragraph import Paragraph

_MIN_LETTERS: Final = 3  # of a name that is recognised when it comes again alone


def named_again(
    text: str, paragraphs: Sequence[Paragraph], found: Sequence[Span]
) -> Iterator[Span]:
    """One word of a person's name, where it comes again alone in any paragraph of the text."""
    people = {
        part
        for span in found
        if span.label == "PER"
        for part in (WORD.findall(text[span.start : span.end]) or [""])[:: _ends_only(text, span)]
        if len(part) >= _MIN_LETTERS and part[0].isupper()
    }
    small = {word.text for each in paragraphs for word in each.words if not word.capital}
    taken = sorted(found)
    nth = 0
    for paragraph in paragraphs:
        words, lists = paragraph.words, paragraph.lists
        for at, word in enumerate(words):
            while nth < len(taken) and taken[nth].end <= word.start:
                nth += 1
            if nth < len(taken) and taken[nth].start < word.end:
                continue
            beside = [n for n in (at, at + 1) if 0 < n < len(words) and words[n].gap == " "]
            alone = not any(words[n - 1].capital and words[n].capital for n in beside)
            known = word.text in people and word.small not in small
            if known and alone and word.text not in lists.no_names:
                yield Span(word.start, word.end, "PER")


def _ends_only(text: str, span: Span) -> int:
    """The step that leaves first and last word of a name."""
    return max(1, len(WORD.findall(text[span.start : span.end])) - 1)
