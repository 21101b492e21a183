"""Gradients through nested functions: calls, branches, scans, custom gradients; and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    DifferentiationError,
    Function,
    HostFunction,
    TensorType,
    Value,
    dtypes,
    named,
    ops,
    verify,
)
from diptych.passes.autodiff import pullback, value_and_gradient

from tests.passes.finite_differences import check_gradients, pulled_back
from tests.samples.control import function

POLYNOMIAL = function(
    "polynomial", "f64[3] i32[] f64[3]",
    lambda b, x, n, y: [b.mul(b.sin(x), y), b.add(n, n), b.mul(b.mul(x, x), y), b.exp(y)],
)  # fmt: skip
X, Y = np.array([0.5, -1.0, 2.0]), np.array([1.5, 0.25, -0.75])


@pytest.mark.parametrize("op", [ops.call, ops.fused], ids=str)
@pytest.mark.parametrize("used", [(0, 2, 3), (0,), (3,), (2, 2), (1,)])
def test_call(op: object, used: tuple[int, ...]) -> None:
    """An integer among operands and results; results that nobody uses, or that are used twice."""
    f = function(
        "f", "f64[3] i32[] f64[3]",
        lambda b, x, n, y: [b.emit(op, [x, n, y], {"body": POLYNOMIAL})[place] for place in used],
    )  # fmt: skip
    check_gradients(f, [X, 3, Y])


def test_calls_inside_calls() -> None:
    inner = function("inner", "f64[3]", lambda b, x: b.mul(b.sin(x), x))
    middle = function("middle", "f64[3]", lambda b, x: b.mul(b.call(x, body=inner)[0], b.call(b.exp(x), body=inner)[0]))
    check_gradients(function("f", "f64[3]", lambda b, x: b.call(x, body=middle)), [X])


def test_call_of_its_parameters() -> None:
    """A body that returns a parameter twice, and a constant."""
    body = function("body", "f64[3] f64[3]", lambda b, x, y: [x, x, b.iota(shape=(3,), axis=0, dtype=dtypes.f64)])
    check_gradients(function("f", "f64[3] f64[3]", lambda b, x, y: b.call(b.mul(x, y), y, body=body)), [X, Y])


SMOOTH = function("smooth", "f64[3] f64[3]", lambda b, x, y: [b.mul(b.sin(x), y), b.exp(y)])
SHARP = function("sharp", "f64[3] f64[3]", lambda b, x, y: [b.mul(b.mul(x, x), x), b.mul(y, x)])
FLAT = function("flat", "f64[3] f64[3]", lambda b, x, y: [x, b.iota(shape=(3,), axis=0, dtype=dtypes.f64)])


@pytest.mark.parametrize("branches", [(SMOOTH, SHARP), (SMOOTH, FLAT), (FLAT, SHARP)])
@pytest.mark.parametrize("which", [True, False])
@pytest.mark.parametrize("used", [(0, 1), (1,)])
def test_cond(branches: tuple[Function, Function], which: bool, used: tuple[int, ...]) -> None:
    """Branches that save different things, or nothing."""
    f = function(
        "f", "bool[] f64[3] f64[3]",
        lambda b, p, x, y: [b.cond(p, b.mul(x, y), y, on_true=branches[0], on_false=branches[1])[n] for n in used],
    )  # fmt: skip
    check_gradients(f, [which, X, Y])


def test_cond_inside_cond() -> None:
    inner = function(
        "inner", "bool[] f64[3] f64[3]", lambda b, p, x, y: b.cond(p, x, y, on_true=SMOOTH, on_false=SHARP)
    )  # fmt: skip
    outer = function("outer", "bool[] f64[3] f64[3]", lambda b, p, x, y: [b.mul(x, y), b.sin(y)])
    f = function(
        "f", "bool[] bool[] f64[3] f64[3]",
        lambda b, p, q, x, y: b.cond(p, q, x, y, on_true=inner, on_false=outer),
    )  # fmt: skip
    for p in (True, False):
        for q in (True, False):
            check_gradients(f, [p, q, X, Y])


def _cell(b: Builder, w: Value, n: Value, h: Value, c: Value, x: Value, i: Value) -> list[Value]:
    """A recurrent cell with an integer constant, two carries of different shapes, an integer slice."""
    new = b.tanh(b.add(b.mul(w, h), b.broadcast(x, shape=(3,), axes=())))
    return [new, b.add(c, b.reduce_sum(new, axes=(0,))), b.mul(new, h), i, b.mul(x, x)]


CELL = function("cell", "f64[3] i32[] f64[3] f64[] f64[] i64[]", _cell)
SEQUENCE = np.array([0.5, -0.25, 1.0, 0.75])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("used", [(0, 1, 2, 3, 4), (0,), (1,), (2,), (4,), (3,), (1, 2, 2)])
def test_scan(reverse: bool, used: tuple[int, ...]) -> None:
    f = function(
        "f", "f64[3] i32[] f64[3] f64[] f64[4] i64[4]",
        lambda b, w, n, h, c, x, i: [
            b.scan(w, n, h, c, x, i, body=CELL, length=4, constants=2, carries=2, reverse=reverse)[place]
            for place in used
        ],
    )  # fmt: skip
    check_gradients(f, [Y, 2, X, 0.5, SEQUENCE, np.arange(4)])


def test_scan_of_no_rounds() -> None:
    f = function(
        "f", "f64[3] i32[] f64[3] f64[] f64[0] i64[0]",
        lambda b, w, n, h, c, x, i: b.scan(w, n, h, c, x, i, body=CELL, length=0, constants=2, carries=2),
    )  # fmt: skip
    check_gradients(f, [Y, 2, X, 0.5, np.zeros(0), np.zeros(0)])


def test_scan_without_carries() -> None:
    body = function("body", "f64[3] f64[3]", lambda b, w, x: b.mul(b.sin(w), x))
    f = function("f", "f64[3] f64[2,3]", lambda b, w, x: b.scan(w, x, body=body, length=2, constants=1))
    check_gradients(f, [X, np.stack([X, Y])])


def test_scan_of_a_named_length() -> None:
    body = function("body", "f64[] f64[]", lambda b, h, x: [b.mul(b.sin(h), x), b.mul(h, h)])
    b = Builder("f")
    start = b.parameter(TensorType(dtypes.f64))
    x = b.parameter(TensorType(dtypes.f64, (named("steps"),)))
    f = b.finish(b.scan(start, x, body=body, length=named("steps"), carries=1))
    check_gradients(f, [0.5, SEQUENCE])


def test_scan_inside_scan() -> None:
    inner = function("inner", "f64[] f64[] f64[]", lambda b, w, h, x: [b.sin(b.add(b.mul(w, h), x)), b.mul(h, x)])

    def body(b: Builder, w: Value, h: Value, row: Value) -> list[Value]:
        last, outputs = b.scan(w, h, row, body=inner, length=2, constants=1, carries=1)
        return [last, b.reduce_sum(outputs, axes=(0,))]

    outer = function("outer", "f64[] f64[] f64[2]", body)
    f = function(
        "f", "f64[] f64[] f64[3,2]", lambda b, w, h, x: b.scan(w, h, x, body=outer, length=3, constants=1, carries=1)
    )  # fmt: skip
    check_gradients(f, [0.7, 0.3, np.arange(6.0).reshape(3, 2) / 5])


def test_a_carry_without_a_gradient_of_its_own() -> None:
    """An integer carry that counts, and a float carry that nothing depends on."""
    body = function(
        "body", "i32[] f64[] f64[]",
        lambda b, n, h, x: [b.add(n, n), b.mul(h, x), b.mul(b.cast(n, dtype=dtypes.f64), x)],
    )  # fmt: skip
    f = function("f", "i32[] f64[] f64[4]", lambda b, n, h, x: b.scan(n, h, x, body=body, length=4, carries=2)[2])
    check_gradients(f, [1, 0.5, SEQUENCE])


def _mish(b: Builder, x: Value) -> Value:
    return b.mul(x, b.tanh(b.log1p(b.exp(x))))


def test_custom_gradient_is_what_it_says() -> None:
    """Three times the truth; one operand is an integer, one result is not used."""
    body = function("body", "f64[3] i32[] f64[3]", lambda b, x, n, y: [b.mul(x, y), b.sin(x), b.add(n, n)])
    gradient = function(
        "gradient", "f64[3] i32[] f64[3] f64[3] f64[3] i32[] f64[3] f64[3]",
        lambda b, x, n, y, product, sine, twice, ct, ct_sine: [
            b.mul(b.add(b.mul(ct, y), b.mul(ct_sine, b.cos(x))), b.constant(value=_filled(3.0))),
            b.mul(b.mul(ct, x), b.constant(value=_filled(3.0))),
        ],
    )  # fmt: skip
    f = function(
        "f", "f64[3] i32[] f64[3]",
        lambda b, x, n, y: b.custom_gradient(x, n, y, body=body, gradient=gradient)[0],
    )  # fmt: skip
    assert pulled_back(f, X, 2, Y) == [(3 * Y).tolist(), (3 * X).tolist()]


def _filled(number: float) -> object:
    from diptych.ir import Constant

    return Constant(np.full(3, number))


def test_true_custom_gradients_of_second_order() -> None:
    body = function("body", "f64[3]", _mish)
    plain = pullback(body)
    gradient = function("gradient", "f64[3] f64[3] f64[3]", lambda b, x, out, ct: b.inline(plain, [x, ct]))
    check_gradients(
        function("f", "f64[3]", lambda b, x: b.custom_gradient(b.sin(x), body=body, gradient=gradient)), [X]
    )


def test_stop_gradient() -> None:
    f = function("f", "f64[3]", lambda b, x: b.mul(x, b.stop_gradient(b.mul(x, x))))
    assert pulled_back(f, X) == [(X * X).tolist()]


def test_graft_sends_the_gradient_to_the_history() -> None:
    f = function("f", "f64[3] f64[3]", lambda b, x, y: b.mul(b.graft(x, b.mul(y, y)), x))
    assert pulled_back(f, X, 2 * X) == [X.tolist(), (X * 4 * X).tolist()]


def test_host_call_is_refused_with_its_line() -> None:
    host = HostFunction("tests.twice", lambda x: x * 2)
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f64))
    f = b.finish(b.host_call(b.sin(x), function=host, results=(x.type,)))
    lines = Path(__file__).read_text().splitlines()
    number = next(number for number, text in enumerate(lines, 1) if "b.host_call(b.sin(x)" in text)
    with pytest.raises(DifferentiationError) as caught:
        pullback(f)
    assert str(caught.value) == (
        "host_call: has no gradient: Python code cannot be differentiated; wrap it in a custom_gradient\n"
        f"  at {__file__}:{number}: {lines[number - 1].strip()}"
    )


def test_a_host_call_inside_a_custom_gradient_is_not() -> None:
    host = HostFunction("tests.twice", lambda x: x * 2)
    scalar = TensorType(dtypes.f64)
    body = function("body", "f64[]", lambda b, x: b.host_call(x, function=host, results=(scalar,)))
    gradient = function("gradient", "f64[] f64[] f64[]", lambda b, x, out, ct: b.add(ct, ct))
    f = function("f", "f64[]", lambda b, x: b.custom_gradient(x, body=body, gradient=gradient))
    assert pulled_back(f, 3.0) == [2.0]


def test_bitcast_is_refused() -> None:
    f = function("f", "f64[]", lambda b, x: b.bitcast(b.bitcast(x, dtype=dtypes.i64), dtype=dtypes.f64))
    assert pulled_back(f, 1.0) == [0.0]  # through integers nothing flows
    g = function("g", "f32[]", lambda b, x: b.bitcast(x, dtype=dtypes.f32))
    with pytest.raises(DifferentiationError, match="bitcast: has no gradient: a change of bits has no derivative"):
        pullback(g)


def test_forward_equations_run_once() -> None:
    """The backward half of a call uses what the forward half saved: no sine is computed twice."""
    body = function("body", "f64[3]", lambda b, x: b.exp(b.sin(x)))
    f = function("f", "f64[3]", lambda b, x: b.reduce_sum(b.call(x, body=body)[0], axes=(0,)))
    g = value_and_gradient(f)
    verify(g)
    calls = [equation for equation in g.equations if equation.op is ops.call]
    names = [inner.op.name for call in calls for inner in call.attributes["body"].equations]
    assert (names.count("sin"), names.count("exp"), names.count("cos")) == (1, 1, 1)
    _, gradient = evaluate(g, [X])
    np.testing.assert_allclose(gradient, np.cos(X) * np.exp(np.sin(X)))
