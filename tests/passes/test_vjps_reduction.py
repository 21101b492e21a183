"""Gradients of reductions, running reductions and orderings: zeros in products, ties, records, other operands."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from diptych.backends import compile
from diptych.ir import Op, dtypes, ops
from diptych.passes.autodiff import pullback

from tests.passes.finite_differences import check_gradients, pulled_back
from tests.samples.control import function

TABLE = np.array([[[1.0, -2.0], [0.5, 3.0], [2.0, 1.5]], [[4.0, 0.25], [-1.0, 2.5], [0.75, -3.0]]])


@pytest.mark.parametrize("axes", [(), (0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("op", [ops.reduce_sum, ops.reduce_prod, ops.reduce_max, ops.reduce_min], ids=str)
def test_reductions(op: Op, axes: tuple[int, ...]) -> None:
    check_gradients(function("f", "f64[2,3,2]", lambda b, x: b.emit(op, [x], {"axes": axes})), [TABLE])


@pytest.mark.parametrize("op", [ops.reduce_sum, ops.reduce_prod], ids=str)
def test_complex_reductions(op: Op) -> None:
    x = TABLE + 1j * TABLE[::-1]
    check_gradients(function("f", "c128[2,3,2]", lambda b, x: b.emit(op, [x], {"axes": (0, 2)})), [x])


@pytest.mark.parametrize("zeros", [(), (0,), (2,), (0, 3), (0, 1, 2, 3)])
@pytest.mark.parametrize("dtype", ["f64", "c128"])
def test_products_with_zeros(zeros: tuple[int, ...], dtype: str) -> None:
    x = np.array([1.5, -2.0, 0.5, 3.0]).astype({"f64": "f8", "c128": "c16"}[dtype])
    if dtype == "c128":
        x = x * (1 + 0.5j)
    x[list(zeros)] = 0
    check_gradients(function("f", f"{dtype}[4]", lambda b, x: b.reduce_prod(x, axes=(0,))), [x])
    for reverse in (False, True):
        f = function("f", f"{dtype}[4]", lambda b, x, r=reverse: b.cumulative_prod(x, axis=0, reverse=r))
        check_gradients(f, [x])


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    "op", [ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max, ops.cumulative_min], ids=str
)
def test_running_reductions(op: Op, axis: int, reverse: bool) -> None:
    f = function("f", "f64[2,3,2]", lambda b, x: b.emit(op, [x], {"axis": axis, "reverse": reverse}))
    check_gradients(f, [TABLE])


@pytest.mark.parametrize("op", [ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max], ids=str)
def test_running_reductions_of_nothing(op: Op) -> None:
    check_gradients(function("f", "f64[2,0]", lambda b, x: b.emit(op, [x], {"axis": 1})), [np.zeros((2, 0))])


def test_ties_share() -> None:
    f = function("f", "f64[2,3]", lambda b, x: b.reduce_max(x, axes=(1,)))
    assert pulled_back(f, [[1, 1, 0], [2, 2, 2]], [6, 6]) == [[[3, 3, 0], [2, 2, 2]]]


@pytest.mark.parametrize("backend", ["reference", "numpy", "jax"])
def test_where_the_extreme_one_is_nan_so_is_the_gradient(backend: Literal["reference", "numpy", "jax"]) -> None:
    f = pullback(function("f", "f32[2,3]", lambda b, x: b.reduce_max(x, axes=(1,))))
    x = np.array([[1, np.nan, 2], [3, 3, 0]], np.float32)
    (gradient,) = compile(f, backend=backend)(x, np.ones(2, np.float32))
    np.testing.assert_array_equal(gradient, [[np.nan] * 3, [0.5, 0.5, 0]])


@pytest.mark.parametrize("op", [ops.cumulative_max, ops.cumulative_min], ids=str)
def test_records_go_to_the_latest_of_equals(op: Op) -> None:
    x = [1.0, 3, 3, 2, 3] if op is ops.cumulative_max else [-1.0, -3, -3, -2, -3]
    for reverse, expected in ((False, [1, 1, 2, 0, 1]), (True, [0, 2, 1, 0, 2])):
        f = function("f", "f64[5]", lambda b, x, r=reverse: b.emit(op, [x], {"axis": 0, "reverse": r}))
        assert pulled_back(f, x) == [expected]


@pytest.mark.parametrize("axis", [0, 1])
def test_sort_of_several_operands(axis: int) -> None:
    """Two keys, the first with ties, and two operands that are only carried along, one of them complex."""
    f = function(
        "f", "i32[3,2] f64[3,2] f64[3,2] c128[3,2]",
        lambda b, k, x, y, z: b.sort(k, b.mul(x, x), b.sin(y), z, axis=axis, keys=2),
    )  # fmt: skip
    keys = np.array([[2, 1], [1, 1], [2, 0]], np.int32)
    x = np.array([[1.0, 2.5], [0.5, 1.5], [3.0, 0.25]])
    check_gradients(f, [keys, x, x + 1, x * 1j])


def test_sort_with_places_is_not_sorted_again() -> None:
    f = function("f", "f64[4]", lambda b, x: b.sort(x, b.iota(shape=(4,), axis=0, dtype=dtypes.i32), axis=0))
    backward = pullback(f)
    assert sum(equation.op is ops.sort for equation in backward.equations) == 1
    check_gradients(f, [[3.0, 1.0, 2.0, 0.5]])


@pytest.mark.parametrize("dtype", [dtypes.i32, dtypes.u8, dtypes.i8, dtypes.i64], ids=str)
def test_top_k(dtype: object) -> None:
    f = function("f", "f64[2,4]", lambda b, x: b.top_k(b.exp(x), k=2, dtype=dtype)[0])
    check_gradients(f, [[[1.0, 0.5, 3.0, 2.0], [0.25, 4.0, -1.0, 0.75]]])


def test_top_k_of_more_rows_than_its_index_type_counts() -> None:
    f = function("f", "f64[300,2]", lambda b, x: b.top_k(x, k=1, dtype=dtypes.u8)[0])
    x = np.stack([np.zeros(300), np.ones(300)], axis=1)
    assert pulled_back(f, x) == [x.tolist()]


def test_named_dimensions() -> None:
    f = function(
        "f", "f64[n,m]",
        lambda b, x: [b.reduce_prod(x, axes=(0, 1)), b.reduce_max(x, axes=(1,)), b.cumulative_prod(x, axis=0)],
    )  # fmt: skip
    check_gradients(f, [TABLE[0]])
