"""Random numbers: reproducible, in range, and distributed as they say."""

import math

import numpy as np
import pytest
from diptych.functions import random
from diptych.ir import Builder, TensorType, dtypes, named

from tests.functions.evaluation import run

KEY, START = np.array([1, 2], np.uint32), np.uint64(0)
DTYPES = [dtypes.f16, dtypes.bf16, dtypes.f32, dtypes.f64]


def _draw(f, shape, dtype, start=START, **options):
    return run(f, KEY, start, shape=shape, dtype=dtype, **options)


@pytest.mark.parametrize("dtype", DTYPES)
def test_uniform(dtype):
    values, following = _draw(random.uniform, (10_000,), dtype)
    assert values.dtype == dtype.numpy
    wide = values.astype(np.float64)
    assert 0 <= wide.min() < 0.01 and 0.99 < wide.max() < 1
    assert abs(wide.mean() - 0.5) < 0.01 and abs(wide.var() - 1 / 12) < 0.005
    assert following == (10_000 if dtype is dtypes.f64 else 5_000)


def test_uniform_uses_all_bits_of_the_significand():
    values, _ = _draw(random.uniform, (10_000,), dtypes.f32)
    whole = values.astype(np.float64) * 2**24
    assert np.array_equal(whole, np.round(whole)) and (whole % 2 == 1).any()


@pytest.mark.parametrize("f", [random.uniform, random.normal, random.truncated_normal])
def test_a_stream_goes_on_and_repeats(f):
    first, following = _draw(f, (8,), dtypes.f32)
    again, _ = _draw(f, (8,), dtypes.f32)
    second, _ = _draw(f, (8,), dtypes.f32, start=following)
    assert np.array_equal(first, again)
    assert np.intersect1d(first, second).size == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_normal(dtype):
    values, following = _draw(random.normal, (100, 101), dtype)
    wide = values.astype(np.float64)
    assert values.dtype == dtype.numpy and values.shape == (100, 101)
    assert np.isfinite(wide).all() and abs(wide.mean()) < 0.03 and abs(wide.std() - 1) < 0.02
    assert abs((wide**4).mean() - 3) < 0.2
    assert following == (10_100 if dtype is dtypes.f64 else 5_050)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (0,), (2, 2)])
def test_normal_of_few(shape):
    values, _ = _draw(random.normal, shape, dtypes.f32)
    assert values.shape == shape and np.isfinite(values).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_truncated_normal(dtype):
    values, _ = _draw(random.truncated_normal, (20_000,), dtype)
    wide = values.astype(np.float64)
    assert np.abs(wide).max() <= 2 and abs(wide.mean()) < 0.02
    assert abs(wide.std() - 0.87962566) < 0.01  # scipy.stats.truncnorm.std(-2, 2)
    inside = np.mean(np.abs(wide) < 1)
    assert abs(inside - math.erf(math.sqrt(0.5)) / math.erf(math.sqrt(2))) < 0.01


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8])
def test_integers(dtype):
    values, _ = run(
        lambda b, key, start, low, high: random.integers(b, key, start, (6_000,), low, high),
        KEY,
        START,
        np.array(3, dtype),
        np.array(9, dtype),
    )
    assert values.dtype == dtype and set(values.tolist()) == {3, 4, 5, 6, 7, 8}
    assert np.abs(np.bincount(values)[3:] - 1000).max() < 120


def test_negative_integers():
    values, _ = run(
        lambda b, key, start, low, high: random.integers(b, key, start, (1_000,), low, high),
        KEY,
        START,
        np.int32(-(2**31)),
        np.int32(2**31 - 1),
    )
    assert values.min() < -(2**30) and values.max() > 2**30


def test_bernoulli():
    values, following = _draw(random.bernoulli, (10_000,), dtypes.f32, probability=0.3)
    assert values.dtype == np.bool_ and abs(values.mean() - 0.3) < 0.02 and following == 5_000


def test_permutation():
    order, following = run(random.permutation, KEY, START, count=100, dtype=dtypes.i64)
    assert sorted(order.tolist()) == list(range(100)) and order.tolist() != list(range(100))
    assert following == 100


@pytest.mark.parametrize("f", [random.uniform, random.normal, random.truncated_normal])
def test_named_shapes(f):
    b = Builder(share=False)
    key, counter = b.parameter(TensorType(dtypes.u32, (2,))), b.parameter(TensorType(dtypes.u64))
    values, _ = f(b, key, counter, (named("batch"), 3), dtypes.f32)
    assert values.type == TensorType(dtypes.f32, (named("batch"), 3))


def test_fixed_key():
    assert run(lambda b: random.fixed_key(b, 7, 2**32 - 1)).tolist() == [7, 2**32 - 1]
