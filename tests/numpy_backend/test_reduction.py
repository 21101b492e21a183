"""Sums of rows by BLAS: where they are, and what they give whatever lies how."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.numpy.program import Program
from diptych.ir import parse

X = np.random.default_rng(0).random((3, 4, 5))


def total(axes: list[int], dtype: str = "f64", shape: str = "3,4,5", result: str = "3") -> Program:
    text = (
        f"func @f(%x: {dtype}[{shape}]) -> ({dtype}[{result}]) {{\n %y = reduce_sum %x {{axes={axes}}}\n return %y\n}}"
    )
    return Program(parse(text.replace("%y = ", f"%y: {dtype}[{result}] = ")))


@pytest.mark.parametrize("x", [X, X[::-1], np.asfortranarray(X), X.astype(np.float64)[:, ::-1]], ids=range(4))
def test_sums_of_rows(x: np.ndarray) -> None:
    program = total([1, 2])
    assert "sum_into(" in program.source
    (found,) = program.run(x)
    assert np.allclose(found, x.sum((1, 2)), rtol=1e-15)


@pytest.mark.parametrize("x", [X, X[::-1], np.asfortranarray(X)], ids=range(3))
def test_sums_of_columns(x: np.ndarray) -> None:
    program = total([0, 1], result="5")
    assert "sum_into(" in program.source
    (found,) = program.run(x)
    assert np.allclose(found, x.sum((0, 1)), rtol=1e-15)


@pytest.mark.parametrize(("axes", "shape", "result"), [([1], "2,10000", "2"), ([0], "10000,2", "2")])
def test_long_sums_are_taken_piece_by_piece(axes: list[int], shape: str, result: str) -> None:
    """Whose rounding then does not grow with their length."""
    x = np.random.default_rng(0).random([int(size) for size in shape.split(",")])
    (found,) = total(axes, "f32", shape, result).run(x.astype(np.float32))
    assert np.allclose(found, x.sum(axes[0]), rtol=3e-6)


def test_all_elements_are_a_row() -> None:
    (found,) = total([0, 1, 2], result="").run(X)
    assert found.shape == () and np.isclose(found, X.sum(), rtol=1e-15)


@pytest.mark.parametrize(
    ("axes", "dtype", "shape", "result"),
    [([1], "f64", "3,4,5", "3,5"), ([1], "i64", "3,4", "3"), ([1], "f32", "2,4099", "2"), ([1], "f32", "2,1", "2"),
     ([1], "f32", "2,0", "2")],
)  # fmt: skip
def test_other_sums_are_numpys_own(axes: list[int], dtype: str, shape: str, result: str) -> None:
    assert "add.reduce(" in total(axes, dtype, shape, result).source


def test_what_is_not_finite_stays_in_its_row() -> None:
    x = np.zeros((3, 4, 5))
    x[0, 1, 2], x[1, 0, 0], x[1, 3, 3] = np.inf, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        (found,) = total([1, 2]).run(x)
    assert found[0] == np.inf and np.isnan(found[1]) and found[2] == 0


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (40, 3, 7), (3, 1, 2, 2, 2)])
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_sums_to_channels_have_the_bits_of_channels_that_lie_last(shape: tuple[int, ...], dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(f"float{dtype[1:]}")
    turned = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    leading = list(range(len(shape) - 1))
    (wanted,) = total(leading, dtype, ",".join(map(str, turned.shape)), str(shape[1])).run(turned)
    program = total([0, *range(2, len(shape))], dtype, ",".join(map(str, shape)), str(shape[1]))
    assert "sum_into(" in program.source
    for given in (x, np.moveaxis(turned, -1, 1), np.asfortranarray(x)):
        assert program.run(given)[0].tobytes() == wanted.tobytes()
