"""The folder: what lies in it, whether it is complete, its bytes, and moving it out.

Names and contents are hostile until proven otherwise, and no symbolic link is ever followed
(`worker.folders`).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import signal
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from worker import folders
from worker.errors import UserError
from worker.folders import Gone, NotTakeable, open_file, open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

# Each folder is opened from the inbox downwards: what is nested deeper would take minutes.
DEEPEST = 100

Writer = Literal["none", "writing", "unknown"]

# On these a lease says nothing about writers on other machines, and events do not come.
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "fuse", "virtiofs")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was like at one moment."""

    path: Path
    """Relative to the inbox."""
    size: int
    inode: int
    mtime_ns: int
    ctime_ns: int
    writer: Writer
    """Whether somebody has it open for writing."""
    age: float
    """Seconds since it last changed, by the clock of the file system."""

    @property
    def state(self) -> tuple[int, int, int]:
        """Differs once somebody has written."""
        return self.inode, self.size, self.mtime_ns

    @property
    def feed(self) -> str | None:
        """The first folder below the inbox, if there is one."""
        return printable(self.path.parts[0]) if len(self.path.parts) > 1 else None

    @property
    def file(self) -> str:
        """The path below the feed."""
        return printable("/".join(self.path.parts[1:] if self.feed else self.path.parts))

    @property
    def arrival(self) -> str:
        """Names this arrival: stable while the file lies there, new when it is dropped again."""
        identity = f"{self.inode}:{self.size}:{self.mtime_ns}:{self.ctime_ns}:".encode()
        return hashlib.sha256(identity + os.fsencode(self.path)).hexdigest()


class Changed(Exception):  # noqa: N818 - no error: it is not complete after all
    """The file changed while it was read."""


