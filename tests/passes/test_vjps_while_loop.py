"""Gradients through while_loop: with a bound and without, more rounds than slots, none, nested, second order."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Constant, Function, Value, dtypes, ops
from diptych.passes.autodiff import pullback
from diptych.passes.vjps import while_loop

from tests.passes.finite_differences import arrays_for, check_gradients
from tests.samples.control import function


def one(b: Builder) -> Value:
    return b.constant(value=Constant(1, dtypes.i32))


# while i < n: x, i = sin(w * x) + x, i + 1
BELOW = function("below", "f64[2] i32[] i32[] f64[2]", lambda b, w, n, i, x: b.lt(i, n))
STEP = function(
    "step", "f64[2] i32[] i32[] f64[2]",
    lambda b, w, n, i, x: [b.add(i, one(b)), b.add(b.sin(b.mul(w, x)), x)],
)  # fmt: skip
W, X = np.array([0.7, -1.2]), np.array([0.5, 2.0])


def loop(bound: int | None = None) -> Function:
    return function(
        "f", "f64[2] i32[] f64[2]",
        lambda b, w, n, x: b.while_loop(
            w, n, b.constant(value=Constant(0, dtypes.i32)), x, condition=BELOW, body=STEP, constants=2, bound=bound
        )[1],
    )  # fmt: skip


@pytest.fixture
def few_slots(monkeypatch: pytest.MonkeyPatch) -> int:
    """Slots for 4 snapshots only: the buffer is thinned out after 4, 8, 16 ... rounds."""
    monkeypatch.setattr(while_loop, "SLOTS", 4)
    return 4


@pytest.mark.parametrize("rounds", [0, 1, 3, 4, 5, 8, 9, 17, 35])
def test_more_rounds_than_slots(few_slots: int, rounds: int) -> None:
    check_gradients(loop(), [W, rounds, X], order=1)


@pytest.mark.parametrize("rounds", [0, 1, 4, 5, 9])
def test_second_order(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    monkeypatch.setattr(while_loop, "SLOTS", 2)
    check_gradients(loop(), [W, rounds, X])


@pytest.mark.parametrize("rounds, bound", [(0, 0), (0, 3), (2, 3), (3, 3), (5, 9)])
def test_with_a_bound(rounds: int, bound: int) -> None:
    check_gradients(loop(bound), [W, rounds, X])


def test_a_bounded_loop_computes_no_round_twice() -> None:
    backward = pullback(loop(bound=5))
    loops = [equation for equation in backward.equations if equation.op is ops.while_loop]
    assert len(loops) == 2
    assert all(inner.op is not ops.while_loop for each in loops for inner in each.attributes["body"].equations)


def test_the_default_holds_every_round_of_short_loops() -> None:
    assert while_loop.SLOTS == 256
    check_gradients(loop(), [W, 3, X], order=1)


def test_a_condition_on_the_values(few_slots: int) -> None:
    """Newton's method for a cube root, until it is near: how many rounds it takes, the values decide."""
    three = Constant(3.0)

    def condition(b: Builder, a: Value, x: Value) -> Value:
        gap = b.abs(b.sub(b.mul(b.mul(x, x), x), a))
        return b.gt(gap, b.constant(value=Constant(1e-9)))

    def body(b: Builder, a: Value, x: Value) -> Value:
        c = b.constant(value=three)
        return b.sub(x, b.div(b.sub(b.mul(b.mul(x, x), x), a), b.mul(c, b.mul(x, x))))

    near = function("near", "f64[] f64[]", condition)
    newton = function("newton", "f64[] f64[]", body)
    f = function("f", "f64[] f64[]", lambda b, a, x: b.while_loop(a, x, condition=near, body=newton, constants=1))
    by_a, by_start = evaluate(pullback(f), [27.0, 1.0, 1.0])
    assert by_a == pytest.approx(1 / 27)
    assert by_start == pytest.approx(0, abs=1e-6)


