"""Kernels of `ir/ops/indexing.py` of numpy's own: indices out of bounds raise."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from diptych.ir import DiptychError, ops

from ..kernels.indexing import limited
from ..kernels.rounding import HALVES

BLOCK = 1 << 18  # updates that are combined at a time

COMBINE = {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}


def gather(xp: Any, x: np.ndarray, *indices: np.ndarray, axes: tuple[int, ...], bounds: str) -> np.ndarray:
    """x with the indexed axes first, indexed there."""
    places: list[np.ndarray] = []
    for number, (index, axis) in enumerate(zip(indices, axes, strict=True)):
        if bounds == "error" or not x.shape[axis]:
            _check(f"gather: indices[{number}]", index, x.shape[axis], axis)
            places.append(index.astype(np.intp, copy=False))
        else:
            places.append(limited(xp, index, 0, x.shape[axis] - 1))
    if len(axes) == 1:
        taken = np.take(x, places[0], axis=axes[0], mode="clip")  # clip is the fast mode; nothing is left to clip
        return np.moveaxis(taken, range(axes[0]), range(places[0].ndim, places[0].ndim + axes[0]))
    if axes == tuple(range(len(axes))) and x.flags.c_contiguous:  # one index finds a row, which numpy is fastest at
        flat = places[0]
        for place, axis in zip(places[1:], axes[1:], strict=True):
            flat = flat * x.shape[axis] + place
        rows = x.reshape(prod(x.shape[: len(axes)]), *x.shape[len(axes) :])
        return np.take(rows, flat, axis=0, mode="clip")
    return x.transpose(_indexed_first(x.ndim, axes))[tuple(places)]


def scatter(
    xp: Any,
    x: np.ndarray,
    updates: np.ndarray,
    *indices: np.ndarray,
    axes: tuple[int, ...],
    combine: str,
    bounds: str,
) -> np.ndarray:
    """x as rows, one for each place that indices can name; updates as rows for the places they do name."""
    order = _indexed_first(x.ndim, axes)
    sizes = tuple(x.shape[axis] for axis in axes)
    rest = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    count = prod(sizes)
    rows = np.array(x.transpose(order), order="C").reshape(count, prod(rest))
    new = updates.reshape(indices[0].size, prod(rest))
    places = np.zeros(indices[0].shape, np.int64)
    kept = np.ones(indices[0].shape, bool)
    for number, (index, size, axis) in enumerate(zip(indices, sizes, axes, strict=True)):
        if bounds == "error":
            _check(f"scatter: indices[{number}]", index, size, axis)
        place = limited(xp, index, -1, size)
        kept &= (place >= 0) & (place < size)
        places = places * size + place
    places, kept = places.reshape(-1), kept.reshape(-1)
    if not kept.all():
        places, new = places[kept], new[kept]
    if combine == "set":
        rows[places] = new
    else:
        rows = _combined(rows, new, places, COMBINE[combine])
    return rows.reshape(sizes + rest).transpose(np.argsort(order))


def _combined(rows: np.ndarray, new: np.ndarray, places: np.ndarray, ufunc: np.ufunc) -> np.ndarray:
    """rows[places[i]] = ufunc(rows[places[i]], new[i]) for every i in turn; halves in float32, rounded at the end.

    Each element has an index of its own, for which ufunc.at is many times faster than for rows; so many at a time that
    these indices stay in the cache.
    """
    dtype = rows.dtype
    if dtype in HALVES:
        rows, new = rows.astype(np.float32), new.astype(np.float32)
    width = rows.shape[1]
    flat, columns = rows.reshape(-1), np.arange(width)
    step = max(1, BLOCK // max(width, 1))
    for first in range(0, places.size, step):
        indices = (places[first : first + step, None] * width + columns).reshape(-1)
        ufunc.at(flat, indices, new[first : first + step].reshape(-1))
    return rows.astype(dtype, copy=False)


def dynamic_slice(xp: Any, x: np.ndarray, *starts: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """A view of x."""
    return x[_block(x, starts, sizes)]


def dynamic_update_slice(xp: Any, x: np.ndarray, update: np.ndarray, *starts: np.ndarray) -> np.ndarray:
    """A copy of x, written to."""
    result = x.copy()
    result[_block(x, starts, update.shape)] = update
    return result


def _indexed_first(rank: int, axes: tuple[int, ...]) -> list[int]:
    return [*axes, *(axis for axis in range(rank) if axis not in axes)]


def _check(name: str, index: np.ndarray, size: int, axis: int) -> None:
    """Raises DiptychError where an index is below 0 or at least `size`."""
    if not index.size:
        return
    lowest, highest = int(index.min()), int(index.max())
    if lowest < 0 or highest >= size:
        wrong = lowest if lowest < 0 else highest
        must = f"from 0 to {size - 1}" if size else "absent"
        raise DiptychError(f"{name} is {wrong} but must be {must}: axis {axis} has size {size}")


def _block(x: np.ndarray, starts: tuple[np.ndarray, ...], sizes: tuple[int, ...]) -> tuple[slice, ...]:
    """Where the block lies once it is moved inside x."""
    firsts = [min(max(int(start), 0), whole - size) for start, size, whole in zip(starts, sizes, x.shape, strict=True)]
    return tuple(slice(first, first + size) for first, size in zip(firsts, sizes, strict=True))


OVERRIDES = {
    ops.gather: gather,
    ops.scatter: scatter,
    ops.dynamic_slice: dynamic_slice,
    ops.dynamic_update_slice: dynamic_update_slice,
}
