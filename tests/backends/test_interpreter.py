"""The reference interpreter: named dimensions, control flow, errors."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from diptych.backends.reference import evaluate, interpreter, kernel
from diptych.ir import Builder, Constant, DiptychError, Function, HostFunction, TensorType, Value, dtypes, named, ops
from diptych.ir.dimensions import floor_divide

from tests.samples.control import function
from tests.samples.notation import f32, f64, i32, typed

batch, length = named("batch"), named("length")


def here() -> int:
    """The caller's line."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def message_of(function: Function, arguments: list[Any]) -> str:
    with pytest.raises(DiptychError) as caught:
        evaluate(function, arguments)
    return caught.value.message


# -- named dimensions ----


def test_names_bind_to_the_sizes_of_arguments() -> None:
    b = Builder()
    x = b.parameter(typed("f32[batch,2]"), "x")
    row = b.parameter(typed("f32[2]"), "row")
    shifted = b.add(x, b.broadcast(row, shape=(batch, 2), axes=(1,)))
    count = b.dimension(size=batch * 2 + 1, dtype=dtypes.i32)
    flat = b.reshape(shifted, shape=(batch * 2,))
    half = b.slice(flat, start=(0,), limit=(batch,), stride=(2,))
    numbers = b.iota(shape=(batch, 3), axis=0, dtype=dtypes.i32)
    program = b.finish([shifted, count, half, numbers])
    for size in (0, 1, 4):
        rows = np.arange(2 * size, dtype=np.float32).reshape(size, 2)
        results = evaluate(program, [rows, f32([10, 20])])
        assert np.array_equal(results[0], rows + f32([10, 20]))
        assert results[1] == 2 * size + 1
        assert np.array_equal(results[2], (rows + f32([10, 20])).reshape(-1)[:size:2])
        assert results[3].tolist() == [[i] * 3 for i in range(size)]


def test_names_reach_into_nested_functions() -> None:
    body = function("body", "f64[] f64[length]", lambda b, total, row: _body(b, total, row))
    b = Builder()
    rows = b.parameter(TensorType(dtypes.f64, (batch, length)))
    total = b.constant(value=Constant(0.0, dtypes.f64))
    program = b.finish(b.scan(total, rows, body=body, length=batch, carries=1))
    results = evaluate(program, [f64([[1, 2, 3], [4, 5, 6]])])
    assert results[0] == 21 + 6
    assert results[1].tolist() == [[1, 2, 3], [4, 5, 6]]


def _body(b: Builder, total: Value, row: Value) -> list[Value]:
    size = b.cast(b.dimension(size=length, dtype=dtypes.i32), dtype=dtypes.f64)
    return [b.add(b.add(total, size), b.reduce_sum(row, axes=(0,))), row]


def test_an_empty_scan_makes_empty_stacks_of_the_bound_sizes() -> None:
    body = function("body", "f64[length]", lambda b, row: [b.add(row, row), b.reduce_sum(row, axes=(0,))])
    b = Builder()
    rows = b.parameter(TensorType(dtypes.f64, (batch, length)))
    doubled, sums = evaluate(b.finish(b.scan(rows, body=body, length=batch)), [np.zeros((0, 3))])
    assert doubled.shape == (0, 3)
    assert sums.shape == (0,)


def _pair() -> Function:
    b = Builder("pair")
    x = b.parameter(typed("f32[batch,3]"), "x")
    b.parameter(typed("f32[2*batch]"), "y")
    return b.finish([x])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([f32([[1, 2, 3]])], "@pair: arguments are 1 but must be 2 (%x: f32[batch,3], %y: f32[2*batch])"),
        ([f64([[1, 2, 3]]), f32([1, 2])], "@pair: argument %x is f64[1,3] but must be f32[batch,3] with batch = 1"),
        ([f32([[1, 2]]), f32([1, 2])], "@pair: argument %x is f32[1,2] but must be f32[batch,3] with batch = 1"),
        ([f32([1]), f32([1, 2])], "@pair: argument %x is f32[1] but must be f32[batch,3]"),
        ([f32([[1, 2, 3]]), f32([1])], "@pair: argument %y is f32[1] but must be f32[2*batch] with batch = 1"),
        ([f32([[1, 2, 3]]), "text"], "@pair: argument %y is <U4[] but must be f32[2*batch]"),
    ],
)
def test_arguments_are_checked_at_the_door(arguments: list[Any], message: str) -> None:
    assert message_of(_pair(), arguments) == message