def nested() -> Function:
    """An outer loop whose body runs the inner one as often as the outer has run."""
    inner_below = function("inner_below", "f64[] i32[] i32[] f64[]", lambda b, w, n, i, x: b.lt(i, n))
    inner_step = function(
        "inner_step", "f64[] i32[] i32[] f64[]", lambda b, w, n, i, x: [b.add(i, one(b)), b.sin(b.mul(w, x))]
    )  # fmt: skip

    def step(b: Builder, w: Value, n: Value, i: Value, x: Value, total: Value) -> list[Value]:
        zero = b.constant(value=Constant(0, dtypes.i32))
        last = b.while_loop(w, i, zero, x, condition=inner_below, body=inner_step, constants=2)[1]
        return [b.add(i, one(b)), b.add(last, x), b.add(total, b.mul(x, last))]

    below = function("below", "f64[] i32[] i32[] f64[] f64[]", lambda b, w, n, i, x, total: b.lt(i, n))
    body = function("step", "f64[] i32[] i32[] f64[] f64[]", step)
    return function(
        "f", "f64[] i32[] f64[]",
        lambda b, w, n, x: b.while_loop(
            w, n, b.constant(value=Constant(0, dtypes.i32)), x, x, condition=below, body=body, constants=2
        )[1:],
    )  # fmt: skip


@pytest.mark.parametrize("rounds", [0, 1, 3, 6])
def test_loops_inside_loops(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    monkeypatch.setattr(while_loop, "SLOTS", 2)
    check_gradients(nested(), [0.9, rounds, 0.8], order=2 if rounds < 6 else 1)


def test_a_loop_inside_a_scan_inside_a_branch(few_slots: int) -> None:
    short = function("short", "f64[2] f64[2]", lambda b, w, x: b.mul(w, x))

    def round_of(b: Builder, w: Value, x: Value, n: Value) -> list[Value]:
        zero = b.constant(value=Constant(0, dtypes.i32))
        last = b.while_loop(w, n, zero, x, condition=BELOW, body=STEP, constants=2)[1]
        return [last, b.mul(last, x)]

    body = function("round", "f64[2] f64[2] i32[]", round_of)

    def long_of(b: Builder, w: Value, x: Value) -> Value:
        counts = b.iota(shape=(3,), axis=0, dtype=dtypes.i32)
        return b.reduce_sum(b.scan(w, x, counts, body=body, length=3, constants=1, carries=1)[1], axes=(0,))

    long = function("long", "f64[2] f64[2]", long_of)
    f = function("f", "bool[] f64[2] f64[2]", lambda b, p, w, x: b.cond(p, w, x, on_true=long, on_false=short))
    for p in (True, False):
        check_gradients(f, [p, W / 2, X / 2])


def test_state_without_gradients_and_results_without_use(few_slots: int) -> None:
    """Only the counter is used: nothing flows. Only one float of two is used: the other's cotangent is zero."""
    below = function("below", "i32[] i32[] f64[] f64[]", lambda b, n, i, x, y: b.lt(i, n))
    step = function(
        "step", "i32[] i32[] f64[] f64[]", lambda b, n, i, x, y: [b.add(i, one(b)), b.mul(x, y), b.sin(y)]
    )  # fmt: skip

    def result(place: int) -> Function:
        return function(
            "f", "i32[] f64[] f64[]",
            lambda b, n, x, y: b.while_loop(
                n, b.constant(value=Constant(0, dtypes.i32)), x, y, condition=below, body=step, constants=1
            )[place],
        )  # fmt: skip

    counted = pullback(result(0))
    assert evaluate(counted, arrays_for(counted, [6, 0.5, 0.7])) == (0, 0)
    check_gradients(result(1), [6, 0.5, 0.7], order=1)
    check_gradients(result(2), [6, 0.5, 0.7], order=1)


def test_integer_loops_have_no_gradient() -> None:
    below = function("below", "i32[]", lambda b, i: b.lt(i, b.constant(value=Constant(5, dtypes.i32))))
    step = function("step", "i32[]", lambda b, i: b.add(i, one(b)))
    f = function(
        "f", "i32[] f64[]",
        lambda b, i, x: b.mul(b.cast(b.while_loop(i, condition=below, body=step)[0], dtype=dtypes.f64), x),
    )  # fmt: skip
    check_gradients(f, [2, 3.0])
