"""Runs loader_cases.py in a process of its own: workers are forked, which threads of jax, as other tests start, forbid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.numpy_alone("it has warnings be errors, of which jax has one for each fork")
def test_loader() -> None:
    cases = Path(__file__).with_name("loader_cases.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", str(cases)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout
