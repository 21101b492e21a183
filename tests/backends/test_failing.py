"""Where programs may raise, and that no donated argument has been touched when they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from diptych import backends
from diptych.backends.failing import FAILING, last_failing
from diptych.backends.numpy.runner import NumpyRunner
from diptych.ir import Builder, Constant, DiptychError, Function, HostFunction, Op, Value, dtypes, ops

from tests.samples.control import function
from tests.samples.every import SAMPLES


def fail(*arrays: np.ndarray) -> None:
    raise ValueError("no luck")


FAIL = HostFunction("tests.fail", fail)
SHOW = HostFunction("tests.show", lambda x: None)
TABLE = "f32[3] f32[3] i32[]"  # weights, gradients, and an index


def read(b: Builder, x: Value, i: Value) -> Value:
    return b.gather(x, i, axes=(0,))


def says(b: Builder, host: HostFunction, *values: Value) -> list[Value]:
    return [*b.host_call(*values, function=host, results=())]


# -- where ----


@pytest.mark.parametrize(
    "body, on_numpy, on_jax",
    [
        (lambda b, w, g, i: b.sub(w, g), -1, -1),
        (lambda b, w, g, i: b.sub(b.sub(w, g), b.broadcast(read(b, w, i), shape=(3,), axes=())), 1, -1),
        (lambda b, w, g, i: [b.gather(w, i, axes=(0,), bounds="clip"), b.sub(w, g)], -1, -1),
        (lambda b, w, g, i: b.scatter(w, read(b, g, i), i, axes=(0,), combine="add", bounds="drop"), 0, -1),
        (lambda b, w, g, i: [b.sub(w, g), b.floor_div(i, b.divisor(i))], 1, -1),
        (lambda b, w, g, i: [says(b, SHOW, w), b.sub(w, g)][1], 0, 0),
        (lambda b, w, g, i: [b.sub(w, g), *says(b, SHOW, g)], 1, 1),
    ],
)
def test_ops_that_may_raise(body: Callable[..., Any], on_numpy: int, on_jax: int) -> None:
    f = function("f", TABLE, body)
    assert last_failing(f, FAILING["numpy"]) == last_failing(f, FAILING["reference"]) == on_numpy
    assert last_failing(f, FAILING["jax"]) == on_jax


def test_indices_that_were_checked_before_cannot_be_wrong() -> None:
    """A gradient writes where its read has read: that is no second chance to fail. Another axis is."""
    same = function(
        "f", TABLE, lambda b, w, g, i: b.scatter(w, read(b, g, i), i, axes=(0,), combine="add")
    )  # fmt: skip
    assert last_failing(same, FAILING["numpy"]) == 0
    other = function(
        "f", "f32[3] f32[2] i32[]", lambda b, w, g, i: b.scatter(w, read(b, g, i), i, axes=(0,), combine="add")
    )  # fmt: skip
    assert last_failing(other, FAILING["numpy"]) == 1


def test_an_empty_axis_has_no_nearest_index() -> None:
    """Even a read that clips raises there, unless it reads nothing."""
    some = function("f", "f32[0] i32[2]", lambda b, x, i: b.gather(x, i, axes=(0,), bounds="clip"))
    none = function("f", "f32[0] i32[0]", lambda b, x, i: b.gather(x, i, axes=(0,), bounds="clip"))
    assert last_failing(some, FAILING["numpy"]) == 0
    assert last_failing(none, FAILING["numpy"]) == -1


def _inside(op: str, inner: Function) -> Function:
    """`inner`, of a table and an index, within a nested function after an update."""

    def body(b: Builder, w: Value, g: Value, i: Value) -> list[Value]:
        new = b.sub(w, g)
        if op == "cond":
            flag = b.constant(value=Constant(True))
            return [new, *b.cond(flag, new, i, on_true=inner, on_false=inner)]
        if op == "scan":
            return [new, *b.scan(new, i, body=inner, length=2, constants=2)]
        if op == "while_loop":
            turn = function("turn", "f32[3] i32[] f32[]", lambda b, w, i, s: b.call(w, i, body=inner))
            below = function("below", "f32[3] i32[] f32[]", lambda b, w, i, s: b.lt(s, s))
            zero = b.constant(value=Constant(0.0, dtypes.f32))
            return [new, *b.while_loop(new, i, zero, condition=below, body=turn, constants=2)]
        return [new, *b.emit(ops.OPS[op], (new, i), {"body": inner})]

    return function("f", TABLE, body)


@pytest.mark.parametrize("op", ["call", "fused", "cond", "scan", "while_loop"])
def test_nested_functions_may_raise(op: str) -> None:
    assert last_failing(_inside(op, function("inner", "f32[3] i32[]", read)), FAILING["numpy"]) >= 1
    assert last_failing(_inside(op, function("inner", "f32[3] i32[]", read)), FAILING["jax"]) == -1
    harmless = function("inner", "f32[3] i32[]", lambda b, x, i: b.reduce_sum(x, axes=(0,)))
    assert last_failing(_inside(op, harmless), FAILING["numpy"]) == -1


def _extremes(array: np.ndarray, number: int) -> np.ndarray:
    """An array like `array` of the dtype's hardest values, turned by `number`."""
    if array.dtype == bool:
        values: list[Any] = [True, False]
    elif array.dtype.kind in "iu":
        values = [np.iinfo(array.dtype).min, np.iinfo(array.dtype).max, 0, 1]
    else:
        values = [np.nan, np.inf, -np.inf, 0.0, -0.0, float(ml_dtypes.finfo(array.dtype).max)]
    turned = np.roll(np.array(values, array.dtype), number)
    return np.resize(turned, array.shape)


