"""The steps of views: how a part is read, and how what is written there becomes a new whole."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.functions import indexing
from diptych.functions.broadcasting import broadcast_to
from diptych.functions.constants import known_integer, scalar
from diptych.ir import Builder, Constant, Value, dtypes
from numpy.lib.stride_tricks import as_strided

from ..promotion import Number
from ..tapes.operation import operation
from .layout import Layout, reshaped
from .reading import Reading


def _index_entries(entries: tuple[Any, ...]) -> list[Any]:
    """The hashable form of a basic index, made an index again."""
    return [slice(*entry[1:]) if isinstance(entry, tuple) else entry for entry in entries]


@functools.lru_cache(maxsize=4096)
def _index_numbers(sizes: Sequence[int], entries: tuple[Any, ...]) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The places of an index and the starts of its slices, which may be others the next time, and the index with
    _PLACE and (_START, count) where they stood."""
    numbers: list[int] = []
    found: list[Any] = []
    axis = 0
    for entry in entries:
        if entry is None:
            found.append(None)
            continue
        size = sizes[axis]
        axis += 1
        if not isinstance(entry, tuple):
            numbers.append(entry + size if entry < 0 else entry)
            found.append(_PLACE)
            continue
        start, count, step = indexing.bounds(slice(*entry[1:]), size)
        if step == 1 and 0 < count < size:
            numbers.append(start)
            found.append((_START, count))
        else:
            found.append(entry)
    return tuple(numbers), (tuple(found),)


_PLACE, _START = "place", "start"


def _pieces(sizes: Sequence[int], numbers: Sequence[Number], entries: Sequence[Any]) -> list[tuple[Any, int, int]]:
    """(start, count, step) for each axis, a start that may be another the next time as a value."""
    given = iter(numbers)
    pieces: list[tuple[Any, int, int]] = []
    for entry in entries:
        if entry is None:
            continue
        if entry == _PLACE:
            pieces.append((next(given).value, 1, 1))
        elif entry[0] == _START:
            pieces.append((next(given).value, entry[1], 1))
        else:
            pieces.append(indexing.bounds(slice(*entry[1:]), sizes[len(pieces)]))
    return [*pieces, *((0, size, 1) for size in sizes[len(pieces) :])]


def _index(b: Builder, x: Value, *rest: Any) -> Value:
    """Strided slices of the axes where all is known, then a block that begins where the other numbers say."""
    *numbers, entries = rest
    pieces = _pieces(x.type.static_shape(), numbers, entries)
    known = [known_integer(b, start) if isinstance(start, Value) else start for start, _, _ in pieces]
    taken = indexing.strided(
        b, x,
        [(0, x.shape[axis], 1) if start is None else (start, *pieces[axis][1:]) for axis, start in enumerate(known)],
    )  # fmt: skip
    sizes = [count for _, count, _ in pieces]
    if None in known:
        starts = [
            piece[0] if start is None else _scalar_index(b, 0) for start, piece in zip(known, pieces, strict=True)
        ]
        taken = b.dynamic_slice(taken, *starts, sizes=sizes)
    shape = _shown_sizes(sizes, entries)
    return taken if taken.shape == shape else b.reshape(taken, shape=shape)


def _shown_sizes(sizes: list[int], entries: Sequence[Any]) -> tuple[int, ...]:
    """The sizes with new axes, and without those of which one place is taken."""
    found: list[int] = []
    axis = 0
    for entry in entries:
        if entry is None:
            found.append(1)
            continue
        if entry != _PLACE:
            found.append(sizes[axis])
        axis += 1
    return (*found, *sizes[axis:])


def _index_moves(layout: Layout, entries: tuple[Any, ...]) -> Layout:
    sizes: list[int] = []
    strides: list[int] = []
    offset, axis = layout.offset, 0
    for entry in indexing.expand_ellipsis(_index_entries(entries), len(layout.sizes)):
        if entry is None:
            # as PyTorch's unsqueeze has it
            inner = layout.sizes[axis] * layout.strides[axis] if axis < len(layout.sizes) else 1
            sizes.append(1)
            strides.append(inner)
            continue
        size, stride = layout.sizes[axis], layout.strides[axis]
        if isinstance(entry, slice):
            start, count, step = indexing.bounds(entry, size)
            sizes.append(count)
            strides.append(stride * step)
            offset += start * stride
        else:
            offset += (entry + size if entry < 0 else entry) * stride
        axis += 1
    return Layout(tuple(sizes), tuple(strides), offset)


def _index_of_array(array: np.ndarray, entries: tuple[Any, ...]) -> np.ndarray:
    """A view even where no axis is left."""
    given = _index_entries(entries)
    return array[tuple(given if Ellipsis in given else [*given, ...])]


index = Reading(_index, _index_moves, _index_of_array, _index_numbers)


