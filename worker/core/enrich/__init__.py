"""The language of stories, and who, where, when and how much they name.

For each article: its language; the names that the language's recogniser finds, put right by rules
that see the whole article; dates and amounts, by rule; and for each name the entity that it means.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING

from worker.core.article import (
    ENRICHER,
    FIELDS,
    LABELS,
    VALUES,
    CleanArticle,
    EnrichedArticle,
    Mention,
)
from worker.core.enrich.dates import find_dates
from worker.core.enrich.language import detect
from worker.core.enrich.link import Name
from worker.core.enrich.link import link as linked_to
from worker.core.enrich.money import find_money
from worker.core.enrich.recognise import Span, recogniser_of
from worker.core.enrich.refine import refine as refined
from worker.core.enrich.values import context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from worker.core.article import Label
    from worker.core.enrich.recognise import Recogniser
    from worker.core.enrich.values import Context, Value


def enrich(
    articles: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
) -> list[EnrichedArticle]:
    """The articles in their order, each with its language and its mentions.

    All texts of a language go to its recogniser at once; no other language's model is asked.
    """
    languages = [
        detect("\n\n".join(map(article.field, FIELDS))) or article.stated_language
        for article in articles
    ]
    enriched: dict[int, EnrichedArticle] = {}
    for language in dict.fromkeys(languages):
        recogniser = recogniser_of(language, recognisers)
        group = [i for i, each in enumerate(languages) if each == language]
        texts = [articles[i].field(name) for i in group for name in FIELDS]
        found = recogniser.recognise(texts)
        if len(found) != len(texts):
            raise ValueError(f"{recogniser.name} gave {len(found)} results for {len(texts)} texts.")
        if unknown := {span.label for spans in found for span in spans} - LABELS:
            raise ValueError(f"{recogniser.name} gave labels that there are not: {unknown}.")
        for nth, i in enumerate(group):
            spans = found[nth * len(FIELDS) : (nth + 1) * len(FIELDS)]
            enriched[i] = EnrichedArticle(
                clean=articles[i],
                language=language,
                mentions=tuple(_mentions(articles[i], language, spans)),
                recogniser=recogniser.name,
                enricher=ENRICHER,
                entities_by=recogniser.kind,
            )
    return [enriched[i] for i in range(len(articles))]


def _mentions(
    article: CleanArticle, language: str | None, found: Sequence[Sequence[Span]]
) -> Iterator[Mention]:
    """The mentions in reading order; none overlap."""
    texts = {name: article.field(name) for name in FIELDS}
    time = context(article.published, texts.values(), language)
    names = dict(zip(FIELDS, refined(list(texts.values()), found), strict=True))
    values = {name: _values(text, language, time) for name, text in texts.items()}
    spans = {name: apart(names[name], values[name]) for name in FIELDS}
    linked = [
        Name(field, start, end, texts[field][start:end], label)
        for field in FIELDS
        for start, end, label in spans[field]
        if label not in VALUES
    ]
    links = iter(linked_to(linked, texts, language))
    for field in FIELDS:
        for span in spans[field]:
            surface = texts[field][span.start : span.end]
            canonical, entity = (values[field][span], None) if span.label in VALUES else next(links)
            yield Mention(field, span.start, span.end, surface, span.label, canonical, entity)


def _values(text: str, language: str | None, time: Context) -> dict[Span, str]:
    """The dates and amounts of a text, and what they come to."""
    found: dict[Label, Sequence[Value]] = {
        "DATE": find_dates(text, language or "", time),
        "MONEY": find_money(text, language or ""),
    }
    return {
        Span(start, end, label): canonical
        for label, values in found.items()
        for start, end, canonical in values
    }


def apart(*found: Iterable[Span]) -> list[Span]:
    """All spans in order but those that overlap a longer one, or an earlier one that is as long.

    ``Coupe du monde 2026`` is no date, and ``10 mars`` no planet.
    """
    kept: list[Span] = []
    for span in sorted(chain(*found), key=lambda span: span.start - span.end):
        at = bisect_left(kept, span)
        if (at == 0 or kept[at - 1].end <= span.start) and (
            at == len(kept) or span.end <= kept[at].start
        ):
            kept.insert(at, span)
    return kept
