"""When is a file complete? Decided here, from looks at it, without touching anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.inbox import Look


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a file must have been left alone, in seconds."""

    quiet: float
    """Where it is certain that nobody is writing."""
    unseen: float
    """Where the system cannot tell: longer than writers are likely to pause."""


@dataclass(slots=True)
class Candidate:
    """A file in the inbox that is not known to be complete yet."""

    look: Look
    since: float
    """Monotonic time from which on it has been as it is."""
    closed: bool = False
    """Whether it was seen to be closed by a writer, or moved into place, since."""

    def see(self, look: Look, now: float, *, closed: bool | None = None) -> None:
        """Take note of a new look, and of a writer that was seen to close or to write.

        Whoever has written starts the wait again.
        """
        if look.state != self.look.state:
            self.since = now
        self.look = look
        if closed is not None:
            self.closed = closed

    def complete(self, now: float, patience: Patience) -> bool:
        """Whether it may be taken: nobody is writing, and it has been quiet for long enough."""
        if self.look.writer == "writing":
            return False
        sure = self.look.writer == "none" or self.closed
        return now - self.since >= (patience.quiet if sure else patience.unseen)


def first_seen(look: Look, now: float, *, remote: bool) -> Candidate:
    """A candidate from the first look at it.

    Local files that were left alone before we came need not wait again; another machine's clock
    is not believed.
    """
    return Candidate(look, since=now if remote else now - max(0.0, look.age))
