"""Reads and writes at indices against loops in Python, and what happens out of bounds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from diptych.backends.reference import indexing
from diptych.backends.tolerances import disagreement, tolerance
from diptych.ir import DiptychError, ops

from tests.backends.runs import on_both, on_jax, on_reference

COMBINE = {
    "set": lambda old, new: new,
    "add": lambda old, new: old + new,
    "mul": lambda old, new: old * new,
    "min": min,
    "max": max,
}


def _random_case(seed: int) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[int, ...], tuple[int, ...]]:
    """An array, indices with some out of bounds, the indexed axes, and the other axes' sizes."""
    random = np.random.default_rng(seed)
    rank = int(random.integers(1, 4))
    shape = tuple(int(size) for size in random.integers(1, 5, rank))
    count = int(random.integers(1, rank + 1))
    axes = tuple(sorted(int(axis) for axis in random.choice(rank, count, replace=False)))
    index_shape = tuple(int(size) for size in random.integers(0, 4, int(random.integers(0, 3))))
    kinds = (np.int8, np.int32, np.int64)
    indices = tuple(
        random.integers(-2, shape[axis] + 2, index_shape).astype(kinds[int(random.integers(3))]) for axis in axes
    )
    rest = tuple(size for axis, size in enumerate(shape) if axis not in axes)
    return random.normal(size=shape), indices, axes, rest


def _place(axes: tuple[int, ...], named: list[int], rest: tuple[int, ...]) -> tuple[int, ...]:
    """Where in x the element stands that `named` gives along `axes` and `rest` along the others."""
    others = iter(rest)
    return tuple(named[axes.index(axis)] if axis in axes else next(others) for axis in range(len(axes) + len(rest)))


@pytest.mark.parametrize("seed", range(20))
def test_gather_clips(seed: int) -> None:
    x, indices, axes, rest = _random_case(seed)
    wanted = np.zeros(indices[0].shape + rest)
    for at in product(*map(range, wanted.shape)):
        lead, tail = at[: indices[0].ndim], at[indices[0].ndim :]
        named = [min(max(int(index[lead]), 0), x.shape[axis] - 1) for index, axis in zip(indices, axes, strict=True)]
        wanted[at] = x[_place(axes, named, tail)]
    assert np.array_equal(on_both(ops.gather, [x, *indices], axes=axes, bounds="clip")[0], wanted)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("combine", ["add", "mul", "min", "max", "set"])
def test_scatter_drops(seed: int, combine: str) -> None:
    x, indices, axes, rest = _random_case(seed)
    updates = np.random.default_rng(seed).normal(size=indices[0].shape + rest)
    if combine == "set":  # which of two writes stays is not defined: let them be equal
        updates = np.broadcast_to(np.float64(0.25), updates.shape)
    wanted = x.copy()
    for at in product(*map(range, updates.shape)):
        lead, tail = at[: indices[0].ndim], at[indices[0].ndim :]
        named = [int(index[lead]) for index in indices]
        if all(0 <= place < x.shape[axis] for place, axis in zip(named, axes, strict=True)):
            place = _place(axes, named, tail)
            wanted[place] = COMBINE[combine](wanted[place], updates[at])
    found = on_both(ops.scatter, [x, updates, *indices], axes=axes, combine=combine, bounds="drop")[0]
    problem = disagreement(found, wanted, tolerance(ops.scatter, found.dtype))
    assert problem is None, problem


@pytest.mark.parametrize(
    ("index", "wrong", "size"),
    [(-1, -1, 3), (3, 3, 3), (127, 127, 3), (-128, -128, 3)],
)
def test_reference_raises_out_of_bounds(index: int, wrong: int, size: int) -> None:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    bad = np.array([0, index, 1], np.int8)
    message = f"indices[0] is {wrong} but must be from 0 to {size - 1}: axis 1 has size {size}"
    with pytest.raises(DiptychError) as caught:
        on_reference(ops.gather, [x, bad], axes=(1,))
    assert caught.value.message == f"gather: {message}"
    assert caught.value.location is not None
    with pytest.raises(DiptychError) as caught:
        on_reference(ops.scatter, [x, np.zeros((3, 2), np.float32), bad], axes=(1,), combine="set")
    assert caught.value.message == f"scatter: {message}"


def test_reading_an_axis_of_size_0() -> None:
    with pytest.raises(DiptychError) as caught:
        on_reference(ops.gather, [np.zeros((0, 2)), np.zeros(1, np.int32)], axes=(0,), bounds="clip")
    assert caught.value.message == "gather: indices[0] is 0 but must be absent: axis 0 has size 0"
    assert on_jax(ops.gather, [np.zeros((0, 2)), np.zeros(1, np.int32)], axes=(0,))[0].shape == (1, 2)


def test_jax_clips_reads_and_drops_writes() -> None:
    x, index = np.float32([1, 2, 3]), np.int32([-1, 3, 1])
    assert on_jax(ops.gather, [x, index], axes=(0,))[0].tolist() == [1, 3, 2]
    updates = np.float32([10, 20, 30])
    assert on_jax(ops.scatter, [x, updates, index], axes=(0,), combine="add")[0].tolist() == [1, 32, 3]


def test_indices_as_wide_as_u64_are_not_taken_for_negative() -> None:
    x, index = np.float32([1, 2, 3]), np.uint64([2**63, 2**64 - 1, 1])
    assert on_both(ops.gather, [x, index], axes=(0,), bounds="clip")[0].tolist() == [3, 3, 2]
    updates = np.float32([10, 20, 30])
    found = on_both(ops.scatter, [x, updates, index], axes=(0,), combine="set", bounds="drop")[0]
    assert found.tolist() == [1, 30, 3]


def test_indices_too_narrow_for_the_axis() -> None:
    x = np.arange(300, dtype=np.int32)
    assert on_both(ops.gather, [x, np.int8([127, -128])], axes=(0,), bounds="clip")[0].tolist() == [127, 0]


@pytest.mark.parametrize("start", [-5, -1, 0, 1, 2, 9])
def test_dynamic_slices_stay_inside(start: int) -> None:
    x = np.arange(12).reshape(4, 3)
    first = min(max(start, 0), 2)
    starts = [np.array(start, np.int8), np.array(1, np.int8)]
    assert np.array_equal(on_both(ops.dynamic_slice, [x, *starts], sizes=(2, 2))[0], x[first : first + 2, 1:3])
    wanted = x.copy()
    wanted[first : first + 2, 1:3] = -1
    update = np.full((2, 2), -1)
    assert np.array_equal(on_both(ops.dynamic_update_slice, [x, update, *starts])[0], wanted)


@pytest.mark.parametrize("combine", ["add", "mul", "min", "max"])
def test_updates_are_combined_a_block_at_a_time(combine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    x, updates, places = random.random((4, 3)), random.random((9, 3)), random.integers(0, 4, 9)
    scatter = indexing.OVERRIDES[ops.scatter]
    whole = scatter(np, x, updates, places, axes=(0,), combine=combine, bounds="error")
    wanted = x.copy()
    for place, update in zip(places, updates, strict=True):
        wanted[place] = [COMBINE[combine](*pair) for pair in zip(wanted[place], update, strict=True)]
    np.testing.assert_array_equal(whole, wanted)
    monkeypatch.setattr(indexing, "BLOCK", 6)
    np.testing.assert_array_equal(scatter(np, x, updates, places, axes=(0,), combine=combine, bounds="error"), wanted)
