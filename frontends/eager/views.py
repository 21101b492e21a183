"""Views and writes, on values that never change.

A view is a tuple of steps from its storage's base: (operation that reads, operation that writes, attributes). What it
shows is read again when the storage has a new version. Writing to a view writes its value into the one before it, step
by step, until the base is new; every other view then sees it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import indexing
from diptych.functions.broadcasting import broadcast_to
from diptych.ir import Builder, Value, dtypes

from .lazy import Lazy, Storage
from .mode import mode
from .operation import Operation, operation
from .tape import tape
from .tensor import Tensor

Step = tuple[Operation, Operation | None, tuple[Any, ...]]


# -- the steps: how to read, and how to write back ----


def _index_entries(entries: tuple[Any, ...]) -> list[Any]:
    """The hashable form of a basic index, made an index again."""
    return [slice(*entry[1:]) if isinstance(entry, tuple) else entry for entry in entries]


@operation
def index(b: Builder, x: Value, entries: tuple[Any, ...]) -> Value:
    return indexing.basic(b, x, _index_entries(entries))


@operation
def index_write(b: Builder, base: Value, part: Value, entries: tuple[Any, ...]) -> Value:
    """The places that the index reads, found by reading a count of all places, replaced by the part."""
    full = indexing.expand_ellipsis(_index_entries(entries), base.rank)
    pieces: list[tuple[Any, Any, int]] = []
    for entry in full:
        if entry is None:
            continue
        size = base.shape[len(pieces)]
        if isinstance(entry, slice):
            pieces.append(indexing.bounds(entry, size))
        else:
            place = entry + size if entry < 0 else entry
            pieces.append((place, 1, 1))
    part = b.reshape(part, shape=[count for _, count, _ in pieces])
    if all(step == 1 for _, _, step in pieces):
        starts = [_scalar_index(b, start) for start, _, _ in pieces]
        return b.dynamic_update_slice(base, part, *starts) if starts else part
    indices = []
    shape = part.shape
    for axis, (start, count, step) in enumerate(pieces):
        counted = b.iota(shape=(count,), axis=0, dtype=dtypes.i64)
        step_value = b.broadcast(_scalar_index(b, step), shape=(count,), axes=())
        start_value = b.broadcast(_scalar_index(b, start), shape=(count,), axes=())
        places = b.add(b.mul(counted, step_value), start_value)
        indices.append(b.broadcast(places, shape=shape, axes=(axis,)))
    return b.scatter(base, part, *indices, axes=tuple(range(base.rank)), combine="set")


def _scalar_index(b: Builder, number: int) -> Value:
    from diptych.functions.constants import scalar

    return scalar(b, number, dtypes.i64)


@operation
def permute(b: Builder, x: Value, permutation: tuple[int, ...]) -> Value:
    return b.transpose(x, permutation=permutation)


@operation
def permute_write(b: Builder, base: Value, part: Value, permutation: tuple[int, ...]) -> Value:
    order = [0] * len(permutation)
    for place, axis in enumerate(permutation):
        order[axis] = place
    return b.transpose(part, permutation=order)


@operation
def reshape(b: Builder, x: Value, shape: tuple[int, ...]) -> Value:
    return b.reshape(x, shape=shape)


@operation
def reshape_write(b: Builder, base: Value, part: Value, shape: tuple[int, ...]) -> Value:
    return b.reshape(part, shape=base.shape)


@operation
def expand(b: Builder, x: Value, shape: tuple[int, ...]) -> Value:
    return broadcast_to(b, x, shape)


# -- making and reading views ----


def view_of(x: Tensor, read: Operation, write: Operation | None, attributes: tuple[Any, ...]) -> Tensor:
    """A tensor that shows `read` of x and shares its storage."""
    result = Tensor._of(x._storage)
    result._view = (*(x._view or ()), (read, write, attributes))
    if mode.enabled:
        result._detached = x._detached
        result._leaf = x if x._leaf_requires_grad else x._leaf
    else:
        result._detached = True
    result._lazy()
    return result


def shown(x: Tensor) -> Lazy:
    """What a view shows of its storage as it is now, with the history that the view has."""
    from .recording import call

    current = x._leaf
    if current is None:
        current = Tensor._of(x._storage)
        current._detached = x._detached
    before, mode.enabled = mode.enabled, x.requires_grad
    try:
        for read, _, attributes in (x._view or ())[len(current._view or ()) :]:
            current = call(read, (current,), attributes)
    finally:
        mode.enabled = before
    return current._storage.lazy


def write(x: Tensor, value: Tensor) -> None:
    """Makes x show `value`, which has x's type, and so all that shares its storage."""
    from .recording import call

    storage = x._storage
    with tape.lock:
        if x._view is None:
            _replace(storage, value)
            return
        base = Tensor._of(storage)
        base._detached = x._detached
        befores = [base]
        for read, _, attributes in x._view[:-1]:
            befores.append(call(read, (befores[-1],), attributes))
        for before, (_, put, attributes) in zip(reversed(befores), reversed(x._view), strict=True):
            if put is None:
                raise RuntimeError(
                    "unsupported operation: more than one element of the written-to tensor refers to a single memory "
                    "location. Please clone() the tensor before performing the operation."
                )
            value = call(put, (before, value), attributes)
        _replace(storage, value)


def _replace(storage: Storage, value: Tensor) -> None:
    """The storage's base is `value` from now on."""
    lazy = value._lazy()
    storage.lazy = lazy
    storage.version += 1
    storage.tracked = value._storage.tracked or (storage.tracked and not mode.enabled)
    if storage.serial != tape.serial:
        storage.serial = tape.serial
        tape.storages.append(storage)
    if storage.pinned is not None:
        array = tape.value(lazy)
        if array is not storage.pinned:
            np.copyto(storage.pinned, array)
            lazy.array = storage.pinned


def replace_data(x: Tensor, value: Tensor) -> None:
    """`x.data = value`: x shows another tensor's storage, and keeps its own gradient and flags."""
    if x.dtype is not value.dtype and x._leaf_requires_grad and not value.dtype.ir.is_differentiable:
        raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
    x._storage = value._storage
    x._view = value._view
    x._shown = None
    x._detached = not x._leaf_requires_grad


def exported(x: Tensor) -> np.ndarray:
    """The value as an array that shares memory with the tensor from now on, where its base is a numpy array."""
    array = tape.value(x._storage.lazy)
    if not isinstance(array, np.ndarray):
        return np.asarray(x._array())
    storage = x._storage
    if storage.pinned is None:
        if not array.flags.writeable:
            array = array.copy()
            storage.lazy.array = array
        storage.pinned = array
    shown_array = storage.pinned
    for read, _, attributes in x._view or ():
        shown_array = _on_array(read, attributes, shown_array)
    return shown_array


def _on_array(read: Operation, attributes: tuple[Any, ...], array: np.ndarray) -> np.ndarray:
    """A step of a view on a numpy array: a view too, wherever numpy has one."""
    (attribute,) = attributes
    if read is index:
        return array[tuple(_index_entries(attribute))]
    if read is permute:
        return array.transpose(attribute)
    return array.reshape(attribute) if read is reshape else np.broadcast_to(array, attribute)
