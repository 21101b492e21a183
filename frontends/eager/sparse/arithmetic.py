"""Sums, products and elementary functions of sparse tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.functions.constants import filled
from diptych.ir import Builder, Value

from ..functions import arithmetic, reductions
from ..functions.pointwise import cast
from ..tapes.operation import not_run, operation
from ..tapes.recording import call
from ..tensors.creation import ones
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from ..typing_rules import promote_types
from .converting import added_at, coalesce, picked, rows
from .ordering import merged, numbered
from .tensor import SparseTensor, like, made

Operands = tuple[Any, ...]

# -- operations: what is written as equations ----


@operation
def _add(b: Builder, x: Value, y: Value, first: Value, second: Value, count: int) -> Value:
    """The values x and y where they go among `count`."""
    base = filled(b, 0, (count, *x.shape[1:]), x.dtype)
    return added_at(b, added_at(b, base, x, [first]), y, [second])


@operation
def _add_to_dense(b: Builder, x: Value, values: Value, at: Value, drop: bool) -> Value:
    return added_at(b, x, values, rows(b, at), drop=drop)


_add_to_dense.name = "_add"


@operation
def _mul(b: Builder, values: Value, at: Value, x: Value) -> Value:
    """Values times what x, of as many axes, holds at their places."""
    return b.mul(values, picked(b, x, at))


@operation
def _mul_pairs(b: Builder, x: Value, y: Value, first: Value, second: Value) -> Value:
    """The products of some of x with some of y."""
    return b.mul(b.gather(x, first, axes=(0,)), b.gather(y, second, axes=(0,)))


_mul_pairs.name = "_mul"

# -- sums ----


def added(x: Any, y: Any, alpha: Any = 1) -> Tensor:
    """x + alpha * y, y sparse: dense where x is, else sparse. Raises RuntimeError for sparse + dense."""
    if not isinstance(y, SparseTensor) or not isinstance(x, Tensor):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    if tuple(x.shape) != y.sizes:
        mine, other = list(x.shape), list(y.shape)
        if isinstance(x, SparseTensor):
            raise RuntimeError(f"add: expected sizes of 'self' and 'other' to match, but {mine} != {other}")
        raise RuntimeError(
            f"add: expected 'self' and 'other' to have same size, but self has size {mine} while other has size "
            f"{other} (FYI: dense-sparse addition does not currently support broadcasting)"
        )
    target = promote_types(x.dtype, y.dtype)
    if not isinstance(x, SparseTensor):
        values = _scaled(cast(y.held, target), alpha)
        return call(_add_to_dense, (cast(x, target), values, y.at), (y.has_gaps,))
    if x.at.shape[0] != y.at.shape[0]:
        raise RuntimeError("add: expected 'self' and 'other' to have same density, but 'self' has "
                           f"{x.at.shape[0]} sparse dimensions while 'other' has {y.at.shape[0]} sparse dimensions"
                           )  # fmt: skip
    (_, mine), (_, other) = x.parts(), y.parts()
    mine, other = cast(mine, target), _scaled(cast(other, target), alpha)
    if x.at is y.at:
        return made(x.at, arithmetic.add(mine, other), x.sizes, is_ordered=x.is_ordered)
    places, first, second = merged(x.places(), y.places(), x.sizes)
    found = call(_add, (mine, other, from_array(first, x.device), from_array(second, x.device)), (places.shape[1],))
    return made(from_array(places, x.device), found, x.sizes, is_ordered=x.is_ordered and y.is_ordered)


def _scaled(values: Tensor, alpha: Any) -> Tensor:
    return values if alpha.__class__ is int and alpha == 1 else cast(arithmetic.mul(values, alpha), values.dtype)


def appended(x: SparseTensor, y: SparseTensor) -> SparseTensor:
    """x + y, as gradients are added up: one list of elements after the other, without a look at their places."""
    from ..functions.joining import cat

    return made(cat([x.at, y.at], 1), cat([x.held, y.held]), x.sizes, has_gaps=x.has_gaps or y.has_gaps)


def accumulated(old: Tensor, new: Tensor, *, in_place: bool) -> Tensor:
    """The sum of two gradients, of which at least one is sparse. With `in_place` the old one stays the same tensor,
    unless it is sparse and the new one dense."""
    if not isinstance(old, SparseTensor):
        return old.add_(new) if in_place else added(old, new)
    if not isinstance(new, SparseTensor):
        return added(new, old)
    if not in_place:
        return appended(old, new)
    old.become(appended(old, new))
    return old


# -- products ----


def multiplied(x: Any, y: Any) -> SparseTensor:
    """x * y, which has elements where both have some."""
    if not isinstance(x, SparseTensor):
        x, y = y, x
    if not isinstance(y, Tensor) or (not y.ndim and not isinstance(y, SparseTensor)):
        x.parts()
        return like(x, arithmetic.mul(x.held, y))
    if not isinstance(y, SparseTensor):
        return _by_dense(x, y)
    if x.sizes != y.sizes:
        raise RuntimeError(
            "sparse_binary_op_intersection_cpu(): expects sparse inputs with equal dimensionality, number of sparse "
            "dimensions, and shape of sparse dimensions"
        )
    x, y = coalesce(x), coalesce(y)
    target = promote_types(x.dtype, y.dtype)
    mine, other = numbered(x.places(), x.sizes), numbered(y.places(), y.sizes)
    _, first, second = np.intersect1d(mine, other, assume_unique=True, return_indices=True)
    pair = (cast(x.held, target), cast(y.held, target), from_array(first, x.device), from_array(second, x.device))
    places = np.ascontiguousarray(x.places()[:, first])
    return made(from_array(places, x.device), call(_mul_pairs, pair), x.sizes)


def _by_dense(x: SparseTensor, y: Tensor) -> SparseTensor:
    if tuple(y.shape) != x.sizes:
        y = arithmetic.mul(y, ones(x.sizes, dtype=y.dtype, device=y.device))  # which refuses what does not fit
        if tuple(y.shape) != x.sizes:
            raise not_run("mul")
    target = promote_types(x.dtype, y.dtype)
    at, held = x.parts()
    return like(x, call(_mul, (cast(held, target), at, cast(y, target))))


def divided(function: Callable[..., Tensor], x: Any, y: Any) -> SparseTensor:
    """x / y by `function`, y a number or one in a tensor. Raises RuntimeError for others."""
    if not isinstance(x, Tensor):
        raise not_run("reciprocal")
    if isinstance(y, SparseTensor) or (isinstance(y, Tensor) and y.ndim):
        raise RuntimeError(
            "Sparse division requires a scalar or zero-dim dense tensor divisor (got shape "
            f"{list(y.shape)} for divisor)"
        )
    if function is arithmetic.floor_divide:  # which values at one place do not go through one by one
        x = coalesce(x)
    x.parts()
    return like(x, function(x.held, y))


# -- what operations do ----


def _sum(operands: Operands, attributes: Operands) -> Tensor:
    (x,) = operands
    axes, keepdim = attributes
    if len(axes) == len(x.sizes):
        _, held = x.parts()
        return call(reductions._sum, (held,), (tuple(range(held.ndim)), keepdim))
    from .reductions import sum as total

    return total(x, axes)


def _norm(operands: Operands, attributes: Operands) -> Tensor:
    (x,) = operands
    p, axes, *rest = attributes
    if len(axes) != len(x.sizes):
        raise RuntimeError(
            "norm_sparse currently only supports full reductions, so 'dim' must either be empty or contain all "
            "dimensions of the input"
        )
    held = coalesce(x).held
    return call(reductions._norm, (held,), (p, tuple(range(held.ndim)), *rest))


def _any(operands: Operands, attributes: Operands) -> Tensor:
    (x,) = operands
    held = coalesce(x).held
    return call(reductions._any, (held,), (tuple(range(held.ndim)), False))


def install() -> None:
    """Says of each operation what it does with sparse operands."""
    arithmetic._add.on_sparse = lambda operands, attributes: added(*operands)
    arithmetic._add_scaled.on_sparse = lambda operands, attributes: added(*operands)
    arithmetic._sub.on_sparse = lambda operands, attributes: added(*operands, -1)
    arithmetic._sub_scaled.on_sparse = lambda operands, attributes: added(*operands[:2], -operands[2])
    arithmetic._mul.on_sparse = lambda operands, attributes: multiplied(*operands)
    arithmetic._div.on_sparse = lambda operands, attributes: divided(arithmetic.div, *operands)
    arithmetic._floor_divide.on_sparse = lambda operands, attributes: divided(arithmetic.floor_divide, *operands)
    reductions._sum.on_sparse, reductions._norm.on_sparse, reductions._any.on_sparse = _sum, _norm, _any