@operation
def index_write(b: Builder, base: Value, part: Value, *rest: Any) -> Value:
    """The places that the index reads, found by reading a count of all places, replaced by the part."""
    *numbers, entries = rest
    pieces = [
        (start if isinstance(start, Value) else _scalar_index(b, start), count, step)
        for start, count, step in _pieces(base.type.static_shape(), numbers, entries)
    ]
    part = b.reshape(part, shape=[count for _, count, _ in pieces])
    if all(step == 1 for _, _, step in pieces):
        return b.dynamic_update_slice(base, part, *(start for start, _, _ in pieces)) if pieces else part
    indices = []
    shape = part.shape
    for axis, (start, count, step) in enumerate(pieces):
        counted = b.iota(shape=(count,), axis=0, dtype=dtypes.i64)
        step_value = b.broadcast(_scalar_index(b, step), shape=(count,), axes=())
        start_value = b.broadcast(start, shape=(count,), axes=())
        places = b.add(b.mul(counted, step_value), start_value)
        indices.append(b.broadcast(places, shape=shape, axes=(axis,)))
    return b.scatter(base, part, *indices, axes=tuple(range(base.rank)), combine="set")


def _scalar_index(b: Builder, number: int) -> Value:
    return scalar(b, number, dtypes.i64)


def _permuted(layout: Layout, permutation: tuple[int, ...]) -> Layout:
    sizes, strides = ([of[axis] for axis in permutation] for of in (layout.sizes, layout.strides))
    return Layout(tuple(sizes), tuple(strides), layout.offset)


def _permute(b: Builder, x: Value, permutation: tuple[int, ...]) -> Value:
    return b.transpose(x, permutation=permutation)


permute = Reading(_permute, _permuted, lambda array, permutation: array.transpose(permutation))


@operation
def permute_write(b: Builder, base: Value, part: Value, permutation: tuple[int, ...]) -> Value:
    order = [0] * len(permutation)
    for place, axis in enumerate(permutation):
        order[axis] = place
    return b.transpose(part, permutation=order)


def _reshape(b: Builder, x: Value, shape: tuple[int, ...]) -> Value:
    return b.reshape(x, shape=shape)


reshape = Reading(_reshape, reshaped, lambda array, shape: array.reshape(shape))


@operation
def reshape_write(b: Builder, base: Value, part: Value, shape: tuple[int, ...]) -> Value:
    return b.reshape(part, shape=base.shape)


def _expanded(layout: Layout, shape: tuple[int, ...]) -> Layout:
    lead = len(shape) - len(layout.sizes)
    strides = [0] * lead
    for size, stride, wanted in zip(layout.sizes, layout.strides, shape[lead:], strict=True):
        strides.append(stride if size == wanted else 0)
    return Layout(shape, tuple(strides), layout.offset)


def _expand(b: Builder, x: Value, shape: tuple[int, ...]) -> Value:
    return broadcast_to(b, x, shape)


def _expand_array(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """As np.broadcast_to, and as writable as the array is."""
    shown = np.broadcast_to(array, shape)
    return as_strided(array, shape, shown.strides, writeable=array.flags.writeable)


expand = Reading(_expand, _expanded, _expand_array)


def _slide_moves(layout: Layout, windows: tuple[int, int, int]) -> Layout:
    axis, size, step = windows
    sizes, strides = list(layout.sizes), list(layout.strides)
    sizes[axis], strides[axis] = (sizes[axis] - size) // step + 1, strides[axis] * step
    return Layout((*sizes, size), (*strides, layout.strides[axis]), layout.offset)


def _slide(b: Builder, x: Value, windows: tuple[int, int, int]) -> Value:
    axis, size, step = windows
    counts = ((x.type.static_shape()[axis] - size) // step + 1, size)
    places = b.constant(value=Constant(strided_places(counts, (step, 1), 0)))
    others = range(2, x.rank + 1)  # after the windows and the places in them, which come first
    order = (*others[:axis], 0, *others[axis:], 1)
    return b.transpose(b.gather(x, places, axes=(axis,)), permutation=order)


def _slide_over_array(array: np.ndarray, windows: tuple[int, int, int]) -> np.ndarray:
    strides = tuple(stride // array.itemsize for stride in array.strides)
    shown = _slide_moves(Layout(array.shape, strides), windows)
    steps = tuple(stride * array.itemsize for stride in shown.strides)
    return as_strided(array, shown.sizes, steps, writeable=array.flags.writeable)


slide = Reading(_slide, _slide_moves, _slide_over_array)


def strided_places(sizes: Sequence[int], strides: Sequence[int], offset: int) -> np.ndarray:
    places = np.full((), offset, np.int64)
    for size, stride in zip(sizes, strides, strict=True):
        places = places[..., None] + np.arange(size, dtype=np.int64) * stride
    return places


@operation
def strided_write(b: Builder, base: Value, part: Value, layout: Layout) -> Value:
    """The base with `part` at the places of a layout."""
    places = b.constant(value=Constant(strided_places(layout.sizes, layout.strides, layout.offset)))
    flat = b.reshape(base, shape=(int(np.prod(base.type.static_shape(), dtype=np.int64)),))
    return b.reshape(b.scatter(flat, part, places, axes=(0,), combine="set"), shape=base.shape)
