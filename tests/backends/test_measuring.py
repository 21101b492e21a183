"""Programs that are split where equations end: they compute the same, and no time is lost or counted twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import sleep
from typing import Any

import numpy as np
import pytest
from diptych import backends
from diptych.backends.jax.measuring import JaxSplit
from diptych.backends.measuring import Measurement, measure
from diptych.backends.numpy.measuring import Measured, NumpySplit
from diptych.backends.numpy.program import Program
from diptych.backends.paths import Path, paths_of
from diptych.backends.pipelines import pipeline
from diptych.backends.reference.measuring import ReferenceSplit
from diptych.ir import DiptychError, Function, ops, parse
from diptych.passes.manager import run_passes

from tests.random_programs import random_program

SPLITS: dict[str, Callable[..., Any]] = {"numpy": NumpySplit, "jax": JaxSplit, "reference": ReferenceSplit}
every_backend = pytest.mark.parametrize("backend", SPLITS)

CONTROL = """func @f(%go: bool[], %x: f32[4,4], %rows: f32[6,4,4]) -> (f32[4,4], f32[4,4], f32[6,4,4]) {
  %a: f32[4,4] = cond %go, %x {
    on_true=func @yes(%x: f32[4,4]) -> (f32[4,4]) {
      %y: f32[4,4] = matmul %x, %x
      return %y
    }, on_false=func @no(%x: f32[4,4]) -> (f32[4,4]) {
      %y: f32[4,4] = neg %x
      return %y
    }
  }
  %zero: i32[] = constant {value=i32[] 0}
  %count: i32[], %power: f32[4,4] = while_loop %zero, %a {
    condition=func @below(%count: i32[], %x: f32[4,4]) -> (bool[]) {
      %five: i32[] = constant {value=i32[] 5}
      %is: bool[] = lt %count, %five
      return %is
    }, body=func @step(%count: i32[], %x: f32[4,4]) -> (i32[], f32[4,4]) {
      %one: i32[] = constant {value=i32[] 1}
      %next: i32[] = add %count, %one
      %y: f32[4,4] = tanh %x
      return %next, %y
    }
  }
  %last: f32[4,4], %all: f32[6,4,4] = scan %a, %rows {
    length=6, carries=1, body=func @round(%h: f32[4,4], %row: f32[4,4]) -> (f32[4,4], f32[4,4]) {
      %m: f32[4,4] = matmul %h, %h
      %s: f32[4,4] = sub %m, %row
      return %s, %m
    }
  }
  return %power, %last, %all
}
"""
LONG = """func @f(%x: f32[512,64], %w: f32[64,64]) -> (f32[512,64], f32[64]) {
  %y: f32[512,64] = matmul %x, %w
  %e: f32[512,64] = exp %y
  %s: f32[512,64] = sin %e
  %sum: f32[64] = reduce_sum %s {axes=[0]}
  return %s, %sum
}
"""

SLOW = """func @f(%x: f32[4]) -> (f32[4]) {
  %y: f32[4] = exp %x
  %z: f32[4] = host_call %y {function=host "test.measuring.sleeping", results=[f32[4]]}
  %s: f32[4] = sin %z
  return %s
}
"""
SLOW_IN_ROUNDS = """func @f(%x: f32[4]) -> (f32[4]) {
  %last: f32[4] = scan %x {length=2, carries=1, body=func @round(%x: f32[4]) -> (f32[4]) {
    %go: bool[4] = is_finite %x
    %all: bool[] = reduce_and %go {axes=[0]}
    %y: f32[4] = cond %all, %x {
      on_true=func @yes(%x: f32[4]) -> (f32[4]) {
        %y: f32[4] = host_call %x {function=host "test.measuring.sleeping", results=[f32[4]]}
        return %y
      }, on_false=func @no(%x: f32[4]) -> (f32[4]) {
        return %x
      }
    }
    return %y
  }}
  return %last
}
"""
PARTS = LONG.replace("512", "8192")
BLOCKS = LONG.replace("512,64", "200000,4").replace("64", "4")


def optimised(function: Function, backend: str) -> Function:
    return run_passes(function, pipeline(backend))[0]


def numbers(function: Function) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [
        np.array(True)
        if parameter.dtype.is_bool
        else 0.1 * random.standard_normal(parameter.type.static_shape()).astype(parameter.dtype.numpy)
        for parameter in function.parameters
    ]


def sleeping(function: Function) -> Function:
    """The function, whose host functions sleep."""
    for path in paths_of(function):
        if path[-1].op is ops.host_call:
            path[-1].attributes["function"].function = lambda x: (sleep(0.02), x)[1]
    return function


def split_of(function: Function, backend: str, arrays: Sequence[np.ndarray], donate: tuple[int, ...] = ()) -> Any:
    extra = () if backend == "reference" else (donate,)
    return SPLITS[backend](optimised(function, backend), *extra, arrays)


def named(path: Path) -> str:
    return " ".join(equation.op.name for equation in path)


def added_up(measured: Measurement) -> float:
    return sum(measured.times.values()) + measured.entry + measured.reading


@every_backend
@pytest.mark.parametrize("seed", range(12))
def test_a_split_program_computes_the_same(backend: str, seed: int) -> None:
    program = random_program(seed, 12)
    split = split_of(program.function, backend, program.arguments)
    pairs = zip(split.whole(split.given()), split.split(split.given()), strict=True)
    for whole, found in pairs:
        if backend == "jax":  # XLA rounds otherwise what it joins
            np.testing.assert_allclose(found, whole, rtol=1e-3, atol=1e-5)
        else:
            assert np.asarray(found).tobytes() == np.asarray(whole).tobytes()


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("text", [PARTS, BLOCKS], ids=["parts", "blocks"])
def test_in_parts_and_blocks_too(text: str) -> None:
    function = parse(text)
    split = split_of(function, "numpy", numbers(function), (0,))
    whole, found = split.whole(split.given()), split.split(split.given())
    assert [each.tobytes() for each in whole] == [each.tobytes() for each in found]


@every_backend
def test_all_that_ran_has_its_time_and_nothing_else(backend: str) -> None:
    function = parse(CONTROL)
    split = split_of(function, backend, numbers(function))
    split.split(split.given())
    times = {path: seconds for path, seconds in split.spent().items() if path}
    counts = {named(path): count for path, count in split.readings().items() if path and count}
    loops = {"cond", "while_loop", "scan"}
    if backend == "jax":
        assert counts == dict.fromkeys(loops, 1.0)
    else:
        assert loops <= counts.keys()
        assert counts["cond matmul"] == 1 and "cond neg" not in counts
        assert counts["while_loop lt"] == 6 and counts["while_loop tanh"] == 5
        assert counts["scan matmul"] == 6 == counts["scan sub"]
    assert all(seconds > 0 for path, seconds in times.items() if named(path) in counts)
    assert all(seconds == 0 for path, seconds in times.items() if named(path) not in counts)


@every_backend
def test_times_add_up(backend: str) -> None:
    function = parse(CONTROL)
    measured = measure(optimised(function, backend), backend, (), numbers(function), 5)
    assert measured.runs == 5 and measured.readings > 0
    assert added_up(measured) == pytest.approx(measured.split.median)
    assert measured.split.low <= measured.split.median <= measured.split.high
    assert min(measured.times.values()) >= 0 and measured.entry > 0 and measured.reading > 0
    assert measured.cost == measured.split.median / measured.whole.median - 1


@pytest.mark.usefixtures("two_threads")
def test_parts_have_a_share_of_what_calls_them() -> None:
    function = optimised(parse(PARTS), "numpy")
    split = NumpySplit(function, (), numbers(function))
    split.split(split.given())
    spent, counts = split.spent(), split.readings()
    assert {named(path) for path in spent} >= {"parallel", "parallel matmul", "parallel fused sin"}
    assert min(spent.values()) > 0
    assert {count for path, count in counts.items() if path[-1].op in (ops.parallel, ops.matmul)} == {1.0}


def test_what_runs_at_the_same_time_counts_once() -> None:
    text = """func @f(%x: f32[2]) -> (f32[2]) {
      %y: f32[2] = parallel %x {parts=2, operand_axes=[0], result_axes=[0], body=func @part(%x: f32[1]) -> (f32[1]) {
        %y: f32[1] = host_call %x {function=host "test.measuring.sleeping", results=[f32[1]]}
        return %y
      }}
      return %y
    }"""
    function = sleeping(parse(text))
    measured = measure(function, "numpy", (), [np.ones(2, np.float32)], 3)
    ((share,),) = [[each] for path, each in measured.times.items() if path[-1].op is ops.host_call]
    assert 0.4 < share / measured.split.median < 1


@every_backend
@pytest.mark.parametrize("text", [SLOW, SLOW_IN_ROUNDS], ids=["alone", "in rounds"])
def test_what_takes_long_has_it(backend: str, text: str) -> None:
    function = sleeping(parse(text))
    measured = measure(optimised(function, backend), backend, (), [np.ones(4, np.float32)], 2)
    path = max(measured.times, key=measured.times.__getitem__)
    whole = "scan" if "scan" in text else "host_call"
    assert named(path) == (whole if backend == "jax" or whole == "host_call" else "scan cond host_call")
    assert measured.times[path] > 0.7 * measured.split.median


@every_backend
def test_arguments_stay_as_they_are(backend: str) -> None:
    function = parse("func @f(%x: f32[64]) -> (f32[64]) {\n  %y: f32[64] = exp %x\n  return %y\n}")
    (x,) = arrays = numbers(function)
    before = x.copy()
    measure(optimised(function, backend), backend, (0,), arrays, 3)
    assert x.tobytes() == before.tobytes()


@every_backend
def test_nothing_to_do(backend: str) -> None:
    function = parse("func @f(%x: f32[2]) -> (f32[2]) {\n  return %x\n}")
    measured = measure(function, backend, (), [np.ones(2, np.float32)], 2)
    assert measured.times == {} and measured.readings == 0 and measured.entry == measured.split.median


@every_backend
def test_what_fails_says_where(backend: str) -> None:
    text = """func @f(%x: f32[3]) -> (f32[2]) {
      %y: f32[3] = exp %x  // model.py:3
      %z: f32[2] = host_call %y {function=host "test.measuring.failing", results=[f32[2]]}  // model.py:4
      return %z
    }"""
    split = split_of(parse(text), backend, [np.ones(3, np.float32)])
    for run in (split.whole, split.split):
        with pytest.raises(DiptychError, match="model.py:4"):
            run(split.given())


def test_by_default_it_runs_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.backends.measuring.SECONDS", 0.05)
    function = parse("func @f(%x: f32[2]) -> (f32[2]) {\n  %y: f32[2] = exp %x\n  return %y\n}")
    assert measure(function, "numpy", (), [np.ones(2, np.float32)]).runs > 50
    monkeypatch.setattr("diptych.backends.measuring.SECONDS", 0.0)
    assert measure(function, "numpy", (), [np.ones(2, np.float32)]).runs == 10


def written(program: Program) -> list[str]:
    return [line.split("  #")[0].rstrip() for line in program.source.splitlines()]


def test_the_clock_is_read_between_equations() -> None:
    text = """func @f(%x: f32[4], %rows: f32[3,4]) -> (f32[4], f32[4]) {
      %y: f32[4] = exp %x
      %last: f32[4] = scan %y, %rows {length=3, carries=1, body=func @round(%h: f32[4], %row: f32[4]) -> (f32[4]) {
        %m: f32[4] = mul %h, %row
        %s: f32[4] = sin %m
        return %s
      }}
      return %y, %last
    }"""
    assert (
        "\n".join(written(Measured(parse(text))))
        == """\
