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
from diptych.ir import Builder, HostFunction, TensorType, Unsupported, dtypes, parse

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


def called(text: str, *arrays: np.ndarray, least: dict[str, int] | None = None) -> list[np.ndarray]:
    from diptych.backends.jax import wide_types
    from jax import export

    program = export.deserialize(bytearray(exported_bytes(parse(text), least=least)))
    with wide_types():
        return [np.asarray(each) for each in program.call(*arrays)]


def counted(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_sizes_from_which_a_name_follows() -> None:
    twice = "func @f(%x: f32[2*n+1], %y: f32[m+n]) -> (f32[m+n]) { %z: f32[m+n] = neg %y return %z }"
    assert called(twice, counted(5), counted(3))[0].tolist() == [0.0, -1.0, -2.0]
    with pytest.raises(ValueError, match="Division had remainder 1 when computing the value of 'n'"):
        called(twice, counted(4), counted(3))


STEPS = """func @steps(%x: f32[1,n,1], %k: f32[3,1,1]) -> (f32[1,floordiv(n + 1, 2),1], f32[1,floordiv(n + 1, 2),1]) {
  %c: f32[1,floordiv(n + 1, 2),1] = convolution %x, %k {layout="n0c,0io->n0c", stride=[2], padding=[[1, 1]], x_dilation=[1], kernel_dilation=[1]}
  %m: f32[1,floordiv(n + 1, 2),1] = window_max %x {window=[1, 3, 1], stride=[1, 2, 1], padding=[[0, 0], [1, 1], [0, 0]], dilation=[1, 1, 1]}
  %s: f32[1,floordiv(n + 1, 2),1] = slice %x {start=[0, 0, 0], limit=[1, n, 1], stride=[1, 2, 1]}
  %y: f32[1,floordiv(n + 1, 2),1] = add %c, %m
  %z: f32[1,floordiv(n + 1, 2),1] = add %y, %s
  return %y, %z
}"""


def test_sizes_behind_strides_are_those_of_others() -> None:
    for count in (1, 4, 7):
        x, kernel = counted(1, count, 1), np.ones((3, 1, 1), np.float32)
        wanted = backends.run_once(parse(STEPS), (x, kernel))
        for one, other in zip(called(STEPS, x, kernel), wanted, strict=True):
            assert one.tolist() == other.tolist()


def test_files_refuse_sizes_in_which_nothing_fits() -> None:
    ends = """func @ends(%x: f32[n]) -> (f32[4], f32[n - 1], f32[2]) {
      %a: f32[4] = slice %x {start=[0], limit=[4], stride=[1]}
      %b: f32[n - 1] = slice %x {start=[1], limit=[n], stride=[1]}
      %c: f32[2], %d: i32[2] = top_k %x {k=2}
      return %a, %b, %c
    }"""
    assert [each.tolist() for each in called(ends, counted(5))] == [[0, 1, 2, 3], [1, 2, 3, 4], [4, 3]]
    with pytest.raises(ValueError, match="Error refining shapes"):  # as jax says it
        called(ends, counted(3))
    same = "func @same(%x: f32[n]) -> (f32[n]) { %y: f32[n] = neg %x return %y }"
    assert len(called(same, counted(3), least={"n": 3, "m": 7})[0]) == 3
    with pytest.raises(ValueError, match="Error refining shapes"):
        called(same, counted(2), least={"n": 3})


@pytest.mark.parametrize(("sizes", "reverse"), [("n", "false"), ("n - 1", "false"), ("n - 1", "true")])
def test_rounds_of_any_number(sizes: str, reverse: str) -> None:
    """As many as come, which jax's own scan does not know."""
    text = f"""func @rounds(%x: f32[n], %y: f32[{sizes}]) -> (f32[], f32[{sizes}]) {{
      %zero: f32[] = constant {{value=f32[] 0.0}}
      %sum: f32[], %sums: f32[{sizes}] = scan %zero, %y {{length={sizes}, carries=1, reverse={reverse}, body=func @add(%t: f32[], %e: f32[]) -> (f32[], f32[]) {{
          %u: f32[] = add %t, %e
          return %u, %u
        }}
      }}
      return %sum, %sums
    }}"""
    for count in (1, 4):
        given = counted(count), counted(count if sizes == "n" else count - 1)
        for one, other in zip(called(text, *given), backends.run_once(parse(text), given), strict=True):
            assert one.tolist() == other.tolist()


def test_indices_into_sizes_with_names() -> None:
    text = """func @picks(%x: f32[n], %i: i64[3], %j: u8[3]) -> (f32[3], f32[n], f32[3]) {
      %a: f32[3] = gather %x, %i {axes=[0], bounds=clip}
      %b: f32[n] = scatter %x, %a, %i {axes=[0], combine=add, bounds=drop}
      %c: f32[3] = gather %x, %j {axes=[0], bounds=clip}
      return %a, %b, %c
    }"""
    given = counted(5), np.array([4, 0, 2**40]), np.array([1, 255, 3], np.uint8)
    found = called(text, *given)
    assert [each.tolist() for each in found] == [[4, 0, 4], [0, 1, 2, 3, 8], [1, 4, 3]]


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
    for size in ("n*n", "floordiv(n, 2)", "m*n"):
        gap = parse(f"func @g(%x: f32[{size}]) -> (f32[{size}]) {{ %y: f32[{size}] = neg %x return %y }}")
        with pytest.raises(
            Unsupported, match="export: @g: dimension . does not follow from the size of a parameter's ax"
        ):
            exported_bytes(gap)
    b = Builder("asks")
    x = b.parameter(TensorType(dtypes.f32, ()))
    b.host_call(x, function=HostFunction("asks"), results=())
    with pytest.raises(
        Unsupported, match=r"export: @asks: host_call runs Python, which files cannot hold\n  at .*"
    ) as caught:
        exported_bytes(b.finish([x]))
    assert caught.value.hint == "what it gives as a parameter"
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
