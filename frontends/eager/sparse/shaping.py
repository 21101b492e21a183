"""Axes in another order, parts and joins of sparse tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import indexing
from diptych.ir import Builder, Value

from ..functions import gathering, joining, shapes
from ..functions.axes import counted
from ..functions.joining import cat
from ..tapes.operation import not_run, operation
from ..tapes.recording import call
from ..tensors import view_steps
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .tensor import SparseTensor, made

Operands = tuple[Any, ...]


@operation
def _transpose(b: Builder, values: Value) -> Value:
    """The values, whose places are others."""
    return b.identity(values)


def _chosen(held: Tensor, places: np.ndarray) -> Tensor:
    return gathering.index_select(held, 0, from_array(np.ascontiguousarray(places), held.device))


def _permuted(operands: Operands, attributes: Operands) -> SparseTensor:
    """Sparse axes among themselves, and dense ones among themselves."""
    (x,) = operands
    (order,) = attributes
    at, held = x.parts()
    rank = at.shape[0]
    if any((axis < rank) != (place < rank) for place, axis in enumerate(order)):
        raise RuntimeError(
            "permute(sparse_coo): transpositions between sparse and dense dimensions are not allowed.Only "
            "transpositions within sparse and dense dimensions are supported."
        )
    sizes = tuple(x.sizes[axis] for axis in order)
    first, rest = list(order[:rank]), [axis - rank + 1 for axis in order[rank:]]
    places = at if first == sorted(first) else from_array(np.ascontiguousarray(x.places()[first]), x.device)
    values = held if rest == sorted(rest) else held.permute(0, *rest)
    if values.requires_grad:
        values = call(_transpose, (values,))
    return made(places, values, sizes, is_ordered=x.is_ordered and first == sorted(first))


def transposed(self: SparseTensor, dim0: int, dim1: int) -> Tensor:
    """Two sparse axes exchanged. Raises RuntimeError for others."""
    first, second = counted(dim0, self.ndim), counted(dim1, self.ndim)
    rank = self.at.shape[0]
    if first != second and max(first, second) >= rank:
        raise RuntimeError(
            f"sparse transpose: transposed dimensions must be sparse Got sparse_dim: {rank}, d0: {first}, d1: {second}"
        )
    return shapes.transpose(self, first, second)


def _selected(operands: Operands, attributes: Operands) -> SparseTensor:
    """Slices along an axis by number, in the order of the numbers."""
    x, index = operands
    if not isinstance(x, SparseTensor):
        raise not_run("index_select")
    (axis,) = attributes
    at, held = x.parts()
    wanted = np.asarray(index._array()).reshape(-1)
    if (wanted < 0).any():
        wanted = np.where(wanted < 0, wanted + x.sizes[axis], wanted)
    sizes = (*x.sizes[:axis], len(wanted), *x.sizes[axis + 1 :])
    rank = at.shape[0]
    if axis >= rank:
        return made(at, gathering.index_select(held, axis - rank + 1, index), sizes, is_ordered=x.is_ordered)
    return _picked(x, axis, wanted, sizes)


def _picked(x: SparseTensor, axis: int, wanted: np.ndarray, sizes: tuple[int, ...]) -> SparseTensor:
    """The elements whose place along a sparse axis is one of `wanted`, for each of those."""
    places = x.places()
    order = np.argsort(places[axis], kind="stable")
    starts = np.searchsorted(places[axis][order], np.arange(x.sizes[axis] + 1))
    counts = np.diff(starts)[wanted]
    into = np.repeat(np.arange(len(wanted)), counts)
    within = np.arange(len(into)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = order[starts[wanted][into] + within]
    found = places[:, taken].copy()
    found[axis] = into
    return made(from_array(found, x.device), _chosen(x.held, taken), sizes)


def _indexed(operands: Operands, attributes: Operands) -> Tensor:
    """Integers, slices and None, one an axis."""
    (x,) = operands
    (entries,) = attributes
    full = [slice(*entry[1:]) if isinstance(entry, tuple) else entry for entry in entries]
    axis = 0
    for entry in full:
        if entry is None:
            x = _unsqueezed(x, axis)
            axis += 1
        elif isinstance(entry, slice):
            if entry != slice(None):
                start, count, step = indexing.bounds(entry, x.shape[axis])
                if step != 1:
                    raise not_run("as_strided")
                x = _narrowed(x, axis, start, count)
            axis += 1
        else:
            x = _one(x, axis, entry % x.shape[axis])
            if not isinstance(x, SparseTensor):
                rest = full[full.index(entry) + 1 :]
                return x[tuple(rest)] if rest else x
    return x


def _unsqueezed(x: SparseTensor, axis: int) -> SparseTensor:
    at, held = x.parts()
    sizes = (*x.sizes[:axis], 1, *x.sizes[axis:])
    rank = at.shape[0]
    if axis > rank:
        return made(at, held.unsqueeze(axis - rank + 1), sizes, is_ordered=x.is_ordered)
    places = np.insert(x.places(), axis, 0, axis=0)
    return made(from_array(places, x.device), held, sizes, is_ordered=x.is_ordered)


def _narrowed(x: SparseTensor, axis: int, start: int, count: int) -> SparseTensor:
    at, held = x.parts()
    sizes = (*x.sizes[:axis], count, *x.sizes[axis + 1 :])
    rank = at.shape[0]
    if axis >= rank:
        return made(at, held.narrow(axis - rank + 1, start, count), sizes, is_ordered=x.is_ordered)
    places = x.places()
    kept = np.flatnonzero((places[axis] >= start) & (places[axis] < start + count))
    found = places[:, kept].copy()
    found[axis] -= start
    return made(from_array(found, x.device), _chosen(held, kept), sizes, is_ordered=x.is_ordered)


def _one(x: SparseTensor, axis: int, place: int) -> Tensor:
    """The slice at a place along an axis: dense where it was the only sparse one."""
    at, held = x.parts()
    sizes = (*x.sizes[:axis], *x.sizes[axis + 1 :])
    rank = at.shape[0]
    if axis >= rank:
        return made(at, held.select(axis - rank + 1, place), sizes, is_ordered=x.is_ordered)
    places = x.places()
    kept = np.flatnonzero(places[axis] == place)
    values = _chosen(held, kept)
    if rank == 1:
        return values.sum(0) if values.dtype.ir.is_differentiable else values.sum(0).to(values.dtype)
    found = np.ascontiguousarray(np.delete(places[:, kept], axis, axis=0))
    return made(from_array(found, x.device), values, sizes, is_ordered=x.is_ordered)


def _joined(operands: Operands, attributes: Operands) -> SparseTensor:
    """Tensors one after another along an axis."""
    (axis,) = attributes
    if not all(isinstance(each, SparseTensor) for each in operands):
        raise RuntimeError("Concatenating sparse tensors, but a dense tensor was found at position 1.")
    parts = [each.parts() for each in operands]
    rank = parts[0][0].shape[0]
    sizes = list(operands[0].sizes)
    sizes[axis] = sum(each.sizes[axis] for each in operands)
    starts = np.cumsum([0, *(each.sizes[axis] for each in operands)])
    if axis >= rank:
        from ..tensors.creation import zeros

        values: list[Tensor] = []
        for each, (_, held), start in zip(operands, parts, starts, strict=False):
            inner = axis - rank + 1
            before, after = (
                zeros(*held.shape[:inner], size, *held.shape[inner + 1 :], dtype=held.dtype, device=held.device)
                for size in (int(start), int(sizes[axis] - start - each.sizes[axis]))
            )
            values.append(cat([before, held, after], inner))
        return made(cat([at for at, _ in parts], 1), cat(values), tuple(sizes))
    places = [each.places().copy() for each in operands]
    for each, start in zip(places, starts, strict=False):
        each[axis] += start
    return made(
        from_array(np.concatenate(places, 1), parts[0][1].device), cat([held for _, held in parts]), tuple(sizes)
    )


def _stacked(operands: Operands, attributes: Operands) -> SparseTensor:
    (axis,) = attributes
    return call(joining._cat, tuple(_unsqueezed(each, axis) for each in operands), (axis,))


def _reshaped(operands: Operands, attributes: Operands) -> Any:
    raise not_run("view")


def _expanded(operands: Operands, attributes: Operands) -> Any:
    raise RuntimeError("expand is unsupported for Sparse tensors")


def install() -> None:
    """Says of each operation what it does with sparse operands."""
    view_steps.permute.on_sparse = _permuted
    view_steps.index.on_sparse = _indexed
    view_steps.reshape.on_sparse = _reshaped
    view_steps.expand.on_sparse = _expanded
    gathering._index_select.on_sparse = _selected
    joining._cat.on_sparse, joining._stack.on_sparse = _joined, _stacked
