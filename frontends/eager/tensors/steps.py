"""More steps of views: by sizes and strides, diagonals, and parts of complex numbers."""

from __future__ import annotations

import numpy as np
from diptych.ir import Builder, Constant, Unsupported, Value
from numpy.lib.stride_tricks import as_strided

from ..tapes.mode import mode
from ..tapes.operation import operation
from .layout import Layout, layout_of
from .reading import Reading
from .tensor import Tensor
from .view_steps import strided_places
from .views import view_of


def _strided(b: Builder, x: Value, layout: Layout) -> Value:
    places = b.constant(value=Constant(strided_places(layout.sizes, layout.strides, layout.offset)))
    return b.gather(b.reshape(x, shape=(int(np.prod(x.type.static_shape(), dtype=np.int64)),)), places, axes=(0,))


def _strided_array(array: np.ndarray, layout: Layout) -> np.ndarray:
    strides = tuple(stride * array.itemsize for stride in layout.strides)
    line = as_strided(array, (layout.offset + 1,), (array.itemsize,), writeable=array.flags.writeable)
    return as_strided(line[layout.offset :], layout.sizes, strides, writeable=array.flags.writeable)


strided = Reading(_strided, lambda _, layout: layout, _strided_array)  # of a storage's base


def _strided_within(b: Builder, x: Value, layout: Layout, own: Layout) -> Value:
    places = b.constant(value=Constant(_numbers_within(layout, own)))
    return b.gather(b.reshape(x, shape=(int(np.prod(own.sizes, dtype=np.int64)),)), places, axes=(0,))


def _strided_within_array(array: np.ndarray, layout: Layout, own: Layout) -> np.ndarray:
    numbers = _numbers_within(layout, own)
    first = np.unravel_index(numbers.flat[0], own.sizes) if numbers.size else (0,) * len(own.sizes)
    corner = array[tuple(slice(int(place), None) for place in first)]
    strides = tuple(stride * array.itemsize for stride in layout.strides)
    return as_strided(corner, layout.sizes, strides, writeable=array.flags.writeable)


def _numbers_within(layout: Layout, own: Layout) -> np.ndarray:
    """The elements of a tensor that lies as `own` at the places of a layout, all of which are its own, by number."""
    places = strided_places(*own).reshape(-1)
    order = np.argsort(places, kind="stable")
    return order[np.searchsorted(places, strided_places(*layout), sorter=order)]


strided_within = Reading(
    _strided_within, lambda _, layout, own: layout, _strided_within_array
)  # of a leaf's own places


def as_strided_view(x: Tensor, layout: Layout) -> Tensor:
    """A tensor that shows the elements of x's storage at the places of a layout.

    Raises Unsupported for places beyond a leaf which is itself a view and wants its gradient."""
    base = _base_of(x)
    if base._view is None:
        return view_of(base, strided, None, (layout,))
    own = layout_of(base)
    if np.isin(strided_places(*layout), strided_places(*own)).all():
        return view_of(base, strided_within, None, (layout, own))
    if mode.enabled:
        raise Unsupported(
            "as_strided: shows elements beyond a leaf that is a view and wants its gradient", hint="input.detach()"
        )
    return view_of(Tensor._of(base._storage), strided, None, (layout,))


def _base_of(x: Tensor) -> Tensor:
    """What x is a view of, with its history: the storage's base, or a leaf that wants its gradient."""
    meta = x._meta
    if x._view is None or (meta is not None and meta.requires_grad):
        return x
    if meta is not None and meta.leaf is not None:
        return _base_of(meta.leaf)
    return Tensor._of(x._storage, None, meta)


def _diagonal_moves(layout: Layout, offset: int, first: int, second: int) -> Layout:
    rows, columns = layout.sizes[first], layout.sizes[second]
    count = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    start = (max(offset, 0) * layout.strides[second] - min(offset, 0) * layout.strides[first]) if count else 0
    rest = [axis for axis in range(len(layout.sizes)) if axis not in (first, second)]
    sizes, strides = ([of[axis] for axis in rest] for of in (layout.sizes, layout.strides))
    return Layout((*sizes, count), (*strides, layout.strides[first] + layout.strides[second]), layout.offset + start)


