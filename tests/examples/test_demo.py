"""The examples: what `make demo` runs, as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def test_the_demo_reaches_its_accuracies_and_one_program() -> None:
    """Softmax regression 0.87, the network 0.91; exit status 1 otherwise."""
    found = subprocess.run([sys.executable, str(EXAMPLES / "demo.py")], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    lines = found.stdout.splitlines()
    assert [line.split(" test")[0].split()[-1] for line in lines[:4]] == ["static", "eager", "static", "eager"]
    assert "Both front ends reached the same optimised IR for the softmax step" in found.stdout
    assert "matmul" in found.stdout
    assert "softmax, static: 100%" in found.stderr