def test_two_axes_of_one_name_must_agree() -> None:
    b = Builder()
    x, _ = b.parameter(typed("i32[batch]")), b.parameter(typed("i32[batch]"))
    message = message_of(b.finish([x]), [i32([1, 2]), i32([1])])
    assert message == "@main: argument 1 is i32[1] but must be i32[batch] with batch = 2"


def test_a_name_that_no_axis_gives() -> None:
    b = Builder()
    x = b.parameter(typed("f32[2*batch]"), "x")
    message = message_of(b.finish([x]), [f32([1, 2])])
    assert message == "@main: dimension batch is unbound but must be an axis of a parameter"


def test_a_name_that_no_parameter_has() -> None:
    b = Builder()
    line = here() + 1
    program = b.finish([b.iota(shape=(batch,), axis=0, dtype=dtypes.i32)])
    with pytest.raises(DiptychError) as caught:
        evaluate(program, [])
    assert caught.value.message == "iota: shape is [batch] but must be numbers"
    assert caught.value.hint == "specialise the function to its sizes first"
    assert caught.value.location is not None
    assert caught.value.location.line == line


def test_quotients_are_evaluated() -> None:
    b = Builder()
    x = b.parameter(typed("f32[batch]"))
    half = floor_divide(batch + 1, 2)
    program = b.finish([b.slice(x, start=(0,), limit=(batch,), stride=(2,)), b.dimension(size=half, dtype=dtypes.i8)])
    assert [result.tolist() for result in evaluate(program, [f32([1, 2, 3])])] == [[1, 3], 2]


def test_arguments_in_the_other_byte_order_are_taken() -> None:
    b = Builder()
    x = b.parameter(typed("f32[2]"))
    assert evaluate(b.finish([b.neg(x)]), [np.array([1, 2], ">f4")])[0].tolist() == [-1, -2]


# -- control flow ----


def test_only_the_taken_branch_runs() -> None:
    ran: list[str] = []
    host = HostFunction("test.branch", lambda: ran.append("true"))
    noisy = function("noisy", "f32[]", lambda b, x: [b.host_call(function=host, results=()), x][1])
    quiet = function("quiet", "f32[]", lambda b, x: b.neg(x))
    b = Builder()
    condition, x = b.parameter(typed("bool[]")), b.parameter(typed("f32[]"))
    program = b.finish(b.cond(condition, x, on_true=noisy, on_false=quiet))
    assert evaluate(program, [np.False_, f32(2)])[0] == -2
    assert not ran
    assert evaluate(program, [np.True_, f32(2)])[0] == 2
    assert ran == ["true"]


def test_host_functions_get_copies() -> None:
    def spoil(x: np.ndarray) -> np.ndarray:
        x[...] = -1
        return x

    b = Builder()
    x = b.parameter(typed("f32[2]"))
    spoilt = b.host_call(x, function=HostFunction("test.spoil", spoil), results=(typed("f32[2]"),))[0]
    argument = f32([1, 2])
    results = evaluate(b.finish([x, spoilt]), [argument])
    assert argument.tolist() == results[0].tolist() == [1, 2]
    assert results[1].tolist() == [-1, -1]


# -- errors ----


def _host(returned: Any, *results: str) -> Function:
    b = Builder()
    host = HostFunction("test.host", lambda: returned)
    return b.finish(b.host_call(function=host, results=tuple(typed(text) for text in results)))


@pytest.mark.parametrize(
    ("returned", "results", "message"),
    [
        (f64([1]), ["f32[1]"], "host_call: result 0 of test.host is f64[1] but must be f32[1]"),
        (f32([1]), ["f32[2]"], "host_call: result 0 of test.host is f32[1] but must be f32[2]"),
        ((f32([1]),), ["f32[1]", "f32[1]"], "host_call: test.host returned 1 arrays but must return 2"),
        (None, ["f32[1]"], "host_call: result 0 of test.host is object[] but must be f32[1]"),
        ("text", ["f32[1]"], "host_call: result 0 of test.host is <U4[] but must be f32[1]"),
    ],
)
def test_what_host_functions_return_is_checked(returned: Any, results: list[str], message: str) -> None:
    assert message_of(_host(returned, *results), []) == message


