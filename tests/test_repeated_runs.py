"""Two runs on one machine: what a program is written as, and every bit of what it gives, are the same in any process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_two_processes_agree() -> None:
    """With other hashes of strings, other addresses, and another number of threads for BLAS."""
    printed = []
    for number in ("1", "2"):
        changes = {"PYTHONHASHSEED": number, "OPENBLAS_NUM_THREADS": number, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore", "-m", "tests.repeated_runs", "20"]
        ran = subprocess.run(command, cwd=ROOT, env={**os.environ, **changes}, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        printed.append(ran.stdout.splitlines())
    assert len(printed[0]) == 26
    assert printed[0] == printed[1]
