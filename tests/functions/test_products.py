"""Matrix products against numpy's."""

import itertools

import numpy as np
import pytest
from diptych.functions import products
from diptych.functions.broadcasting import BroadcastError
from diptych.ir import TypeRuleError

from tests.functions.evaluation import built, gradient, run

PAIRS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
]


def _numbers(shape, seed):
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float32)


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_shapes(left, right):
    x, y = _numbers(left, 0), _numbers(right, 1)
    assert np.array_equal(run(products.matmul, x, y), np.matmul(x, y))


@pytest.mark.parametrize(("transpose_lhs", "transpose_rhs"), list(itertools.product([False, True], repeat=2)))
@pytest.mark.parametrize(("left", "right"), [pair for pair in PAIRS if min(map(len, pair)) > 1])
def test_transposed(left, right, transpose_lhs, transpose_rhs):
    x, y = _numbers(left, 0), _numbers(right, 1)
    given = [np.swapaxes(v, -1, -2) if t else v for v, t in ((x, transpose_lhs), (y, transpose_rhs))]
    found = run(products.matmul, *given, transpose_lhs=transpose_lhs, transpose_rhs=transpose_rhs)
    assert np.array_equal(found, np.matmul(x, y))


def test_a_batch_by_one_matrix_is_one_product():
    function, _ = built(products.matmul, _numbers((5, 2, 3), 0), _numbers((3, 4), 1))
    assert [equation.op.name for equation in function.equations] == ["matmul"]


def test_gradient_of_a_broadcast_batch():
    x, y = _numbers((2, 3), 0).astype(np.float64), _numbers((5, 3, 4), 1).astype(np.float64)
    wanted = np.matmul(np.ones((5, 2, 4)), np.swapaxes(y, 1, 2)).sum(0)
    np.testing.assert_allclose(gradient(products.matmul, x, y), wanted)


@pytest.mark.parametrize(
    ("left", "right", "options", "message"),
    [
        (
            (2, 3),
            (4, 5),
            {},
            "matmul: rhs is f32[4,5] but must be 3 long in axis 0, as lhs f32[2,3] is in 1",
        ),
        ((), (3,), {}, "matmul: lhs is f32[] but must be of rank 1 or more"),
        ((3,), (3,), {"transpose_rhs": True}, "matmul: rhs is f32[3] but must be of rank 2 or more, to be transposed"),
        (
            (2, 2, 3),
            (4, 3, 5),
            {},
            "broadcast: operand 1 is [4] but must be 2 or 1 long in axis -1, as operand 0, [2], is",
        ),
    ],
)
def test_refusals(left, right, options, message):
    with pytest.raises(TypeRuleError) as caught:
        run(products.matmul, _numbers(left, 0), _numbers(right, 1), **options)
    assert caught.value.message == message


def test_the_error_holds_both_sizes():
    with pytest.raises(BroadcastError) as caught:
        run(products.matmul, _numbers((2, 3), 0), _numbers((4, 5), 1))
    assert (caught.value.left, caught.value.right) == (3, 4)


def test_outer():
    x, y = _numbers((3,), 0), _numbers((4,), 1)
    assert np.array_equal(run(products.outer, x, y), np.outer(x, y))
