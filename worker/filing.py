"""Where files stand once they have left the inbox, and why, beside those that failed.

``processed/<feed>/<day>/<delivery>-<name>``, and the same below ``rejected/`` and ``quarantine/``,
there with a ``.why.txt``. Workers never see the folders, so intake puts files where their
dispositions belong: it asks Postgres which stand elsewhere, moves them, and then commits where
they are. A crash between the two leaves a file at its target, where the next round finds it.

A file is taken for ours if its bytes are those that Postgres has. What is missing, or another's, is
written from Postgres instead, and no other file is overwritten.
"""

from __future__ import annotations

import hashlib
import io
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import structlog
from sqlalchemy import BigInteger, DateTime, Text, bindparam, select, text, update

from models import Delivery, RawContent
from models.delivery import MISFILED
from worker import db, explain, folders
from worker.explain import story
from worker.explain.words import when
from worker.folders import NotTakeable, open_file, open_folder
from worker.sql import by_column, values_table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from models.delivery import Folder
    from worker.config import Settings

log = structlog.get_logger()

AT_A_TIME = 25  # deliveries in one transaction; intake looks for new files after each
NAME_BYTES = 235  # of the 255 that a name may have: the rest is for a number and ".why.txt"
WHY = ".why.txt"
EXPLAINED = {"rejected", "quarantine"}  # the folders in which files have it

# The folder is not there, or what has its name is none of ours.
_AWAY = (FileNotFoundError, NotADirectoryError, NotTakeable)

# What ends a line, steers a terminal or turns the direction of writing.
_UNSAFE = (
    *(*range(0x20), *range(0x7F, 0xA0)),
    *(0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)),
)
_HARMLESS = {code: f"\\u{code:04x}" for code in _UNSAFE}
_IN_NAMES = _HARMLESS | {ord("/"): "\\u002f"}


# --- where ------------------------------------------------------------------------------------


class Facts(Protocol):
    """What says where the file of a delivery stands; see `models.Delivery`."""

    @property
    def id(self) -> int: ...  # noqa: D102 - the columns
    @property
    def feed(self) -> str | None: ...  # noqa: D102
    @property
    def file(self) -> str: ...  # noqa: D102
    @property
    def received_at(self) -> datetime: ...  # noqa: D102
    @property
    def folder(self) -> str | None: ...  # noqa: D102


def path_of(settings: Settings, facts: Facts) -> Path | None:
    """Where the file of a delivery was put; None if it was deleted, or never was in the inbox."""
    if facts.folder in {None, "deleted"}:
        return None
    return root_of(settings, facts) / below(facts)


def root_of(settings: Settings, facts: Facts) -> Path:
    """The configured folder that the file stands in."""
    others = {"rejected": settings.rejected, "quarantine": settings.quarantine}
    return others.get(facts.folder or "", settings.processed)


def below(facts: Facts) -> Path:
    """The file's path below that folder. Its day is that of UTC, wherever this is asked."""
    day = facts.received_at.astimezone(UTC).date().isoformat()
    name = safe(f"{facts.id}-{facts.file.rpartition('/')[2]}")
    return Path(safe(facts.feed), day, name) if facts.feed else Path(day, name)


def safe(name: str) -> str:
    """A name as one that a folder takes: escaped, and cut to `NAME_BYTES` before its extension."""
    escaped = name.translate(_IN_NAMES)
    if escaped in {".", ".."}:
        return "_"
    stem, extension = Path(escaped).stem, Path(escaped).suffix
    room = NAME_BYTES - len(extension.encode())
    if room < NAME_BYTES // 2:  # that is no extension
        stem, extension, room = escaped, "", NAME_BYTES
    return stem.encode()[:room].decode(errors="ignore") + extension


def belongs(disposition: str, after: Literal["move", "delete"]) -> Folder:
    """Where the file of a delivery that has ended belongs."""
    match disposition:
        case "quarantined":
            return "quarantine"
        case "rejected":
            return "rejected"
    return "deleted" if after == "delete" else "processed"


# --- filing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filed:
    """A delivery that has ended, and where its file stands."""

    id: int
    feed: str | None
    file: str
    received_at: datetime
    folder: Folder | None
    disposition: str
    raw_sha256: str | None
    size: int
    ended_at: datetime


_FACTS = select(
    Delivery.id,
    Delivery.feed,
    Delivery.file,
    Delivery.received_at,
    Delivery.folder,
    Delivery.disposition,
    Delivery.raw_sha256,
    Delivery.size,
    Delivery.ended_at,
).limit(AT_A_TIME)
# The words of the index, which holds nothing else: as a rule it is empty. Several intakes share
# the work: what another one is at is skipped.
_MISFILED = (
    _FACTS.where(text(MISFILED), Delivery.id > bindparam("after", type_=BigInteger))
    .order_by(Delivery.id)
    .with_for_update(skip_locked=True, key_share=True)
)
_FAILED_AGAIN = (
    _FACTS.where(
        Delivery.ended_at > bindparam("since", type_=DateTime(timezone=True)),
        Delivery.retried_at.is_not(None),
        ((Delivery.disposition == "quarantined") & (Delivery.folder == "quarantine"))
        | ((Delivery.disposition == "rejected") & (Delivery.folder == "rejected")),
    )
    .order_by(Delivery.ended_at)
    .with_for_update(key_share=True)
)
_PUT = values_table(delivery=BigInteger, place=Text)
_NOTE = update(Delivery).where(Delivery.id == _PUT.c.delivery).values(folder=_PUT.c.place)
_BYTES = select(RawContent.data).where(RawContent.sha256 == bindparam("sha256", type_=Text))


