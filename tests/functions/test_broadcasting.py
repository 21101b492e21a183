"""Broadcasting to common shapes, and its errors."""

import numpy as np
import pytest
from diptych.functions.broadcasting import BroadcastError, broadcast_shapes, broadcast_to, broadcast_together
from diptych.ir import Builder, Location, TensorType, dtypes, named

from tests.functions.evaluation import run


@pytest.mark.parametrize(
    ("shapes", "wanted"),
    [
        ([(2, 3), (2, 3)], (2, 3)),
        ([(2, 3), ()], (2, 3)),
        ([(3,), (2, 1)], (2, 3)),
        ([(1, 1), (4, 1, 5)], (4, 1, 5)),
        ([(0,), (1,)], (0,)),
        ([(2, 1), (1, 3), (1,)], (2, 3)),
    ],
)
def test_shapes(shapes, wanted):
    assert broadcast_shapes(*shapes) == wanted
    assert broadcast_shapes(*shapes) == np.broadcast_shapes(*shapes)


def test_named_sizes_broadcast_against_one():
    batch = named("batch")
    assert broadcast_shapes((batch, 1), (1, 5)) == (batch, 5)


def test_named_and_numbered_sizes_disagree():
    with pytest.raises(BroadcastError):
        broadcast_shapes((named("batch"),), (5,))


def test_error_names_axis_and_both_shapes():
    with pytest.raises(BroadcastError) as caught:
        broadcast_shapes((2, 3), (4, 3))
    assert str(caught.value) == (
        "broadcast: operand 1 is [4,3] but must be 2 or 1 long in axis -2, as operand 0, [2,3], is"
    )
    assert (caught.value.left, caught.value.right, caught.value.axis) == (2, 4, -2)


def test_error_of_values_has_the_line():
    b = Builder()
    b.location = Location("train.py", 3)
    values = [b.parameter(TensorType(dtypes.f32, shape)) for shape in ((2,), (3,))]
    with pytest.raises(BroadcastError) as caught:
        broadcast_together(b, *values)
    assert str(caught.value) == (
        "broadcast: operand 1 is [3] but must be 2 or 1 long in axis -1, as operand 0, [2], is\n  at train.py:3"
    )


@pytest.mark.parametrize(("shape", "wanted"), [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((1, 1), (4, 2, 3))])
def test_broadcast_to(shape, wanted):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    assert np.array_equal(run(broadcast_to, x, shape=wanted), np.broadcast_to(x, wanted))


@pytest.mark.parametrize(
    ("shape", "wanted", "message"),
    [
        ((2, 3), (3,), "broadcast_to: x is [2,3] but must have at most 1 axes, as [3] has"),
        ((2,), (3,), "broadcast_to: x is [2] but must be 3 or 1 long in axis 0, to become [3]"),
    ],
)
def test_broadcast_to_refuses(shape, wanted, message):
    with pytest.raises(BroadcastError) as caught:
        run(broadcast_to, np.zeros(shape, np.float32), shape=wanted)
    assert caught.value.message == message
