"""`rotative up`: the whole stack from nothing, and nothing left of it afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import psutil

from tests.factories import story
from tests.waiting import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from pathlib import Path


def test_up_takes_a_file_and_ctrl_c_stops_everything(tmp_path: Path) -> None:
    """Embedded services, intake, worker and Flower start, work, and leave together."""
    home = tmp_path / "home"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "FLOWER_BASIC_AUTH"}
    } | {
        "ROTATIVE_HOME": str(home),
        "ROTATIVE_RECOGNISER": "null",
        "ROTATIVE_CONCURRENCY": "1",
        "ROTATIVE_FLOWER_PORT": str(port),
    }
    log = tmp_path / "log"
    with log.open("w") as output:
        up = subprocess.Popen(
            [sys.executable, "-m", "worker.cli", "up"],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for(lambda: (home / "inbox").is_dir() or up.poll() is not None, "the inbox")
        (home / "inbox/vna").mkdir()
        (home / "inbox/vna/a.txt").write_text(story())
        wait_for(lambda: '"disposition": "stored"' in log.read_text(), "the article")
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthcheck"), "Flower")
        ours = [process for process in psutil.process_iter() if belongs(process, home)]
        assert len(ours) > 5
    finally:
        up.send_signal(signal.SIGINT)
        code = up.wait(PATIENCE_SECONDS)
    assert code == 0, log.read_text()
    assert [process for process in psutil.process_iter() if belongs(process, home)] == []
    assert "Lomé" not in log.read_text()  # no article text in logs


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as reply:  # noqa: S310 - our own server
            return bool(reply.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def belongs(process: psutil.Process, home: Path) -> bool:
    """Whether a live process was started for this home."""
    try:
        named = [*process.cmdline(), process.environ().get("ROTATIVE_HOME", "")]
        return process.status() != psutil.STATUS_ZOMBIE and any(str(home) in n for n in named)
    except psutil.Error:
        return False