def test_a_host_function_that_was_read_back_cannot_run() -> None:
    b = Builder()
    b.host_call(function=HostFunction("test.lost"), results=())
    with pytest.raises(DiptychError) as caught:
        evaluate(b.finish([]), [])
    assert caught.value.message == "host_call: function test.lost is not loaded but must be a callable"
    assert (
        caught.value.hint == "a program read from text names its host functions only: set HostFunction.function first"
    )


def test_an_exception_of_a_host_function_is_the_cause() -> None:
    def fail() -> None:
        raise RuntimeError("no luck")

    b = Builder()
    line = here() + 1
    b.host_call(function=HostFunction("test.fail", fail), results=())
    with pytest.raises(DiptychError) as caught:
        evaluate(b.finish([]), [])
    assert caught.value.message == "host_call: RuntimeError: no luck"
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert caught.value.location is not None
    assert (caught.value.location.file, caught.value.location.line) == (__file__, line)


def test_an_error_in_a_nested_function_names_its_own_line() -> None:
    inner = Builder("inner")
    x, index = inner.parameter(typed("f32[2]")), inner.parameter(typed("i32[]"))
    line = here() + 1
    body = inner.finish([inner.gather(x, index, axes=(0,))])
    b = Builder()
    operands = [b.parameter(typed("f32[2]")), b.parameter(typed("i32[]"))]
    program = b.finish(b.call(*operands, body=body))
    with pytest.raises(DiptychError) as caught:
        evaluate(program, [f32([1, 2]), i32(5)])
    assert caught.value.message == "gather: indices[0] is 5 but must be from 0 to 1: axis 0 has size 2"
    assert caught.value.location is not None
    assert caught.value.location.line == line


def test_check_mode_compares_results_with_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    b = Builder()
    x = b.parameter(typed("i8[2]"))
    program = b.finish([b.add(x, x)])
    widening = lambda op: lambda lhs, rhs: (np.add(lhs, rhs, dtype=np.int64),)  # noqa: E731
    monkeypatch.setattr(interpreter, "kernel", widening)
    operand = np.int8([1, 2])
    assert message_of(program, [operand]) == "add: result is (i64[2]) but must be (i8[2])"
    assert evaluate(program, [operand], check=False)[0].dtype == np.int64


def test_kernels_give_arrays_also_of_scalars() -> None:
    (result,) = kernel(ops.add)(np.array(1.0), np.array(2.0))
    assert type(result) is np.ndarray
    assert all(type(part) is np.ndarray for part in kernel(ops.top_k)(np.array([1.0]), k=1, dtype=dtypes.i32))


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        (ops.reshape, {"shape": (6,)}),
        (ops.transpose, {"permutation": (1, 0)}),
        (ops.slice, {"start": (0, 1), "limit": (2, 3), "stride": (1, 2)}),
        (ops.broadcast, {"shape": (4, 2, 3), "axes": (1, 2)}),
        (ops.reverse, {"axes": (0,)}),
        (ops.identity, {}),
        (ops.stop_gradient, {}),
        (ops.bitcast, {"dtype": dtypes.u32}),
        (ops.pad, {"low": (0, 0), "high": (0, 0), "interior": (0, 0)}),
    ],
)
def test_moving_ops_are_views(op: Any, attributes: dict[str, Any]) -> None:
    x = f32([[1, 2, 3], [4, 5, 6]])
    operands = [x, f32(0)] if op is ops.pad else [x]
    assert np.shares_memory(kernel(op)(*operands, **attributes)[0], x)


def test_a_long_program_needs_no_recursion() -> None:
    b = Builder(share=False)
    x = first = b.parameter(typed("f64[]"))
    for _ in range(5000):
        x = b.add(x, first)
    assert evaluate(b.finish([x]), [f64(1)])[0] == 5001
