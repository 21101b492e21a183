"""From dense tensors to sparse ones and back, and sparse ones in order."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions.constants import filled
from diptych.ir import Builder, Value, dtypes

from ..functions.pointwise import _cast
from ..tapes.operation import not_run, operation
from ..tapes.recording import call, copy
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .ordering import distinct
from .tensor import SparseTensor, like, made

# -- operations: what is written as equations ----


def rows(b: Builder, at: Value) -> list[Value]:
    """The places [axes, elements] axis by axis."""
    count = at.shape[1]
    return [
        b.reshape(b.slice(at, start=(axis, 0), limit=(axis + 1, count), stride=(1, 1)), shape=(count,))
        for axis in range(at.type.static_shape()[0])
    ]


def added_at(b: Builder, base: Value, values: Value, places: list[Value], *, drop: bool = False) -> Value:
    """base with values added at places along its first axes; bools or-ed. With `drop` places beyond stand for
    nothing."""
    if not places:
        return b.add(base, b.reduce_sum(values, axes=(0,)))
    axes, bounds = tuple(range(len(places))), "drop" if drop else "error"
    if base.dtype.is_bool:
        numbers = (b.cast(each, dtype=dtypes.u8) for each in (base, values))
        return b.cast(b.scatter(*numbers, *places, axes=axes, combine="max", bounds=bounds), dtype=dtypes.bool_)
    return b.scatter(base, values, *places, axes=axes, combine="add", bounds=bounds)


@operation
def _to_dense(b: Builder, at: Value, values: Value, sizes: tuple[int, ...], drop: bool) -> Value:
    return added_at(b, filled(b, 0, sizes, values.dtype), values, rows(b, at), drop=drop)


@operation
def _coalesce(b: Builder, values: Value, groups: Value, count: int) -> Value:
    """The sum of the values of each group."""
    return added_at(b, filled(b, 0, (count, *values.shape[1:]), values.dtype), values, [groups])


def picked(b: Builder, x: Value, at: Value) -> Value:
    """What x holds at places along its first axes: [elements, *the other sizes]."""
    places = rows(b, at)
    if not places:
        return b.broadcast(x, shape=(at.shape[1], *x.shape), axes=tuple(range(1, x.rank + 1)))
    return b.gather(x, *places, axes=tuple(range(len(places))))


@operation
def _to_sparse(b: Builder, x: Value, at: Value) -> Value:
    return picked(b, x, at)


@operation
def _sparse_mask(b: Builder, x: Value, at: Value) -> Value:
    return picked(b, x, at)


@operation
def _values(b: Builder, values: Value) -> Value:
    return b.identity(values)


# -- functions ----


def coalesce(self: SparseTensor) -> SparseTensor:
    """The same elements with each place once, in order: what lies at one place is added up. Itself where it is so and
    known to be. Places are read now."""
    if self.is_ordered:
        return self
    at, held = self.parts()
    sizes = self.sizes
    if at.shape[1] < 2:
        return made(at, held, sizes, is_ordered=True)
    places, groups = distinct(self.places(), sizes)
    count = places.shape[1]
    return made(
        from_array(places, self.device),
        call(_coalesce, (held, from_array(groups, self.device)), (count,)),
        sizes,
        is_ordered=True,
    )


def to_dense(self: Tensor, dtype: Any = None, *, masked_grad: bool | None = None) -> Tensor:
    """The tensor with zeros where it has no element. Of a dense tensor itself, in the dtype that is asked for."""
    if not isinstance(self, SparseTensor):
        return self if dtype is None else self.to(dtype)
    if dtype is not None:
        raise RuntimeError("dtype argument is not supported by sparse_to_dense")
    return call(_to_dense, (self.at, self.held), (self.sizes, self.has_gaps))


def to_sparse(self: Tensor, sparse_dim: int | None = None, *, layout: Any = None, **options: Any) -> Tensor:
    """The elements that are not zero, which are read now; with `sparse_dim` axes of places, the slices with such."""
    from ..tensors.memory_formats import sparse_coo

    if layout not in (None, sparse_coo):
        raise RuntimeError(f"to_sparse: conversion from {_layout(self)} to {layout} is not there")
    if isinstance(self, SparseTensor):
        if sparse_dim not in (None, self.at.shape[0]):
            raise RuntimeError(
                "to_sparse: conversion from Sparse to Sparse with sparse_dim argument !=self.sparse_dim() is not "
                "supported"
            )
        return self
    count = self.ndim if sparse_dim is None else sparse_dim
    if not 0 <= count <= self.ndim or (not count and self.ndim):
        raise RuntimeError(
            f"dense_to_sparse: sparse_dim argument must be in [0,{self.ndim}] range, but {sparse_dim} is given"
        )
    is_held = (np.asarray(self.detach()._array()) != 0).any(tuple(range(count, self.ndim)))
    at = from_array(np.ascontiguousarray(np.argwhere(is_held).T), self.device)
    return made(at, call(_to_sparse, (self, at)), tuple(self.shape), is_ordered=True)


def _layout(x: Tensor) -> str:
    return "Sparse" if isinstance(x, SparseTensor) else "Strided"


def sparse_mask(self: Tensor, mask: Tensor) -> SparseTensor:
    """The elements of self at the places of a sparse tensor, zeros among them. Raises RuntimeError for other shapes."""
    if not isinstance(mask, SparseTensor):
        raise not_run("sparse_mask", "CPU")
    if tuple(self.shape) != mask.sizes:
        raise RuntimeError(
            f"sparse_mask(): operands have incompatible sizes; self has size {list(self.shape)} but mask has size "
            f"{list(mask.sizes)}"
        )
    at, _ = mask.parts()
    found = call(_sparse_mask, (to_dense(self), at))
    return made(at, found, mask.sizes, is_ordered=mask.is_ordered)


def is_coalesced(self: SparseTensor) -> bool:
    """Whether places are known to be in order and different."""
    self.parts()
    return self.is_ordered


def indices(self: SparseTensor) -> Tensor:
    """The places [sparse axes, elements]. Raises RuntimeError where they may not be different."""
    _check_ordered(self, "indices")
    return self.at


def values(self: SparseTensor) -> Tensor:
    """The values [elements, ...]. Raises RuntimeError where places may not be different."""
    _check_ordered(self, "values")
    if self.held.requires_grad:
        return call(_values, (self.held,))
    return self.held.detach()


def _check_ordered(self: SparseTensor, name: str) -> None:
    if not self.is_ordered:
        raise RuntimeError(f"Cannot get {name} on an uncoalesced tensor, please call .coalesce() first")


def raw_indices(self: SparseTensor) -> Tensor:
    """The places, whether or not they are different."""
    return self.parts()[0].detach()


def raw_values(self: SparseTensor) -> Tensor:
    """The values, whether or not their places are different, without history."""
    return self.parts()[1].detach()


def count(self: SparseTensor) -> int:
    """The number of elements."""
    return self.parts()[0].shape[1]


def _cloned(operands: Any, attributes: Any) -> SparseTensor:
    (x,) = operands
    x.parts()
    return like_with(x, call(copy, (x.held,)))


def like_with(x: SparseTensor, held: Tensor) -> SparseTensor:
    """Other values at copies of the places."""
    found = like(x, held)
    found.at = call(copy, (x.at,))
    return found


def _in_dtype(operands: Any, attributes: Any) -> SparseTensor:
    (x,) = operands
    x.parts()
    return like(x, call(_cast, (x.held,), attributes))


copy.on_sparse = _cloned
_cast.on_sparse = _in_dtype
