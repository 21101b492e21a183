"""Distances and angles between vectors, and the losses made of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from diptych.functions import arithmetic, reductions
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled, filled_like
from diptych.functions.pooling import taken
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision, full_precision_on_cuda
from ..dtypes import of_ir
from ..promotion import promoted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .axes import counted
from .losses import checked_reduction, reduced
from .operands import tensor, tensors
from .ordering import clamp, magnitude, minimum
from .reductions import extreme_size, mean, sum

# -- operations: what is written as equations ----


def safe_root(b: Builder, total: Value) -> Value:
    """The square root, with gradient 0 where `total` is 0."""
    zero = filled_like(b, 0, total)
    is_none = b.eq(total, zero)
    root = b.sqrt(b.select(is_none, filled_like(b, 1, total), total))
    return b.select(is_none, zero, root)


def in_floats(b: Builder, x: Value) -> Value:
    """Integers and bools as float32, in which they meet a Python float."""
    return x if x.dtype.is_differentiable else b.cast(x, dtype=dtypes.f32)


def p_norm(b: Builder, x: Value, p: float, axis: int, *, keepdims: bool = False) -> Value:
    """sum(|x|**p)**(1/p) along `axis`, with gradient 0 where all is 0."""
    if p == 2:
        return safe_root(b, reductions.sum(b, b.mul(x, x), axis, keepdims=keepdims))
    size = magnitude(b, x)
    if p == 1:
        return reductions.sum(b, size, axis, keepdims=keepdims)
    if math.isinf(p):
        return extreme_size(b, size, (axis,), largest=p > 0, keepdims=keepdims)
    zero, one = filled_like(b, 0, size), filled_like(b, 1, size)
    is_zero = b.eq(size, zero)
    if p == 0:
        return reductions.sum(b, b.select(is_zero, zero, one), axis, keepdims=keepdims)
    powers = b.select(is_zero, zero, b.pow(b.select(is_zero, one, size), filled_like(b, p, size)))
    total = reductions.sum(b, powers, axis, keepdims=keepdims)
    nothing, unit = filled_like(b, 0, total), filled_like(b, 1, total)
    is_none = b.eq(total, nothing)
    root = b.pow(b.select(is_none, unit, total), filled_like(b, 1 / p, total))
    return b.select(is_none, nothing, root)


@operation
def _cosine_similarity(b: Builder, x: Value, y: Value, axis: int, epsilon: float) -> Value:
    """Norms below `epsilon` count as that, but have their own gradients, as in PyTorch."""
    x, y = broadcast_together(b, *promoted(b, x, y, default=None))
    if not x.dtype.is_float:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {of_ir(x.dtype).scalar}")
    axis = counted(axis, x.rank)
    product = b.mul(_unit(b, x, axis, epsilon), _unit(b, y, axis, epsilon))
    return reductions.sum(b, product, axis) if x.rank else product


def _unit(b: Builder, x: Value, axis: int, epsilon: float) -> Value:
    size = p_norm(b, x, 2, axis, keepdims=True) if x.rank else b.abs(x)
    return arithmetic.div(b, x, b.graft(b.max(size, filled_like(b, epsilon, size)), size))


@operation
def _pairwise_distance(b: Builder, x: Value, y: Value, p: float, epsilon: float, keepdim: bool) -> Value:
    return _distance(b, *promoted(b, x, y, default=None), p, epsilon, keepdim)


def _distance(b: Builder, x: Value, y: Value, p: float, epsilon: float, keepdim: bool = False) -> Value:
    difference = in_floats(b, arithmetic.sub(b, x, y))
    return p_norm(b, arithmetic.shifted(b, difference, epsilon), p, difference.rank - 1, keepdims=keepdim)


@operation
def _pdist(b: Builder, x: Value, p: float) -> Value:
    rows = x.type.static_shape()[0]
    first, second = np.triu_indices(rows, 1)
    if not first.size:
        return filled(b, 0, (0,), x.dtype)
    if not x.shape[1]:
        return filled(b, 0, (first.size,), x.dtype)
    difference = b.sub(taken(b, x, first, 0), taken(b, x, second, 0))
    return _largest(b, difference) if p == math.inf else p_norm(b, difference, p, 1)


@operation
def _largest_difference(b: Builder, x: Value, y: Value) -> Value:
    return _largest(b, arithmetic.sub(b, *promoted(b, x, y, default=None)))


def _largest(b: Builder, difference: Value) -> Value:
    """The largest size along the last axis. As in PyTorch's distances of all pairs, all that have it have the whole
    gradient, where those of a norm share it."""
    return extreme_size(b, magnitude(b, difference), (difference.rank - 1,), share=False)


@operation
def _triplet_margin_loss(
    b: Builder, anchor: Value, positive: Value, negative: Value, margin: float, p: float, epsilon: float, swap: bool,
    reduction: str,
) -> Value:  # fmt: skip
    near = _distance(b, anchor, positive, p, epsilon)
    far = _distance(b, anchor, negative, p, epsilon)
    if swap:
        far = arithmetic.minimum(b, far, _distance(b, positive, negative, p, epsilon))
    return reduced(b, positive_part(b, arithmetic.sub(b, arithmetic.shifted(b, near, margin), far)), reduction)


def positive_part(b: Builder, x: Value) -> Value:
    """x, or 0 where that is larger; the gradient at 0 is 1, as that of PyTorch's clamp is."""
    zero = filled_like(b, 0, x)
    return b.select(b.ge(x, zero), x, zero)


