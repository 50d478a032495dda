"""Languages and mentions of articles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from worker.core.clean import clean
from worker.core.clean.decode import Decoded
from worker.core.enrich import enrich
from worker.core.enrich.recognise import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.article import CleanArticle

FRENCH = "Le phare de Kribi\n\nLe phare de Kribi accueille de nouveau le public.\n"
ENGLISH = "The lighthouse of Kribi\n\nThe lighthouse has been open to the public at Kribi.\n"


class Capitals:
    """Takes the word Kribi for a place, and remembers what it was asked."""

    name = "capitals-1"

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """Every Kribi in each text."""
        self.asked.append(texts)
        return [[Span(*m.span(), "LOC") for m in re.finditer("Kribi", text)] for text in texts]


def article(text: str) -> CleanArticle:
    return clean(Decoded(text, "utf-8"))


def test_mentions() -> None:
    """A mention stands in its field where it says, with its name and key."""
    [enriched] = enrich([article(FRENCH)], {"fr": Capitals()})
    assert (enriched.language, enriched.recogniser) == ("fr", "capitals-1")
    assert [(mention.field, mention.surface, mention.entity) for mention in enriched.mentions] == [
        ("title", "Kribi", "loc:kribi"),
        ("body", "Kribi", "loc:kribi"),
    ]
    for mention in enriched.mentions:
        field = enriched.clean.field(mention.field)
        assert mention.surface == field[mention.start : mention.end]


def test_other_languages_are_left_alone() -> None:
    """No language's model is asked about another's text; the order of articles is kept."""
    recogniser = Capitals()
    articles = [article(FRENCH), article(ENGLISH), article(FRENCH)]
    enriched = enrich(articles, {"fr": recogniser})
    assert articles == [each.clean for each in enriched]
    assert [each.language for each in enriched] == ["fr", "en", "fr"]
    assert [each.recogniser for each in enriched] == ["capitals-1", "none", "capitals-1"]
    assert [len(each.mentions) for each in enriched] == [2, 0, 2]


def test_one_batch_for_a_language() -> None:
    """All texts of a language go to its recogniser at once."""
    recogniser = Capitals()
    enrich([article(FRENCH)] * 3, {"fr": recogniser})
    assert list(map(len, recogniser.asked)) == [9]


def test_nothing_to_enrich() -> None:
    """No articles give no articles."""
    assert enrich([], {}) == []
