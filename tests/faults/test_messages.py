"""Whoever can write to Redis can write nonsense there: it is refused, and the log says so.

What is pushed stands in the queue before the files of a feed. The two workers must refuse each
message, say why without its content, stay the processes that they were, and do the files.
"""

from __future__ import annotations

import base64
import json
import pickle
import uuid
import zlib
from typing import TYPE_CHECKING, Any

import redis

from tests.factories import deliver, story
from tests.waiting import wait_for
from worker import db

if TYPE_CHECKING:
    from tests.faults.plant import Plant

CONTENT = "Ouagadougou-7431"
"""Stands in whatever is forged, so that no log may show it."""
NOBODY = 999_999_999
FILES = 12
BOMB_BYTES = 1_000_000_000
LONG = "a" * 100_000_000


def wire(body: object = None, *, task: object = "rotative.dedupe", **changes: Any) -> bytes:
    """A message as Celery has it in Redis, but for some changes: to headers, or as ``envelope``."""
    envelope = changes.pop("envelope", {})
    properties = changes.pop("properties", {})
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    task_id = str(uuid.uuid4())
    headers = {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "retries": 0,
        "timelimit": [None, None],
        "eta": None,
        "expires": None,
        "shadow": None,
        "argsrepr": CONTENT,
        "kwargsrepr": "{}",
        "origin": CONTENT,
        **changes,
    }
    message = {
        "body": base64.b64encode(text).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": {
            "body_encoding": "base64",
            "correlation_id": task_id,
            "delivery_info": {"exchange": "", "routing_key": "rotative"},
            "delivery_mode": 2,
            "delivery_tag": str(uuid.uuid4()),
            "priority": 0,
            **properties,
        },
        **envelope,
    }
    return json.dumps(message).encode()


def call(argument: object) -> list[object]:
    """The body that calls a task with one argument."""
    return [[argument], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]


def ids(*deliveries: object, articles: object = None, version: object = 1) -> list[object]:
    """The body that calls a step for deliveries."""
    return call({"v": version, "deliveries": list(deliveries), "articles": articles})


def packed(*articles: object) -> str:
    """Articles as they travel."""
    return base64.b64encode(zlib.compress(json.dumps(articles).encode())).decode()


