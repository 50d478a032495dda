"""Bytes that reach ever more of core, made by atheris, which watches what each of them reaches.

An addition to ``tests/unit/test_fuzz.py``, with the same oracle, for whoever changes decode or
clean. It is no dependency of the project: ``pip install atheris`` first. What follows goes to
libFuzzer; this runs for ten minutes, and begins with the seeds:

    python -m bench.fuzz -max_total_time=600 -max_len=4000 build/fuzz seeds/vna seeds/agences

A find is written to a file ``crash-…``, which as an argument is tried again.
"""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # optional

with atheris.instrument_imports(include=["worker.core"]):
    from tests.storable import by_rules, whole_way
    from worker.core.clean import warm_up

FILES = ("a.txt", "a.html", "a.xml", "")


def one(data: bytes) -> None:
    """Take some bytes the whole way; the last chooses the file's name."""
    whole_way(data, FILES[data[-1] % len(FILES)] if data else "", RECOGNISERS)


if __name__ == "__main__":
    RECOGNISERS = by_rules()
    warm_up()
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
