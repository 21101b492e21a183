"""Sums and softmax of sparse tensors."""

from __future__ import annotations

import numpy as np
from diptych.functions import segments
from diptych.ir import Builder, Value

from .. import dtypes as dtype_module
from ..dtypes import dtype
from ..functions import pointwise
from ..functions import reductions as dense
from ..functions.axes import Dims, counted, reduced
from ..functions.operands import not_implemented, tensor
from ..functions.pointwise import cast
from ..tapes.operation import Operation, not_run, operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .converting import _coalesce, coalesce
from .ordering import distinct
from .tensor import SparseTensor, like, made

# -- operations: what is written as equations ----


def _peaked(b: Builder, x: Value, groups: Value, count: int) -> tuple[Value, Value]:
    """(x without the largest of its group, the sum of its exponentials over the group)."""
    if not x.dtype.is_float:
        raise not_implemented("softmax", x)
    largest = b.stop_gradient(segments.reduced(b, x, groups, count, "max"))
    below = b.sub(x, b.gather(largest, groups, axes=(0,)))
    total = segments.reduced(b, b.exp(below), groups, count, "sum")
    return below, b.gather(total, groups, axes=(0,))


@operation
def _sparse_softmax(b: Builder, x: Value, groups: Value, count: int) -> Value:
    below, total = _peaked(b, x, groups, count)
    return b.div(b.exp(below), total)


@operation
def _sparse_log_softmax(b: Builder, x: Value, groups: Value, count: int) -> Value:
    below, total = _peaked(b, x, groups, count)
    return b.sub(below, b.log(total))


_sparse_sum = Operation(_coalesce.function)
_sparse_sum.name = "_sparse_sum"


# -- functions: what users call ----


def sum(input: Tensor, dim: Dims = None, dtype: dtype | None = None) -> Tensor:
    """The sum over `dim`, or of all: dense where no sparse axis is left, else sparse. Raises RuntimeError as
    `torch.sum`."""
    x = tensor("sum", "input", 1, input)
    if not isinstance(x, SparseTensor):
        raise RuntimeError("coalesce expected sparse coordinate tensor layout but got Strided")
    if dtype is not None:
        x = cast(x, dtype_module.chosen("sum", dtype) or x.dtype)
        assert isinstance(x, SparseTensor)
    axes = reduced("sum", dim, x.ndim)
    if dim is None:
        return dense.sum(x.parts()[1])
    x = coalesce(x)
    at, held = x.at, x.held
    rank = at.shape[0]
    inner = [axis - rank + 1 for axis in axes if axis >= rank]
    kept = [axis for axis in range(rank) if axis not in axes]
    if not kept:
        return dense.sum(held, [0, *inner])
    if inner:
        held = dense.sum(held, inner)
    sizes = tuple(size for axis, size in enumerate(x.sizes) if axis not in axes)
    if len(kept) == rank:
        return made(at, held, sizes, is_ordered=x.is_ordered)
    places, groups = distinct(x.places()[kept], sizes)
    found = call(_sparse_sum, (held, from_array(groups, x.device)), (places.shape[1],))
    return made(from_array(places, x.device), found, sizes, is_ordered=True)


def softmax(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """exp(x) / sum(exp(x)) along `dim` of the elements that are there: others count as -inf."""
    return _along("softmax", input, dim, dtype)


def log_softmax(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """Logarithm of softmax."""
    return _along("log_softmax", input, dim, dtype)


def _along(name: str, input: Tensor, dim: int, dtype: dtype | None) -> Tensor:
    x = tensor(name, "input", 1, input)
    target = dtype_module.chosen(name, dtype)
    if target is not None:
        x = cast(x, target)
    axis = counted(dim, x.ndim)
    if not isinstance(x, SparseTensor):
        raise not_run(f"_sparse_{name}", "CPU")
    x = coalesce(x)
    rank = x.at.shape[0]
    if axis >= rank:
        return like(x, getattr(pointwise, name)(x.held, axis - rank + 1))
    others = [other for other in range(rank) if other != axis]
    sizes = [x.sizes[other] for other in others]
    places, groups = distinct(x.places()[others], sizes) if others else (np.zeros((0, 1)), np.zeros(x.at.shape[1], int))
    op = _sparse_softmax if name == "softmax" else _sparse_log_softmax
    return like(x, call(op, (x.held, from_array(groups, x.device)), (places.shape[1],)))
