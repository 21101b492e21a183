"""Memory that tensors share with numpy arrays: what somebody outside may write at any time is read when it is used."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from diptych.ir import TensorType, dtype_of

from .lazy import LEAF, UNTRACKED, Lazy, Storage, kind_of
from .recording import grafted
from .tape import tape
from .tensor import Tensor

COPIED = 2**20  # bytes up to which shared memory is copied when a call reads it; beyond, the call runs at once


def shown_array(x: Tensor) -> np.ndarray:
    """The part of the shared array that x shows: a view of it."""
    array = x._storage.pinned
    for read, _, attributes in () if x._view is None else x._view.steps:
        array = read.on_array(array, *attributes)
    return array


def live(array: np.ndarray) -> Lazy:
    """A value that is this array, whatever it holds."""
    return Lazy(kind_of(TensorType(dtype_of(array.dtype), array.shape)), array)


def read(x: Tensor) -> tuple[Lazy, int]:
    """As `Tensor._read`, for a tensor whose memory is shared: its value as it is now."""
    storage = x._storage
    if _is_ours_alone(storage):
        storage.pinned = None
        return x._read()
    meta = x._meta
    is_leaf = meta is not None and meta.requires_grad
    if is_leaf or not x.requires_grad:
        return _as_it_is(shown_array(x)), LEAF if is_leaf else UNTRACKED
    lazy, edge = x._read()
    return grafted(_as_it_is(shown_array(x)), lazy), edge


def _as_it_is(array: np.ndarray) -> Lazy:
    if array.nbytes <= COPIED:
        return live(array.copy())
    tape.is_urgent = True
    return live(array)


class _Probe:
    __slots__ = ("array", "lazy")


def _alone() -> int:
    """How often an array counts as referred to when only its storage and the storage's value refer to it."""
    storage: Any = _Probe()
    storage.lazy = _Probe()
    storage.array = storage.lazy.array = np.empty(0)
    return sys.getrefcount(storage.array)


_ALONE = _alone()


def _is_ours_alone(storage: Storage) -> bool:
    """Whether nobody outside has the shared array any more, nor a view of it."""
    pinned = storage.pinned
    if pinned.base is not None or storage.lazy.array is not pinned:
        return False
    del pinned
    return sys.getrefcount(storage.pinned) <= _ALONE


def exported(x: Tensor) -> np.ndarray:
    """The value as an array that shares memory with the tensor from now on, where its base is a numpy array."""
    storage = x._storage
    if storage.pinned is None:
        array = tape.value(storage.lazy)
        if not isinstance(array, np.ndarray):
            return np.asarray(x._array())
        if not (array.flags.writeable and array.flags.c_contiguous):
            array = storage.lazy.array = array.copy(order="C")
        if storage.lazy.serial == tape.serial:
            tape.flush()  # calls that wait read the array as it is now
        storage.pinned = array
        storage.writes += 1  # views read again, from the shared array
    return shown_array(x)
