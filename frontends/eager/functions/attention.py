"""Scaled dot product attention: what is looked up by likeness of queries and keys (Vaswani et al., 2017)."""

from __future__ import annotations

import math
from typing import Any

from diptych.functions import activations, arithmetic, products, reductions
from diptych.functions.broadcasting import BroadcastError, broadcast_shapes, broadcast_to
from diptych.functions.constants import filled, filled_like
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import lower_precision
from ..dtypes import of_ir
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .dropouts import dropout
from .operands import tensors
from .products import matmul

# -- operations: what is written as equations ----


def _weights(b: Builder, query: Value, key: Value, mask: Value | None, causal: bool, scale: float, safe: bool) -> Value:
    """softmax(scale * query @ key transposed, + mask) over the keys. A mask of bools says which keys count. Where
    `safe`, a query for which none counts has weights 0, otherwise they are no numbers."""
    if query.dtype in (dtypes.f16, dtypes.bf16):
        wide = [b.cast(each, dtype=dtypes.f32) for each in (query, key)]
        return b.cast(_weights(b, *wide, mask, causal, scale, safe), dtype=query.dtype)
    query = arithmetic.scaled(b, query, scale)
    scores = products.matmul(b, query, key, transpose_rhs=True)
    if causal:
        rows, columns = (b.iota(shape=scores.shape, axis=scores.rank - place, dtype=dtypes.i32) for place in (2, 1))
        scores = b.select(b.ge(rows, columns), scores, filled_like(b, -math.inf, scores))
    if mask is not None:
        scores = _masked(b, scores, mask)
    if not safe or (mask is None and not causal):
        return activations.softmax(b, scores)
    last = (scores.rank - 1,)
    if not scores.shape[-1]:
        return scores
    powers = b.exp(b.sub(scores, reductions.spread(b, reductions.finite_maximum(b, scores, last), scores, last)))
    total = b.reduce_sum(powers, axes=last)
    total = b.select(b.eq(total, filled_like(b, 0, total)), filled_like(b, 1, total), total)
    return b.div(powers, reductions.spread(b, total, powers, last))


def _masked(b: Builder, scores: Value, mask: Value) -> Value:
    if not mask.dtype.is_bool:
        mask = b.cast(mask, dtype=scores.dtype)
        shape = broadcast_shapes(scores.shape, mask.shape)
        _check_mask(scores, shape)
        return b.add(scores, broadcast_to(b, mask, shape))
    shape = broadcast_shapes(scores.shape, mask.shape)
    _check_mask(scores, shape)
    return b.select(broadcast_to(b, mask, shape), scores, filled_like(b, -math.inf, scores))


def _check_mask(scores: Value, shape: Any) -> None:
    if shape != scores.shape:
        raise RuntimeError(f"output with shape {list(scores.shape)} doesn't match the broadcast shape {list(shape)}")


@operation
def _attention_weights(b: Builder, query: Value, key: Value, *rest: Any) -> Value:
    """`rest`: a mask, if any, then whether keys behind the query's place count for nothing, the scale, and whether
    queries without keys are safe."""
    *masks, causal, scale, safe = rest
    return _weights(b, query, key, masks[0] if masks else None, causal, scale, safe)


@operation
def _attention(b: Builder, query: Value, key: Value, value: Value, *rest: Any) -> Value:
    *masks, causal, scale, safe = rest
    return products.matmul(b, _weights(b, query, key, masks[0] if masks else None, causal, scale, safe), value)


@operation
def _repeated(b: Builder, x: Value, times: int) -> Value:
    """x [..., heads, length, width] with each head `times` over."""
    *lead, heads, length, width = x.type.static_shape()
    shape = (*lead, heads, times, length, width)
    axes = tuple(axis for axis in range(len(shape)) if axis != len(lead) + 1)
    return b.reshape(b.broadcast(x, shape=shape, axes=axes), shape=(*lead, heads * times, length, width))


@operation
def _zeros_for(b: Builder, query: Value, key: Value, value: Value) -> Value:
    """What attention over no keys is."""
    lead = broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    return filled(b, 0, (*lead, query.shape[-2], value.shape[-1]), value.dtype)