@pytest.mark.parametrize("op", [op for op in ops.OPS.values() if not op.has_functions], ids=str)
def test_only_ops_that_are_declared_to_raise_do(op: Op) -> None:
    """Whatever the numbers in the operands of its samples; and those that are declared raise for some."""
    raised = False
    for sample in (sample for sample in SAMPLES if sample.op is op):
        f = sample.function()
        for number in range(6):
            operands = [_extremes(operand, number + place) for place, operand in enumerate(sample.operands)]
            try:
                for backend in ("reference", "numpy"):
                    backends.compile(f, backend=backend)(*operands)
            except DiptychError:
                raised = True
    assert raised is (op in FAILING["numpy"] and op is not ops.host_call)
    assert FAILING["numpy"] == FAILING["reference"] == FAILING["jax"] | {ops.divisor, ops.gather, ops.scatter}


# -- and what becomes of the arguments ----


def update_then(last: Callable[[Builder, Value, Value], Any]) -> Callable[..., list[Value]]:
    def body(b: Builder, w: Value, g: Value, i: Value) -> list[Value]:
        new = b.sub(w, g)
        result = last(b, new, i)
        return [new, *([result] if isinstance(result, Value) else result)]

    return body


LATER: dict[str, Callable[[Builder, Value, Value], Any]] = {
    "host_call": lambda b, new, i: says(b, FAIL, new),
    "nested host_call": lambda b, new, i: b.cond(
        b.constant(value=Constant(True)), new, on_true=_told(True), on_false=_told(False)
    ),
    "gather": read,
    "scatter": lambda b, new, i: b.scatter(new, read(b, new, b.sub(i, i)), i, axes=(0,), combine="add"),
    "nested gather": lambda b, new, i: b.scan(
        new, i, body=function("inner", "f32[3] i32[]", read), length=1, constants=2
    ),
}


def _told(fails: bool) -> Function:
    return function("told", "f32[3]", lambda b, x: [x, *(says(b, FAIL, x) if fails else ())])


CASES = [
    ("numpy", "host_call"),
    ("numpy", "nested host_call"),
    ("numpy", "gather"),
    ("numpy", "scatter"),
    ("numpy", "nested gather"),
    ("jax", "host_call"),
    ("jax", "nested host_call"),
]


@pytest.mark.parametrize("backend, name", CASES)
def test_a_donated_argument_keeps_its_value_when_a_later_equation_raises(backend: str, name: str) -> None:
    f = function("f", TABLE, update_then(LATER[name]))
    executable = backends.compile(f, backend=backend, donate=(0, 1))
    w, g = np.array([1, 2, 3], np.float32), np.ones(3, np.float32)
    given: list[Any] = [w, g]
    if backend == "jax":
        import jax

        given = [jax.device_put(w), jax.device_put(g)]
    with pytest.raises(DiptychError):
        executable(*given, np.int32(7))
    assert np.asarray(given[0]).tolist() == [1, 2, 3] and np.asarray(given[1]).tolist() == [1, 1, 1]


