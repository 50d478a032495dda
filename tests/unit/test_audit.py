"""The audit of what is pinned: faults fail it, a database that is away is said to be so."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests import audit

FAULT = {"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": [], "description": "…"}


@pytest.mark.parametrize(
    ("dependencies", "status", "says"),
    [
        ([{"name": "a", "version": "2.0", "vulns": [FAULT]}], 1, "a 2.0: PYSEC-1, mended in 2.1"),
        ([{"name": "a", "version": "2.0", "vulns": []}], 0, "Audited 1 of 1"),
        ([{"name": "a", "skip_reason": "not found"}], 0, "SKIPPED"),
        (None, 0, "SKIPPED: the database of known faults cannot be asked: ConnectionError"),
    ],
)
def test_what_the_audit_says(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    dependencies: list[object] | None,
    status: int,
    says: str,
) -> None:
    """Only a known fault is a failure."""
    told = "" if dependencies is None else json.dumps({"dependencies": dependencies})
    answer = subprocess.CompletedProcess(
        [], 1, stdout=told, stderr="Traceback\nConnectionError: no"
    )
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    assert audit.main(["requirements/base.txt"]) == status
    assert says in capsys.readouterr().out
