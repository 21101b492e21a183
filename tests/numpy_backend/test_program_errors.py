"""Errors of numpy programs name the line of the user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy.program import Program
from diptych.ir import (
    Builder,
    DiptychError,
    HostFunction,
    Location,
    TensorType,
    Value,
    dtypes,
    parse,
)

from tests.numpy_backend.arrays import vector
from tests.numpy_backend.poison import memory_is_own
from tests.samples.control import function

F32 = dtypes.f32


def _line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line and "_line_of" not in line)


def test_an_index_out_of_bounds_names_the_users_line() -> None:
    b = Builder("lookup")
    table, index = b.parameter(TensorType(F32, (3,))), b.parameter(TensorType(dtypes.i32, (2,)))
    found = b.gather(b.exp(table), index, axes=(0,))  # here
    executable = backends.compile(b.finish([b.neg(found)]), backend="numpy")
    arguments = [vector(1, 2, 3), np.array([0, 7], np.int32)]
    with pytest.raises(DiptychError) as caught:
        executable(*arguments)
    number = _line_of("axes=(0,))  # here")
    assert str(caught.value) == (
        "gather: indices[0] is 7 but must be from 0 to 2: axis 0 has size 3\n"
        f"  at {__file__}:{number}: found = b.gather(b.exp(table), index, axes=(0,))  # here"
    )
    # The program can be run again.
    assert executable(arguments[0], np.array([0, 2], np.int32))[0].tolist() == (-np.exp(vector(1, 3))).tolist()


def test_a_divisor_of_0_names_the_users_line() -> None:
    b = Builder("shares")
    x, y = (b.parameter(TensorType(dtypes.i32, (2,))) for _ in range(2))
    function = b.finish([b.floor_div(x, b.divisor(b.add(y, y)))])  # divided here
    arguments = [np.array([7, 8], np.int32), np.array([1, 0], np.int32)]
    executable = backends.compile(function, backend="numpy")
    with pytest.raises(DiptychError) as caught:
        executable(*arguments)
    assert str(caught.value) == (
        "divisor: x holds 0 but must not: integers are divided by it\n"
        f"  at {__file__}:{_line_of('# divided here')}: "
        "function = b.finish([b.floor_div(x, b.divisor(b.add(y, y)))])  # divided here"
    )
    assert executable(arguments[0], np.array([1, 2], np.int32))[0].tolist() == [3, 2]
    backends.compile(function, backend="jax")(*arguments)  # which cannot raise


def test_lines_of_long_sources() -> None:
    """They are compiled in pieces, whose lines are those of the text."""
    b = Builder("long")
    x, index = b.parameter(TensorType(F32, (400,))), b.parameter(TensorType(dtypes.i32, ()))
    table = b.exp(x)
    parts = [b.slice(table, start=(n,), limit=(n + 1,), stride=(1,)) for n in range(300)]
    whole = b.concatenate(*parts, axis=0)
    b.location = Location("long.py", 7)
    found = b.gather(whole, index, axes=(0,))
    f = b.finish([b.neg(found)])
    program = Program(f)
    operands = [np.zeros(400, np.float32), np.array(300, np.int32)]
    with pytest.raises(DiptychError) as caught:
        program.run(*operands)
    assert caught.value.location == Location("long.py", 7)
    writer, results, codes = program._write()
    assert len(codes) == 3  # the setup in two, and `run`
    place = next(n for n, line in enumerate(program.source.splitlines(), 1) if "take_rows" in line)
    assert writer.equation_at(place) is f.equations[-2]
    assert codes[-1].co_firstlineno == 1 and max(line for *_, line in codes[-1].co_consts[0].co_lines()) > place
    assert writer.source(results).count("\n") == len(program.source.splitlines())


def test_lines_around_parts_are_those_of_the_parallel_equation() -> None:
    """Slices of operands and results, and the call, which come behind lines of what a part computes."""
    f = parse("""
    func @f(%x: f32[4]) -> (f32[4]) {
      %y: f32[4] = parallel %x {parts=2, operand_axes=[0], result_axes=[0],
        body=func @part(%x: f32[2]) -> (f32[2]) {
          %z: f32[2] = exp %x  // model.py:4
          return %z
        }
      }  // model.py:3
      return %y
    }""")
    assert Program(f).source == (
        "def part2(o1, p0):\n"
        "    v3 = p0[0:2]     # %y: f32[4]  model.py:3\n"
        "    v4 = o1[0:2]     # %y: f32[4]  model.py:3\n"
        "    exp(v3, out=v4)  # %z: f32[2]  model.py:4\n"
        "def part5(o1, p0):\n"
        "    v6 = p0[2:4]     # %y: f32[4]  model.py:3\n"
        "    v7 = o1[2:4]     # %y: f32[4]  model.py:3\n"
        "    exp(v6, out=v7)  # %z: f32[2]  model.py:4\n"
        "def run(p0):  #  p0 = %x: f32[4]\n"
        "    o1 = empty((4,), float32)           # %y: f32[4]  model.py:3\n"
        "    together((part2, part5, ), o1, p0)  # %y: f32[4]  model.py:3\n"
        "    return (o1, )\n"
    )


def test_errors_inside_nested_functions_name_the_inner_line() -> None:
    def body(b: Builder, table: Value, i: Value) -> Value:
        return b.gather(table, i, axes=(0,))  # inner

    inner = function("inner", "f32[3] i32[]", body)
    f = function("f", "f32[3] i32[4]", lambda b, t, i: b.scan(t, i, body=inner, length=4, constants=1))
    with pytest.raises(DiptychError) as caught:
        backends.compile(f, backend="numpy")(vector(1, 2, 3), np.array([0, 1, 9, 2], np.int32))
    assert caught.value.location is not None
    assert caught.value.location.line == _line_of("axes=(0,))  # inner")


def test_errors_of_host_functions() -> None:
    def failing(x: np.ndarray) -> np.ndarray:
        raise ValueError("no such file")

    host = HostFunction("tests.failing", failing)
    scalar = TensorType(F32)
    b = Builder("f")
    x = b.parameter(scalar)
    y = b.host_call(x, function=host, results=(scalar,))[0]  # failing
    for backend in ("numpy", "reference"):
        with pytest.raises(DiptychError) as caught:
            backends.compile(b.finish([y]), backend=backend)(np.float32(1))
        line = _line_of("results=(scalar,))[0]  # failing")
        assert caught.value.message == "host_call: ValueError: no such file"
        assert caught.value.location is not None and caught.value.location.line == line
        assert isinstance(caught.value.__cause__, ValueError)


def test_a_host_function_may_keep_and_repeat_its_arrays() -> None:
    """It gets copies, and what it returns is copied: it may return one array for two results, and keep it."""
    kept = [np.zeros(2, np.float32)]

    def greedy(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kept.append(x)
        return kept[0], kept[0]

    vector_type = TensorType(F32, (2,))
    host = HostFunction("tests.greedy", greedy)
    f = function("f", "f32[2]", lambda b, x: b.host_call(x, function=host, results=(vector_type,) * 2))
    x = vector(1, 2)
    executable = backends.compile(f, backend="numpy")
    results = executable(x)
    memory_is_own(executable, results, [x, *kept])
    assert not np.shares_memory(kept[1], x)
