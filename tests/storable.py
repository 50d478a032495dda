"""Whether what becomes of some bytes can be stored: the one oracle of the fuzzing."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Final

from worker.core.article import RawArticle
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.clean.source import read
from worker.core.dedupe import content_hash
from worker.core.enrich import enrich
from worker.core.persist import rows
from worker.core.process import process
from worker.errors import Permanent
from worker.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.core.article import CleanArticle, EnrichedArticle
    from worker.core.enrich.recognise import Recogniser

_MAX_BYTES: Final = 1_000_000
_LONGEST_KEY: Final = 2_000  # bytes; an index takes 2,700
_MONEY: Final = re.compile(r"[0-9]{1,40}(?:\.[0-9]{1,40})? [A-Z]{3}")
_WHEN: Final = r"(?:[0-9]{4}|XXXX)(?:-(0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
_DATE: Final = re.compile(rf"{_WHEN}(?:/{_WHEN})?")


def whole_way(data: bytes, file: str, recognisers: Mapping[str, Recogniser]) -> None:
    """Take a file through core as the steps do; what comes of it can be stored.

    Raises whatever core raises but ``Permanent``, and ``AssertionError`` where a database, JSON or
    an editor could not take the result.
    """
    _is_json(process(RawArticle(file, None, data), recognisers, _MAX_BYTES))
    with suppress(Permanent):
        decoded = decode(data)
        _is_text(decoded.text)
        assert re.fullmatch("sha256:[0-9a-f]{64}", content_hash(decoded.text))
        source = read(decoded, file)
        _is_text(source.text)
        cleaned = clean(decoded, file)
        _adds_up(cleaned, source.text)
        assert Message.with_clean({7: cleaned}).clean([7]) == {7: cleaned}
        [enriched] = enrich([cleaned], recognisers)
        assert Message.with_enriched({7: enriched}).enriched([7]) == {7: enriched}
        _names_what_is_there(enriched)
        _is_row(enriched)


def by_rules() -> Mapping[str, Recogniser]:
    """Recognisers by rule; French has one too, whose model is not what is looked at."""
    # Its lists are read when it is imported.
    from worker.core.enrich.names import RuleRecogniser  # noqa: PLC0415

    others = {language: RuleRecogniser(language) for language in ("en", "vi", "es", "de", "")}
    return {"fr": RuleRecogniser("en"), **others}


def _is_text(text: str) -> None:
    assert "\0" not in text
    text.encode()  # no lone surrogate


def _is_json(value: object) -> None:
    json.dumps(value, allow_nan=False)
    match value:
        case str():
            _is_text(value)
        case dict():
            _is_json([*value, *value.values()])
        case list() | tuple():
            for each in value:
                _is_json(each)
        case _:
            pass


def _adds_up(article: CleanArticle, text: str) -> None:
    for name in ("title", "lead", "body"):
        _is_text(article.field(name))
    assert article.body.strip()
    ends = 0
    for removed in article.removed:
        assert ends <= removed.start < removed.end <= len(text)
        ends = removed.end
    for repair in article.repairs:
        assert repair.before == text[repair.start : repair.end] != repair.after
    if article.published:
        assert date.fromisoformat(article.published).isoformat() == article.published


def _names_what_is_there(enriched: EnrichedArticle) -> None:
    for mention in enriched.mentions:
        field = enriched.clean.field(mention.field)
        assert 0 <= mention.start < mention.end <= len(field)
        assert mention.surface == field[mention.start : mention.end]
        canonical = mention.canonical or ""
        if mention.label == "DATE":
            assert _DATE.fullmatch(canonical), canonical
        elif mention.label == "MONEY":
            assert _MONEY.fullmatch(canonical), canonical
        else:
            assert canonical
            assert 0 < len((mention.entity or "").encode()) <= _LONGEST_KEY


def _is_row(enriched: EnrichedArticle) -> None:
    stored = rows(enriched)
    published = stored.article["published"]
    assert published is None or isinstance(published, date)
    _is_json({**stored.article, "published": str(published)})
    for entity in stored.entities:
        _is_json(entity._asdict())
