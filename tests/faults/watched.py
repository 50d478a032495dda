"""One of our commands, with a list of what it opens, moves, makes and starts.

`python -m tests.faults.watched LIST worker`: each line of LIST is a JSON array of an event's name,
its path and whether that is for writing. Children that are forked go on with the list.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from worker import cli

PATHS = {
    **dict.fromkeys(
        ("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.truncate"), 1
    ),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink", "shutil.move", "shutil.copyfile"), 2),
}
"""What changes a path, and how many of its first arguments are paths."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(target: int) -> None:
    """Write what happens from now on to this descriptor."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            # What is opened by descriptor was opened by path before.
            if not isinstance(path, int):
                tell(event, path, writing=bool(int(str(flags)) & WRITES))
        for path in arguments[: PATHS.get(event, 0)]:
            tell(event, path, writing=True)
        if event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}:
            tell(event, arguments[0], writing=True)

    def tell(event: str, path: object, *, writing: bool) -> None:
        name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else str(path)
        os.write(target, f"{json.dumps([event, name, writing])}\n".encode())

    sys.addaudithook(hook)


if __name__ == "__main__":
    list_ = Path(sys.argv.pop(1))
    watch(os.open(list_, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    cli.main()
