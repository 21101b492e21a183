"""Programs as files that jax alone runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from diptych import backends
from diptych.cli import main
from diptych.exporting import exported_bytes
from diptych.ir import Unsupported, parse

pytest.importorskip("jax")

LINEAR = """func @f(%x: f32[batch,4], %w: f32[4,3], %wide: i64[]) -> (f32[batch,3], f32[], i64[]) {
  %y: f32[batch,3] = matmul %x, %w
  %r: f32[3*batch] = reshape %y {shape=[3*batch]}
  %s: f32[] = reduce_sum %r {axes=[0]}
  %n: i64[] = add %wide, %wide
  return %y, %s, %n
}"""
LOADER = """
import sys
import jax, numpy as np
from jax import export
jax.config.update("jax_enable_x64", True)
program = export.deserialize(bytearray(open(sys.argv[1], "rb").read()))
w = np.arange(12, dtype=np.float32).reshape(4, 3)
for rows in (2, 5):
    y, s, n = program.call(np.ones((rows, 4), np.float32), w, np.int64(2**40))
    assert np.asarray(y).tolist() == [[18.0, 22.0, 26.0]] * rows and float(s) == 66.0 * rows and int(n) == 2**41
assert not any(name.startswith("diptych") for name in sys.modules)
print(program.platforms)
"""


def test_names_stay_open_and_jax_alone_runs_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "linear.ir", tmp_path / "linear.stablehlo"
    source.write_text(LINEAR)
    assert main(["export", str(source), "-o", str(target), "--platform", "cpu", "--platform", "tpu"]) == 0
    assert "@f(x: f32[batch,4], w: f32[4,3], wide: i64[]) -> (f32[batch,3], f32[], i64[])" in capsys.readouterr().out
    ran = subprocess.run([sys.executable, "-c", LOADER, str(target)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "('cpu', 'tpu')\n"), ran.stderr


def test_sizes_may_be_given(tmp_path: Path) -> None:
    from jax import export

    source, target = tmp_path / "linear.ir", tmp_path / "linear.stablehlo"
    source.write_text(LINEAR)
    assert main(["export", str(source), "-o", str(target), "--size", "batch=7"]) == 0
    assert export.deserialize(bytearray(target.read_bytes())).in_avals[0].shape == (7, 4)


def test_quotients_of_names() -> None:
    from diptych.backends.jax import wide_types
    from jax import export

    text = """func @halves(%x: f32[n]) -> (f32[floordiv(n, 2)]) {
      %h: f32[floordiv(n, 2)] = slice %x {start=[0], limit=[2*floordiv(n, 2)], stride=[2]}
      return %h
    }"""
    program = export.deserialize(bytearray(exported_bytes(parse(text))))
    for count in (4, 7):
        x = np.arange(count, dtype=np.float32)
        with wide_types():
            (halves,) = program.call(x)
        assert np.asarray(halves).tolist() == x[0 : 2 * (count // 2) : 2].tolist()


def test_a_training_step(tmp_path: Path) -> None:
    from diptych.backends.jax import wide_types
    from jax import export

    script = tmp_path / "step.py"
    script.write_text(
        "import torch\n"
        "def step():\n"
        "    w = torch.ones(3, requires_grad=True)\n"
        "    (torch.arange(6.0).reshape(2, 3) @ w).tanh().sum().backward()\n"
        "    return w.grad\n"
    )
    target = tmp_path / "step.stablehlo"
    assert main(["export", f"{script}:step", "-o", str(target)]) == 0
    program = export.deserialize(bytearray(target.read_bytes()))
    with wide_types():
        *_, found = program.call(*(np.ones(each.shape, each.dtype) for each in program.in_avals))
    assert np.asarray(found).shape == (3,)


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gap = parse("func @g(%x: f32[2*n]) -> (f32[2*n]) { %y: f32[2*n] = neg %x return %y }")
    with pytest.raises(Unsupported, match="export: @g: dimension n is the size of no parameter's axis"):
        exported_bytes(gap)
    rounds = """func @rounds(%x: f32[n]) -> (f32[]) {
      %zero: f32[] = constant {value=f32[] 0.0}
      %sum: f32[] = scan %zero, %x {length=n, carries=1, body=func @add(%t: f32[], %e: f32[]) -> (f32[]) {
          %u: f32[] = add %t, %e
          return %u
        }
      }
      return %sum
    }"""
    with pytest.raises(Unsupported, match="export: @rounds: scan needs numbers: InconclusiveDimensionOperation: "):
        exported_bytes(parse(rounds))
    script = tmp_path / "two.py"
    script.write_text("import torch\nfor size in (2, 3):\n    torch.ones(size).exp().sum().item()\n")
    assert main(["export", str(script), "-o", str(tmp_path / "two.stablehlo")]) == 2
    assert f"export: there are 2 programs in {script}; try: --program 0" in capsys.readouterr().err
    assert main(["export", str(script), "-o", str(tmp_path / "two.txt")]) == 2
    assert "must end in .stablehlo" in capsys.readouterr().err


def test_what_is_compiled_still_needs_numbers() -> None:
    with pytest.raises(Unsupported, match="dimension batch is a name but must be a number on backend jax"):
        from diptych.backends.jax import traceable

        traceable(parse(LINEAR))
    executable = backends.compile(parse(LINEAR), backend="jax")
    assert isinstance(executable, backends.Polymorphic)
