"""What programs take at most, as the command prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych import backends
from diptych.cli import main
from diptych.inspector.memory import memory
from diptych.inspector.subjects import Subject
from diptych.ir import parse

TEXT = """func @f(%x: f32[64,64], %w: f32[64,256]) -> (f32[64]) {
  %small: f32[64,64] = matmul %x, %x
  %wide: f32[64,256] = matmul %small, %w
  %sum: f32[64] = reduce_max %wide {axes=[1]}
  return %sum
}
"""

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def target(tmp_path: Path) -> str:
    path = tmp_path / "f.ir"
    path.write_text(TEXT)
    return str(path)


def test_the_peak(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "numpy"]) == 0
    assert (
        capsys.readouterr().out
        == """\
@f: 82.2kB at most, in matmul: 81.9kB planned, 0B written over, 256B of results and kernels
  there then  bytes  share  type  made at
  %wide       65.5k    80%  f32[64,256]
  %small      16.4k    20%  f32[64,64]
  (other)       256     0%  room for what runs, and what is free just then
"""
    )


def test_slots(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "numpy", "--slots", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["peak"] == 81920 + 256 and found["arena"] == 81920 and found["op"] == "matmul"
    assert {each["value"]: (each["bytes"], each["first"], each["last"]) for each in found["slots"]} == {
        "small": (16384, 0, 1), "wide": (65536, 1, 2)
    }  # fmt: skip
    assert main(["memory", target, "--backend", "numpy", "--slots"]) == 0
    assert "%small  16384     0   1" in capsys.readouterr().out


def test_it_is_what_is_known_of_the_executable(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "numpy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["peak"] == backends.compile(parse(TEXT), backend="numpy").peak_bytes


def test_what_is_written_over_counts() -> None:
    text = "func @f(%x: f32[64]) -> (f32[64]) {\n  %y: f32[64] = exp %x\n  return %y\n}"
    found = json.loads(memory([Subject(parse(text), "numpy", (0,))], as_json=True))
    assert found["donated"] == found["peak"] == 256
    assert json.loads(memory([Subject(parse(text), "numpy")], as_json=True))["donated"] == 0


def test_other_backends_plan_by_themselves(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "reference"]) == 2
    assert "memory: reference plans by itself, and tells nobody" in capsys.readouterr().err
