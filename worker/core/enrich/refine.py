"""Rules around the model: what a reader of the whole article sees, and a model of phrases does not.

A rule takes the texts of an article with the names found in each, and gives the names anew, in
order and without overlaps. What each gains or loses is measured (``tests/quality``); what does not
gain is not here.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from worker.core.characters import BLANKS, CAPITAL
from worker.core.enrich.aliases import known
from worker.core.enrich.definitions import is_acronym, resembles
from worker.core.enrich.folding import fold, label_of
from worker.core.enrich.recognise import Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from worker.core.article import Label

Found = list[list[Span]]
"""The names in each text of an article."""

_ADDRESS: Final = re.compile(
    r"(?:MM?\.|M(?=\s)|Mmes?\.?|Mlles?\.?|Mgr|Dr\.?|Pr\.?|Prof\.?|"
    r"Mr\.?|Mrs\.?|Ms\.?|Sir|Lord|Lady|Son\s+Excellence)\s+(?=\S)"
)
_ARTICLE: Final = re.compile(r"(?:[ld]['’]\s?|(?:le|la|les|du|des|de|the)\s+)(?=\S)")
_SMALL_WORD: Final = re.compile(r"([^\W\d_]+)['’.]?\s+")
# The small words that a person's name may begin with.
_PARTICLE: Final = re.compile(
    "d|l|de|du|des|le|la|les|von|van|der|den|ter|ten|zu|zur|al|el|ul|ben|bin|ibn|bint|abu|ould|da|das|"
    "do|dos|di|del|della"
)
_DANGLING: Final = re.compile(
    r"(?:\s+(?:de|du|des|d['’]?|la|le|les|l['’]?|et|à|au|aux|en|of|the|and))+$"
)
_EDGES: Final = BLANKS + ",;:…\"“”«»'’‘–—*/|"
_LAST_DOT: Final = re.compile(r"(?<=\w{3})\.$")
_BRACKETS: Final = ("()", "[]")
_DASH: Final = re.compile(r"\s?[-‐-―/]\s?")
_IN_BRACKETS: Final = re.compile(rf"\s?\(\s?({CAPITAL}[\w&./-]{{1,9}})\s?\)")
_WORD: Final = re.compile(r"\w+")
_FEWEST_LETTERS: Final = 3
_FEWEST_OF_SURNAME: Final = 4


def refine(texts: Sequence[str], found: Sequence[Sequence[Span]]) -> Found:
    """The names of an article after all rules, in each text in order and without overlaps."""
    names = [list(spans) for spans in found]
    for rule in RULES:
        names = rule(texts, names)
    return names


def trim(texts: Sequence[str], found: Found) -> Found:
    """Names without what is no part of them: titles, articles, punctuation, half brackets."""
    return [
        [trimmed for span in spans if (trimmed := _trimmed(text, span)) is not None]
        for text, spans in zip(texts, found, strict=True)
    ]


def _trimmed(text: str, span: Span) -> Span | None:
    start, end, label = span
    before: tuple[int, int] | None = None
    while before != (start, end):  # what one step lays bare, the next takes away
        before = start, end
        start, end = _peeled(text, start, end, label)
    return Span(start, end, label) if any(map(str.isalnum, text[start:end])) else None


def _peeled(text: str, start: int, end: int, label: Label) -> tuple[int, int]:
    end = start + len(_LAST_DOT.sub("", text[start:end].rstrip(_EDGES)))
    start = end - len(text[start:end].lstrip(_EDGES))
    start, end = _whole_brackets(text, start, end)
    if dangling := _DANGLING.search(text[start:end]):
        end = start + dangling.start()
        if text[start:end].islower():
            return end, end  # the common noun before a name: ``île de``
    if label == "PER":
        while title := _ADDRESS.match(text, start, end):
            start = title.end()
        # A person's name begins with a capital or a particle.
        while (word := _SMALL_WORD.match(text, start, end)) and _is_common(word[1]):
            start = word.end()
    elif article := _ARTICLE.match(text, start, end):
        start = article.end()
    return start, end


def _whole_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """The range without what half a pair of brackets parts from it."""
    for opening, closing in _BRACKETS:
        surface = text[start:end]
        if surface.count(opening) > surface.count(closing):
            name, _, rest = surface.rpartition(opening)
            if name.strip(opening):
                end = start + len(name)
            else:
                start = end - len(rest)
        elif surface.endswith(closing) and surface.count(closing) > surface.count(opening):
            end -= 1
    return start, end


def _is_common(word: str) -> bool:
    return word.islower() and not _PARTICLE.fullmatch(word)


def pairs(texts: Sequence[str], found: Found) -> Found:
    """``Vietnam-UE`` as two names, where each side is one alone: a country, or met elsewhere."""
    alone = _labels(texts, found)
    return [
        [part for span in spans for part in _parted(text, span, alone)]
        for text, spans in zip(texts, found, strict=True)
    ]


def _parted(text: str, span: Span, alone: Mapping[str, Label]) -> Iterator[Span]:
    surface = text[span.start : span.end]
    dashes = list(_DASH.finditer(surface))
    if span.label == "PER" or not dashes or _is_country(surface):
        yield span
        return
    starts = [0, *(dash.end() for dash in dashes)]
    ends = [*(dash.start() for dash in dashes), len(surface)]
    parts: list[Span] = []
    first = 0
    while first < len(starts):
        # The longest stretch that is a name by itself: `États-Unis` has a hyphen of its own.
        for last in range(len(ends) - 1, first - 1, -1):
            name = surface[starts[first] : ends[last]]
            label = "LOC" if _is_country(name) else alone.get(name)
            if label is not None and len(name) < len(surface):
                start = span.start + starts[first]
                parts.append(Span(start, start + len(name), label))
                first = last + 1
                break
        else:
            yield span
            return
    yield from parts


def types(texts: Sequence[str], found: Found) -> Found:
    """Well-known places, treaties and acronyms are what they are, whatever they were taken for.

    Other known names are left to the model: a palace is a place and who sits in it, and WiNER
    counts networks among products.
    """
    return [
        [span._replace(label=_known_label(text, span)) for span in spans]
        for text, spans in zip(texts, found, strict=True)
    ]


def _known_label(text: str, span: Span) -> Label:
    name = text[span.start : span.end]
    # People are called Maurice and Washington too.
    if span.label == "PER" and not name.isupper():
        return span.label
    labels = {label_of(entity.key) for entity in known("fr").things(fold(name), span.label)}
    if len(labels) == 1 and (labels <= {"LOC", "MISC"} or name.isupper()):
        return labels.pop()
    return span.label


def _is_country(name: str) -> bool:
    # Countries have their codes for keys, which are capitals: ``loc:VN``.
    return any(not entity.key.islower() for entity in known("fr").things(fold(name), "LOC"))


def majority(texts: Sequence[str], found: Found) -> Found:
    """One name, one type: that which it has more often in the article than any other."""
    labels = _labels(texts, found, ties=False)
    return [
        [span._replace(label=labels.get(text[span.start : span.end], span.label)) for span in spans]
        for text, spans in zip(texts, found, strict=True)
    ]


def _labels(texts: Sequence[str], found: Found, *, ties: bool = True) -> dict[str, Label]:
    """The label that each surface has most often; at a tie the one it has first, or none."""
    counts: dict[str, Counter[Label]] = defaultdict(Counter)
    for text, spans in zip(texts, found, strict=True):
        for span in spans:
            counts[text[span.start : span.end]][span.label] += 1
    first = {surface: labels.most_common(2) for surface, labels in counts.items()}
    return {
        surface: labels[0][0]
        for surface, labels in first.items()
        if ties or len(labels) == 1 or labels[0][1] > labels[1][1]
    }


def acronyms(texts: Sequence[str], found: Found) -> Found:
    """``Union européenne (UE)``: the acronym is what its long form is, here and further on."""
    labels: dict[str, Label] = {}
    for text, spans in zip(texts, found, strict=True):
        by_end = {span.end: span for span in spans}
        names = set(spans)
        for bracket in _IN_BRACKETS.finditer(text):
            long = by_end.get(bracket.start())
            if not long or long.label == "PER":
                continue
            short = bracket[1]
            if Span(*bracket.span(1), long.label) in names or (
                is_acronym(short) and resembles(short, text[long.start : long.end])
            ):
                labels.setdefault(short, long.label)
    return _everywhere(texts, found, labels, relabel=True)


def consistency(texts: Sequence[str], found: Found) -> Found:
    """A name found once is found everywhere in the article; a person also by the surname."""
    small = {word for text in texts for word in _WORD.findall(text) if word.islower()}
    labels = {
        name: label
        for name, label in _labels(texts, found).items()
        if label != "MISC" and _is_distinct(name, small)
    }
    surnames: dict[str, Label] = {
        surname: label
        for name, label in labels.items()
        if label == "PER" and " " in name
        for surname in [name.rpartition(" ")[2]]
        if len(surname) >= _FEWEST_OF_SURNAME and _is_distinct(surname, small)
    }
    return _everywhere(texts, found, surnames | labels, relabel=False)


def _is_distinct(name: str, small: Container[str]) -> bool:
    """Whether a word of this form is the name wherever it stands."""
    return len(name) >= _FEWEST_LETTERS and name[0].isupper() and name.lower() not in small


def _everywhere(
    texts: Sequence[str], found: Found, labels: Mapping[str, Label], *, relabel: bool
) -> Found:
    """Each of these names wherever it stands but inside longer ones."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for name in labels:
        if first := _WORD.match(name):
            lengths[first[0]].add(len(name))
    longest_first = {word: sorted(each, reverse=True) for word, each in lengths.items()}
    return [
        _merged(spans, list(_occurrences(text, labels, longest_first)), relabel=relabel)
        for text, spans in zip(texts, found, strict=True)
    ]


