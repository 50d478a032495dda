"""Flower: the operator's page, behind a password wherever others could reach it."""

from __future__ import annotations

import ipaddress
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
        UserError: Flower would be reachable by others without a password.
    """
    auth = settings.flower_basic_auth
    if not is_loopback(settings.flower_address) and (
        auth is None or ":" not in auth.get_secret_value()
    ):
        raise UserError(
            f"Flower would listen on {settings.flower_address} without a password: set "
            "FLOWER_BASIC_AUTH=user:password, or ROTATIVE_FLOWER_ADDRESS=127.0.0.1."
        )
    return [
        "--quiet",  # no banner: it is no line of a log
        "flower",
        f"--address={settings.flower_address}",
        f"--port={settings.flower_port}",
        "--persistent=True",
        f"--db={settings.home / 'flower'}",
        "--state_save_interval=10000",  # milliseconds: a crash forgets no more
        "--tasks_columns=name,args,state,received,runtime,worker,uuid",  # args: the deliveries
    ]


def run(settings: Settings) -> None:
    """Serve until interrupted."""
    from worker.app import app  # noqa: PLC0415 - needs the broker's address

    logs.setup(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    app.start(arguments(settings))
