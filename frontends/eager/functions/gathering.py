"""Elements picked by indices or a mask, along one axis or from all."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import scattering
from diptych.functions.broadcasting import BroadcastError, broadcast_shapes
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes, product

from ..tapes.batches import check_single
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import views
from ..tensors.creation import zeros
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .axes import counted
from .indexing import getitem, nonzero
from .logic import where
from .operands import tensors
from .shapes import expand

# -- operations: what is written as equations ----


@operation
def _gather(b: Builder, x: Value, index: Value, axis: int) -> Value:
    if not x.rank or not index.rank:
        flat = b.reshape(index, shape=(product(index.shape),))
        line = x if x.rank else b.reshape(x, shape=(1,))
        return b.reshape(b.gather(line, flat, axes=(0,)), shape=index.shape)
    return b.gather(x, *scattering.along(b, index, axis), axes=tuple(range(x.rank)))


@operation
def _index_select(b: Builder, x: Value, index: Value, axis: int) -> Value:
    flat = index if index.rank else b.reshape(index, shape=(1,))
    if not x.rank:
        return b.reshape(b.gather(b.reshape(x, shape=(1,)), flat, axes=(0,)), shape=())
    return scattering.moved_from_front(b, b.gather(x, flat, axes=(axis,)), 1, axis)


@operation
def _take(b: Builder, x: Value, index: Value) -> Value:
    flat = b.reshape(x, shape=(product(x.shape),))
    return b.gather(flat, counted_from_start(b, index, flat.shape[0]), axes=(0,))


def counted_from_start(b: Builder, index: Value, size: Any) -> Value:
    """Indices of which negative ones count from the end."""
    wide = index if index.dtype is dtypes.i64 else b.cast(index, dtype=dtypes.i64)
    behind = b.add(wide, filled_like(b, size, wide))
    return b.select(b.lt(wide, filled_like(b, 0, wide)), behind, wide)


# -- checks ----


def check_index(name: str, index: Tensor) -> None:
    """Raises RuntimeError for an index that is not of int64 or int32."""
    if index.dtype.ir not in (dtypes.i64, dtypes.i32):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")


def check_range(index: Tensor, axis: int, size: int, *, negative: bool = False, error: Any = RuntimeError) -> None:
    """Raises `error` for an index out of range whose value is known already; others are checked when they are read."""
    values = index._lazy().array
    if isinstance(values, np.ndarray):
        wrong = values[(values < (-size if negative else 0)) | (values >= size)]
        if wrong.size:
            raise error(f"index {wrong.flat[0]} is out of bounds for dimension {axis} with size {size}")


def check_smaller(name: str, x: Tensor, index: Tensor, axis: int, of: str) -> None:
    """Raises RuntimeError where an index is longer than what it reads, along the other axes."""
    if max(x.ndim, 1) != max(index.ndim, 1):
        raise RuntimeError(f"Index tensor must have the same number of dimensions as {of} tensor")
    for other in range(x.ndim if index.ndim else 0):
        if other != axis and index.shape[other] > x.shape[other]:
            raise RuntimeError(
                f"Size does not match at dimension {other} expected index {list(index.shape)} to be no larger than "
                f"{of} {list(x.shape)} apart from dimension {axis}"
            )


# -- functions: what users call ----


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """For every element of `index` the element of input at that place along `dim`, and at index's own place along the
    other axes. Raises RuntimeError for an index of another rank, longer than input, or out of range."""
    x, places = tensors("gather", input=input, index=index)
    axis = counted(dim, x.ndim)
    if places.numel():
        check_index("gather", places)
        check_smaller("gather", x, places, axis, "input" if max(x.ndim, 1) != max(places.ndim, 1) else "self")
        check_range(places, axis, x.shape[axis] if x.ndim else 1)
    else:
        return views.with_history(zeros(tuple(places.shape), dtype=x.dtype, device=x.device), x)
    return call(_gather, (x, places), (axis,))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of input along `dim` at the places of a vector. Raises IndexError for an index that is none,
    RuntimeError for places out of range."""
    x, places = tensors("index_select", input=input, index=index)
    axis = counted(dim, x.ndim)
    if places.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if places.dtype.ir not in (dtypes.i64, dtypes.i32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not x.ndim and places.numel() != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {places.numel()} value(s)")
    size = x.shape[axis] if x.ndim else 1
    values = places._lazy().array
    if isinstance(values, np.ndarray) and bool(((values < 0) | (values >= size)).any()):
        raise IndexError("index out of range in self")
    return call(_index_select, (x, places), (axis,))


def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements of input, counted row by row, at the places of `index`. Raises RuntimeError for an index that is not
    of int64, IndexError for places out of range."""
    x, places = tensors("take", input=input, index=index)
    if places.dtype.ir is not dtypes.i64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {places.dtype.scalar}")
    if places.numel():
        if not x.numel():
            raise IndexError("take(): tried to take from an empty tensor")
        values = places._lazy().array
        if isinstance(values, np.ndarray):
            wrong = values[(values < -x.numel()) | (values >= x.numel())]
            if wrong.size:
                raise IndexError(
                    f"out of range: tried to access index {wrong.flat[0]} on a tensor of {x.numel()} elements."
                )
    return call(_take, (x, places))


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """As `gather`, with input and indices broadcast together but along `dim`; without one, of both made flat."""
    x, places = tensors("take_along_dim", input=input, indices=indices)
    if places.dtype.ir is not dtypes.i64:
        raise RuntimeError(f"torch.take_along_dim(): dtype of indices should be Long but got {places.dtype.scalar}")
    if dim is None:
        return gather(x.reshape(-1), 0, _from_start(places.reshape(-1), x.numel()))
    if x.ndim != places.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{x.ndim} dimensions for input, and {places.ndim} dimensions for indices"
        )
    axis = counted(dim, x.ndim)
    shapes = [list(x.shape), list(places.shape)]
    own = [shape[axis] for shape in shapes]
    for shape in shapes:
        shape[axis] = 1
    try:
        common = list(broadcast_shapes(*(tuple(shape) for shape in shapes)))
    except BroadcastError as error:
        raise RuntimeError(
            f"The size of tensor a ({error.left}) must match the size of tensor b ({error.right}) at non-singleton "
            f"dimension {x.ndim + error.axis}"
        ) from None
    wide = [
        expand(each, (*common[:axis], size, *common[axis + 1 :])) for each, size in zip((x, places), own, strict=True)
    ]
    return gather(wide[0], axis, _from_start(wide[1], own[0]))


def _from_start(places: Tensor, size: int) -> Tensor:
    return where(places < 0, places + size, places)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements of input where mask, broadcast with it, holds, as a vector. How many there are is read now."""
    x, where = tensors("masked_select", input=input, mask=mask)
    if not where.dtype.ir.is_bool:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    check_single(
        where,
        "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because for "
        "each batch this would return a differently shaped Tensor. Please file an issue at "
        "https://github.com/pytorch/pytorch/issues if you need this feature.",
    )
    try:
        shape = broadcast_shapes(tuple(x.shape), tuple(where.shape))
    except BroadcastError as error:
        axis = max(x.ndim, where.ndim) + error.axis
        raise RuntimeError(
            f"The size of tensor a ({error.right}) must match the size of tensor b ({error.left}) at non-singleton "
            f"dimension {axis}"
        ) from None
    wide = expand(x, shape)
    return getitem(wide, expand(where, shape)) if shape else getitem(wide, where).reshape(-1)


def argwhere(input: Tensor) -> Tensor:
    """The places that are not zero, as int64 [count, rank]. How many there are is read now."""
    (x,) = tensors("argwhere", input=input)
    return nonzero(x)


def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """The first `size` places that are not zero, filled up with `fill_value`: int64 [size, rank]."""
    (x,) = tensors("nonzero_static", input=input)
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    found = np.full((size, x.ndim), fill_value, np.int64)
    places = np.asarray(nonzero(x)._array())[:size]
    found[: len(places)] = places
    return from_array(found, x.device)
