"""Axes of other sizes."""

import numpy as np
import pytest
from diptych.functions import resizing
from diptych.ir import Builder, TensorType, dtypes, named, ops

from tests.functions.evaluation import built, gradient, run

X = np.random.default_rng(0).random((2, 3, 4, 5))


@pytest.mark.parametrize("places", [[0, 1, 2, 3], [0, 0, 1, 1, 2, 2, 3, 3], [1, 3], [2], [3, 0, 0, 2, 1]])
def test_picked(places):
    at = np.array(places)
    assert np.array_equal(run(resizing.picked, X, places=at, axis=2), X[:, :, at])
    found = gradient(resizing.picked, X, places=at, axis=2)
    assert np.array_equal(found, np.broadcast_to(np.bincount(at, minlength=4)[:, None], X.shape))


@pytest.mark.parametrize(
    ("places", "op"),
    [([0, 0, 1, 1], ops.concatenate), ([0, 2], ops.slice), ([1, 3], ops.slice), ([0, 3, 1], ops.gather)],
)
def test_what_is_regular_needs_no_gather(places, op):
    function, _ = built(resizing.picked, X[:, :, :2] if op is ops.concatenate else X, places=np.array(places), axis=2)
    assert op in [equation.op for equation in function.equations]


@pytest.mark.parametrize("axis", range(4))
def test_mixed(axis):
    matrix = np.random.default_rng(1).random((6, X.shape[axis]))
    wanted = np.moveaxis(np.tensordot(matrix, X, (1, axis)), 0, axis)
    assert np.allclose(run(resizing.mixed, X, matrix=matrix, axis=axis), wanted)
    found = gradient(resizing.mixed, X, matrix=matrix, axis=axis)
    shape = [-1 if other == axis else 1 for other in range(4)]
    assert np.allclose(found, np.broadcast_to(matrix.sum(0).reshape(shape), X.shape))


def test_a_named_batch():
    b = Builder()
    x = b.parameter(TensorType(dtypes.f32, (named("batch"), 3, 4)))
    assert str(resizing.mixed(b, x, np.ones((2, 3)), 1).type) == "f32[batch,2,4]"


def test_resampled_along_several_axes():
    down, across = np.random.default_rng(1).random((2, 4)), np.random.default_rng(2).random((7, 5))
    found = run(resizing.resampled, X, matrices=[down, across], axes=[2, 3])
    assert np.allclose(found, down @ X @ across.T)
    assert run(resizing.resampled, X.astype(np.float16), matrices=[np.eye(4), across], axes=[2, 3]).dtype == np.float16


def test_what_changes_nothing_is_left_out():
    function, _ = built(resizing.resampled, X, matrices=[np.eye(4), np.eye(5)], axes=[2, 3])
    assert not function.equations


def test_bytes_are_rounded_after_each_axis():
    x = np.array([[0, 255], [1, 0]], np.uint8)
    half = np.array([[0.5, 0.5]])
    # 127.5 and 0.5 become 128 and 1, whose mean is 64.5
    assert run(resizing.resampled_bytes, x, matrices=[half, half], axes=[0, 1]).tolist() == [[65]]
    assert run(resizing.resampled_bytes, x, matrices=[np.eye(2), np.array([[2.0, -1.0]])], axes=[0, 1]).tolist() == [
        [0],
        [2],
    ]


def test_places_twice_add_up():
    found = resizing.matrix_of(np.array([[0, 0], [1, 2]]), np.array([[0.25, 0.75], [0.5, 0.5]]), 3)
    assert found.tolist() == [[1, 0, 0], [0, 0.5, 0.5]]


def test_linear_weights():
    found = resizing.linear_matrix(np.array([0.0, 0.25, 1.5, 2.0]), 3)
    assert found.tolist() == [[1, 0, 0], [0.75, 0.25, 0], [0, 0.5, 0.5], [0, 0, 1]]


def test_cubic_weights():
    found = resizing.cubic_matrix(np.array([-0.5, 1.0, 1.5]), 4, -0.75)
    near, far = 0.59375, -0.09375
    assert np.allclose(found, [[far + near + near, far, 0, 0], [0, 1, 0, 0], [far, near, near, far]])


@pytest.mark.parametrize("kernel", ["linear", "cubic", "lanczos"])
def test_weights_of_filters_sum_to_one(kernel):
    for scale in (0.5, 1.0, 2.5):
        found = resizing.filtered_matrix(np.asarray(scale), 4, 10, kernel)
        assert np.allclose(found.sum(1), 1)
    same = resizing.filtered_matrix(np.asarray(1.0), 4, 4, kernel)
    assert np.allclose(same, np.eye(4))


def test_a_linear_filter_averages():
    found = resizing.filtered_matrix(np.asarray(2.0), 2, 4, "linear")
    assert np.allclose(found, np.array([[3, 3, 1, 0], [0, 1, 3, 3]]) / 7)


def test_kernels():
    at = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])
    assert np.allclose(resizing.triangle(at), [1, 0.5, 0, 0, 0, 0])
    assert np.allclose(resizing.cubic(at, -0.5), [1, 0.5625, 0, -0.0625, 0, 0])
    assert np.allclose(resizing.lanczos(at), [1, np.sinc(0.5) * np.sinc(0.5 / 3), 0, np.sinc(1.5) * np.sinc(0.5), 0, 0])