s4 = array_at(arena, 0, (4,), float32)
def run(p0, p1):
    begin = clock()
    o1 = empty((4,), float32)
    exp(p0, out=o1)
    now = clock(); spent[0] += now - begin; begin = now
    o2 = empty((4,), float32)
    copyto(o2, o1)
    for v3 in [p1[i, ...] for i in range(3)]:
        now = clock(); spent[1] += now - begin; begin = now
        multiply(o2, v3, out=s4)
        now = clock(); spent[2] += now - begin; begin = now
        sin(s4, out=o2)
        now = clock(); spent[3] += now - begin; begin = now
    return (o1, o2, )"""
    )


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("text", [CONTROL, PARTS, BLOCKS], ids=["control", "parts", "blocks"])
def test_the_text_is_otherwise_that_of_the_program(text: str) -> None:
    function = optimised(parse(text), "numpy")
    without = [line for line in written(Measured(function)) if "clock()" not in line]
    assert without == written(Program(function))


def test_programs_are_not_measured_unless_somebody_asks() -> None:
    executable = backends.compile(parse(LONG), backend="numpy")
    assert "clock" not in executable.source


def test_paths() -> None:
    found = [named(path) for path in paths_of(parse(CONTROL))]
    assert found[:3] == ["cond", "cond matmul", "cond neg"] and found[-3:] == ["scan", "scan matmul", "scan sub"]
