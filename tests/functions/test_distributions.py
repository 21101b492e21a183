"""Random numbers of more distributions, against scipy's by the test of Kolmogorov and Smirnov or of chi squared."""

import numpy as np
import pytest
import scipy.stats
from diptych.functions import distributions as f
from diptych.functions.constants import scalar
from diptych.functions.random import fixed_key
from diptych.ir import Builder, dtypes

from tests.functions.evaluation import run


def drawn(function, *values):
    """What is drawn from a fixed key."""

    def write(b: Builder, *operands):
        key = fixed_key(b, 3, 14)
        return function(b, key, scalar(b, 0, dtypes.u64), *operands)[0]

    return run(write, *values)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.5, 300.0])
def test_gamma(alpha):
    found = drawn(lambda b, key, counter, a: f.gamma(b, key, counter, (4000,), a), np.float64(alpha))
    assert scipy.stats.kstest(found, scipy.stats.gamma(alpha).cdf).pvalue > 0.001


def test_gamma_of_many_shapes_and_small_floats():
    alphas = np.array([0.5, 50], np.float16)
    found = drawn(lambda b, key, counter, a: f.gamma(b, key, counter, (2000, 2), a), alphas)
    assert found.dtype == np.float16 and np.allclose(found.astype(float).mean(0), [0.5, 50], rtol=0.1)


@pytest.mark.parametrize("rate", [0.0, 0.3, 9.5, 10.0, 60.0, 4000.0])
def test_poisson(rate):
    found = drawn(lambda b, key, counter, r: f.poisson(b, key, counter, (4000,), r), np.float32(rate))
    assert abs(found.mean() - rate) <= 5 * np.sqrt(rate / 4000) and found.min() >= 0
    low, high = int(max(0, rate - 2 * rate**0.5)), int(rate + 2 * rate**0.5)
    inside = scipy.stats.poisson(rate)
    wanted = inside.cdf(high) - inside.cdf(low - 1)
    assert abs(np.mean((found >= low) & (found <= high)) - wanted) < 0.02


def test_categorical():
    logits = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 1e-38, 0.5], [1e-38, 1e-38, 1]], np.float32))
    found = drawn(lambda b, key, counter, x: f.categorical(b, key, counter, x, 5000, dtypes.i64), logits)
    shares = [np.bincount(row, minlength=3) / 5000 for row in found]
    np.testing.assert_allclose(shares, [[0.1, 0.2, 0.7], [0.5, 0, 0.5], [0, 0, 1]], atol=0.03)
    assert shares[1][1] == 0 and shares[2][2] == 1
