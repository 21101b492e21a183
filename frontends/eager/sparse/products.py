"""Products of matrices, some of them sparse: rows are gathered, scaled, and added up where they belong."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions.constants import filled, filled_like
from diptych.ir import Builder, Value

from ..functions import products
from ..functions.gathering import index_select
from ..functions.operands import tensor
from ..tapes.operation import Operation, not_run, operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .arithmetic import added
from .converting import added_at, coalesce, rows
from .ordering import distinct
from .tensor import SparseTensor, made

Operands = tuple[Any, ...]

# -- operations: what is written as equations ----


def _product(b: Builder, at: Value, values: Value, x: Value, size: int) -> Value:
    """The sparse matrix [size, columns] times x [columns, ...]."""
    row, column = rows(b, at)
    taken = b.gather(x, column, axes=(0,))
    scaled = b.mul(taken, b.broadcast(values, shape=taken.shape, axes=(0,)))
    return added_at(b, filled(b, 0, (size, *x.shape[1:]), x.dtype), scaled, [row])


@operation
def _mm(b: Builder, at: Value, values: Value, x: Value, size: int) -> Value:
    return _product(b, at, values, x, size)


_mv = Operation(_mm.function)
_mv.name = "_mv"


@operation
def _sparse_addmm(b: Builder, at: Value, values: Value, x: Value, size: int) -> Value:
    return _product(b, at, values, x, size)


@operation
def _mm_from_right(b: Builder, x: Value, at: Value, values: Value, size: int) -> Value:
    """x [n, rows] times the sparse matrix [rows, size]."""
    row, column = rows(b, at)
    taken = b.gather(x, row, axes=(1,))
    scaled = b.mul(taken, b.broadcast(values, shape=taken.shape, axes=(0,)))
    found = added_at(b, filled(b, 0, (size, x.shape[0]), x.dtype), scaled, [column])
    return b.transpose(found, permutation=(1, 0))


_mm_from_right.name = "_mm"


@operation
def _added(b: Builder, x: Value, product: Value, beta: float, alpha: float) -> Value:
    if alpha != 1:
        product = b.mul(product, filled_like(b, alpha, product))
    if beta == 0:
        return product
    if x.shape != product.shape:
        from diptych.functions.broadcasting import broadcast_to

        x = broadcast_to(b, x, product.shape)
    return b.add(x if beta == 1 else b.mul(x, filled_like(b, beta, x)), product)


_addmm, _addmm_sparse = Operation(_added.function), Operation(_added.function)
_addmm.name, _addmm_sparse.name = "_addmm", "_sparse_addmm"


@operation
def _mm_pairs(b: Builder, x: Value, y: Value, first: Value, second: Value, groups: Value, count: int) -> Value:
    """The sums, by group, of products of some of x with some of y."""
    parts = b.mul(b.gather(x, first, axes=(0,)), b.gather(y, second, axes=(0,)))
    return added_at(b, filled(b, 0, (count,), x.dtype), parts, [groups])


_mm_pairs.name = "_mm"

# -- checks ----


def _check(name: str, x: Tensor, y: Tensor) -> None:
    """Raises RuntimeError for what are no matrices that fit."""
    for each in (x, y):
        if isinstance(each, SparseTensor) and (each.at.shape[0] != 2 or each.held.ndim != 1):
            raise RuntimeError(f"{name}: matrices expected, got {each.at.shape[0]}D tensor")
    if x.shape[1] != y.shape[0]:
        raise RuntimeError(
            f"addmm: Argument #3 (dense): Expected dim 0 size {x.shape[1]}, got {y.shape[0]}"
            if not isinstance(y, SparseTensor)
            else f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and {y.shape[0]}x{y.shape[1]})"
        )
    if x.dtype is not y.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.scalar} but found {y.dtype.scalar}")


def _multiplied(x: Tensor, y: Tensor, op: Operation = _mm) -> Tensor:
    """The product of two matrices."""
    _check("addmm", x, y)
    if isinstance(x, SparseTensor):
        if isinstance(y, SparseTensor):
            return _both_sparse(x, y)
        return call(op, (*x.parts(), y), (x.sizes[0],))
    assert isinstance(y, SparseTensor)
    return call(_mm_from_right, (x, *y.parts()), (y.sizes[1],))


def _both_sparse(x: SparseTensor, y: SparseTensor) -> SparseTensor:
    x, y = coalesce(x), coalesce(y)
    (rows, middle), (others, columns) = x.places(), y.places()  # y's are ordered by row
    starts = np.searchsorted(others, np.arange(x.sizes[1] + 1))
    counts = np.diff(starts)[middle]
    first = np.repeat(np.arange(len(middle)), counts)
    within = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    second = starts[middle[first]] + within
    sizes = (x.sizes[0], y.sizes[1])
    places, groups = distinct(np.stack([rows[first], columns[second]]), sizes)
    operands = (x.held, y.held, from_array(first, x.device), from_array(second, x.device), from_array(groups, x.device))
    return made(from_array(places, x.device), call(_mm_pairs, operands, (places.shape[1],)), sizes, is_ordered=True)


# -- what operations do ----


def _matmul(operands: Operands, attributes: Operands) -> Tensor:
    x, y = operands
    if x.ndim == 2 and y.ndim == 2:
        return _multiplied(x, y)
    if isinstance(x, SparseTensor) and x.ndim == 2 and y.ndim == 1 and not isinstance(y, SparseTensor):
        if x.shape[1] != y.shape[0]:
            raise RuntimeError("mv: expected self.size(-1) == vec.size(-1)")
        return call(_mv, (*x.parts(), y), (x.sizes[0],))
    if x.ndim == 3 and isinstance(x, SparseTensor):
        return _bmm(operands, attributes)
    raise not_run("dot" if x.ndim == y.ndim == 1 else "mv" if y.ndim == 1 else "bmm")


def _bmm(operands: Operands, attributes: Operands) -> Tensor:
    from ..functions.joining import stack

    x, y = operands
    if not isinstance(x, SparseTensor) or isinstance(y, SparseTensor):
        raise RuntimeError("bmm_sparse: Tensor 'mat2' must be dense")
    return stack([_multiplied(x[place], y[place]) for place in range(x.shape[0])])


def _of_addmm(operands: Operands, attributes: Operands) -> Tensor:
    x, first, second = operands
    beta, alpha = attributes
    return _combined(x, _multiplied(first, second), beta, alpha, _addmm)


def _combined(x: Tensor, product: Tensor, beta: float, alpha: float, op: Operation) -> Tensor:
    if isinstance(product, SparseTensor):
        return added(x * beta if beta != 1 else x, product, alpha)
    if isinstance(x, SparseTensor):
        raise not_run("addmm")
    return call(op, (x, product), (beta, alpha))


def _linear(operands: Operands, attributes: Operands) -> Tensor:
    x, weight, *bias = operands
    found = _multiplied(x, weight.t())
    return found + bias[0] if bias else found


def mm(mat1: Tensor, mat2: Tensor, reduce: str | None = None) -> Tensor:
    """The product of two matrices, at least one of which is sparse: dense, or sparse where both are."""
    first, second = tensor("_sparse_mm", "sparse", 1, mat1), tensor("_sparse_mm", "dense", 2, mat2)
    if reduce is not None:
        raise not_run("_sparse_mm_reduce_impl")
    if not isinstance(first, SparseTensor) and not isinstance(second, SparseTensor):
        return products.mm(first, second)
    if first.ndim != 2 or second.ndim != 2:
        raise RuntimeError(f"addmm: matrices expected, got {min(first.ndim, second.ndim)}D tensor")
    return _multiplied(first, second, _sparse_addmm)


def addmm(mat: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """beta * mat + alpha * (mat1 @ mat2), mat1 sparse."""
    if not isinstance(mat1, SparseTensor) and not isinstance(mat2, SparseTensor):
        return products.addmm(mat, mat1, mat2, beta=beta, alpha=alpha)
    return _combined(mat, _multiplied(mat1, mat2, _sparse_addmm), beta, alpha, _addmm_sparse)


def spmm(input: Tensor, mat2: Tensor) -> Tensor:
    """As `torch.mm`."""
    return products.mm(input, mat2)


def smm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of a sparse matrix and a dense one, as a sparse matrix: whole rows where the first has elements."""
    rows = hspmm(input, mat2)
    places, width = rows.places()[0], rows.sizes[1]
    at = np.stack([np.repeat(places, width), np.tile(np.arange(width), len(places))])
    return made(from_array(at, rows.device), rows.held.reshape(-1), rows.sizes)


def hspmm(mat1: Tensor, mat2: Tensor) -> SparseTensor:
    """The product of a sparse matrix and a dense one, sparse in its rows."""
    if not isinstance(mat1, SparseTensor):
        raise not_run("hspmm", "CPU")
    places = np.unique(mat1.places()[0])
    full = products.mm(mat1, mat2)
    return made(
        from_array(places[None], full.device), index_select(full, 0, from_array(places, full.device)), tuple(full.shape)
    )


def install() -> None:
    """Says of each operation what it does with sparse operands."""
    products._matmul.on_sparse, products._bmm.on_sparse = _matmul, _bmm
    products._addmm.on_sparse, products._linear.on_sparse = _of_addmm, _linear