def test_results_before_the_last_that_may_raise_have_buffers_of_their_own() -> None:
    """An update behind it is written in place all the same."""

    def body(b: Builder, w: Value, v: Value, i: Value) -> list[Value]:
        first = b.neg(w)
        row = b.broadcast(read(b, v, i), shape=(3,), axes=())
        return [first, b.sub(v, row)]

    executable = backends.compile(function("f", TABLE, body), backend="numpy", donate=(0, 1))
    assert isinstance(executable, backends.Executable) and isinstance(executable.runner, NumpyRunner)
    assert executable.runner.program.plan.donated == {1: 1}


# -- training steps ----

WIDTH, CLASSES = 4, 4


def _training_step(host: HostFunction | None = None, rows: int = 5) -> Function:
    """An embedding, a square layer and cross entropy with their gradients, trained by plain descent."""
    from diptych.passes.autodiff import value_and_gradient

    def loss(b: Builder, table: Value, w: Value, words: Value, labels: Value) -> Value:
        x = b.tanh(b.gather(table, words, axes=(0,)))
        logits = b.matmul(x, w)
        peak = b.broadcast(b.reduce_max(logits, axes=(1,)), shape=logits.shape, axes=(0,))
        shifted = b.sub(logits, b.stop_gradient(peak))
        total = b.log(b.reduce_sum(b.exp(shifted), axes=(1,)))
        rows = b.iota(shape=labels.shape, axis=0, dtype=dtypes.i64)
        return b.reduce_sum(b.sub(total, b.gather(shifted, rows, labels, axes=(0, 1))), axes=(0,))

    gradient = value_and_gradient(
        function("loss", f"f32[7,{WIDTH}] f32[{WIDTH},{CLASSES}] i64[{rows}] i64[{rows}]", loss)
    )
    b = Builder("step")
    parameters = [b.parameter(value.type) for value in gradient.parameters]
    value, *slopes = b.inline(gradient, parameters)
    if host is not None:
        b.host_call(value, function=host, results=())
    rate = b.constant(value=Constant(0.1, dtypes.f32))
    new = [
        b.sub(w, b.mul(slope, b.broadcast(rate, shape=w.shape, axes=())))
        for w, slope in zip(parameters, slopes, strict=False)
    ]
    return b.finish([value, *new])


@pytest.mark.parametrize("rows", [5, 4], ids=["rows", "all of one shape"])
@pytest.mark.parametrize("host", [None, SHOW], ids=["plain", "with a summary"])
def test_training_steps_keep_their_updates_in_place(host: HostFunction | None, rows: int) -> None:
    """Reads of tables and labels raise before anything is updated, and their gradients' writes cannot any more."""
    executable = backends.compile(_training_step(host, rows), backend="numpy", donate=(0, 1))
    assert isinstance(executable, backends.Executable) and isinstance(executable.runner, NumpyRunner)
    assert executable.runner.program.plan.donated == {1: 0, 2: 1}
    random = np.random.default_rng(0)
    table = random.standard_normal((7, WIDTH)).astype(np.float32)
    w = random.standard_normal((WIDTH, CLASSES)).astype(np.float32)
    _, new_table, new_w = executable(table, w, np.array([0, 6, 1, 6, 2])[:rows], np.arange(rows) % CLASSES)
    assert new_table is table and new_w is w
    before = table.copy(), w.copy()
    for words, labels in (([7, 0, 1, 2, 3], [0] * 5), ([0] * 5, [4, 1, 2, 3, 0])):
        with pytest.raises(DiptychError, match="indices"):
            executable(table, w, np.array(words[:rows]), np.array(labels[:rows]))
        assert np.array_equal(table, before[0]) and np.array_equal(w, before[1])


def test_a_step_without_host_calls_is_donated_to_jax() -> None:
    import jax

    step = backends.compile(_training_step(), backend="jax", donate=(0, 1))
    table, w = (jax.device_put(np.ones(shape, np.float32)) for shape in ((7, WIDTH), (WIDTH, CLASSES)))
    step(table, w, np.zeros(5, np.int64), np.zeros(5, np.int64))
    assert table.is_deleted() and w.is_deleted()
