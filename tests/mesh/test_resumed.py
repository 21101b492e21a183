"""A process that is killed in the middle of a step goes on from its last checkpoint, wherever it is started again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import diptych
import pytest

pytest.importorskip("jax")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
    command = [sys.executable, "-m", "tests.mesh.resumed", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def losses(*arguments: str) -> dict[str, float]:
    ran = run(*arguments)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("side", ["eager", "static"])
def test_a_training_that_was_killed(side: str, tmp_path: Path) -> None:
    whole = losses(side, str(tmp_path / "whole"), "numpy", "{}")
    assert len(whole) == 12
    folder = str(tmp_path / "killed")
    assert run(side, folder, "jax", '{"data": 4, "model": 2}', "die").returncode == -9
    assert diptych.checkpoints(folder) == [4, 8]
    pieces = json.loads((tmp_path / "killed/step-000000008/index.json").read_text())["arrays"]
    assert {len(array["pieces"]) for array in pieces.values()} == {1, 2}  # of those that are split, one for each part
    for backend, axes in (("jax", '{"data": 8}'), ("numpy", "{}")):
        rest = losses(side, folder, backend, axes)
        assert list(rest) == ["8", "9", "10", "11"]
        assert list(rest.values()) == pytest.approx([whole[step] for step in rest], rel=1e-5)
        shutil.rmtree(tmp_path / "killed/step-000000012")
