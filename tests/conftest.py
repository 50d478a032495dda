"""What holds for all tests."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# What is printed is as wide as it is where nobody looks, whoever runs the tests.
os.environ.pop("COLUMNS", None)

# A shell tells what it starts in the background to ignore Ctrl-C, and so is told what that starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test depends on time, for machines are busy; else as Hypothesis has it, here or in CI.
settings.register_profile(
    "rotative", settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("rotative")
