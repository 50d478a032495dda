"""Gold: stories with the names, dates and amounts that their annotators marked.

The project's own (``entities``, in the form that ``training/ner/annotating.md`` tells) and, where
they lie beside the checkout, the development split of WiNER-fr and the gold of others.
"""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from tests.quality import articles
from training.ner import corpus
from worker.core.article import FIELDS, CleanArticle
from worker.core.characters import nfc, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from worker.core.article import FieldName, Mention

Set = Literal["dev", "test", "seeds", "winer", "shared"]

OWN: Final[tuple[Set, ...]] = ("dev", "test", "seeds")
BESIDE: Final[tuple[Set, ...]] = ("winer", "shared")
"""What lies beside the checkout, if it is there."""
NAMES: Final = ("PER", "ORG", "LOC", "MISC")
LABELS: Final = (*NAMES, "DATE", "MONEY")
_WINER: Final = articles.SHARED / "ner" / "winer-fr" / "dev.jsonl"
_BREAK: Final = "\n\n"
_TYPOGRAPHY: Final = str.maketrans("’ʼ“”–—", "''\"\"--")


class Asked(NamedTuple):
    """A mention of the gold, and what else is right in its place."""

    field: FieldName
    start: int
    end: int
    surface: str
    label: str
    canonical: str
    optional: bool = False
    """Neither asked for nor wrong, whatever the label."""
    surfaces: frozenset[str] = frozenset()
    """Other ranges that overlap this one, as the text they hold."""
    labels: frozenset[str] = frozenset()

    def fits(self, found: Mention) -> bool:
        """Whether the range is right."""
        if found.field != self.field:
            return False
        if (found.start, found.end) == (self.start, self.end):
            return True
        overlaps = found.start < self.end and self.start < found.end
        return overlaps and _even(found.surface) in self.surfaces


class Document(NamedTuple):
    """A story and its mentions."""

    name: str
    language: str
    article: CleanArticle
    asked: tuple[Asked, ...]
    labels: tuple[str, ...] = LABELS
    """What its annotator looked for."""


@cache
def documents(name: Set) -> list[Document]:
    """The stories of a set; none where it does not lie at hand."""
    match name:
        case "winer":
            read = corpus.winer(_WINER) if _WINER.exists() else []
            return [_document(each, "fr", None)._replace(labels=NAMES) for each in read]
        case "shared":
            return [_shared(path) for path in sorted((articles.SHARED / "gold").glob("*.json"))]
    return list(_own(name))


def _own(split: str) -> Iterator[Document]:
    for each in corpus.marked(articles.HERE / "entities" / f"{split}.txt"):
        gold = json.loads((articles.HERE / "gold" / split / f"{each.name}.json").read_text("utf-8"))
        yield _document(each, gold["language"], gold["expected"]["published"])


def _document(annotated: corpus.Article, language: str, published: str | None) -> Document:
    texts: dict[FieldName, str] = dict.fromkeys(FIELDS, "")
    asked: list[Asked] = []
    for text, mentions, name in annotated.paragraphs:
        field = next(each for each in FIELDS if each == name)
        offset = len(texts[field]) + len(_BREAK) if texts[field] else 0
        texts[field] += f"{_BREAK}{text}" if offset else text
        for start, end, label, optional, canonical in mentions:
            surface = text[start:end]
            place = (field, offset + start, offset + end, surface)
            asked.append(Asked(*place, label, canonical or surface, optional))
    return Document(annotated.name, language, article(texts, published), tuple(asked))


def _shared(path: Path) -> Document:
    read = json.loads(path.read_text("utf-8"))
    texts: dict[FieldName, str] = {
        "title": read["title"] or "",
        "lead": read["lead"] or "",
        "body": _BREAK.join(read["body"]),
    }
    lengths = (len(paragraph) + len(_BREAK) for paragraph in read["body"])
    starts = list(itertools.accumulate(lengths, initial=0))
    asked = tuple(_of_shared(mention, starts) for mention in read["mentions"])
    published = read["published"] if "stated (" in read["published_source"] else None
    return Document(path.stem, read["language"], article(texts, published), asked)


def _of_shared(mention: dict[str, Any], starts: Sequence[int]) -> Asked:
    offset = starts[mention["par"]] if mention["region"] == "body" else 0
    return Asked(
        field=mention["region"],
        start=offset + mention["start"],
        end=offset + mention["end"],
        surface=mention["text"],
        label=mention["label"],
        canonical=mention["canonical"] or mention["text"],
        optional=mention["optional"],
        surfaces=frozenset(map(_even, mention.get("alts", ()))),
        labels=frozenset(mention.get("alt_labels", ())),
    )


def article(texts: Mapping[FieldName, str], published: str | None = None) -> CleanArticle:
    """What the clean step makes of a story without anything around it."""
    return CleanArticle(
        title=texts.get("title") or None,
        lead=texts.get("lead") or None,
        body=texts["body"],
        published=published,
        dateline=None,
        byline=None,
        signature=None,
        credits=(),
        related=(),
        removed=(),
        repairs=(),
        encoding="utf-8",
        cleaner="gold",
    )


def _even(surface: str) -> str:
    return squeeze(nfc(surface)).translate(_TYPOGRAPHY)
