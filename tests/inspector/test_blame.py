"""What the user's lines cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych.cli import main

SCRIPT = """import diptych.eager as torch

def step():
    x = torch.ones(64, 32)
    y = x @ torch.ones(32, 64)
\treturn y.exp().sum()
""".replace("\t", "    ")


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(SCRIPT)
    return str(path)


def test_the_source_with_its_costs(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "numpy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["line", "ops", "FLOP", "bytes", "memory", "source"]
    assert lines[3].split() == ["3", "def", "step():"]
    assert lines[5].split()[:4] == ["5", "1", "262k", "32.8k"] and lines[5].endswith("    y = x @ torch.ones(32, 64)")
    assert lines[6].split()[:3] == ["6", "2", "8.19k"] and lines[6].endswith("    return y.exp().sum()")


def test_numbers(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "numpy", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lines"]["5"]["flops"] == 2 * 64 * 32 * 64 and found["lines"]["6"]["equations"] == 2
    assert found["peak"] > 0
    held = sum(line["held"] for line in found["lines"].values()) + found["elsewhere"]["held"]
    assert 0 < held <= found["peak"] and found["lines"]["5"]["held"] >= 64 * 64 * 4


def test_a_backend_that_does_not_tell_has_no_memory(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blame", f"{script}:step", "--backend", "reference", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["peak"] == 0


def test_bundles(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = str(tmp_path / "step.dipt")
    assert main(["trace", f"{script}:step", "-o", bundle, "--backend", "numpy"]) == 0
    assert main(["blame", bundle, "--file", script]) == 0
    wanted = capsys.readouterr().out
    assert main(["blame", f"{script}:step", "--backend", "numpy"]) == 0
    assert capsys.readouterr().out == wanted


def test_other_files(script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.py"
    other.write_text("pass\n")
    assert main(["blame", f"{script}:step", "--file", str(other)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"diptych: blame: no program was made by {other}, but by {script}"
