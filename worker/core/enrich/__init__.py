"""The language of stories, and who and what they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.core.article import FIELDS, CleanArticle, EnrichedArticle, FieldName, Mention
from worker.core.enrich.language import detect
from worker.core.enrich.link import canonical, entity_key
from worker.core.enrich.recognise import NullRecogniser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.core.enrich.recognise import Recogniser, Span


def enrich(
    articles: Sequence[CleanArticle], recognisers: Mapping[str, Recogniser]
) -> list[EnrichedArticle]:
    """The articles in their order, each with its language and its mentions.

    All texts of a language go to its recogniser at once. An article in a language without a
    recogniser has no mentions: no other language's model is asked.
    """
    languages = [
        detect("\n\n".join(map(article.field, FIELDS))) or article.stated_language
        for article in articles
    ]
    enriched: dict[int, EnrichedArticle] = {}
    for language in dict.fromkeys(languages):
        recogniser = recognisers.get(language or "", NullRecogniser())
        group = [i for i, each in enumerate(languages) if each == language]
        found = recogniser.recognise([articles[i].field(name) for i in group for name in FIELDS])
        for nth, i in enumerate(group):
            spans = found[nth * len(FIELDS) : (nth + 1) * len(FIELDS)]
            enriched[i] = EnrichedArticle(
                clean=articles[i],
                language=language,
                mentions=tuple(
                    _mention(articles[i], name, span)
                    for name, in_field in zip(FIELDS, spans, strict=True)
                    for span in in_field
                ),
                recogniser=recogniser.name,
            )
    return [enriched[i] for i in range(len(articles))]


def _mention(article: CleanArticle, field: FieldName, span: Span) -> Mention:
    surface = article.field(field)[span.start : span.end]
    return Mention(
        field=field,
        start=span.start,
        end=span.end,
        surface=surface,
        label=span.label,
        canonical=canonical(surface),
        entity=entity_key(surface, span.label),
    )
