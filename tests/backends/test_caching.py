"""What jax compiles is kept in a folder, where that is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jax")

PROGRAM = """
import time
import diptych.eager as torch
x = torch.linspace(0, 1, 1000).reshape(100, 10)
print((x.T @ x).exp().sum().item())
"""


def test_a_second_process_finds_what_the_first_one_compiled(tmp_path: Path) -> None:
    environment = {**os.environ, "DIPTYCH_BACKEND": "jax", "DIPTYCH_COMPILATION_CACHE": str(tmp_path / "cache")}
    printed: list[str] = []
    entries: list[set[str]] = []
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        printed.append(ran.stdout)
        entries.append({each.name for each in (tmp_path / "cache").iterdir() if not each.name.endswith("-atime")})
    assert printed[0] == printed[1] and entries[0] == entries[1] and any("cache" in name for name in entries[0])


def test_nothing_is_kept_without(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DIPTYCH_COMPILATION_CACHE"}
    environment["DIPTYCH_BACKEND"] = "jax"
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert list(tmp_path.iterdir()) == []
