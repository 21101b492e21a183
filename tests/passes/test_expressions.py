"""Small expressions, by their values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, TensorType, Unsupported, Value, dtypes, named
from diptych.passes import expressions as e

from tests.samples.control import function

X = np.arange(6.0).reshape(2, 3)


def value(types: str, body: Any, *arrays: Any) -> np.ndarray:
    (result,) = evaluate(function("f", types, body), arrays)
    return result


def test_constants() -> None:
    assert value("", lambda b: e.full(b, TensorType(dtypes.i8, (2,)), 300)).tolist() == [44, 44]  # wraps around
    assert value("", lambda b: e.ones(b, TensorType(dtypes.c64))) == 1
    assert value("", lambda b: e.zeros(b, TensorType(dtypes.bool_, (1,)))).tolist() == [False]


def test_arithmetic() -> None:
    assert value("f64[2,3]", lambda b, x: e.scale(b, x, 2), X).tolist() == (2 * X).tolist()
    assert value("f64[2,3]", lambda b, x: e.plus(b, x, 2), X).tolist() == (X + 2).tolist()
    assert value("f64[2,3]", lambda b, x: e.square(b, x), X).tolist() == (X * X).tolist()
    assert value("f64[2,3]", lambda b, x: e.reciprocal(b, x), X + 1).tolist() == (1 / (X + 1)).tolist()


def test_what_needs_no_equation() -> None:
    b = Builder()
    x = b.parameter(TensorType(dtypes.f64, (2, 3)))
    same: list[Value] = [e.conj(b, x), e.as_dtype(b, x, x.dtype), e.as_shape(b, x, x.shape), e.as_order(b, x, (0, 1))]
    assert same == [x] * 4
    assert b.equations == []


def test_shapes() -> None:
    kept = value("f64[2]", lambda b, x: e.expand(b, x, TensorType(dtypes.f64, (2, 3)), (1,)), np.array([1.0, 2.0]))
    assert kept.tolist() == [[1, 1, 1], [2, 2, 2]]
    assert e.inverse((2, 0, 1)) == (1, 2, 0)
    assert value("f64[2,3]", lambda b, x: e.swap_last(b, x), X).tolist() == X.T.tolist()
    z = X + 1j
    assert value("c128[2,3]", lambda b, x: e.adjoint(b, x), z).tolist() == z.conj().T.tolist()
    stack = np.stack([X, X + 1])
    product = value("f64[2,2,3] f64[2,3,2]", lambda b, x, y: e.stacked_matmul(b, x, y), stack, stack.swapaxes(1, 2))
    assert product.tolist() == (stack @ stack.swapaxes(1, 2)).tolist()


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("diagonal", [1.0, 0.5, 0.0])
def test_triangle(lower: bool, diagonal: float) -> None:
    x = np.arange(1.0, 13.0).reshape(1, 4, 3)
    keep = np.tril if lower else np.triu
    expected = keep(x, -1 if lower else 1) + diagonal * (np.tril(x) * (np.triu(np.ones((4, 3)))))
    assert value(
        "f64[1,4,3]", lambda b, x: e.triangle(b, x, lower=lower, diagonal=diagonal), x
    ).tolist() == expected.tolist()  # fmt: skip


def test_diagonal_of() -> None:
    found = value("f64[2,3]", lambda b, x: e.diagonal_of(b, x, 7), X)
    assert found.tolist() == [(np.diag(row) + 7 * (1 - np.eye(3))).tolist() for row in X]


def test_counts() -> None:
    def body(b: Builder, x: Value) -> Value:
        return e.count(b, 2 * named("n") + 1, dtypes.f64)

    assert value("f64[n]", body, np.zeros(5)) == 11
    assert value("", lambda b: e.count(b, 7, dtypes.f32)) == 7


def test_numbers() -> None:
    assert e.numbers([1, 2], "op", "sizes") == [1, 2]
    with pytest.raises(Unsupported) as caught:
        e.numbers([1, named("n")], "op", "sizes")
    assert str(caught.value) == "op: the gradient needs numeric sizes\n  try: specialise the program to its sizes first"


@pytest.mark.parametrize("times", [1, 3, 17])
def test_repeated(times: int) -> None:
    for axis in (0, 1):
        found = value("f64[2,3]", lambda b, x, at=axis: e.repeated(b, x, times, at), X)
        assert found.tolist() == X.repeat(times, axis).tolist()
