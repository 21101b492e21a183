"""Losses: values and gradients against formulas."""

import numpy as np
import pytest
from diptych.functions import losses
from diptych.ir import DiptychError

from tests.functions.evaluation import built, f32, f64, gradient, run

LOGITS = f64([2, 1, -1], [1000, 0, -1000], [0, 0, 0])
LABELS = np.array([0, 2, 1], np.int32)


def _log_softmax(x):
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def test_dense_value_and_gradient():
    hot = np.eye(3)[LABELS]
    np.testing.assert_allclose(
        run(losses.softmax_cross_entropy, LOGITS, hot), -(hot * _log_softmax(LOGITS)).sum(1), atol=1e-12
    )
    np.testing.assert_allclose(
        gradient(losses.softmax_cross_entropy, LOGITS, hot), np.exp(_log_softmax(LOGITS)) - hot, atol=1e-12
    )


def test_dense_labels_that_do_not_sum_to_one():
    logits, labels = f64([1, 2, 4]), f64([2, 0, 1])
    p = np.exp(_log_softmax(logits))
    value = -(labels * _log_softmax(logits)).sum(1)
    np.testing.assert_allclose(run(losses.softmax_cross_entropy, logits, labels), value)
    np.testing.assert_allclose(gradient(losses.softmax_cross_entropy, logits, labels), p - labels)
    np.testing.assert_allclose(gradient(losses.softmax_cross_entropy, logits, labels, place=1), -np.log(p))
    np.testing.assert_allclose(run(losses.expected_cross_entropy, logits, labels), value)
    np.testing.assert_allclose(gradient(losses.expected_cross_entropy, logits, labels), 3 * p - labels)
    np.testing.assert_allclose(gradient(losses.expected_cross_entropy, logits, labels, place=1), -np.log(p))


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8])
def test_sparse_value_and_gradient(dtype):
    labels = LABELS.astype(dtype)
    found = run(losses.sparse_softmax_cross_entropy, LOGITS, labels)
    np.testing.assert_allclose(found, -_log_softmax(LOGITS)[np.arange(3), LABELS], atol=1e-12)
    np.testing.assert_allclose(
        gradient(losses.sparse_softmax_cross_entropy, LOGITS, labels),
        np.exp(_log_softmax(LOGITS)) - np.eye(3)[LABELS],
        atol=1e-12,
    )


def test_sparse_of_more_axes():
    logits = np.random.default_rng(0).normal(size=(2, 3, 4))
    labels = np.array([[0, 1, 2], [3, 0, 1]])
    wanted = -np.take_along_axis(_log_softmax(logits), labels[..., None], -1)[..., 0]
    np.testing.assert_allclose(run(losses.sparse_softmax_cross_entropy, logits, labels), wanted)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_out_of_range_is_an_error(label):
    with pytest.raises(DiptychError, match="gather"):
        run(losses.sparse_softmax_cross_entropy, LOGITS[:1], np.array([label], np.int32))


def test_sparse_of_minus_infinite_logits():
    logits = f32([0, -np.inf, 0])
    assert run(losses.sparse_softmax_cross_entropy, logits, np.array([0], np.int32)).item() == pytest.approx(np.log(2))


def test_gradient_of_sparse_has_no_scatter():
    from diptych.passes.autodiff import value_and_gradient

    def mean(b, logits, labels):
        return b.reduce_sum(losses.sparse_softmax_cross_entropy(b, logits, labels), axes=(0,))

    function = value_and_gradient(built(mean, LOGITS, LABELS)[0], [0])
    assert "scatter" not in {equation.op.name for equation in function.equations}


def test_sigmoid_cross_entropy():
    x, z = f64(-40, -1, 0, 3, 40), f64(1, 0, 1, 0.25, 0)
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-x))
    wanted = np.maximum(x, 0) - x * z + np.log1p(np.exp(-np.abs(x)))
    np.testing.assert_allclose(run(losses.sigmoid_cross_entropy, x, z), wanted, rtol=1e-12)
    np.testing.assert_allclose(gradient(losses.sigmoid_cross_entropy, x, z), p - z, atol=1e-15)


def test_errors():
    x, y = f64(1, 2, 5), f64(1, 4, 1)
    assert run(losses.squared_error, x, y).tolist() == [0, 4, 16]
    assert run(losses.absolute_error, x, y).tolist() == [0, 2, 4]
    assert run(losses.huber, x, y, delta=3.0).tolist() == [0, 2, 7.5]
    assert gradient(losses.huber, x, y, delta=3.0).tolist() == [0, -2, 3]
    assert run(losses.half_sum_of_squares, x).item() == 15
