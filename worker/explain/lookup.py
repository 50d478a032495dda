"""What somebody means who names a file or a number: the deliveries that it stands for."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models import Delivery
from worker import config
from worker.errors import UserError
from worker.explain import untaken
from worker.explain.story import others
from worker.explain.words import count, plain
from worker.filing import safe
from worker.inbox import Inbox, printable

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from worker.config import Settings
    from worker.explain.story import Other

LISTED: Final = 20  # deliveries of one file that are listed
_NUMBERED: Final = re.compile(r"([0-9]{1,18})-")


@dataclass(frozen=True, slots=True)
class Found:
    """What a file or a number stands for."""

    sentences: tuple[str, ...]
    """What is to be said before the deliveries are told."""
    deliveries: tuple[Other, ...]
    """The newest first, `LISTED` at most."""
    in_all: int


def find(connection: Connection, text: str) -> Found:
    """The deliveries that a number, a path or a name as delivered stands for.

    A number is a delivery's, unless a file has that name. A path may be one in the inbox, in a
    folder for taken files, or of any file whose bytes may have come. No link is followed.

    Raises:
        UserError: nothing is known of it, or it cannot be looked at.
    """
    try:
        return _find(connection, config.load(), text)
    except (OSError, RuntimeError) as error:  # the latter for a path of links in a circle
        why = getattr(error, "strerror", None) or "its links go in a circle"
        raise UserError(f"{plain(printable(text))} cannot be looked at ({why}).") from error


def _find(connection: Connection, settings: Settings, text: str) -> Found:
    path = Path(text)
    there = os.path.lexists(path)
    if not there and re.fullmatch("[0-9]{1,18}", text):
        return _known(connection, Delivery.id == int(text), f"There is no delivery {text}.")
    in_inbox = _below(path, settings.inbox)
    if in_inbox and there:
        sentences, delivery = untaken.explain(connection, settings, in_inbox)
        in_all, deliveries = others(connection, Delivery.id == delivery)
        return Found(tuple(sentences), deliveries, in_all)
    if found := _filed(connection, settings, path):
        return found
    if there:
        return _same_bytes(connection, settings, path)
    name = printable(str(in_inbox or path))
    return _known(
        connection,
        _named(name),
        f"Nothing is known of {plain(name)}: there is no such file, and none came by that name.",
    )


def _known(connection: Connection, condition: ColumnElement[bool], else_: str) -> Found:
    in_all, deliveries = others(connection, condition, LISTED)
    if not deliveries:
        raise UserError(else_)
    return Found((), deliveries, in_all)


def _named(name: str) -> ColumnElement[bool]:
    """What came by this name, with or without its feed or other folders."""
    feed, _, file = name.partition("/")
    return (
        (Delivery.file == name)
        | ((Delivery.feed == feed) & (Delivery.file == file))
        | Delivery.file.endswith(f"/{name}", autoescape=True)
    )


def _filed(connection: Connection, settings: Settings, path: Path) -> Found | None:
    """The delivery of a file that intake has put away, under its number."""
    folders = (settings.processed, settings.rejected, settings.quarantine)
    numbered = _NUMBERED.match(path.name)
    if not numbered or not any(_below(path, folder) for folder in folders):
        return None
    in_all, deliveries = others(connection, Delivery.id == int(numbered[1]))
    for each in deliveries:
        filed_as = safe(f"{each.id}-{each.name.rpartition('/')[2]}")
        if printable(path.name).startswith(Path(filed_as).stem):
            return Found((), deliveries, in_all)
    return None


def _same_bytes(connection: Connection, settings: Settings, path: Path) -> Found:
    """The deliveries of the bytes of a file that lies somewhere else."""
    name = plain(printable(str(path)))
    if path.is_dir():
        raise UserError(f"{name} is a folder: name a file.")
    data = Inbox(path.parent, ()).slurp(Path(path.name), settings.max_bytes)
    if len(data) > settings.max_bytes:
        raise UserError(
            f"{name} has more than {settings.max_bytes:,} bytes: so large a file is rejected, and "
            "its bytes are not kept to be compared. Ask for it by the name that it came by."
        )
    sha256 = f"sha256:{hashlib.sha256(data).hexdigest()}"
    found = _known(
        connection,
        Delivery.raw_sha256 == sha256,
        f"{name} was never delivered: it lies outside the inbox, and no delivery has its bytes.",
    )
    came = "a delivery" if found.in_all == 1 else count(found.in_all, "delivery", "deliveries")
    sentence = f"{name} lies outside the inbox; its very bytes came as {came}."
    return Found((sentence,), found.deliveries, found.in_all)


def _below(path: Path, folder: Path) -> Path | None:
    """The path relative to a folder that it lies in, the path's own last part not resolved."""
    for one, other in (
        (Path(os.path.abspath(path)), Path(os.path.abspath(folder))),  # noqa: PTH100
        (path.parent.resolve() / path.name, folder.resolve()),
    ):
        if one != other and one.is_relative_to(other):
            return one.relative_to(other)
    return None
