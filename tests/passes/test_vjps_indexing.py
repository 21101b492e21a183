"""Gradients of reads and writes: every way to combine, places that are written twice, indices out of bounds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.passes.finite_differences import check_gradients, pulled_back
from tests.samples.control import function

X = np.array([[1.0, 2.0], [3.0, 4.5], [5.0, 6.0], [0.5, -1.0]])
UPDATES = np.array([[0.3, 7.0], [9.0, -2.0], [-1.5, 0.25], [4.0, 8.0], [2.5, 1.25]])
PLACES = np.array([2, 0, 2, 3, 2])


@pytest.mark.parametrize("combine", ["set", "add", "mul", "min", "max"])
def test_scatter_of_rows(combine: str) -> None:
    """Rows 2 three times (for `set` rows once each, since which one it keeps is not defined)."""
    f = function(
        "f", "f64[4,2] f64[5,2] i64[5]" if combine != "set" else "f64[4,2] f64[3,2] i64[3]",
        lambda b, x, u, i: b.scatter(b.mul(x, x), b.sin(u), i, axes=(0,), combine=combine),
    )  # fmt: skip
    if combine == "set":
        check_gradients(f, [X, UPDATES[:3], [2, 0, 3]])
    else:
        check_gradients(f, [X, UPDATES, PLACES])


@pytest.mark.parametrize("combine", ["set", "add", "mul", "min", "max"])
def test_scatter_that_drops(combine: str) -> None:
    f = function(
        "f", "f64[4,2] f64[4] i32[4] i8[4]",
        lambda b, x, u, i, j: b.scatter(x, u, i, j, axes=(0, 1), combine=combine, bounds="drop"),
    )  # fmt: skip
    check_gradients(f, [X, [2.25, 0.5, 9.0, 3.0], [0, -1, 4, 2], [1, 0, 0, 5]])


@pytest.mark.parametrize("combine", ["set", "add", "mul", "min", "max"])
def test_scatter_of_scalars(combine: str) -> None:
    """One index, and axes in the middle."""
    f = function(
        "f", "f64[2,3,2] f64[2,2] i32[]",
        lambda b, x, u, i: b.scatter(x, u, i, axes=(1,), combine=combine),
    )  # fmt: skip
    x = np.arange(1.0, 13.0).reshape(2, 3, 2)
    check_gradients(f, [x, [[1.5, 20.0], [-3.0, 9.5]], 1])


def test_products_with_zeros() -> None:
    """No zero, one, two among the updates of a place; a zero in x: products of the others, without division by 0."""
    f = function("f", "f64[4] f64[7] i32[7]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="mul"))
    arguments = [[2.0, 3.0, 5.0, 0.0], [2.0, 3.0, 0.0, 4.0, 0.0, 0.0, 7.0], [0, 0, 1, 1, 2, 2, 3]]
    check_gradients(f, arguments)
    assert pulled_back(f, *arguments) == [[6, 0, 0, 7], [6, 4, 12, 0, 0, 0, 0]]


@pytest.mark.parametrize("combine", ["min", "max"])
def test_ties_share(combine: str) -> None:
    f = function("f", "f64[2] f64[3] i32[3]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine=combine))
    assert pulled_back(f, [1, 2], [1, 2, 2], [0, 1, 1], [6, 6]) == [[3, 2], [3, 2, 2]]


def test_complex_products() -> None:
    f = function("f", "c128[2] c128[3] i32[3]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="mul"))
    check_gradients(f, [np.array([1 + 1j, 2j]), np.array([2 - 1j, 0.5j, 3]), [0, 1, 1]])


def test_gather_reads_a_place_twice() -> None:
    f = function(
        "f", "f64[4,2] i32[2,2] u8[2,2]", lambda b, x, i, j: b.sin(b.gather(x, i, j, axes=(0, 1)))
    )  # fmt: skip
    check_gradients(f, [X, [[0, 3], [3, 1]], [[1, 0], [0, 1]]])


@pytest.mark.parametrize("dtype, indices", [("i32", [-3, 2, 9]), ("i8", [-100, 5, 127]), ("u64", [2**64 - 1, 2, 0])])
def test_gather_that_clips(dtype: str, indices: list[int]) -> None:
    f = function(
        "f", f"f64[4,2] {dtype}[3]", lambda b, x, i: b.gather(b.exp(x), i, axes=(0,), bounds="clip")
    )  # fmt: skip
    check_gradients(f, [X, np.array(indices, {"i32": "i4", "i8": "i1", "u64": "u8"}[dtype])])


def test_clipping_in_an_axis_longer_than_the_index_type() -> None:
    f = function("f", "f64[300] i8[2]", lambda b, x, i: b.gather(x, i, axes=(0,), bounds="clip"))
    (found,) = pulled_back(f, np.zeros(300), [100, -5], [2.0, 3.0])
    assert (found[0], found[100], sum(found)) == (3, 2, 5)


def test_dropping_in_an_axis_longer_than_the_index_type() -> None:
    f = function(
        "f", "f64[300] f64[2] i8[2]", lambda b, x, u, i: b.scatter(x, u, i, axes=(0,), combine="add", bounds="drop")
    )  # fmt: skip
    assert pulled_back(f, np.zeros(300), [1, 1], [100, -5], np.arange(300))[1] == [100, 0]


def test_empty_index_of_an_empty_axis() -> None:
    for bounds in ("error", "clip"):
        f = function("f", "f64[0] i32[0]", lambda b, x, i, bounds=bounds: b.gather(x, i, axes=(0,), bounds=bounds))
        check_gradients(f, [np.zeros(0), np.zeros(0, np.int32)])


@pytest.mark.parametrize("start", [-2, 1, 9])
def test_dynamic_slices_move_inside(start: int) -> None:
    read = function(
        "f", "f64[4,2] i32[] i32[]", lambda b, x, i, j: b.exp(b.dynamic_slice(x, i, j, sizes=(2, 1)))
    )  # fmt: skip
    check_gradients(read, [X, start, 1])
    write = function(
        "f", "f64[4,2] f64[2,1] i32[] i32[]", lambda b, x, u, i, j: b.sin(b.dynamic_update_slice(x, u, i, j))
    )  # fmt: skip
    check_gradients(write, [X, [[0.5], [2.0]], start, 1])


def test_named_axis() -> None:
    f = function(
        "f", "f64[n,2] i64[k]", lambda b, x, i: b.gather(b.mul(x, x), i, axes=(0,), bounds="clip")
    )  # fmt: skip
    check_gradients(f, [X, np.array([0, 7, -1])])