def bomb() -> str:
    """A megabyte that inflates to a gigabyte."""
    deflate = zlib.compressobj(9)
    block = b" " * 1_000_000
    parts = [deflate.compress(block) for _ in range(BOMB_BYTES // len(block))]
    return base64.b64encode(b"".join(parts) + deflate.flush()).decode()


def clean(**changes: object) -> dict[str, object]:
    """A clean article."""
    nothing = dict.fromkeys(("lead", "published", "dateline", "byline", "signature"))
    lists: dict[str, object] = {name: [] for name in ("credits", "related", "removed", "repairs")}
    text = {"title": CONTENT, "body": CONTENT, "encoding": "utf-8", "cleaner": "1"}
    return {**nothing, **lists, **text, **changes}


def enriched(*mentions: object, **changes: object) -> dict[str, object]:
    """An enriched article."""
    return {
        "clean": clean(),
        "language": "fr",
        "mentions": list(mentions),
        "recogniser": "none",
        **changes,
    }


def mention(start: int, end: int, field: str = "body") -> dict[str, object]:
    """A mention there."""
    return {
        "field": field,
        "start": start,
        "end": end,
        "surface": CONTENT,
        "label": "LOC",
        "canonical": None,
        "entity": "loc:x",
    }


class Code:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return __import__("os").system, ("echo unpickled > $ROTATIVE_HOME/executed",)


def envelopes() -> dict[str, bytes]:
    """What Celery itself would have to refuse."""
    good = ids(NOBODY)
    pickled = pickle.dumps(Code())
    return {
        "no JSON": b"\x80\x04" + CONTENT.encode(),
        "no UTF-8": b"\xff\xfe\xff",
        "nothing": b"",
        "JSON, but no object": f'["{CONTENT}"]'.encode(),
        "an empty object": b"{}",
        "nested without end": b"[" * 100_000,
        "without a tag": wire(good, envelope={"properties": {}}),
        "a tag that is none": wire(good, properties={"delivery_tag": {}}),
        "an unknown body encoding": wire(good, properties={"body_encoding": "rot13"}),
        "a body that is no base64": wire(good, envelope={"body": "é"}),
        "a body that is no text": wire(
            good, envelope={"body": {CONTENT: 1}}, properties={"body_encoding": "utf-8"}
        ),
        "without headers": wire(good, envelope={"headers": None}),
        "headers that are none": wire(good, envelope={"headers": [CONTENT]}),
        "pickle": wire(pickled, envelope={"content-type": "application/x-python-serialize"}),
        "yaml": wire(b"!!python/object", envelope={"content-type": "application/x-yaml"}),
        "raw bytes": wire(b"\0\1", envelope={"content-type": "application/data"}),
        "pickle that says JSON": wire(pickled),
        "a broken body": wire(b'[["' + CONTENT.encode()),
        "a body of another shape": wire({"args": [CONTENT]}),
        "a body of two parts": wire([[], {}]),
        "arguments that are none": wire([CONTENT, {}, {}]),
        "keyword arguments": wire([[], {"message": CONTENT}, {}]),
        "a compressed body": wire(
            zlib.compress(json.dumps(good).encode()), compression="application/x-gzip"
        ),
        "an unknown task": wire(good, task="os.system"),
        "a task of Celery's": wire([[{}, [[1]]], {}, {}], task="celery.map"),
        "a task that is no name": wire(good, task=[CONTENT]),
        "without an id": wire(good, id=None),
        "a limit that is no number": wire(good, timelimit=["x", "y"]),
        "a limit of its own": wire(good, timelimit=[0.001, 0.001]),
        "a start that is no time": wire(good, eta=CONTENT),
        "a start in the year 9999": wire(good, eta="9999-12-31T23:59:59+00:00"),
        "an end that is no time": wire(good, expires=[CONTENT]),
        "retries that are no number": wire(good, retries=CONTENT),
        "retries without end": wire(good, retries=10**30),
        "another name": wire(good, shadow=CONTENT),
    }


def bodies(delivery: int) -> dict[str, bytes]:
    """What our own steps have to refuse; some of it about a delivery that there is."""
    enrich, persist = {"task": "rotative.enrich"}, {"task": "rotative.persist"}
    return {
        "another version": wire(ids(delivery, version=99)),
        "a version that is text": wire(ids(delivery, version=CONTENT * 10_000)),
        "no object": wire(call(CONTENT)),
        "null": wire(call(None)),
        "without deliveries": wire(call({"v": 1, "articles": None})),
        "ids that are text": wire(ids("1; DROP TABLE articles")),
        "ids that are truth": wire(ids(True)),  # noqa: FBT003 - on the wire
        "negative ids": wire(ids(-1)),
        "a huge id": wire(ids(10**30)),
        "100,000 ids": wire(ids(*range(NOBODY, NOBODY + 100_000))),
        "articles that are no text": wire(ids(delivery, articles={"a": 1}), **enrich),
        "articles that are no base64": wire(ids(delivery, articles="é" + CONTENT), **enrich),
        "articles that do not inflate": wire(ids(delivery, articles="QUJD"), **enrich),
        "articles that are missing": wire(ids(delivery), **enrich),
        "fewer articles": wire(ids(delivery, articles=packed()), **enrich),
        "more articles": wire(ids(delivery, articles=packed(clean(), clean())), **enrich),
        "a bomb": wire(ids(delivery, articles=bomb()), **enrich),
        "no articles of ours": wire(ids(delivery, articles=packed({CONTENT: 1})), **enrich),
        "a body that is a number": wire(ids(delivery, articles=packed(clean(body=1))), **enrich),
        "a body of 100 MB": wire(ids(delivery, articles=packed(clean(body=LONG))), **enrich),
        "half a character": wire(ids(delivery, articles=packed(clean(body="\ud800"))), **enrich),
        "NUL": wire(ids(delivery, articles=packed(clean(body=f"{CONTENT}\0"))), **enrich),
        "a mention before its field": wire(
            ids(delivery, articles=packed(enriched(mention(-3, 2)))), **persist
        ),
        "a mention after its field": wire(
            ids(delivery, articles=packed(enriched(mention(500, 516)))), **persist
        ),
        "a mention in no field": wire(
            ids(delivery, articles=packed(enriched(mention(0, 1, field="x")))), **persist
        ),
        "a mention of something else": wire(
            ids(delivery, articles=packed(enriched(mention(1, 17)))), **persist
        ),
        "a date that is none": wire(
            ids(delivery, articles=packed(enriched(clean=clean(published="mardi")))), **persist
        ),
    }


def test_what_is_no_message_of_ours_is_refused(plant: Plant, table: list[tuple[str, ...]]) -> None:
    """Recorded and not done; the workers stay who they are, and the files behind it are stored."""
    before = {name: process.pid for name, process in plant.processes.items()}
    forged = {**envelopes(), **bodies(deliver_one(plant))}
    with redis.Redis.from_url(plant.services.redis_url) as client:
        client.lpush("rotative", *forged.values())
        plant.drop(FILES)
        seconds = plant.wait_until_ended()
        wait_for(lambda: not client.exists("rotative", "unacked", "unacked_index"), "no message")
    account = plant.account()
    table.append(("forged messages", str(len(forged)), *map(str, account), "0.0", f"{seconds:.1f}"))
    assert {name: process.pid for name, process in plant.processes.items()} == before
    assert (account.lost, account.doubled, account.quarantined) == (0, 0, 0)
    logs = "".join(path.read_text() for path in (plant.home / "logs").iterdir())
    events = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    refused = [event["why"] for event in events if event["event"] == "message_refused"]
    assert len(refused) == len(forged), sorted(refused)
    assert CONTENT not in logs
    assert not (plant.home / "executed").exists()


def deliver_one(plant: Plant) -> int:
    """Deliver a file past intake, without a message: the reconciler will hand it over."""
    text = story()
    engine = db.make_engine(db.with_driver(plant.services.database_url))
    with engine.begin() as connection:
        [delivery] = deliver(connection, text)
    engine.dispose()
    plant.files += 1
    plant.stories.add(text)
    return delivery
