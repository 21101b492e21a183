"""Normalisation."""

import numpy as np
from diptych.functions import normalization
from diptych.ir import dtypes

from tests.functions.evaluation import f64, run


def test_statistics_of_halves_are_taken_in_f32():
    assert normalization.computed_in(dtypes.bf16) is normalization.computed_in(dtypes.f16) is dtypes.f32
    assert normalization.computed_in(dtypes.f64) is dtypes.f64


def test_standardized():
    x = f64([3, 4], [6, 8])
    result, mean, variance = run(normalization.standardized, x, axes=(1,), epsilon=0.0)
    np.testing.assert_allclose(result, [[-1, 1], [-1, 1]])
    assert mean.tolist() == [3.5, 7] and variance.tolist() == [0.25, 1]


def test_root_mean_square_scaled():
    x = f64([3, 4], [6, 8])
    found = run(normalization.root_mean_square_scaled, x, axes=(0, 1), epsilon=0.5)
    np.testing.assert_allclose(found, x / np.sqrt((x**2).mean() + 0.5))


def test_weighted():
    x, weight, bias = f64([1, 2], [3, 4]), np.array([2.0, 3.0]), np.array([10.0, 20.0])
    assert run(lambda b, *values: normalization.weighted(b, *values, (1,)), x, weight, bias).tolist() == [
        [12, 26],
        [16, 32],
    ]
    assert run(lambda b, x: normalization.weighted(b, b.neg(x), None, None, (1,)), x).tolist() == (-x).tolist()
