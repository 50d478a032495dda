"""The settings that the stack takes are those that the program has."""

from __future__ import annotations

import re

from tests.compose.conftest import ROOT
from worker.config import Settings

# The stack decides these itself or has a Redis of its own, or they are for trying things out.
FIXED = {
    "ROTATIVE_FLOWER_ADDRESS",
    "ROTATIVE_FLOWER_PORT",
    "ROTATIVE_HOME",
    "ROTATIVE_LOG_FORMAT",
    "ROTATIVE_METRICS_ADDRESS",
    "ROTATIVE_METRICS_PORT",
    "ROTATIVE_QUEUE",
    "ROTATIVE_RECOGNISER",
}
# And these are Compose's own.
COMPOSE = {
    "ROTATIVE_DATA",
    "ROTATIVE_GID",
    "ROTATIVE_IMAGE",
    "ROTATIVE_STOP_GRACE",
    "ROTATIVE_UID",
}
TUNABLE = {
    f"ROTATIVE_{name.upper()}"
    for name, field in Settings.model_fields.items()
    if field.validation_alias is None
} - FIXED


def test_every_setting_is_passed_on() -> None:
    """A setting in .env reaches the containers."""
    passed = re.findall(
        r"^  (ROTATIVE_\w+):$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE
    )
    assert sorted(passed) == sorted(TUNABLE)


def test_every_setting_is_in_the_example() -> None:
    """And nothing else is."""
    told = re.findall(r"^#?(ROTATIVE_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(TUNABLE | COMPOSE)


def test_the_example_shows_the_defaults() -> None:
    """So that taking the comment sign away changes nothing."""
    told = re.findall(r"^#(ROTATIVE_\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    shown = {name: value for name, value in told if name in TUNABLE - {"ROTATIVE_CONCURRENCY"}}
    defaults = {
        name: Settings.model_fields[name.removeprefix("ROTATIVE_").lower()].get_default()
        for name in shown
    }
    assert shown == {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in defaults.items()
    }
