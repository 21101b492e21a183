"""What programs take at most, as the command prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from diptych import backends
from diptych.cli import main
from diptych.inspector.memory import memory
from diptych.inspector.subjects import Subject
from diptych.ir import Builder, TensorType, dtypes, parse, print_function
from diptych.passes.autodiff import value_and_gradient

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


def gradient() -> str:
    """The gradient of the sum of x, after six layers sin(x @ w), to the weights."""
    b = Builder("g")
    x = b.parameter(TensorType(dtypes.f32, (256, 64)), "x")
    for layer in range(6):
        x = b.sin(b.matmul(x, b.parameter(TensorType(dtypes.f32, (64, 64)), f"w{layer}")))
    return print_function(value_and_gradient(b.finish([b.reduce_sum(x, axes=(0, 1))])), locations=False)


def test_choices_of_what_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, text = tmp_path / "g.ir", gradient()
    path.write_text(text)
    assert main(["memory", str(path), "--backend", "numpy", "--choices"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "@g_gradient: what numpy takes at most, and what is computed again; time as rates tell, not measured\n"
    )
    assert main(["memory", str(path), "--backend", "numpy", "--choices", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["choices"]
    assert found[0]["kept"] == "all" and len(found) == told.count("\n") - 2 > 3
    assert found[0]["peak"] == backends.compile(parse(text), backend="numpy").peak_bytes
    assert min(each["peak"] for each in found) < found[0]["peak"] * 0.8
    for each in found[1:]:
        assert each["flops"] > found[0]["flops"] and each["nanoseconds"] > found[0]["nanoseconds"]
        assert each["kept"] in told


def test_choices_where_there_are_none(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", target, "--backend", "numpy", "--choices"]) == 0
    assert capsys.readouterr().out == "@f: 82.2kB at most; no choice of what is kept for a backward takes less\n"
    assert main(["memory", target, "--backend", "jax", "--choices"]) == 2
    assert "memory: --choices is of backend numpy, not of jax" in capsys.readouterr().err
    path = tmp_path / "named.ir"
    path.write_text("func @n(%x: f32[n]) -> (f32[n]) {\n  %y: f32[n] = exp %x\n  return %y\n}")
    assert main(["memory", str(path), "--backend", "numpy", "--choices"]) == 2
    assert "memory: @n has sizes that nobody knows yet: n" in capsys.readouterr().err
