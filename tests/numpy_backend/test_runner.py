"""How a numpy program is called: on any arrays, or on those that the caller gives up for good."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from diptych import backends
from diptych.backends.executable import Executable, Watcher, watched
from diptych.backends.numpy.runner import NumpyRunner
from diptych.ir import Builder, DiptychError, Function, HostFunction, TensorType, dtypes, parse

DIVISION = parse("func @f(%x: f32[2], %y: f32[2]) -> (f32[2]) { %z: f32[2] = div %x, %y return %z }")
READ = parse("""
func @g(%x: f32[2], %i: i64[1]) -> (f32[2], f32[1]) {
  %y: f32[1] = gather %x, %i {axes=[0], bounds=error}
  %z: f32[2] = add %x, %x
  return %z, %y
}""")


def vector(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_arrays_that_are_given_up_are_written_over() -> None:
    x, y = vector(1, 2), vector(2, 4)
    (result,) = NumpyRunner(DIVISION, (0,)).owned([x, y])
    assert result is x
    assert result.tolist() == [0.5, 0.5]


def test_floating_point_errors_give_numbers_and_no_warnings() -> None:
    runner = NumpyRunner(DIVISION, ())
    before = np.geterr()
    for run in (runner.owned, lambda arrays: runner(*arrays)):
        (result,) = run([vector(1, 0), vector(0, 0)])
        assert np.array_equal(result, vector(np.inf, np.nan), equal_nan=True)
    assert np.geterr() == before


def test_an_error_leaves_arrays_whole_and_the_runner_usable() -> None:
    x = vector(1, 2)
    runner = NumpyRunner(READ, (0,))
    for _ in range(2):
        with pytest.raises(DiptychError, match="indices.0. is 5 but must be from 0 to 1"):
            runner.owned([x, np.array([5])])
    assert x.tolist() == [1, 2]
    total, read = runner.owned([x, np.array([1])])
    assert (total.tolist(), read.tolist()) == ([2, 4], [2])


def calling(host: HostFunction) -> Function:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (2,)))
    return b.finish(b.host_call(x, function=host, results=(x.type,)))


def test_functions_of_python_see_the_callers_context() -> None:
    variable = ContextVar("variable", default=0)
    seen: list[int] = []

    def note(x: np.ndarray) -> np.ndarray:
        seen.append(variable.get())
        return x

    runner = NumpyRunner(calling(HostFunction("note", note)), ())
    for value in (1, 2):
        variable.set(value)
        runner.owned([vector(1, 2)])
    assert seen == [1, 2]


def test_threads_run_it_at_the_same_time() -> None:
    runner, barrier = NumpyRunner(DIVISION, ()), Barrier(4)

    def run(number: int) -> list[float]:
        barrier.wait()
        for _ in range(200):
            (result,) = runner.owned([vector(number, 0), vector(1, 1)])
        return result.tolist()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == [[number, 0] for number in range(4)]


def test_who_watches_sees_such_runs_and_errors_name_the_callers_own_line() -> None:
    seen: list[str] = []
    executable = backends.compile(DIVISION, backend="numpy")

    class Seeing(Watcher):
        def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
            seen.append("before")

        def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
            seen.append(executable.backend if results is not None else "raised")

    with watched(Seeing()):
        assert executable.run_owned([vector(1, 2), vector(1, 2)])[0].tolist() == [1, 1]
    assert seen == ["before", "numpy"]
    text = """func @g(%x: f32[2], %i: i64[1]) -> (f32[1]) {
      %y: f32[1] = gather %x, %i {axes=[0], bounds=error}  // LINE
      return %y
    }"""
    for line in ("one.py:1", "other.py:2"):
        program = backends.compile(parse(text.replace("LINE", line)), backend="numpy")
        with pytest.raises(DiptychError, match=line):
            program.run_owned([vector(1, 2), np.array([5])])
    other = backends.compile(DIVISION, backend="reference")
    assert other.run_owned([vector(1, 2), vector(1, 2)])[0].tolist() == [1, 1]