def _diagonal(b: Builder, x: Value, offset: int, first: int, second: int) -> Value:
    shape = x.type.static_shape()
    count = _diagonal_moves(Layout(shape, (0,) * len(shape)), offset, first, second).sizes[-1]
    counts = np.arange(count, dtype=np.int64)
    rows, columns = (b.constant(value=Constant(counts + start)) for start in (max(-offset, 0), max(offset, 0)))
    found = b.gather(x, rows, columns, axes=(first, second))
    return b.transpose(found, permutation=(*range(1, found.rank), 0))


diagonal = Reading(
    _diagonal, _diagonal_moves, lambda array, offset, first, second: array.diagonal(offset, first, second)
)


@operation
def diagonal_write(b: Builder, base: Value, part: Value, offset: int, first: int, second: int) -> Value:
    count = part.type.static_shape()[-1]
    counts = np.arange(count, dtype=np.int64)
    rows, columns = (b.constant(value=Constant(counts + start)) for start in (max(-offset, 0), max(offset, 0)))
    front = b.transpose(part, permutation=(part.rank - 1, *range(part.rank - 1)))
    if first < second:
        return b.scatter(base, front, rows, columns, axes=(first, second), combine="set")
    return b.scatter(base, front, columns, rows, axes=(second, first), combine="set")


def _doubled(layout: Layout, offset: int) -> Layout:
    return Layout(layout.sizes, tuple(2 * stride for stride in layout.strides), 2 * layout.offset + offset)


def _imaginary(array: np.ndarray) -> np.ndarray:
    return array.imag


real = Reading(lambda b, x: b.real(x), lambda layout: _doubled(layout, 0), lambda array: array.real)
imag = Reading(lambda b, x: b.imag(x), lambda layout: _doubled(layout, 1), _imaginary)


@operation
def real_write(b: Builder, base: Value, part: Value) -> Value:
    return b.complex(part, b.imag(base))


@operation
def imag_write(b: Builder, base: Value, part: Value) -> Value:
    return b.complex(b.real(base), part)


def _pairs(b: Builder, x: Value) -> Value:
    shape = (*x.shape, 1)
    return b.concatenate(b.reshape(b.real(x), shape=shape), b.reshape(b.imag(x), shape=shape), axis=x.rank)


def _from_pairs(b: Builder, x: Value) -> Value:
    last = x.rank - 1
    zeros, ones = (0,) * x.rank, (1,) * x.rank
    parts = [
        b.slice(x, start=(*zeros[:-1], place), limit=(*x.shape[:-1], place + 1), stride=ones) for place in (0, 1)
    ]  # fmt: skip
    return b.complex(*(b.reshape(part, shape=x.shape[:last]) for part in parts))


def _pair_moves(layout: Layout) -> Layout:
    return Layout((*layout.sizes, 2), (*(2 * stride for stride in layout.strides), 1), 2 * layout.offset)


def _unpaired(layout: Layout) -> Layout:
    return Layout(layout.sizes[:-1], tuple(stride // 2 for stride in layout.strides[:-1]), layout.offset // 2)


def _array_of_pairs(array: np.ndarray) -> np.ndarray:
    kind = np.dtype(array.real.dtype)
    return as_strided(array.real, (*array.shape, 2), (*array.strides, kind.itemsize), writeable=array.flags.writeable)


view_as_real = Reading(_pairs, _pair_moves, _array_of_pairs)
view_as_complex = Reading(
    _from_pairs, _unpaired, lambda array: array.view(np.complex64 if array.itemsize == 4 else np.complex128)[..., 0]
)


@operation
def pairs_write(b: Builder, base: Value, part: Value) -> Value:
    return _from_pairs(b, part)


@operation
def complex_write(b: Builder, base: Value, part: Value) -> Value:
    return _pairs(b, part)
