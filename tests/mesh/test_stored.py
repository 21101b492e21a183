"""Processes that meet through a store."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jax")
HERE = Path(__file__).parent


def _met(way: str, folder: Path) -> list[dict[str, Any]]:
    """What two processes found that nobody has told where they meet."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "diptych.cli", "run", "--backend", "jax", str(HERE / "stored.py"), way, str(port)]
    started = [
        subprocess.Popen(
            command, env={**os.environ, "RANK": f"{rank}", "FOUND_IN": str(folder)}, stderr=subprocess.PIPE, text=True
        )
        for rank in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


def test_processes_meet_through_a_store(tmp_path: Path) -> None:
    found = _met("store", tmp_path)
    late = {"tcp": "wait timeout after 10ms, keys: /nowhere", "file": "Wait timeout"}
    for rank, each in enumerate(found):
        for name, text in late.items():
            assert each[name][:-1] == [f"{1 - rank}", 3, "xx", True, text]
        assert each["total"] == 3 and each["kept"]
    for name in late:
        assert sorted(each[name][-1] for each in found) == [False, True]  # one alone was first
    assert found[0]["queue"] == [0, 255]
    assert not (tmp_path / "kept").exists()  # the last one has removed it


def test_processes_meet_through_a_file(tmp_path: Path) -> None:
    assert [each["total"] for each in _met("file", tmp_path)] == [3, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.json", "1.json"]
