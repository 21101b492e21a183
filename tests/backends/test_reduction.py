"""Orderings and running reductions against Python's own sort and loops."""

from __future__ import annotations

import math
from itertools import accumulate
from operator import add, mul

import ml_dtypes
import numpy as np
import pytest
from diptych.backends.tolerances import disagreement, tolerance
from diptych.ir import dtypes, ops

from tests.backends.runs import on_both

NAN = float("nan")
DTYPES = (np.float64, np.float32, np.float16, ml_dtypes.bfloat16, np.int8, np.uint64, np.bool_)


def _values(dtype: type, count: int, seed: int = 0) -> np.ndarray:
    """With many ties, and nan, infinities and both zeros where the dtype has them."""
    random = np.random.default_rng(seed)
    if dtype == np.bool_:
        return random.random(count) < 0.5
    values = random.integers(0, 5, count).astype(np.float64)
    if np.dtype(dtype).kind not in "iu":
        special = random.random(count)
        values[special < 0.2] = NAN
        values[(special > 0.2) & (special < 0.3)] = -0.0
        values[special > 0.9] = -math.inf
    return values.astype(dtype)


def _key(value: float) -> tuple[bool, float]:
    """Sorts nan last, and -0.0 as 0.0."""
    value = float(value)
    return (True, 0.0) if math.isnan(value) else (False, value + 0.0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("keys", [1, 2])
def test_sort_is_pythons_stable_sort(dtype: type, keys: int) -> None:
    first, second = _values(dtype, 40), _values(np.float32, 40, seed=1)
    place = np.arange(40, dtype=np.int32)
    order = sorted(range(40), key=lambda i: (_key(first[i]), _key(second[i]) if keys == 2 else 0))
    found = on_both(ops.sort, [first, second, place], axis=0, keys=keys)
    assert found[2].tolist() == order
    assert found[0].tobytes() == first[order].tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("k", [0, 1, 7, 30])
def test_top_k_takes_nan_then_the_first_of_equals(dtype: type, k: int) -> None:
    x = np.stack([_values(dtype, 30), _values(dtype, 30, seed=2)])
    values, indices = on_both(ops.top_k, [x], k=k, dtype=dtypes.i64)
    for row, found, places in zip(x, values, indices, strict=True):
        order = sorted(range(30), key=lambda i: (not math.isnan(float(row[i])), -_key(row[i])[1]))[:k]
        assert places.tolist() == order
        assert found.tobytes() == row[order].tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_argmax_and_argmin_take_the_first_nan_or_extreme(dtype: type) -> None:
    for seed in range(5):
        x = _values(dtype, 12, seed)[:, None]
        numbers = [float(value) for value in x[:, 0]]
        nan = [i for i, value in enumerate(numbers) if math.isnan(value)]
        for op, extreme in ((ops.argmax, max), (ops.argmin, min)):
            wanted = nan[0] if nan else numbers.index(extreme(numbers))
            assert on_both(op, [x], axis=0, dtype=dtypes.i32)[0].tolist() == [wanted]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int8, np.uint64])
def test_running_reductions(dtype: type, reverse: bool) -> None:
    x = _values(dtype, 9) if dtype in (np.int8, np.uint64) else np.random.default_rng(0).normal(size=9).astype(dtype)
    numbers = x.tolist()[::-1] if reverse else x.tolist()
    steps = {ops.cumulative_sum: add, ops.cumulative_prod: mul, ops.cumulative_max: max, ops.cumulative_min: min}
    for op, step in steps.items():
        exact = list(accumulate(numbers, step))
        if x.dtype.kind in "iu":
            exact = [(number + 128) % 256 - 128 if dtype == np.int8 else number % 2**64 for number in exact]
        wanted = np.array(exact[::-1] if reverse else exact, dtype)
        found = on_both(op, [x[:, None]], axis=0, reverse=reverse)[0][:, 0]
        problem = disagreement(found, wanted, tolerance(op, found.dtype))
        assert problem is None, problem


@pytest.mark.parametrize("axes", [(), (0,), (1,), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.complex128, np.int16])
def test_sums_and_products(axes: tuple[int, ...], dtype: type) -> None:
    """Against exact sums in float64, or in Python's integers."""
    random = np.random.default_rng(1)
    x = (random.normal(size=(3, 4, 5)) * 2).astype(dtype)
    wide = x.astype(np.complex128 if np.dtype(dtype).kind == "c" else object if dtype == np.int16 else np.float64)
    wanted = np.asarray(wide.sum(axis=axes)) if axes else wide
    if dtype == np.int16:
        wanted = (wanted.astype(np.int64) + 2**15) % 2**16 - 2**15
    found = on_both(ops.reduce_sum, [x], axes=axes)[0]
    problem = disagreement(found, wanted.astype(dtype), tolerance(ops.reduce_sum, found.dtype))
    assert problem is None, problem


def test_a_long_sum_of_halves_is_not_stuck() -> None:
    """Of ones: in float16 itself the sum stops at 2048, in bfloat16 at 256."""
    assert float(on_both(ops.reduce_sum, [np.full(60000, 1, np.float16)], axes=(0,))[0]) == 60000
    x = np.full(65536, 1, ml_dtypes.bfloat16)
    assert float(on_both(ops.reduce_sum, [x], axes=(0,))[0]) == 65536
