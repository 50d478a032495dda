"""The two kinds of error: the file's fault, and ours."""

from __future__ import annotations

from typing import Literal

Reason = Literal["empty", "binary", "too-large", "no-body", "unsupported"]
"""Why a file was rejected, as one word that can be counted."""


class Permanent(Exception):  # noqa: N818 - the design's word for it
    """This file can never become an article, however often it is tried.

    Everything else that is raised while a step works is transient: it is retried, and the
    delivery is quarantined once its attempts are used up.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


class UserError(Exception):
    """Something that a person can put right; its message is a sentence that says how."""


def too_large(limit: int) -> Permanent:
    """Why a file of more than ``limit`` bytes is rejected."""
    return Permanent("too-large", f"the file has more than {limit} bytes")


def last_words(error: Exception) -> str:
    """The last thing that an error of a service says, as a sentence."""
    line = str(getattr(error, "orig", error)).strip().splitlines()[-1].strip()
    return f"{line.rstrip('.')}."
