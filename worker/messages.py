"""What travels between steps: small, versioned, JSON, and silent about what it carries.

On the wire: ``{"v": 1, "deliveries": [17, 18], "articles": "<base64 of zlib of a JSON list>"}``,
``articles`` being null before clean and after persist. What is read is not trusted: it has to be in
this shape, within these bounds, and what is wrong with it is said without quoting it.

An article may lack fields that have a default: those are younger than version 1. Whatever a reader
of version 1 could not make sense of needs a new version, read beside the old one. What was ever on
the wire is held by ``tests/unit/data/messages.json``.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from worker import config
from worker.core.article import CleanArticle, EnrichedArticle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

VERSION = 1

Article = TypeVar("Article", CleanArticle, EnrichedArticle)

MOST_DELIVERIES = 10_000
MOST_BYTES_A_BYTE = 32
"""Most bytes of article JSON for each byte of a file. A file full of dates comes to some twenty."""

_CLEAN = TypeAdapter(list[CleanArticle])
_ENRICHED = TypeAdapter(list[EnrichedArticle])
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class UnknownMessage(Exception):  # noqa: N818 - says what it is
    """The message is of a version, or in a shape, that this code does not know.

    Its words say which, and quote nothing that is in it.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """The deliveries that a step is to work on, with their articles where it needs them."""

    deliveries: tuple[int, ...]
    articles: str | None = None

    def __json__(self) -> dict[str, Any]:
        """The wire form; kombu's encoder asks for it."""
        return {"v": VERSION, "deliveries": list(self.deliveries), "articles": self.articles}

    def __repr__(self) -> str:
        """What Flower and the logs show: which deliveries, never what is in them."""
        few = 5
        shown = ", ".join(map(str, self.deliveries[:few]))
        more = f", … ({len(self.deliveries)})" if len(self.deliveries) > few else ""
        return f"deliveries {shown}{more}" if self.deliveries else "no deliveries"

    @classmethod
    def from_wire(cls, wire: object) -> Message:
        """Read the wire form.

        Raises:
            UnknownMessage: it is of another version or shape.
        """
        match wire:
            case Message():
                return wire
            case {"v": 1, "deliveries": [*ids], "articles": str() | None as articles} if len(
                ids
            ) <= MOST_DELIVERIES and all(type(i) is int and 0 < i < 2**63 for i in ids):
                return cls(tuple(ids), articles)
            case {"v": int(version)} if version != VERSION:
                raise UnknownMessage(f"A message of version {version % 10**6}; this code knows 1.")
        raise UnknownMessage(f"No message of ours: {type(wire).__name__}.")

    @classmethod
    def with_clean(cls, articles: Mapping[int, CleanArticle]) -> Message:
        """A message that carries clean articles.

        Raises:
            ValueError: one is such that no reader would take it.
        """
        return cls(tuple(articles), _pack(_CLEAN, list(articles.values())))

    @classmethod
    def with_enriched(cls, articles: Mapping[int, EnrichedArticle]) -> Message:
        """A message that carries enriched articles.

        Raises:
            ValueError: one is such that no reader would take it.
        """
        return cls(tuple(articles), _pack(_ENRICHED, list(articles.values())))

    def clean(self, deliveries: Collection[int]) -> dict[int, CleanArticle]:
        """The clean articles of these of its deliveries.

        Raises:
            UnknownMessage: it carries something else.
        """
        return self._chosen(self._read(_CLEAN), deliveries)

    def enriched(self, deliveries: Collection[int]) -> dict[int, EnrichedArticle]:
        """The enriched articles of these of its deliveries.

        Raises:
            UnknownMessage: it carries something else.
        """
        return self._chosen(self._read(_ENRICHED), deliveries)

    def _chosen(self, articles: list[Article], deliveries: Collection[int]) -> dict[int, Article]:
        pairs = zip(self.deliveries, articles, strict=True)
        return {delivery: article for delivery, article in pairs if delivery in deliveries}

    def _read(self, adapter: TypeAdapter[list[Article]]) -> list[Article]:
        if self.articles is None:
            raise UnknownMessage("The message carries no articles.")
        json = _unpack(self.articles)
        try:
            articles = adapter.validate_json(json)
        except ValidationError as error:
            fault, *_ = error.errors(include_url=False, include_context=False, include_input=False)
            raise UnknownMessage(f"Its articles are none of ours ({fault['type']}).") from None
        if len(articles) != len(self.deliveries):
            raise UnknownMessage(f"{len(articles)} articles for {len(self.deliveries)} deliveries.")
        if not _sound(articles, json):
            raise UnknownMessage("One of its articles contradicts itself.")
        return articles


def _sound(articles: Sequence[CleanArticle | EnrichedArticle], json: bytes) -> bool:
    """Whether Postgres can store all text, dates are dates, and mentions stand where they say."""
    return not (b"\\u0000" in json and _NUL.search(json)) and all(map(_is_sound, articles))


def _is_sound(article: CleanArticle | EnrichedArticle) -> bool:
    clean = article if isinstance(article, CleanArticle) else article.clean
    try:
        date.fromisoformat(clean.published or "2000-01-01")
    except ValueError:
        return False
    return isinstance(article, CleanArticle) or all(
        0 <= mention.start < mention.end
        and clean.field(mention.field)[mention.start : mention.end] == mention.surface
        for mention in article.mentions
    )


@cache
def _most_bytes() -> int:
    """Most bytes of JSON that the articles of a message may come to."""
    settings = config.load()
    return MOST_BYTES_A_BYTE * max(settings.batch_bytes, settings.max_bytes)


def _pack(adapter: TypeAdapter[list[Article]], articles: list[Article]) -> str:
    json = adapter.dump_json(articles)
    if len(json) > _most_bytes():
        raise ValueError(f"The articles take {len(json)} bytes as JSON, which no message carries.")
    if not _sound(articles, json):
        raise ValueError("The article has a NUL, a date that is none, or a mention out of place.")
    # Measured on stories: level 1 leaves 39 % of the size; level 9 takes 4 times as long for 34 %.
    return base64.b64encode(zlib.compress(json, level=1)).decode("ascii")


def _unpack(packed: str) -> bytes:
    """What was packed, no further than a message may go: little can stand for gigabytes."""
    inflate = zlib.decompressobj()
    try:
        json = inflate.decompress(base64.b64decode(packed, validate=True), _most_bytes())
    except (binascii.Error, zlib.error, ValueError):
        raise UnknownMessage("Its articles cannot be unpacked.") from None
    if not inflate.eof:
        raise UnknownMessage(f"Its articles come to more than {_most_bytes()} bytes, or break off.")
    return json
