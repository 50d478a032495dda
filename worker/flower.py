"""Flower with the operator's desk, behind a password wherever others could reach it."""

from __future__ import annotations

import ipaddress
import os
import signal
from typing import TYPE_CHECKING

from worker import logs
from worker.errors import UserError

if TYPE_CHECKING:
    from worker.config import Settings


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def arguments(settings: Settings) -> list[str]:
    """Flower's command line. The password is not on it: Flower reads FLOWER_BASIC_AUTH itself.

    Raises:
        UserError: Flower would be reachable by others without a password, or by nobody.
    """
    auth = settings.flower_basic_auth
    if auth and ":" not in auth.get_secret_value():
        raise UserError(
            "FLOWER_BASIC_AUTH has no colon, so nobody could sign in: set "
            "FLOWER_BASIC_AUTH=user:password, or unset it where Flower listens on loopback only."
        )
    if not auth and not is_loopback(settings.flower_address):
        raise UserError(
            f"Flower would listen on {settings.flower_address} without a password: set "
            "FLOWER_BASIC_AUTH=user:password, or ROTATIVE_FLOWER_ADDRESS=127.0.0.1."
        )
    return [
        f"--address={settings.flower_address}",
        f"--port={settings.flower_port}",
        f"--logging={settings.log_level}",
        "--persistent=True",
        f"--db={settings.home / 'flower'}",
        "--state_save_interval=10000",  # milliseconds: a crash forgets no more
        "--tasks_columns=name,args,state,received,runtime,worker,uuid",  # args: the deliveries
    ]


def run(settings: Settings) -> None:
    """Serve until interrupted; what Flower remembers of tasks is saved at the end."""
    from flower import command, urls  # noqa: PLC0415 - takes a second, and only this needs it
    from tornado.options import options  # noqa: PLC0415

    from worker.app import app  # noqa: PLC0415 - needs the broker's address
    from worker.desk.wiring import with_desk  # noqa: PLC0415 - imports Flower

    logs.setup(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    if not settings.flower_basic_auth:
        os.environ.pop("FLOWER_BASIC_AUTH", None)  # Flower takes an empty one for a password
    # What Flower's own command does before it makes its application.
    command.apply_env_options()
    command.apply_options("flower", arguments(settings))
    command.extract_settings()
    command.setup_logging()

    flower = with_desk(app, options, urls.settings)
    loop = flower.io_loop.asyncio_loop
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, loop.stop)
    flower.start_http_server()
    try:
        flower.start()
    finally:
        flower.stop()
