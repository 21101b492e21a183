"""Arrays in a few words."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from diptych.inspector.faults.arrays import difference, element, element_text, range_of, range_text

nan, inf = np.nan, np.inf


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array([[0.5, -2], [3, 1]], np.float32), "-2.0 to 3.0"),
        (np.float32(0.1), "0.1"),
        (np.array([nan, inf, -inf, -inf, 1.0]), "1.0, 1 nan, 1 inf, 2 -inf"),
        (np.array([nan, -nan], np.float16), "2 nan"),
        (np.array([0.1, 7], ml_dtypes.bfloat16), "0.1 to 7.0"),
        (np.array([3 + 4j, complex(nan, inf), complex(inf, 0)], np.complex64), "5.0, 1 nan, 1 inf"),
        (np.array([2**64 - 1, 5], np.uint64), "5 to 18446744073709551615"),
        (np.array([True, False]), "false to true"),
        (np.zeros((0, 3)), "no elements"),
    ],
)
def test_ranges(array: Any, text: str) -> None:
    assert range_text(range_of(np.asarray(array))) == text


@pytest.mark.parametrize(
    ("scalar", "data", "text"),
    [
        (np.float32(0.1), 0.1, "0.1"),
        (np.float32(-nan), "nan", "nan"),
        (np.float64(-inf), "-inf", "-inf"),
        (np.complex64(complex(nan, 2)), ["nan", 2.0], "(nan, 2.0)"),
        (np.int8(-3), -3, "-3"),
        (np.bool_(True), True, "true"),
    ],
)
def test_elements(scalar: Any, data: Any, text: str) -> None:
    assert element(scalar) == data and element_text(data) == text


def test_differences() -> None:
    found = difference(np.array([[1.0, 2.0], [nan, inf]]), np.array([[1.0, 2.5], [nan, inf]]))
    assert (found.amount, found.place, found.left, found.right) == (0.5, (0, 1), 2.0, 2.5)
    assert (found.count, found.size, found.largest) == (1, 4, 2.5)


@pytest.mark.parametrize(("left", "right"), [(nan, 1.0), (inf, 1.0), (inf, -inf), (1.0, nan), (complex(nan, 1), 1j)])
def test_what_is_not_finite_is_infinitely_far(left: Any, right: Any) -> None:
    found = difference(np.array([0 * right, left]), np.array([0 * right, right]))
    assert found.amount == inf and found.place == (1,)


def test_differences_of_other_dtypes() -> None:
    assert difference(np.array([True, False]), np.array([True, True])).amount == 1
    large = np.array([2**64 - 1, 2**63], np.uint64)
    assert difference(large, large - 1).amount == 1  # though both are one double
    assert difference(large, large).count == 0
    assert difference(np.float32(1 / 3), np.float64(1 / 3)).count == 1
    assert difference(np.array([1, 2], np.float16), np.array([1, 2], np.float16)).amount == 0
    assert difference(np.zeros((0, 2)), np.zeros((0, 2))).count == 0
    assert difference(np.array([0.0]), np.array([-0.0])).count == 0


def test_arrays_of_two_shapes_are_infinitely_far_apart() -> None:
    found = difference(np.zeros((3, 1), np.float32), np.zeros(3, np.float32))
    assert (found.amount, found.left, found.right, found.count) == (inf, "f32[3,1]", "f32[3]", 3)
