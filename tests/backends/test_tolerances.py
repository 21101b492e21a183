"""The comparison that all tests rest on."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from diptych.backends.tolerances import EXACT, TOLERANCES, VALUE, Tolerance, disagreement, tolerance
from diptych.ir import OPS, ops

NAN, INF = float("nan"), float("inf")
FOUR = Tolerance(element=4)


def test_what_is_not_named_is_exact() -> None:
    assert tolerance(ops.add, np.float32) == EXACT
    assert tolerance(ops.transpose, np.float16) == EXACT
    assert tolerance(ops.exp, np.float32) == FOUR


def test_the_table_keeps_the_order_of_the_groups() -> None:
    groups = [op.group for op in TOLERANCES]
    order = list(dict.fromkeys(op.group for op in OPS.values()))
    assert groups == sorted(groups, key=order.index)


@pytest.mark.parametrize(
    ("found", "wanted", "allowed"),
    [
        (np.float32([1, NAN, INF]), np.float32([1, NAN, INF]), EXACT),
        (np.float32([0.0]), np.float32([-0.0]), VALUE),
        (np.float64([1 + 2**-50]), np.float64([1]), FOUR),
        (np.float32([1 + 2**-21]), np.float32([1]), FOUR),
        (np.float16([1 + 2**-10]), np.float16([1]), FOUR),
        (np.array([1 + 2**-7], ml_dtypes.bfloat16), np.array([1], ml_dtypes.bfloat16), FOUR),
        (np.float64([1, 2**-50]), np.float64([1, 0]), Tolerance(largest=4)),
        (np.float64([2**-50]), np.float64([0]), Tolerance(one=4)),
        (np.float64([1e-310]), np.float64([0]), FOUR),
        (np.complex64([1 + 2e-7j]), np.complex64([1]), FOUR),
        (np.float64([]), np.float64([]), EXACT),
        (np.int8(3), np.int8(3), EXACT),
    ],
)
def test_agreement(found: np.ndarray, wanted: np.ndarray, allowed: Tolerance) -> None:
    assert disagreement(found, wanted, allowed) is None


@pytest.mark.parametrize(
    ("found", "wanted", "allowed", "message"),
    [
        (np.float32([1]), np.float64([1]), FOUR, "is float32[1] but must be float64[1]"),
        (np.float32([1]), np.float32([[1]]), FOUR, "is float32[1] but must be float32[1, 1]"),
        (np.float32([1, 2]), np.float32([1, 3]), FOUR, "is 2.0 at [1] but must be 3.0 within 1.43e-06"),
        (np.float64([0.0]), np.float64([-0.0]), EXACT, "is 0.0 at [0] but must be -0.0 within 0"),
        (np.float64([NAN]), np.float64([1]), FOUR, "is nan at [0] but must be 1.0 within 8.88e-16"),
        (np.float64([1]), np.float64([NAN]), FOUR, "is 1.0 at [0] but must be nan within 2.23e-308"),
        (np.float64([1e308]), np.float64([INF]), FOUR, "is 1e+308 at [0] but must be inf within 2.23e-308"),
        (np.float64([1 + 2**-49]), np.float64([1]), FOUR,
         "is 1.0000000000000018 at [0] but must be 1.0 within 8.88e-16"),
        (np.int64([2**60 + 1]), np.int64([2**60]), FOUR,
         "is 1152921504606846977 at [0] but must be 1152921504606846976 within 0"),
        (np.complex128([complex(0, -0.0)]), np.complex128([0]), EXACT, "is -0j at [0] but must be 0j within 0"),
        (np.bool_([True]), np.bool_([False]), FOUR, "is True at [0] but must be False within 0"),
        (np.float16([1 + 2**-9]), np.float16([1]), EXACT, "is 1.001953125 at [0] but must be 1.0 within 0"),
    ],
)  # fmt: skip
def test_disagreement(found: np.ndarray, wanted: np.ndarray, allowed: Tolerance, message: str) -> None:
    assert disagreement(found, wanted, allowed) == message


def test_relative_comes_on_top() -> None:
    found, wanted = np.float64([1.001, 100]), np.float64([1, 100])
    assert disagreement(found, wanted, EXACT) is not None
    assert disagreement(found, wanted, EXACT, relative=1e-4) is None