class Filing:
    """Puts files where they belong, some at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._after = 0  # so that those that cannot be moved do not keep back the rest
        self._since = datetime.now(UTC) - timedelta(days=1)  # what no intake saw meanwhile
        self._left: dict[int, str] = {}

    def some(self) -> bool:
        """File the next deliveries; returns whether there may be more."""
        with db.transaction() as connection:
            misfiled = self._file_all(connection, _MISFILED, {"after": self._after})
        with db.transaction() as connection:
            # They stand where they belong, but what is said beside them is of the time before.
            again = self._file_all(connection, _FAILED_AGAIN, {"since": self._since})
        self._after = misfiled[-1].id if len(misfiled) == AT_A_TIME else 0
        self._since = again[-1].ended_at if again else self._since
        return AT_A_TIME in {len(misfiled), len(again)}

    def _file_all(
        self, connection: Connection, which: Select[*tuple[Any, ...]], values: dict[str, object]
    ) -> list[Filed]:
        found = [Filed(*row) for row in connection.execute(which, values)]
        filed = [(each.id, place) for each in found if (place := self._file(connection, each))]
        connection.execute(_NOTE, by_column(_PUT, filed))
        return found

    def _file(self, connection: Connection, found: Filed) -> Folder | None:
        """Put one file where it belongs; None if that cannot be done now."""
        target = replace(found, folder=belongs(found.disposition, self._settings.after))
        to = str(path_of(self._settings, target) or "deleted")
        try:
            _move(connection, self._settings, found, target)
        except OSError as error:
            if self._left.get(found.id) != str(error):  # said once
                self._left[found.id] = str(error)
                log.warning("not_filed", delivery=found.id, to=to, error=str(error))
            return None
        self._left.pop(found.id, None)
        log.info("filed", delivery=found.id, to=to)
        return target.folder


def _move(connection: Connection, settings: Settings, source: Filed, target: Filed) -> None:
    """Make the file stand at the target and nowhere else, however far an earlier try came."""
    old, new = root_of(settings, source), root_of(settings, target)
    apart = target.folder == "deleted" or old.resolve() != new.resolve()
    path = below(source)
    if source.folder in EXPLAINED and (apart or target.folder not in EXPLAINED):
        with suppress(*_AWAY), open_folder(old, path.parent) as folder:
            os.unlink(f"{_ours(folder, source) or path.name}{WHY}", dir_fd=folder)
    name = path.name
    if target.folder != "deleted":
        name = _put(connection, source, old, new)
    if apart:
        with suppress(*_AWAY), open_folder(old, path.parent) as folder:
            if left := _ours(folder, source):
                os.unlink(left, dir_fd=folder)
        if source.folder in EXPLAINED:
            _tidy(old, path)
    if target.folder in EXPLAINED:
        _explain(connection, settings, target, name)


def _put(connection: Connection, source: Filed, old: Path, new: Path) -> str:
    """Make our file stand below the root ``new``; returns the name that it has got there."""
    path = below(source)
    with open_folder(new, path.parent, make=True) as there:
        if name := _ours(there, source):
            return name
        name = folders.free_name(there, path.name)
        with suppress(*_AWAY), open_folder(old, path.parent) as here:
            found = _ours(here, source)
            if found and folders.move(here, found, there, name):
                return name
        data = connection.execute(_BYTES, {"sha256": source.raw_sha256}).scalar_one()
        folders.write(there, name, io.BytesIO(data))
    return name


def _ours(folder: int, facts: Filed) -> str | None:
    """The name of our file in the folder, if it is there: that which has our bytes."""
    for name in folders.names(below(facts).name):
        try:
            with open_file(folder, name) as file, os.fdopen(os.dup(file), "rb") as stream:
                if os.fstat(file).st_size == facts.size:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                    if facts.raw_sha256 == f"sha256:{digest}":
                        return name
        except FileNotFoundError:
            return None
        except NotTakeable:
            continue
    return None


def _tidy(root: Path, path: Path) -> None:
    """Remove the folders that the file has left empty."""
    for folder in path.parents[:-1]:
        with suppress(OSError), open_folder(root, folder.parent) as parent:
            os.rmdir(folder.name, dir_fd=parent)


# --- why --------------------------------------------------------------------------------------


def explain_beside(connection: Connection, settings: Settings, facts: Facts) -> None:
    """Say beside a file that is about to be put there why it was rejected.

    Raises:
        OSError: that cannot be written.
    """
    path = below(facts)
    with open_folder(root_of(settings, facts), path.parent, make=True) as folder:
        name = folders.free_name(folder, path.name)
    _explain(connection, settings, facts, name)


def _explain(connection: Connection, settings: Settings, facts: Facts, name: str) -> None:
    root, path = root_of(settings, facts), below(facts).with_name(name)
    gathered = story.gather(connection, facts.id)
    told = replace(gathered, folder=facts.folder, path=root / path, missing=False)
    with open_folder(root, path.parent, make=True) as folder:
        folders.write(folder, f"{name}{WHY}", io.BytesIO(why(told).encode(errors="replace")))


def why(told: story.Story) -> str:
    """What is written beside a file that failed: its story, and what to do."""
    lines = [
        *explain.sentences(told),
        f"This was so on {when(told.at)}; `rotative explain {told.id}` says how it is now.",
    ]
    return "".join(f"{line.translate(_HARMLESS)}\n" for line in lines)
