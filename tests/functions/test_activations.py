"""Activations: values against formulas, and gradients where they are easily wrong."""

import math

import numpy as np
import pytest
from diptych.functions import activations

from tests.functions.evaluation import f32, f64, gradient, run

X = f64(-30, -2, -0.5, 0, 0.5, 2, 30)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


VALUES = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softplus": lambda x: np.logaddexp(x, 0),
    "log_sigmoid": lambda x: -np.logaddexp(-x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * np.array([math.erfc(-v / math.sqrt(2)) for v in x]) / 2,
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    np.testing.assert_allclose(run(getattr(activations, name), X), VALUES[name](X), rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("name", VALUES)
def test_gradients_against_finite_differences(name):
    f, x, step = getattr(activations, name), X[X != 0], 1e-6
    wanted = (run(f, x + step) - run(f, x - step)) / (2 * step)
    np.testing.assert_allclose(gradient(f, x), wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("relu", 0), ("relu6", 0), ("leaky_relu", 0.01), ("elu", 1), ("softplus", 0.5), ("log_sigmoid", 0.5)],
)
def test_gradient_at_zero(name, wanted):
    assert gradient(getattr(activations, name), f64(0.0)).tolist() == [pytest.approx(wanted)]


def test_relu_keeps_nan_and_its_gradient():
    x = f32(np.nan, -1, 1)
    assert np.array_equal(run(activations.relu, x), f32(np.nan, 0, 1), equal_nan=True)
    assert gradient(activations.relu, x).tolist() == [1, 0, 1]


@pytest.mark.parametrize("name", ["elu", "selu", "softplus", "log_sigmoid", "sigmoid"])
@pytest.mark.parametrize("x", [-1e4, 1e4])
def test_large_operands_have_finite_gradients(name, x):
    found = gradient(getattr(activations, name), f32(x))
    assert np.isfinite(found).all()


def test_softplus_keeps_small_values():
    assert run(activations.softplus, f32(-30)).item() == pytest.approx(math.exp(-30), rel=1e-5)


def test_gelu_approximation():
    inner = np.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X**3))
    np.testing.assert_allclose(run(activations.gelu, X, approximate=True), X / 2 * (1 + inner), rtol=1e-12)


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_softmax(axis):
    x = f64([1, 2, 3], [1000, 1000, 999])
    shifted = np.exp(x - x.max(axis, keepdims=True))
    wanted = shifted / shifted.sum(axis, keepdims=True)
    np.testing.assert_allclose(run(activations.softmax, x, axis=axis), wanted, rtol=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(np.exp(run(activations.log_softmax, x, axis=axis)), wanted, rtol=1e-12)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("row", [[np.inf, 1], [-np.inf, -np.inf], [np.nan, 1]])
def test_softmax_of_infinite_rows_is_nan(name, row):
    assert np.isnan(run(getattr(activations, name), f32(row))).all()


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_half_precision_is_rounded_once(name):
    x = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float16)
    exact = run(getattr(activations, name), x.astype(np.float32))
    assert np.array_equal(run(getattr(activations, name), x), exact.astype(np.float16))


def test_softmax_of_masked_logits():
    assert run(activations.softmax, f32([0, -np.inf, 0])).tolist() == [[0.5, 0, 0.5]]


def test_gradient_of_softmax():
    x, weight = f64(0.5, -1, 2), f64(1, 2, 4)
    p = np.exp(x) / np.exp(x).sum()
    found = gradient(lambda b, x, w: b.mul(activations.softmax(b, x), w), x, weight)
    np.testing.assert_allclose(found, p * (weight - (p * weight).sum()), rtol=1e-12)


def test_gradient_of_log_softmax():
    x, weight = f64(0.5, -1, 2), f64(1, 2, 4)
    p = np.exp(x) / np.exp(x).sum()
    found = gradient(lambda b, x, w: b.mul(activations.log_softmax(b, x), w), x, weight)
    np.testing.assert_allclose(found, weight - p * weight.sum(), rtol=1e-12)
