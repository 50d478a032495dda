"""Folders that strangers write to: nothing in them is reached through a symbolic link.

A path is walked component by component from a descriptor of its root, so that not even a link that
takes a folder's place while we look leads elsewhere. The root itself is configured, and trusted.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Non-blocking, or opening a FIFO would wait for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

KEPT_AT_MOST = 64  # folders, of the 1,024 descriptors that a process may have
_kept: ContextVar[dict[tuple[Path, Path], int] | None] = ContextVar("_kept", default=None)


class Gone(FileNotFoundError):  # noqa: N818 - no error: somebody was faster
    """There is no such file (any more)."""


class NotTakeable(OSError):  # noqa: N818 - the message says what it is instead
    """Something that is no file or folder of ours: a link, a pipe, what we may not read."""


@contextmanager
def kept_open() -> Iterator[None]:
    """What `open_folder` has walked to stays open until the end: most files lie in few folders.

    A folder that is moved or replaced meanwhile stays the one that was walked to. Keep it short, or
    files that come in its place are not found.
    """
    kept: dict[tuple[Path, Path], int] = {}
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for folder in kept.values():
            os.close(folder)


@contextmanager
def open_folder(root: Path, below: Path, *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder ``root / below``, which is made first if wanted.

    Raises:
        Gone, NotTakeable: it is not there, or a part of ``below`` is no folder of ours.
        OSError: the root cannot be opened, or something cannot be made.
    """
    kept = _kept.get()
    if kept and (known := kept.get((root, below))) is not None:
        yield known
        return
    folder = _walk(root, below, make=make)
    if kept is not None and len(kept) < KEPT_AT_MOST:
        kept[root, below] = folder
        yield folder
        return
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def open_file(folder: int, name: str) -> Iterator[int]:
    """A descriptor of a regular file.

    Raises:
        Gone, NotTakeable: there is no such file, or it is something else.
    """
    file = _open(name, _FILE, folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise NotTakeable("is no regular file")
        yield file
    finally:
        os.close(file)


def write(folder: int, name: str, source: IO[bytes]) -> None:
    """Write a file that is complete under its name or not there at all; replaces what has it.

    Raises:
        OSError: it cannot be written.
    """
    unfinished = f".{uuid.uuid4().hex}.part"
    try:
        with os.fdopen(os.open(unfinished, _NEW, 0o666, dir_fd=folder), "wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished, dir_fd=folder)
        raise


def move(source: int, name: str, target: int, new_name: str) -> bool:
    """Rename a file from one folder into another; False if that lies on another file system.

    Raises:
        OSError: it cannot be moved.
    """
    try:
        os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def names(name: str) -> Iterator[str]:
    """The name itself, then ``7-a.2.txt``, ``7-a.3.txt`` and so on."""
    yield name
    path = Path(name)
    number = 2
    while True:
        yield f"{path.stem}.{number}{path.suffix}"
        number += 1


def free_name(folder: int, name: str) -> str:
    """The first of its `names` that nothing has."""
    return next(each for each in names(name) if not exists(folder, each))


def exists(folder: int, name: str) -> bool:
    """Whether anything has this name, a broken link included."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _walk(root: Path, below: Path, *, make: bool) -> int:
    if make:
        root.mkdir(parents=True, exist_ok=True)
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in below.parts:
        try:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=current)
            inner = _open(part, _FOLDER, current)
        finally:
            os.close(current)
        current = inner
    return current


def _open(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except FileNotFoundError as error:
        raise Gone from error
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            or_else = "" if flags == _FILE else ", or no folder"
            raise NotTakeable(f"is a symbolic link{or_else}") from error
        raise NotTakeable(f"cannot be opened ({error.strerror})") from error