class Inbox:
    """A folder that files are dropped into, its subfolders being the feeds."""

    def __init__(self, root: Path, ignore: Sequence[str]) -> None:
        self.root = root
        # One expression instead of a dozen; of no patterns, one that nothing matches.
        self._ignored = re.compile("|".join(map(translate, ignore)) or "(?!)")
        self.remote = is_network_folder(root)
        """Whether events and leases cannot be relied on."""

    def wants(self, path: Path) -> bool:
        """Whether no part of the (relative) path is a name for something unfinished or hidden."""
        return not any(map(self._ignored.match, path.parts))

    def entries(self, below: Path = Path()) -> tuple[Iterator[Path], list[Path]]:
        """The wanted files and folders right below a folder, as it is now; links count as files."""
        names = bytearray()  # each with a NUL: a tenth of the memory that so many paths take
        folders: list[Path] = []
        with (
            suppress(Gone, NotTakeable),
            self._folder(below) as folder,
            os.scandir(folder) as entries,
        ):
            for entry in entries:
                if self._ignored.match(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(below / entry.name)
                else:
                    names += os.fsencode(entry.name) + b"\0"
        return (below / os.fsdecode(name[0]) for name in re.finditer(rb"[^\0]+", names)), folders

    def scan(self, below: Path = Path()) -> Iterator[Path]:
        """The relative paths of all wanted files, feed by feed; links are not followed.

        A folder that is nested too deep stands for all that is in it: `look` says so.
        """
        unread = [below]
        while unread:
            files, folders = self.entries(unread.pop())
            yield from files
            for folder in folders:
                if _too_deep(folder):
                    yield folder
                else:
                    unread.append(folder)

    def expand(self, path: Path) -> Iterator[Path]:
        """The files that a path stands for: a folder that came with its files, or one file."""
        if _too_deep(path.parent):
            return  # the folder in which it lies has been told of
        try:
            with self._folder(path.parent) as folder:
                facts = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        except (Gone, NotTakeable, FileNotFoundError):
            return
        if stat.S_ISDIR(facts.st_mode) and not _too_deep(path):
            yield from self.scan(path)
        else:
            yield path

    def look(self, path: Path) -> Look:
        """What the file is like now.

        Raises:
            Gone: there is no such file.
            NotTakeable: it is no regular file, may not be read, or is nested too deep.
        """
        if _too_deep(path):
            raise NotTakeable(f"is nested in {DEEPEST} folders or more")
        with self._file(path) as file:
            return self._look(path, file)

    def read(self, look: Look, limit: int) -> bytes | None:
        """The bytes of the file, or None if it has more than ``limit``.

        Raises:
            Changed: it is no longer as it was at ``look``, or somebody is writing.
            Gone, NotTakeable: as for `look`.
        """
        with self._file(look.path) as file:
            data = None
            if look.size <= limit:
                with open(file, "rb", closefd=False) as stream:
                    data = stream.read(limit + 1)
            after = self._look(look.path, file)
        if after.state != look.state or after.writer == "writing":
            raise Changed
        return data

    def slurp(self, path: Path, limit: int) -> bytes:
        """The bytes of a file, at most one more than ``limit``, whoever may be writing it.

        Raises:
            UserError: it cannot be read.
        """
        try:
            with self._file(path) as file, open(file, "rb", closefd=False) as stream:
                return stream.read(limit + 1)
        except (Gone, NotTakeable) as why:
            raise UserError(f"{self.root / path} {str(why) or 'is gone'}.") from why

    def file_away(self, look: Look, root: Path, below: Path) -> Path | None:
        """Move the file to ``root / below``, never over another file.

        Returns where it is now; None if it is gone or was changed, and so was left alone.

        Raises:
            OSError: it cannot be moved there.
        """
        with open_folder(root, below.parent, make=True) as target:
            name = folders.free_name(target, below.name)
            with suppress(Gone, NotTakeable), self._folder(look.path.parent) as source:
                if not _is_still(look, source):
                    return None
                if not folders.move(source, look.path.name, target, name):
                    with open_file(source, look.path.name) as file:
                        if _state(os.fstat(file)) != look.state:
                            return None
                        with open(file, "rb", closefd=False) as data:
                            folders.write(target, name, data)
                    os.unlink(look.path.name, dir_fd=source)
                return root / below.with_name(name)
        return None

    def delete(self, look: Look) -> None:
        """Delete the file, unless it is gone or was changed."""
        with suppress(Gone, NotTakeable), self._folder(look.path.parent) as folder:
            if _is_still(look, folder):
                os.unlink(look.path.name, dir_fd=folder)

    def _look(self, path: Path, file: int) -> Look:
        facts = os.fstat(file)
        return Look(
            path=path,
            size=facts.st_size,
            inode=facts.st_ino,
            mtime_ns=facts.st_mtime_ns,
            ctime_ns=facts.st_ctime_ns,
            writer=_writer(file, remote=self.remote),
            age=time.time() - facts.st_ctime,
        )

    def _folder(self, path: Path) -> AbstractContextManager[int]:
        """A descriptor of a folder below the inbox (or of the inbox itself)."""
        return open_folder(self.root, path)

    @contextmanager
    def _file(self, path: Path) -> Iterator[int]:
        """A descriptor of a regular file below the inbox."""
        with self._folder(path.parent) as folder, open_file(folder, path.name) as file:
            yield file


def find(paths: Sequence[Path], ignore: Sequence[str]) -> list[tuple[Inbox, Path]]:
    """The files that somebody named, folders standing for all that is below them.

    Raises:
        UserError: a path does not exist.
    """
    found: list[tuple[Inbox, Path]] = []
    for path in paths:
        if path.is_dir():
            inbox = Inbox(path, ignore)
            found += [(inbox, file) for file in sorted(inbox.scan())]
        elif path.exists():
            found.append((Inbox(path.parent, ()), Path(path.name)))
        else:
            raise UserError(f"{path} does not exist.")
    return found


def _state(facts: os.stat_result) -> tuple[int, int, int]:
    """See `Look.state`."""
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _is_still(look: Look, folder: int) -> bool:
    """Whether what has the file's name is the file, as it was at the look."""
    try:
        facts = os.stat(look.path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return _state(facts) == look.state


def _writer(file: int, *, remote: bool) -> Writer:
    """Ask the kernel whether somebody has the file open for writing.

    A read lease is granted only if nobody has (Linux, fcntl(2) "Leases"). It is refused to
    whoever neither owns the file nor may override that, and on some file systems: unknown then.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return "unknown"
    try:
        # Should a writer come in the instant that we hold the lease, the kernel sends a signal:
        # one that is ignored by default, unlike SIGIO.
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return "writing" if error.errno == errno.EAGAIN and not remote else "unknown"
    return "none"


def _too_deep(path: Path) -> bool:
    return len(path.parts) > DEEPEST


def printable(name: str) -> str:
    """A file name as text that can be stored and shown, undecodable bytes escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def is_network_folder(path: Path) -> bool:
    """Whether the folder lies on a file system that other machines may write to unseen."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return False  # no Linux: events come from the kernel all the same
    resolved = path.resolve()
    kind, longest = "", -1
    for line in mounts:
        before, _, after = line.partition(" - ")
        point = before.split()[4].encode().decode("unicode_escape")
        if resolved.is_relative_to(point) and len(point) > longest:
            kind, longest = after.split()[0], len(point)
    return kind.startswith(_NETWORK_FILE_SYSTEMS)
