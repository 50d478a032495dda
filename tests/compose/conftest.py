"""The stack of docker-compose.yml, as `.env.example` sets it up, with a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
IMAGE = "rotative-compose-test"
OURS = ("intake", "worker", "flower")
PASSWORDS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "FLOWER_PASSWORD")

COMMAND_SECONDS = 600
PATIENCE_SECONDS = 120
LOOK_EVERY_SECONDS = 0.5

# What a person has set for another stack is not for this one.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(
        ("ROTATIVE_", "POSTGRES_", "REDIS_", "FLOWER_", "COMPOSE_", "GRAFANA_", "PROMETHEUS_")
    )
}


def run(*command: str, **environment: str) -> str:
    """Run a command, and return what it says; it fails with all that it said."""
    done = _try(*command, **environment)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def works(*command: str) -> bool:
    """Whether there is such a command and it succeeds."""
    try:
        return _try(*command).returncode == 0
    except FileNotFoundError:
        return False


def _try(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own commands
        command,
        cwd=ROOT,
        env=ENVIRONMENT | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that is up."""

    command: tuple[str, ...]
    """Compose, with the options that name this stack."""
    data: Path
    uid: int
    """As whom the containers run."""
    gid: int
    passwords: dict[str, str]
    flower_port: int

    @property
    def inbox(self) -> Path:
        """The folder to drop files into."""
        return self.data / "inbox"

    def compose(self, *arguments: str) -> str:
        """Run Compose on this stack."""
        return run(*self.command, *arguments)

    def up(self, *options: str) -> None:
        """Start what does not run."""
        self.compose("up", "-d", "--no-build", *options)

    def containers(self, *services: str) -> list[dict[str, Any]]:
        """What Docker knows of the containers."""
        identities = self.compose("ps", "-a", "-q", *services).split()
        found: list[dict[str, Any]] = json.loads(run("docker", "inspect", *identities))
        return found

    def query(self, statement: str) -> list[str]:
        """The rows of a statement, each a line."""
        psql = ("psql", "-U", "rotative", "-d", "rotative", "-qAtc", statement)
        return self.compose("exec", "-T", "postgres", *psql).splitlines()

    def dispositions(self) -> dict[str, int]:
        """How many deliveries came to what."""
        rows = self.query("SELECT disposition, count(*) FROM deliveries GROUP BY 1")
        return {name: int(count) for name, count in (row.split("|") for row in rows)}

    def healthy(self, *services: str) -> bool:
        """Whether every container of the services says so."""
        states = [found["State"]["Health"]["Status"] for found in self.containers(*services)]
        return states == ["healthy"] * len(states)

    def drop(self, seeds: Sequence[str]) -> None:
        """Put seeds into the inbox as a careful writer does: complete, then renamed into place."""
        for seed in seeds:
            target = self.inbox / seed
            unfinished = target.with_name(f"{target.name}.part")
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(SEEDS / seed, unfinished)
            for path in (target.parent, unfinished):
                os.chown(path, self.uid, self.gid)
            unfinished.rename(target)

    def flower(self, path: str, password: str | None = None) -> int:
        """The status with which Flower answers."""
        headers = {}
        if password is not None:
            login = b64encode(f"rotative:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {login}"
        connection = http.client.HTTPConnection("127.0.0.1", self.flower_port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def wait_until(self, what: str, condition: Callable[[], bool]) -> None:
        """Look again and again; fail with the logs if it does not come true in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                logs = self.compose("logs", "--no-color", "--tail", "40")
                pytest.fail(f"not in {PATIENCE_SECONDS} s: {what}\n{logs}")
            time.sleep(LOOK_EVERY_SECONDS)


@pytest.fixture(scope="session")
def compose() -> str:
    """The Compose of this machine, or none: a skip, and in CI a failure."""
    if works("docker", "info"):
        for command in ("docker compose", "docker-compose"):
            if works(*command.split(), "version"):
                return command
    message = "needs a Docker engine and Compose: `docker info` or Compose does not answer"
    if os.environ.get("CI_COMPOSE") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def image(compose: str) -> str:
    """Our image, built from this tree, for whoever runs the tests."""
    arguments = [f"--build-arg=ROTATIVE_UID={_uid()}", f"--build-arg=ROTATIVE_GID={_gid()}"]
    if works("docker", "buildx", "version"):
        run("docker", "build", "--tag", IMAGE, *arguments, ".")
    else:
        # The older builder; the host's network may be the only one that has a package index.
        arguments.append("--network=host")
        run("docker", "build", "--tag", IMAGE, *arguments, ".", DOCKER_BUILDKIT="0")
    return IMAGE


@pytest.fixture(scope="session")
def stack(compose: str, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that is up, and gone with its volumes afterwards."""
    folder = tmp_path_factory.mktemp("stack")
    passwords = {name: secrets.token_hex(12) for name in PASSWORDS}
    port = _free_port()
    example = (ROOT / ".env.example").read_text()
    for name, password in passwords.items():
        example = example.replace(f"\n{name}=\n", f"\n{name}={password}\n")
    settings = {
        "ROTATIVE_IMAGE": image,
        "ROTATIVE_DATA": folder / "data",
        "ROTATIVE_UID": _uid(),
        "ROTATIVE_GID": _gid(),
        "FLOWER_PORT": port,
    }
    env_file = folder / ".env"
    env_file.write_text(example + "".join(f"{name}={told}\n" for name, told in settings.items()))
    project = f"rotative-test-{secrets.token_hex(4)}"
    files = ("--env-file", str(env_file), "--file", str(ROOT / "docker-compose.yml"))
    command = (*compose.split(), *files, "--project-name", project)
    started = Stack(command, folder / "data", _uid(), _gid(), passwords, port)
    try:
        started.up()
        yield started
    finally:
        started.compose("down", "--volumes", "--remove-orphans", "--timeout", "10")


def _uid() -> int:
    """Ours, so that what we drop belongs to the containers' user; root is no user for them."""
    return os.getuid() or 1000


def _gid() -> int:
    return os.getgid() or 1000


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
