"""Messages: small, versioned, JSON, and silent about what they carry."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path

import pytest
from celery.utils.saferepr import saferepr
from kombu.utils.json import dumps, loads

from worker.core.article import CleanArticle, Dateline, EnrichedArticle, Mention, Removed, Stated
from worker.messages import Message, UnknownMessage

GOLDEN = json.loads((Path(__file__).parent / "data" / "messages.json").read_text())
"""Of each version the messages that each step was sent, as they were on the wire; and the article
that is in them. They were made once, and are never made again: all must be read for ever."""
CLEAN = CleanArticle(
    title="Un titre",
    lead=None,
    body="Le corps de l’article.",
    published="2026-03-10",
    dateline=Dateline("Lomé", None),
    byline=None,
    signature="ATOP",
    credits=(),
    related=("Une autre",),
    removed=(Removed("whitespace", 0, 2),),
    repairs=(),
    encoding="utf-8",
    cleaner="1",
)
ENRICHED = EnrichedArticle(
    CLEAN, "fr", (Mention("title", 0, 2, "Un", "MISC", "Un", "misc:un"),), "none"
)


def over_the_wire(message: Message) -> object:
    return loads(dumps(message))


def test_ids_come_through() -> None:
    """As JSON that says its version."""
    wire = over_the_wire(Message((17, 18)))
    assert wire == {"v": 1, "deliveries": [17, 18], "articles": None}
    assert Message((17, 18)) == Message.from_wire(wire)


def test_clean_articles_come_through() -> None:
    """Those that are asked for."""
    message = Message.from_wire(over_the_wire(Message.with_clean({1: CLEAN, 2: CLEAN})))
    assert message.clean([2]) == {2: CLEAN}


def test_enriched_articles_come_through() -> None:
    """With all that is in them."""
    message = Message.from_wire(over_the_wire(Message.with_enriched({1: ENRICHED})))
    assert message.enriched([1]) == {1: ENRICHED}


@pytest.mark.parametrize(
    "wire",
    [
        {"v": 2, "deliveries": [1], "articles": None},
        {"v": 1, "deliveries": ["1; DROP TABLE"], "articles": None},
        {"v": 1, "deliveries": [True], "articles": None},
        {"v": 1, "deliveries": [1], "articles": {"a": "b"}},
        {"v": 1, "deliveries": [0], "articles": None},
        {"v": 1, "deliveries": [2**63], "articles": None},
        {"v": 1, "deliveries": list(range(1, 100_002)), "articles": None},
        {"v": "1", "deliveries": [1], "articles": None},
        {"v": 1},
        {},
        [1, 2],
        None,
    ],
)
def test_what_is_not_ours_is_refused(wire: object) -> None:
    """Another version, another shape, another sender."""
    with pytest.raises(UnknownMessage):
        Message.from_wire(wire)


def test_flower_and_the_logs_see_ids_and_no_text() -> None:
    """Celery shows arguments and results by this very function."""
    message = Message.with_clean(dict.fromkeys(range(1, 65), CLEAN))
    shown = saferepr((message,), 1024)
    assert shown == "(deliveries 1, 2, 3, 4, 5, … (64),)"
    assert message.articles is not None
    assert message.articles[:8] not in shown


def test_articles_travel_compressed() -> None:
    """A batch of like articles takes a fraction of its JSON."""
    message = Message.with_clean(dict.fromkeys(range(64), CLEAN))
    plain = 64 * len(json.dumps({"body": CLEAN.body, "title": CLEAN.title}))
    assert len(dumps(message)) < plain / 4


@pytest.mark.parametrize("version", [version for version in GOLDEN if version.isdigit()])
def test_messages_of_every_version_are_read(version: str) -> None:
    """As they were on the wire when a worker of that version sent them."""
    wire = GOLDEN[version]
    assert Message((17, 18)) == Message.from_wire(wire["dedupe"])
    assert Message((17,)) == Message.from_wire(wire["clean"])
    clean = Message.from_wire(wire["enrich"]).clean([17])[17]
    enriched = Message.from_wire(wire["persist"]).enriched([17])[17]
    article = {**GOLDEN["article"], "clean": CLEAN_DEFAULTS | GOLDEN["article"]["clean"]}
    assert article["clean"] == as_json(clean)
    assert article == as_json(enriched)


def test_articles_of_before_a_field_was_added_are_read() -> None:
    """A field that has a default may be missing, and has that default then."""
    article = json.loads(json.dumps(GOLDEN["article"]))
    for name in DEFAULTS:
        del article[name]
    for name in CLEAN_DEFAULTS:
        article["clean"].pop(name, None)
    found = Message((17,), packed([article])).enriched([17])[17]
    article["clean"] |= CLEAN_DEFAULTS
    assert json.loads(json.dumps(article | DEFAULTS)) == as_json(found)


def test_what_an_article_says_of_itself_comes_through() -> None:
    """Its kind, its number and what it is about."""
    noted = replace(CLEAN, stated=Stated("update", 2, ("Le port rouvre",)))
    assert Message.with_clean({1: noted}).clean([1]) == {1: noted}


def test_articles_with_a_field_that_is_not_known_yet_are_read() -> None:
    """A newer worker may have written it; what this one knows is there."""
    article = as_json(CLEAN)
    assert isinstance(article, dict)
    assert Message((1,), packed([article | {"younger": {"kind": 1}}])).clean([1]) == {1: CLEAN}


def test_articles_may_not_inflate_without_end() -> None:
    """What a few bytes stand for is bounded by what files may have."""
    bomb = base64.b64encode(zlib.compress(b" " * 100_000_000, level=1)).decode()
    with pytest.raises(UnknownMessage, match="more than 64000000 bytes"):
        Message((1,), bomb).clean([1])


@pytest.mark.parametrize(
    "article",
    [
        replace(CLEAN, body="NUL \0"),
        replace(CLEAN, published="mardi"),
        replace(CLEAN, body="\ud800"),
        replace(ENRICHED, mentions=(replace(ENRICHED.mentions[0], start=-2, end=0),)),
        replace(ENRICHED, mentions=(replace(ENRICHED.mentions[0], start=1, end=3),)),
    ],
)
def test_what_no_reader_would_take_is_not_sent(article: CleanArticle | EnrichedArticle) -> None:
    """It is the fault of one article, and counted there; a reader could only refuse it."""
    enriched = article if isinstance(article, EnrichedArticle) else replace(ENRICHED, clean=article)
    with pytest.raises(ValueError, match=r"The article has|surrogates not allowed"):
        Message.with_enriched({1: enriched})


def test_a_story_about_nul_is_no_nul() -> None:
    """Its six characters are escaped on their way, as the character itself is."""
    story = replace(CLEAN, body=r"La séquence \u0000 désigne NUL.")
    assert Message.with_clean({1: story}).clean([1]) == {1: story}


def defaults(article: type[CleanArticle | EnrichedArticle]) -> dict[str, object]:
    return {each.name: each.default for each in fields(article) if each.default is not MISSING}


DEFAULTS = defaults(EnrichedArticle)
CLEAN_DEFAULTS = defaults(CleanArticle)


def as_json(article: CleanArticle | EnrichedArticle) -> object:
    return json.loads(json.dumps(asdict(article)))


def packed(articles: list[object]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(articles).encode())).decode()