# -- functions: what users call ----


def attended(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, causal: bool, scale: float, *, safe: bool = True
) -> Tensor:
    """Attention without checks and dropout."""
    given = (query, key, value) if mask is None else (query, key, value, mask)
    return call(_attention, given, (causal, scale, safe))


def attention_weights(
    query: Tensor, key: Tensor, mask: Tensor | None, *, causal: bool, scale: float, safe: bool
) -> Tensor:
    """The weights of the values [..., queries, keys]."""
    return call(_attention_weights, (query, key) if mask is None else (query, key, mask), (causal, scale, safe))


@lower_precision
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(scale * query @ key transposed, + attn_mask) @ value for query [..., L, E], key [..., S, E] and value
    [..., S, V]; scale is 1 / sqrt(E) unless given.

    A mask of bools says which keys count; a query for which none does gets zeros. `is_causal` keeps to keys up to the
    query's place, `enable_gqa` lets several heads of queries share those of keys and values. Raises RuntimeError for
    shapes and dtypes that do not fit.
    """
    q, k, v = tensors("scaled_dot_product_attention", query=query, key=key, value=value)
    _check(q, k, v, attn_mask)
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        k, v = _shared(q, k, v)
    _check_batches(q, k, v)
    factor = 1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else float(scale)
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p:g}")
    if dropout_p > 0:
        weights = attention_weights(q, k, attn_mask, causal=bool(is_causal), scale=factor, safe=True)
        return matmul(dropout(weights, dropout_p), v)
    if not k.shape[-2]:
        return call(_zeros_for, (q, k, v))
    return attended(q, k, v, attn_mask, bool(is_causal), factor)


def _check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    if not q.dtype is k.dtype is v.dtype:
        names = [of_ir(each.dtype.ir).native for each in (q, k, v)]
        raise RuntimeError(
            f"Expected query, key, and value to have the same dtype, but got query.dtype: {names[0]} key.dtype: "
            f"{names[1]} and value.dtype: {names[2]} instead."
        )
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise RuntimeError(
            f"Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {q.ndim} key.dim: "
            f"{k.ndim} and value.dim: {v.ndim} instead."
        )
    if mask is not None and mask.dtype is not q.dtype and repr(mask.dtype) not in ("torch.bool", "torch.float32"):
        names = [of_ir(each.dtype.ir).native for each in (mask, q)]
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
            f"{names[0]} and  query.dtype: {names[1]} instead."
        )


def _shared(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Keys and values, each head as often as queries share it."""
    if min(q.ndim, k.ndim, v.ndim) < 3:
        raise RuntimeError("The number of dimensions must be at least 3 when enable_gqa=True")
    heads, of_keys, of_values = (each.shape[-3] for each in (q, k, v))
    if heads % of_keys or heads % of_values:
        raise RuntimeError("Number of heads in key and value must divide the number of heads in ")
    return tuple(
        each if count == heads else call(_repeated, (each,), (heads // count,))
        for each, count in ((k, of_keys), (v, of_values))
    )


def _check_batches(q: Tensor, k: Tensor, v: Tensor) -> None:
    for left, right in ((q, k), (q, v)):
        try:
            broadcast_shapes(tuple(left.shape[:-2]), tuple(right.shape[:-2]))
        except BroadcastError as error:
            axis = max(left.ndim, right.ndim) - 2 + error.axis
            raise RuntimeError(
                f"The size of tensor a ({error.left}) must match the size of tensor b ({error.right}) at non-singleton "
                f"dimension {axis}"
            ) from None
    if q.shape[-1] != k.shape[-1]:
        rows = math.prod(q.shape[:-1]), math.prod(k.shape[:-2]) * k.shape[-1]
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows[0]}x{q.shape[-1]} and {rows[1]}x{k.shape[-2]})"
        )
    if k.shape[-2] != v.shape[-2]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({math.prod(q.shape[:-1])}x{k.shape[-2]} and "
            f"{math.prod(v.shape[:-1])}x{v.shape[-1]})"
        )
