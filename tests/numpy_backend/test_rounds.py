"""Scans as loops of the program's own: the reference's bits, whatever the state and the outputs show of each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from diptych import backends
from diptych.ir import Builder, DiptychError, Location, TensorType, Value, dtypes
from diptych.passes.expressions import full, plus

from tests.passes.test_gather_rounds import scanned, typed

Body = Callable[..., Sequence[Value]]


def swapped(b: Builder, h: Value, c: Value, x: Value) -> list[Value]:
    """Each part of the state becomes the other."""
    return [c, b.add(h, x), h, c]


def crossed(b: Builder, h: Value, c: Value, x: Value) -> list[Value]:
    """Both are made of both, the second from the new first."""
    new = b.tanh(b.add(b.mul(h, x), c))
    return [new, b.sub(b.mul(c, new), h), new]


def kept(b: Builder, h: Value, c: Value, x: Value) -> list[Value]:
    """State that stays, and outputs that show a slice, the state, a constant, and one value twice."""
    new = b.add(c, x)
    return [h, new, x, h, full(b, x.type, 2.5), new, new]


def turned(b: Builder, h: Value, c: Value, x: Value) -> list[Value]:
    """State that is a view of itself, and of the other one."""
    return [b.reverse(c, axes=(0,)), b.transpose(b.reshape(h, shape=h.shape), permutation=(0, 1)), b.sin(x)]


def constant(b: Builder, h: Value, c: Value, x: Value) -> list[Value]:
    """State that does not depend on what it was."""
    return [full(b, h.type, 1.0), x]


BODIES: list[Body] = [swapped, crossed, kept, turned, constant]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_two_parts_of_state(body: Body, reverse: bool, length: int) -> None:
    f = scanned(body, [], [typed(2, 3), typed(2, 3)], [typed(2, 3)], length=length, reverse=reverse)
    random = np.random.default_rng(length)
    arrays = [random.standard_normal(type.static_shape()) for type in f.parameter_types]
    before = [array.copy() for array in arrays]
    executable = backends.compile(f, backend="numpy")
    expected = backends.compile(f, backend="reference")(*arrays)
    for _ in range(2):  # the second time on memory that was used
        for ours, theirs in zip(executable(*arrays), expected, strict=True):
            assert ours.tobytes() == np.asarray(theirs).tobytes()
    assert all(np.array_equal(new, old) for new, old in zip(arrays, before, strict=True))


def test_numbers_as_rows() -> None:
    def body(b: Builder, w: Value, h: Value, x: Value) -> list[Value]:
        h = b.add(b.mul(h, w), x)
        return [h, h]

    f = scanned(body, [typed()], [typed()], [typed()])
    arrays = [np.asarray(0.5), np.asarray(2.0), np.arange(5.0)]
    last, outputs = backends.compile(f, backend="numpy")(*arrays)
    assert outputs.tolist() == [1.0, 1.5, 2.75, 4.375, 6.1875]
    assert last == outputs[-1]


def test_large_groups_within() -> None:
    """A loop over blocks in the loop over rounds."""

    def body(b: Builder, h: Value, x: Value) -> list[Value]:
        h = b.tanh(b.add(b.mul(h, x), plus(b, x, 1.0)))
        return [h, b.sin(h)]

    f = scanned(body, [], [typed(300, 400)], [typed(300, 400)], length=3)
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(type.static_shape()) for type in f.parameter_types]
    expected = backends.compile(f, backend="reference")(*arrays)
    for ours, theirs in zip(backends.compile(f, backend="numpy")(*arrays), expected, strict=True):
        assert ours.tobytes() == np.asarray(theirs).tobytes()


def test_an_error_names_the_line_within() -> None:
    def body(b: Builder, h: Value, x: Value) -> list[Value]:
        b.location = Location("train.py", 7)
        return [plus(b, h, 1), b.gather(x, h, axes=(0,))]

    f = scanned(body, [], [TensorType(dtypes.i32, ())], [typed(3)])
    with pytest.raises(DiptychError, match="gather") as caught:
        backends.compile(f, backend="numpy")(np.asarray(0, "i4"), np.zeros((5, 3)))
    assert caught.value.location == Location("train.py", 7)