def _occurrences(
    text: str, labels: Mapping[str, Label], lengths: Mapping[str, Sequence[int]]
) -> Iterator[Span]:
    """The longest name at each word; ``lengths`` of the names, longest first, by their first word.

    A pattern of all names would try each of them at each word.
    """
    last = 0
    for word in _WORD.finditer(text):
        if word.start() < last:
            continue
        for length in lengths.get(word[0], ()):
            name = text[word.start() : word.start() + length]
            end = word.start() + len(name)
            if name in labels and not _WORD.match(text, end):
                yield Span(word.start(), end, labels[name])
                last = end
                break


def _merged(spans: Sequence[Span], more: Sequence[Span], *, relabel: bool) -> list[Span]:
    """The spans with those others that they do not cross; shorter ones inside those give way.

    Of the same range, the others give their label if they are to ``relabel``.
    """
    merged: list[Span] = []
    nth = 0
    for other in more:
        while nth < len(spans) and spans[nth].end <= other.start:
            merged.append(spans[nth])
            nth += 1
        last = nth
        while last < len(spans) and spans[last].start < other.end:
            last += 1
        inside = spans[nth:last]
        same = len(inside) == 1 and inside[0][:2] == other[:2]
        if all(other.start <= span.start and span.end <= other.end for span in inside) and (
            relabel or not same
        ):
            merged.append(other)
            nth = last
    return [*merged, *spans[nth:]]


RULES: Final = (trim, types, pairs, acronyms, majority, consistency)
"""In the order in which they apply."""
