"""Making and rearranging arrays, against numpy."""

import numpy as np
import pytest
from diptych.functions import arrays, constants
from diptych.ir import TypeRuleError, dtypes, named

from tests.functions.evaluation import built, f32, run

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_one_hot(axis):
    indices = np.array([[0, 2], [3, -1]], np.int32)
    found = run(lambda b, i, on, off: arrays.one_hot(b, i, 3, on, off, axis), indices, np.float32(5), np.float32(-1))
    hot = np.where((indices[..., None] == np.arange(3)), 5, -1)
    assert np.array_equal(found, np.moveaxis(hot, -1, axis))


@pytest.mark.parametrize("axis", [0, -1, 1, -4])
def test_expand_and_stack(axis):
    assert np.array_equal(run(arrays.expand, X, axis=axis), np.expand_dims(X, axis))
    assert np.array_equal(run(lambda b, *v: arrays.stack(b, v, axis), X, X + 1), np.stack([X, X + 1], axis))


def test_squeeze():
    x = X.reshape(1, 2, 1, 12)
    assert run(arrays.squeeze, x).shape == (2, 12)
    assert run(arrays.squeeze, x, axes=[-2]).shape == (1, 2, 12)
    with pytest.raises(TypeRuleError) as caught:
        run(arrays.squeeze, x, axes=[1])
    assert caught.value.message == "squeeze: x is f32[1,2,1,12] but must be 1 long in axis 1"


def test_split_and_unstack():
    pieces = run(arrays.split, X, sizes=[1, 3], axis=-1)
    assert np.array_equal(pieces[0], X[..., :1]) and np.array_equal(pieces[1], X[..., 1:])
    rows = run(arrays.unstack, X, axis=1)
    assert [row.tolist() for row in rows] == [X[:, i].tolist() for i in range(3)]
    with pytest.raises(TypeRuleError) as caught:
        run(arrays.split, X, sizes=[1, 1], axis=2)
    assert caught.value.message == "split: sizes sum to 2 but must sum to 4, x's size along axis 2"


@pytest.mark.parametrize("repeats", [(1, 1, 1), (2, 1, 3), (0, 1, 1)])
def test_tile(repeats):
    assert np.array_equal(run(arrays.tile, X, repeats=repeats), np.tile(X, repeats))


@pytest.mark.parametrize("shape", [(24,), (-1,), (4, -1), (2, -1, 2), (6, 4)])
def test_reshape(shape):
    assert np.array_equal(run(arrays.reshape, X, shape=shape), X.reshape(shape))


def test_reshape_of_named_sizes():
    from diptych.ir import Builder, TensorType

    b, batch = Builder(), named("batch")
    x = b.parameter(TensorType(dtypes.f32, (batch, 28, 28)))
    assert arrays.reshape(b, x, (batch, -1)).shape == (batch, 784)
    assert arrays.reshape(b, x, (-1, 784)).shape == (batch, 784)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((-1, -1), "reshape: shape is [-1, -1] but must have at most one -1"),
        ((-1, 5), "reshape: shape is [-1, 5] but must be one into which the 24 elements of x fit"),
    ],
)
def test_reshape_refuses(shape, message):
    with pytest.raises(TypeRuleError) as caught:
        run(arrays.reshape, X, shape=shape)
    assert caught.value.message == message


def test_concatenate_and_total():
    assert np.array_equal(run(lambda b, *v: arrays.concatenate(b, v, -1), X, X), np.concatenate([X, X], -1))
    assert np.array_equal(run(lambda b, *v: arrays.total(b, v), X, X, f32(1)), 2 * X + 1)


def test_constants_are_scalars_that_are_broadcast():
    function, _ = built(lambda b: constants.filled(b, 3, (2, 2), dtypes.f32))
    assert [equation.op.name for equation in function.equations] == ["constant", "broadcast"]
    assert run(lambda b, x: constants.filled_like(b, 7, x), X).tolist() == np.full(X.shape, 7).tolist()
    assert run(lambda b, x: constants.as_operand(b, 2, x), X).shape == X.shape
    assert run(lambda b, x, y: constants.as_operand(b, y, x), X, np.float32(2)).shape == X.shape
    assert run(lambda b: constants.size_of(b, 5, dtypes.f32)).item() == 5
