"""The docker-compose stack: started from nothing, fed, read, scaled, stopped, started again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.compose.conftest import OURS, ROOT, run, works

if TYPE_CHECKING:
    from tests.compose.conftest import Stack

pytestmark = pytest.mark.compose

EXPECTED = json.loads((ROOT / "tests" / "seeds.json").read_text())
STORED = [
    seed
    for seed, told in EXPECTED.items()
    if told["disposition"] == "stored" and told["twin"] is None
]
FIRST, SECOND = STORED[:5], STORED[5:]


@pytest.fixture(scope="module")
def fed(stack: Stack) -> Stack:
    """The stack after five files were dropped and have ended."""
    stack.drop(FIRST)
    stack.wait_until("five rows", lambda: stack.dispositions() == {"stored": 5})
    return stack


def test_five_dropped_files_become_five_rows(fed: Stack) -> None:
    """With the titles that the files have."""
    assert fed.query("SELECT coalesce(title, '') FROM articles ORDER BY title COLLATE \"C\"") == (
        sorted(EXPECTED[seed]["title"] or "" for seed in FIRST)
    )


def test_taken_files_leave_the_inbox(fed: Stack) -> None:
    """They lie below processed, by feed and day; what they were called ends their names."""
    assert [path for path in fed.inbox.rglob("*") if path.is_file()] == []
    processed = [path for path in (fed.data / "processed").rglob("*") if path.is_file()]
    assert sorted(path.name.partition("-")[2] for path in processed) == (
        sorted(seed.partition("/")[2] for seed in FIRST)
    )


def test_flower_asks_for_the_password(fed: Stack) -> None:
    """For its pages and its API alike."""
    password = fed.passwords["FLOWER_PASSWORD"]
    fed.wait_until("Flower is healthy", lambda: fed.healthy("flower"))
    for path in ("/workers", "/tasks", "/articles", "/api/workers"):
        assert fed.flower(path) == 401
        assert fed.flower(path, "wrong") == 401
        assert fed.flower(path, password) == 200


def test_health_is_proof(fed: Stack) -> None:
    """The stack says which worker has just shown that it works."""
    said = fed.compose("exec", "-T", "worker", "rotative", "health", "--within", "60")
    assert re.search(r"worker@\w+ consumed a message of the queue rotative", said)
    assert "intake@intake wrote to Postgres" in said


def test_nothing_is_healthy_while_postgres_hangs(fed: Stack) -> None:
    """Flower says no more than that, to whoever asks."""
    fed.wait_until("Flower reaches Postgres", lambda: fed.flower("/articles/health") == 200)
    fed.compose("pause", "postgres")
    try:
        assert fed.flower("/articles/health") == 503
        for role in ([], ["worker"], ["intake"]):
            service = role[0] if role else "worker"
            check = ("exec", "-T", service, "rotative", "health", *role, "--within", "2")
            assert not works(*fed.command, *check)
    finally:
        fed.compose("unpause", "postgres")
        # Compose starts nothing beside a container that it still believes to be ill.
        fed.wait_until("Postgres is healthy", lambda: fed.healthy("postgres"))
    fed.wait_until("Flower reaches Postgres", lambda: fed.flower("/articles/health") == 200)


def test_only_flower_is_published_and_on_loopback_only(stack: Stack) -> None:
    """Postgres and Redis are reached from within."""
    published = [
        (container["Config"]["Labels"]["com.docker.compose.service"], binding["HostIp"])
        for container in stack.containers()
        for bindings in (container["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    ]
    assert published == [("flower", "127.0.0.1")]


@pytest.mark.parametrize("service", OURS)
def test_our_containers_have_no_privileges(stack: Stack, service: str) -> None:
    """No root, no capability, nothing to write to but what is mounted."""
    status = stack.compose("exec", "-T", service, "cat", "/proc/1/status")
    facts = dict(line.split(":", 1) for line in status.splitlines())
    assert facts["Uid"].split() == [str(stack.uid)] * 4
    assert int(facts["CapBnd"], 16) == 0
    assert facts["NoNewPrivs"].strip() == "1"
    assert [
        container["HostConfig"]["ReadonlyRootfs"] for container in stack.containers(service)
    ] == [True]


@pytest.mark.parametrize("service", OURS)
def test_logs_are_json_lines(fed: Stack, service: str) -> None:
    """Every line of them."""
    [container] = fed.containers(service)
    for line in _logs(container["Id"]):
        assert "event" in json.loads(line)


def test_logs_hold_neither_articles_nor_passwords(fed: Stack) -> None:
    """Those of Postgres and Redis included."""
    text = "\n".join(line for found in fed.containers() for line in _logs(found["Id"]))
    openings = fed.query("SELECT left(split_part(body, E'\\n', 1), 40) FROM articles")
    assert len(openings) == 5
    assert [secret for secret in (*openings, *fed.passwords.values()) if secret in text] == []


def test_redis_forgets_nothing(stack: Stack) -> None:
    """It refuses rather than evicts, and writes down what it accepts."""
    names = ("appendonly", "maxmemory", "maxmemory-policy")
    stated = stack.compose("exec", "-T", "redis", "redis-cli", "CONFIG", "GET", *names).split()
    assert dict(zip(stated[::2], stated[1::2], strict=True)) == {
        "appendonly": "yes",
        "maxmemory": str(1024**3),
        "maxmemory-policy": "noeviction",
    }


def test_a_second_worker_joins(fed: Stack) -> None:
    """Both prove that they work, and so does all else."""
    fed.up("--no-recreate", "--scale", "worker=2")
    assert len(fed.containers("worker")) == 2
    served = ("postgres", "redis", *OURS)
    fed.wait_until("everything is healthy", lambda: fed.healthy(*served))


def test_a_stop_in_the_middle_loses_nothing(fed: Stack) -> None:
    """Nobody has to be killed, and after a start all that was dropped is stored."""
    fed.drop(SECOND)
    fed.wait_until("a file is taken", lambda: sum(fed.dispositions().values()) > 5)
    ours = {found["Id"]: found["Name"] for found in fed.containers(*OURS)}
    fed.compose("stop")
    codes = {name: run("docker", "wait", identity).strip() for identity, name in ours.items()}
    assert codes == dict.fromkeys(ours.values(), "0")
    fed.up()
    fed.wait_until("all are stored", lambda: fed.dispositions() == {"stored": len(STORED)})


def _logs(container: str) -> list[str]:
    """All that a container has said."""
    return run("sh", "-c", 'docker logs "$0" 2>&1', container).splitlines()
