"""Known faults of what is pinned: `python -m tests.audit requirements/*.txt`, part of `make check`.

A fault is a failure. Where the database of faults cannot be reached, that is said, and is none:
pip-audit itself fails then as if it had found something, or finds nothing and passes.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main(files: list[str]) -> int:
    """Audit requirement files; returns the exit status."""
    options = ["--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off"]
    found = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, "-m", "pip_audit", *options, *(f"--requirement={file}" for file in files)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        dependencies = json.loads(found.stdout)["dependencies"]
    except ValueError:
        dependencies = []
    audited = [each for each in dependencies if "vulns" in each]
    if not audited:
        said = found.stderr.strip().splitlines()
        why = "none of the packages is known there" if dependencies else said[-1][:200]
        print(f"Audit SKIPPED: the database of known faults cannot be asked: {why}.")  # noqa: T201
        return 0
    for each in audited:
        for fault in each["vulns"]:
            fixed = ", ".join(fault["fix_versions"]) or "no version yet"
            print(f"{each['name']} {each['version']}: {fault['id']}, mended in {fixed}")  # noqa: T201
    print(f"Audited {len(audited)} of {len(dependencies)} pinned packages.")  # noqa: T201
    return int(any(each["vulns"] for each in audited))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
