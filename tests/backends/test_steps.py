"""Functions as lists of numpy calls: the same bits as compiled programs."""

import numpy as np
import pytest
from diptych.backends import compile
from diptych.backends.numpy.steps import Steps
from diptych.ir import Builder, DiptychError, Function, HostFunction, Location, TensorType, dtypes
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_programs import random_program
from tests.samples import Sample
from tests.samples.every import SAMPLES


def agree(function: Function, arguments: list[np.ndarray]) -> None:
    originals = [argument.copy() for argument in arguments]
    steps = Steps(function, several=1)
    with np.errstate(all="ignore"):
        found = [*steps(arguments), *steps(arguments)]  # through the list, then as Python
    wanted = compile(function, backend="numpy")(*arguments)
    for mine, theirs in zip(found, wanted * 2, strict=True):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        if has_products_of_complex(function):
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)
        else:
            assert mine.tobytes() == theirs.tobytes()
    for argument, original in zip(arguments, originals, strict=True):
        assert argument.tobytes() == original.tobytes(), "an operand was written to"


def has_products_of_complex(function: Function) -> bool:
    """These numpy rounds in one way where the result is written over an operand, and in another where it is not."""
    return any(result.dtype.is_complex for equation in function.equations for result in equation.results)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_samples(sample: Sample) -> None:
    agree(sample.function(), list(sample.operands))


@settings(deadline=None)  # a busy machine takes as long as it takes
@given(st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(1, 30)))
def test_random_programs(program) -> None:
    agree(program.function, list(program.arguments))


def test_values_that_repeat_are_made_whole_where_they_must_be() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (3,)), "x")
    rows = b.broadcast(x, shape=(2, 3), axes=(1,))
    columns = b.broadcast(x, shape=(3, 3), axes=(0,))
    total = b.add(rows, rows)
    agree(b.finish([rows, total, columns, b.add(columns, columns), b.transpose(columns, permutation=(1, 0))]),
          [np.arange(3, dtype=np.float32)])  # fmt: skip


def test_results_lie_as_those_of_compiled_programs_do() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (3, 4)), "x")
    turned = b.transpose(x, permutation=(1, 0))
    found = Steps(b.finish([b.add(turned, turned), b.select(b.gt(turned, turned), turned, turned)]))
    for result in found([np.arange(12, dtype=np.float32).reshape(3, 4)]):
        assert result.flags.c_contiguous


def test_a_failing_call_is_told_with_its_line() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.i32, (2,)), "x")
    function = b.finish([b.floor_div(b.neg(x), x)])
    steps = Steps(function, several=1)
    for _ in range(3):
        with pytest.raises(DiptychError, match="^neg: TypeError: "):
            steps([object()])


def test_what_fails_as_python_is_told_by_its_own_call_and_runs_once() -> None:
    seen: list[float] = []

    def note(x: np.ndarray) -> None:
        seen.append(float(x[0]))
        if x[0] < 0:
            raise ValueError("below zero")

    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (1,)), "x")
    b.location = Location("train.py", 7)
    doubled = b.add(x, x)
    b.location = Location("train.py", 8)
    b.host_call(doubled, function=HostFunction("note", note), results=())
    steps = Steps(b.finish([b.exp(doubled)]), several=1)
    steps([np.ones(1, "f4")])
    steps([np.ones(1, "f4")])
    with pytest.raises(DiptychError, match="host_call: ValueError: below zero") as raised:
        steps([-np.ones(1, "f4")])
    assert raised.value.location == Location("train.py", 8) and seen == [2.0, 2.0, -2.0]
