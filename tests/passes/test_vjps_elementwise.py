"""Gradients of elementwise ops where samples do not reach: complex planes, ties, edges, second order at edges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Op, dtypes, ops
from diptych.passes.autodiff import pullback

from tests.passes.finite_differences import check_gradients, pulled_back
from tests.samples.control import function

HOLOMORPHIC = (
    ops.identity, ops.neg, ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.rsqrt, ops.sin, ops.cos, ops.tan,
    ops.asin, ops.acos, ops.atan, ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh, ops.logistic,
)  # fmt: skip
PARTS = (ops.abs, ops.sign, ops.conj, ops.real, ops.imag)


@pytest.mark.parametrize("op", (*HOLOMORPHIC, *PARTS), ids=str)
def test_complex_plane(op: Op) -> None:
    """Points in every quadrant, away from the branch cuts on the axes."""
    points = np.array([0.6 + 0.7j, -0.8 + 0.5j, -0.4 - 0.9j, 1.3 - 0.3j])
    check_gradients(function("f", "c128[4]", lambda b, x: b.emit(op, [x], {})), [points])


@pytest.mark.parametrize("op", (ops.add, ops.sub, ops.mul, ops.div, ops.pow), ids=str)
def test_complex_arithmetic(op: Op) -> None:
    left, right = np.array([0.6 + 0.7j, -0.8 + 0.5j]), np.array([1.2 - 0.4j, -0.3 - 1.1j])
    check_gradients(function("f", "c128[2] c128[2]", lambda b, x, y: b.emit(op, [x, y], {})), [left, right])


def test_identity_of_real_values() -> None:
    check_gradients(function("f", "f64[2]", lambda b, x: b.identity(x)), [[1.0, -2.0]])


def test_casts_between_real_and_complex() -> None:
    f = function(
        "f", "f64[2] c128[2]",
        lambda b, x, z: [b.mul(b.cast(x, dtype=dtypes.c128), z), b.mul(b.cast(z, dtype=dtypes.f64), x)],
    )  # fmt: skip
    check_gradients(f, [np.array([1.5, -2.0]), np.array([1 + 2j, -0.5 + 1j])])


def test_complex_of_parts() -> None:
    f = function("f", "f64[2] f64[2]", lambda b, x, y: b.exp(b.complex(x, y)))
    check_gradients(f, [[0.5, -1.0], [0.25, 2.0]])


def test_select_by_a_scalar() -> None:
    f = function("f", "bool[] f64[2] f64[2]", lambda b, c, x, y: b.mul(b.select(c, x, y), x))
    for condition in (True, False):
        check_gradients(f, [condition, np.array([1.0, 2.0]), np.array([3.0, 4.0])])


@pytest.mark.parametrize("op", (ops.max, ops.min), ids=str)
def test_ties_are_shared(op: Op) -> None:
    f = function("f", "f64[3] f64[3]", lambda b, x, y: b.emit(op, [x, y], {}))
    larger = pulled_back(f, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    expected = [[0, 0.5, 1], [1, 0.5, 0]]
    assert larger == (expected if op is ops.max else expected[::-1])


def test_clamp_gives_each_element_to_one_operand() -> None:
    """Below, at the lower bound, inside, at the upper bound, above; then bounds that are equal, then exchanged."""
    f = function("f", "f64[11] f64[11] f64[11]", lambda b, low, x, high: b.clamp(low, x, high))
    low = [0.0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    x = [-1.0, 0, 0.5, 1, 2, 0, 1, 2, 0, 1.5, 3]
    high = [1.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    to_low, to_x, to_high = pulled_back(f, low, x, high)
    assert to_low == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert to_x == [0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert to_high == [0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1]


def test_clamp_by_scalars() -> None:
    f = function("f", "f64[] f64[2,2] f64[]", lambda b, low, x, high: b.clamp(low, b.sin(x), high))
    check_gradients(f, [-0.5, np.array([[-1.0, 0.1], [0.4, 2.0]]), 0.6])


def test_abs_and_sign_at_zero() -> None:
    real = function("f", "f64[1]", lambda b, x: b.abs(x))
    assert pulled_back(real, [0.0]) == [[0.0]]
    for op in (ops.abs, ops.sign):
        f = function("f", "c128[1]", lambda b, x, op=op: b.emit(op, [x], {}))
        assert pulled_back(f, np.array([0j])) == [[0j]]
        second = pullback(pullback(f))
        arrays = [np.zeros(p.type.static_shape(), p.dtype.numpy) for p in second.parameters]
        assert all(np.isfinite(result).all() for result in evaluate(second, arrays))


POWERS = [
    # x, y, d/dx, d/dy
    (2.0, 3.0, 12.0, 8 * np.log(2.0)),
    (-2.0, 3.0, 12.0, np.nan),  # the exponent may not move
    (-2.0, -1.0, -0.25, np.nan),
    (0.0, 2.0, 0.0, 0.0),
    (0.0, 1.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 0.0),
    (0.0, 0.5, np.inf, 0.0),
    (3.0, 0.0, 0.0, np.log(3.0)),
    (0.0, -1.0, -np.inf, -np.inf),
]


@pytest.mark.parametrize("x, y, by_x, by_y", POWERS)
def test_pow_at_edges(x: float, y: float, by_x: float, by_y: float) -> None:
    f = function("f", "f64[] f64[]", lambda b, x, y: b.pow(x, y))
    np.testing.assert_allclose(pulled_back(f, x, y), [by_x, by_y], rtol=1e-15)


@pytest.mark.parametrize("x, y, second", [(0.0, 2.0, 2.0), (0.0, 1.0, 0.0), (0.0, 3.0, 0.0), (-1.5, 2.0, 2.0)])
def test_pow_of_second_order_at_zero(x: float, y: float, second: float) -> None:
    """By x alone, and by both: no nan comes in from the derivative that is 0."""
    alone = function("f", "f64[]", lambda b, x: b.pow(x, b.constant(value=_constant(y))))
    assert evaluate(pullback(pullback(alone)), [x, 1.0, 1.0]) == (second, pytest.approx(y * x ** (y - 1)))
    if x == 0:
        both = function("f", "f64[] f64[]", lambda b, x, y: b.pow(x, y))
        by_x, *_ = evaluate(pullback(pullback(both)), [x, y, 1.0, 1.0, 0.0])
        assert by_x == second


def _constant(number: float) -> object:
    from diptych.ir import Constant

    return Constant(number, dtypes.f64)


def test_pow_at_a_zero_exponent_of_second_order() -> None:
    """d/dy of y x**(y - 1) at y = 0 is 1 / x."""
    f = function("f", "f64[] f64[]", lambda b, x, y: b.pow(x, y))
    _, by_y, *_ = evaluate(pullback(pullback(f)), [2.0, 0.0, 1.0, 1.0, 0.0])
    assert by_y == pytest.approx(0.5)


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_rem_and_atan2_in_every_quadrant(signs: tuple[int, int]) -> None:
    left, right = np.array([7.5, 2.2]) * signs[0], np.array([2.0, 3.1]) * signs[1]
    for op in (ops.rem, ops.atan2):
        check_gradients(function("f", "f64[2] f64[2]", lambda b, x, y, op=op: b.emit(op, [x, y], {})), [left, right])


ZERO_DERIVATIVES: list[Callable[..., object]] = [
    lambda b, x: b.floor(x),
    lambda b, x: b.ceil(x),
    lambda b, x: b.round_even(x),
    lambda b, x: b.sign(x),
    lambda b, x: b.stop_gradient(x),
    lambda b, x: b.cast(b.is_finite(x), dtype=dtypes.f64),
    lambda b, x: b.cast(b.cast(x, dtype=dtypes.i32), dtype=dtypes.f64),
]


@pytest.mark.parametrize("body", ZERO_DERIVATIVES)
def test_flat_ops_have_zero_gradients(body: Callable[..., object]) -> None:
    f = function("f", "f64[2]", lambda b, x: b.mul(body(b, x), b.stop_gradient(x)))
    assert pulled_back(f, [1.25, -2.75]) == [[0.0, 0.0]]
