"""Arithmetic with broadcasting, against numpy and Python."""

import math

import numpy as np
import pytest
from diptych.functions import arithmetic

from tests.functions.evaluation import f32, run

SIGNED = np.array([-7, -6, -1, 0, 1, 6, 7], dtype=np.int32)


@pytest.mark.parametrize(
    ("f", "reference"),
    [
        (arithmetic.add, np.add),
        (arithmetic.sub, np.subtract),
        (arithmetic.mul, np.multiply),
        (arithmetic.div, np.divide),
        (arithmetic.pow, np.power),
        (arithmetic.maximum, np.maximum),
        (arithmetic.minimum, np.minimum),
        (arithmetic.squared_difference, lambda x, y: (x - y) ** 2),
    ],
)
def test_binary_broadcasts(f, reference):
    x, y = f32([1, 2, 3], [4, 5, 6]), f32(2, 3, 4)
    assert np.array_equal(run(f, x, y), reference(x, y))


def test_squared_difference_of_complex_numbers():
    found = run(arithmetic.squared_difference, np.array([1 + 2j]), np.array([3 - 1j]))
    assert found.dtype == np.complex128 and found.tolist() == [13]


@pytest.mark.parametrize("divisor", [-3, -1, 1, 3])
def test_integer_division_rounds_as_named(divisor):
    y = np.array([divisor], np.int32)
    assert run(arithmetic.floor_div, SIGNED, y).tolist() == [int(x) // divisor for x in SIGNED]
    assert run(arithmetic.floor_mod, SIGNED, y).tolist() == [int(x) % divisor for x in SIGNED]
    assert run(arithmetic.truncated_div, SIGNED, y).tolist() == [math.trunc(int(x) / divisor) for x in SIGNED]


def test_unsigned_division():
    x, y = np.array([7, 255], np.uint8), np.array([2, 16], np.uint8)
    assert run(arithmetic.truncated_div, x, y).tolist() == [3, 15]
    assert run(arithmetic.floor_mod, x, y).tolist() == [1, 15]


@pytest.mark.parametrize("divisor", [-2.5, 2.5])
def test_float_division_rounds_as_named(divisor):
    x, y = f32(-7, -5, 0, 5, 7.5), f32(divisor)
    assert np.array_equal(run(arithmetic.floor_div, x, y), np.floor(x / y))
    assert np.array_equal(run(arithmetic.floor_mod, x, y), np.mod(x, y))
    assert np.array_equal(run(arithmetic.truncated_div, x, y), np.trunc(x / y))


def test_truncate_and_tests_for_special_numbers():
    x = f32(-1.5, 1.5, np.nan, np.inf, -np.inf)
    assert np.array_equal(run(arithmetic.truncate, x), np.trunc(x), equal_nan=True)
    assert run(arithmetic.is_nan, x).tolist() == [False, False, True, False, False]
    assert run(arithmetic.is_infinite, x).tolist() == [False, False, False, True, True]


def test_unary():
    x = f32(-2, 0.5, 4)
    assert np.array_equal(run(arithmetic.square, x), x * x)
    assert np.array_equal(run(arithmetic.reciprocal, x), 1 / x)


def test_clip_takes_numbers_and_values():
    x = f32(-2, 0.5, 4)
    assert run(arithmetic.clip, x, lower=-1, upper=1).tolist() == [-1, 0.5, 1]
    assert run(lambda b, x, low, high: arithmetic.clip(b, x, low, high), x, np.float32(0), f32(1, 2, 3)).tolist() == [
        0,
        0.5,
        3,
    ]


def test_where_broadcasts():
    condition = np.array([[True], [False]])
    assert run(arithmetic.where, condition, f32(1, 2), np.float32(9)).tolist() == [[1, 2], [9, 9]]


def test_scaling_by_number_and_by_value():
    x = f32(1, 2)
    assert run(arithmetic.scaled, x, factor=3).tolist() == [3, 6]
    assert run(lambda b, x, k: arithmetic.scaled(b, x, k), x, np.float32(3)).tolist() == [3, 6]
    assert run(arithmetic.shifted, x, term=-1).tolist() == [0, 1]
    assert run(arithmetic.lerp, x, f32(3, 6), weight=0.25).tolist() == [1.5, 3]
