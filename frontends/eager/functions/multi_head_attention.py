"""Attention of several heads, with the products before and behind it (Vaswani et al., 2017)."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

from diptych.functions.arrays import unstack
from diptych.ir import Builder, Value

from ..dtypes import dtype
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.creation import zeros
from ..tensors.tensor import Tensor
from .attention import attended, attention_weights, scaled_dot_product_attention
from .dropouts import dropout
from .joining import cat, chunk, split
from .logic import masked_fill
from .padding import pad
from .products import bmm, linear
from .reductions import mean
from .shapes import expand, squeeze, unsqueeze

# -- operations: what is written as equations ----


@operation
def _heads(b: Builder, x: Value, parts: int, heads: int) -> tuple[Value, ...]:
    """x [length, batch, parts * heads * width] as `parts` tensors [batch * heads, length, width]."""
    length, batch, total = x.type.static_shape()
    width = total // (parts * heads)
    x = b.reshape(x, shape=(length, batch, parts, heads, width))
    x = b.transpose(x, permutation=(2, 1, 3, 0, 4))
    x = b.reshape(x, shape=(parts, batch * heads, length, width))
    return tuple(unstack(b, x))


@operation
def _together(b: Builder, x: Value, heads: int) -> Value:
    """x [batch * heads, length, width] as [length, batch, heads * width]."""
    count, length, width = x.type.static_shape()
    x = b.reshape(x, shape=(count // heads, heads, length, width))
    x = b.transpose(x, permutation=(2, 0, 1, 3))
    return b.reshape(x, shape=(length, count // heads, heads * width))


# -- masks ----


def canonical_mask(
    mask: Tensor | None, name: str, other: Tensor | None, other_name: str, target: dtype, *, check_other: bool = True
) -> Tensor | None:
    """The mask as floats that are added: -inf where bools are true. Raises AssertionError for integers."""
    if mask is None:
        return None
    is_bool = mask.dtype.ir.is_bool
    if not is_bool and not mask.dtype.is_floating_point:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if check_other and other is not None and mask.dtype is not other.dtype:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both instead.",
            stacklevel=3,
        )
    if not is_bool:
        return mask
    return masked_fill(zeros(tuple(mask.shape), dtype=target, device=mask.device), mask, -math.inf)


def _check_ranks(
    query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None, heads: int
) -> bool:
    """Whether there is a batch. Raises AssertionError for ranks that do not fit."""
    rank = query.ndim
    if rank not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {rank}-D query tensor")
    kind = "For batched (3-D) `query`" if rank == 3 else "For unbatched (2-D) `query`"
    if key.ndim != rank or value.ndim != rank:
        raise AssertionError(
            f"{kind}, expected `key` and `value` to be {rank}-D but found {key.ndim}-D and {value.ndim}-D tensors "
            "respectively"
        )
    if padding is not None and padding.ndim != rank - 1:
        raise AssertionError(
            f"{kind}, expected `key_padding_mask` to be `None` or {rank - 1}-D but found {padding.ndim}-D tensor "
            "instead"
        )
    if mask is not None:
        if mask.ndim not in (2, 3):
            raise AssertionError(
                f"{kind}, expected `attn_mask` to be `None`, 2-D or 3-D but found {mask.ndim}-D tensor instead"
            )
        if rank == 2 and mask.ndim == 3:
            wanted = (heads, query.shape[0], key.shape[0])
            if mask.shape != wanted:
                raise AssertionError(f"Expected `attn_mask` shape to be {wanted} but got {mask.shape}")
    return rank == 3


# -- the products before ----


@dataclass(frozen=True)
class Projection:
    """Weights of the products before attention: one [3 * width, width] for all, or one for each of query, key and
    value; and one bias [3 * width] for all."""

    packed: Tensor | None
    each: tuple[Tensor | None, Tensor | None, Tensor | None] | None
    bias: Tensor | None


def _projected(query: Tensor, key: Tensor, value: Tensor, projection: Projection, heads: int) -> list[Tensor]:
    """Query, key and value [batch * heads, length, width] after their products, of which those of equal tensors are
    one."""
    width = query.shape[-1]
    bias = projection.bias
    if projection.each is None:
        weight = projection.packed
        if weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        if key is value and query is key:
            return list(call(_heads, (linear(query, weight, bias),), (3, heads)))
        if key is value:
            sizes = [width, 2 * width]
            weights = split(weight, sizes)
            biases = (None, None) if bias is None else split(bias, sizes)
            (found,) = call(_heads, (linear(query, weights[0], biases[0]),), (1, heads))
            return [found, *call(_heads, (linear(key, weights[1], biases[1]),), (2, heads))]
        weights = chunk(weight, 3)
    else:
        weights = projection.each
        for name, each in zip("qkv", weights, strict=True):
            if each is None:
                raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
        _check_weights(query, key, value, weights, bias)
    biases = (None, None, None) if bias is None else chunk(bias, 3)
    return [
        call(_heads, (linear(x, weight, each),), (1, heads))[0]
        for x, weight, each in zip((query, key, value), weights, biases, strict=True)
    ]


def _check_weights(query: Tensor, key: Tensor, value: Tensor, weights: object, bias: Tensor | None) -> None:
    width = query.shape[-1]
    for name, x, weight in zip(("query", "key", "value"), (query, key, value), weights, strict=True):
        wanted = (width, x.shape[-1])
        if weight.shape != wanted:
            raise AssertionError(f"expecting {name} weights shape of {wanted}, but got {weight.shape}")


# -- attention ----


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    *,
    _is_native: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """(attention [L, N, E], its weights [N, L, S], averaged over heads, or None) of query [L, N, E], key and value [S,
    N, E], or all without N; see `nn.MultiheadAttention`. Raises AssertionError and RuntimeError for what does not fit.

    `_is_native`: as PyTorch's faster kernel, whose queries without keys are no numbers.
    """
    is_batched = _check_ranks(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not is_batched:
        query, key, value = _with_batch(query, key, value)
        key_padding_mask = None if key_padding_mask is None else unsqueeze(key_padding_mask, 0)
    length, batch, width = query.shape
    padding = canonical_mask(key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query.dtype)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and padding is None and not need_weights:
        mask = None
    else:
        mask = canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, check_other=False)
        is_causal = is_causal and padding is None
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    q, k, v = _projected(query, key, value, Projection(in_proj_weight, separate, in_proj_bias), num_heads)
    mask = _checked_mask(mask, length, key.shape[0], batch * num_heads)
    k, v, mask, padding = _with_more_keys(
        k, v, mask, padding, (bias_k, bias_v), (static_k, static_v), add_zero_attn, num_heads, batch
    )
    mask = _merged(mask, padding, k.shape[1], batch, num_heads)
    rate = dropout_p if training else 0.0
    scale = math.sqrt(1.0 / (width // num_heads))
    if not need_weights:
        causal = is_causal and mask is None
        if rate > 0:
            found = scaled_dot_product_attention(q, k, v, mask, rate, causal)
        else:
            found = attended(q, k, v, mask, causal, scale, safe=not _is_native)
        weights = None
    else:
        if is_causal and mask is None:
            raise AssertionError("FIXME: is_causal not implemented for need_weights")
        weights = attention_weights(q, k, mask, causal=False, scale=scale, safe=False)
        if rate > 0:
            weights = dropout(weights, rate)
        found = bmm(weights, v)
        weights = weights.view(batch, num_heads, length, k.shape[1])
        if average_attn_weights:
            weights = mean(weights, 1)
    output = linear(call(_together, (found,), (num_heads,)), out_proj_weight, out_proj_bias)
    if not is_batched:
        output = squeeze(output, 1)
        weights = None if weights is None else squeeze(weights, 0)
    return output, weights


def _with_batch(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """All three with a batch of one; those that are one tensor stay so."""
    q = unsqueeze(query, 1)
    k = q if key is query else unsqueeze(key, 1)
    return q, k, k if value is key else unsqueeze(value, 1)


def _check_sizes(query: Tensor, key: Tensor, value: Tensor, width: int, heads: int, separate: bool) -> None:
    found = query.shape[-1]
    if found != width:
        raise AssertionError(f"was expecting embedding dimension of {width}, but got {found}")
    if found // heads * heads != found:
        raise AssertionError(f"embed_dim {found} not divisible by num_heads {heads}")
    if separate:
        if key.shape[:2] != value.shape[:2]:
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
            )
    elif key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")


def _checked_mask(mask: Tensor | None, queries: int, keys: int, count: int) -> Tensor | None:
    """The mask [1 or batch * heads, queries, keys]. Raises RuntimeError for another shape."""
    if mask is None:
        return None
    wanted = (queries, keys) if mask.ndim == 2 else (count, queries, keys)
    if mask.shape != wanted:
        raise RuntimeError(f"The shape of the {mask.ndim}D attn_mask is {mask.shape}, but should be {wanted}.")
    return unsqueeze(mask, 0) if mask.ndim == 2 else mask


def _with_more_keys(
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    padding: Tensor | None,
    biases: tuple[Tensor | None, Tensor | None],
    static: tuple[Tensor | None, Tensor | None],
    zero: bool,
    heads: int,
    batch: int,
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Keys and values with a learnt one and one of zeros behind them, and masks that let both count."""
    added = 0
    if biases[0] is not None and biases[1] is not None:
        for name, each in zip(("key", "value"), static, strict=True):
            if each is not None:
                raise AssertionError(f"bias cannot be added to static {name}.")
        k, v = (
            cat([x, call(_heads, (expand(bias, (1, batch, bias.shape[-1])),), (1, heads))[0]], 1)
            for x, bias in ((k, biases[0]), (v, biases[1]))
        )
        added += 1
    elif biases[0] is not None:
        raise AssertionError("bias_k is set but bias_v is None")
    elif biases[1] is not None:
        raise AssertionError("bias_v is set but bias_k is None")
    k, v = (
        _checked_static(name, x, each) for name, x, each in zip(("static_k", "static_v"), (k, v), static, strict=True)
    )
    if zero:
        k, v = (cat([x, zeros((x.shape[0], 1, x.shape[2]), dtype=x.dtype, device=x.device)], 1) for x in (k, v))
        added += 1
    if added:
        mask, padding = (None if each is None else pad(each, (0, added)) for each in (mask, padding))
    return k, v, mask, padding


def _checked_static(name: str, x: Tensor, given: Tensor | None) -> Tensor:
    if given is None:
        return x
    for axis in (0, 2):
        if given.shape[axis] != x.shape[axis]:
            raise AssertionError(f"expecting {name}.size({axis}) of {x.shape[axis]}, but got {given.shape[axis]}")
    return given


def _merged(mask: Tensor | None, padding: Tensor | None, keys: int, batch: int, heads: int) -> Tensor | None:
    """One mask [1 or batch * heads, 1 or queries, keys] of both."""
    if padding is None:
        return mask
    for axis, wanted in ((0, batch), (1, keys)):
        if padding.shape[axis] != wanted:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{axis}] to be {wanted}, but got {padding.shape[axis]}"
            )
    spread = expand(padding.view(batch, 1, 1, keys), (batch, heads, 1, keys)).reshape(batch * heads, 1, keys)
    return spread if mask is None else mask + spread
