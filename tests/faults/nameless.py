"""A worker of before revision 0005: `python -m tests.faults.nameless worker`.

It does not beat, and its attempts do not say whose they are.
"""

from __future__ import annotations

from contextlib import nullcontext
from unittest.mock import patch

from worker import cli

if __name__ == "__main__":
    with patch("worker.pulse.beating", nullcontext):
        cli.main()
