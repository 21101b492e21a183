"""Reductions against numpy, over axes as front ends write them."""

import numpy as np
import pytest
from diptych.functions import reductions
from diptych.ir import Builder, TensorType, TypeRuleError, dtypes, named

from tests.functions.evaluation import f32, f64, gradient, run

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 7


@pytest.mark.parametrize("axes", [None, 0, -1, (0, 2), [-1, -3], ()])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("f", "reference"),
    [
        (reductions.sum, np.sum),
        (reductions.mean, np.mean),
        (reductions.max, np.max),
        (reductions.min, np.min),
        (reductions.variance, np.var),
        (reductions.standard_deviation, np.std),
    ],
)
def test_axes(f, reference, axes, keepdims):
    given = tuple(axes) if isinstance(axes, list) else axes
    found = run(f, X, axes=axes, keepdims=keepdims)
    wanted = reference(X, axis=given, keepdims=keepdims)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_prod_all_any():
    assert run(reductions.prod, f32([1, 2], [3, 4]), axes=0).tolist() == [3, 8]
    flags = np.array([[True, False], [True, True]])
    assert run(reductions.all, flags, axes=1).tolist() == [False, True]
    assert run(reductions.any, flags).item() is True


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (3, "reduction: axis is 3 but must be from -3 to 2"),
        ((0, -3), "reduction: axis is [0, -3] but must be without repeats"),
    ],
)
def test_axes_refused(axes, message):
    with pytest.raises(TypeRuleError) as caught:
        run(reductions.sum, X, axes=axes)
    assert caught.value.message == message


def test_axis_of_a_scalar():
    with pytest.raises(TypeRuleError) as caught:
        run(reductions.sum, np.float32(1), axes=0)
    assert caught.value.message == "reduction: axis is 0 but must be absent, x is a scalar"


def test_integer_mean_is_cut_off_towards_zero():
    assert run(reductions.mean, np.array([[-3, -4], [3, 4]], np.int32), axes=1).tolist() == [-3, 3]


def test_half_precision_mean_of_many_does_not_overflow():
    assert run(reductions.mean, np.full(70_000, 2, np.float16)).item() == 2


def test_mean_of_a_named_dimension_takes_its_size():
    b = Builder(share=False)
    x = b.parameter(TensorType(dtypes.f32, (named("batch"), 3)))
    function = b.finish([reductions.mean(b, x, 0)])
    assert [equation.op.name for equation in function.equations] == [
        "reduce_sum",
        "dimension",
        "cast",
        "broadcast",
        "div",
    ]
    from diptych.backends.reference.interpreter import evaluate

    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert np.array_equal(evaluate(function, [x])[0], x.mean(0))


def test_variance_with_correction():
    x = f64(1, 2, 4, 8)
    assert run(reductions.variance, x, correction=1).item() == pytest.approx(np.var(x, ddof=1))
    assert np.isnan(run(reductions.variance, f64(3), correction=1))


def test_logsumexp():
    x = f32([1000, 1000], [-1000, -1001], [-np.inf, -np.inf], [np.inf, 0])
    found = run(reductions.logsumexp, x, axes=1)
    np.testing.assert_allclose(found, [1000 + np.log(2), -1000 + np.log1p(np.exp(-1)), -np.inf, np.inf], rtol=1e-6)
    assert run(reductions.logsumexp, x, axes=1, keepdims=True).shape == (4, 1)


def test_gradient_of_logsumexp_is_softmax():
    x = f64(1, 2, 3)
    np.testing.assert_allclose(gradient(reductions.logsumexp, x), np.exp(x) / np.exp(x).sum(), rtol=1e-12)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_arg(axis, keepdims):
    x = np.array([[3, 9, 9], [7, 1, 8]], np.float32)
    largest = run(reductions.argmax, x, axis=axis, dtype=dtypes.i64, keepdims=keepdims)
    smallest = run(reductions.argmin, x, axis=axis, dtype=dtypes.i32, keepdims=keepdims)
    assert np.array_equal(largest, np.argmax(x, axis=axis, keepdims=keepdims))
    assert np.array_equal(smallest, np.argmin(x, axis=axis, keepdims=keepdims))
    assert (largest.dtype, smallest.dtype) == (np.int64, np.int32)


def test_norm():
    x = f64([3, 4], [6, 8])
    assert run(reductions.norm, x, axes=1).tolist() == [5, 10]