@operation
def _cosine_embedding_loss(b: Builder, x: Value, y: Value, target: Value, margin: float, reduction: str) -> Value:
    x, y = broadcast_together(b, *promoted(b, x, y, default=None))
    last = x.rank - 1
    product, left, right = (reductions.sum(b, b.mul(*pair), last) for pair in ((x, y), (x, x), (y, y)))
    squares = b.mul(arithmetic.shifted(b, left, 1e-12), arithmetic.shifted(b, right, 1e-12))
    cosine, target = broadcast_together(b, b.div(product, b.sqrt(squares)), target)
    zero = filled_like(b, 0, cosine)
    alike = b.select(b.eq(target, filled_like(b, 1, target)), b.sub(filled_like(b, 1, cosine), cosine), zero)
    apart = positive_part(b, arithmetic.shifted(b, cosine, -margin))
    apart = b.select(b.eq(target, filled_like(b, -1, target)), apart, zero)
    return reduced(b, b.add(alike, apart), reduction)


# -- functions: what users call ----


@full_precision_on_cuda
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along `dim`, whose lengths count as `eps` at least; shapes broadcast.
    Raises RuntimeError for what are no floats."""
    return call(_cosine_similarity, tensors("cosine_similarity", x1=x1, x2=x2), (dim, float(eps)))


def largest_differences(x1: Tensor, x2: Tensor) -> Tensor:
    """The largest |x1 - x2| along the last axis; shapes broadcast."""
    return call(_largest_difference, (x1, x2))


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norm of x1 - x2 + eps along the last axis; shapes broadcast."""
    return call(_pairwise_distance, tensors("pairwise_distance", x1=x1, x2=x2), (float(p), float(eps), bool(keepdim)))


def pdist(input: Tensor, p: float = 2) -> Tensor:
    """The p-norms of the differences of all pairs of rows of input [rows, width], in the order (0, 1), (0, 2), ...
    Raises RuntimeError for other ranks, and for p below 0."""
    x = tensor("pdist", "input", 1, input)
    if x.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {x.ndim}D")
    if not x.dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return call(_pdist, (x,), (float(p),))


@full_precision
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, |anchor - positive| - |anchor - negative| + margin) with distances along the last axis; with `swap` the
    negative is as far as it is from the nearer of the other two (Balntas et al., 2016). Raises ValueError for a margin
    that is not positive, RuntimeError for ranks that differ."""
    chosen = checked_reduction(reduction, size_average, reduce)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    given = tensors("triplet_margin_loss", anchor=anchor, positive=positive, negative=negative)
    _check_ranks(*given)
    return call(_triplet_margin_loss, given, (float(margin), float(p), float(eps), bool(swap), chosen))


def _check_ranks(anchor: Tensor, positive: Tensor, negative: Tensor) -> None:
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """As `triplet_margin_loss`, with a distance of the user's own."""
    chosen = checked_reduction(reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    _check_ranks(anchor, positive, negative)
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    loss = clamp(margin + near - far, min=0)
    return loss if chosen == "none" else sum(loss) if chosen == "sum" else mean(loss)


@full_precision
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """1 - cos(input1, input2) where target is 1, max(0, cos(input1, input2) - margin) where it is -1, for inputs
    [batch, width] and target [batch], or without the batch. Raises RuntimeError for other ranks."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, y, labels = tensors("cosine_embedding_loss", input1=input1, input2=input2, target=target)
    if labels.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    wanted = labels.ndim + 1
    if x.ndim != wanted or y.ndim != wanted:
        raise RuntimeError(
            f"{labels.ndim}D target tensor expects {wanted}D input tensors, but found inputs with sizes "
            f"{list(x.shape)} and {list(y.shape)}."
        )
    return call(_cosine_embedding_loss, (x, y, labels), (float(margin), chosen))
