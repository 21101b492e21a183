"""Attention of several heads, as a module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..device import Device
from ..dtypes import dtype
from ..functions.multi_head_attention import canonical_mask, multi_head_attention_forward
from ..functions.shapes import transpose
from ..tapes.mode import is_grad_enabled
from ..tensors.creation import empty
from ..tensors.tensor import Tensor
from . import init
from .linear import NonDynamicallyQuantizableLinear
from .module import Module
from .parameter import Parameter


class MultiheadAttention(Module):
    """softmax(Q K^T / sqrt(width of a head)) V in each of `num_heads` heads, then one product (Vaswani et al., 2017).

    Q, K and V are products of query [L, N, embed_dim], key [S, N, kdim] and value [S, N, vdim], or [N, L, ...] where
    `batch_first`, or without N. `add_bias_kv` adds a learnt key and value, `add_zero_attn` one of zeros.
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and num_heads={num_heads} "
                "instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")

        def made(*shape: int) -> Parameter:
            return Parameter(empty(shape, device=device, dtype=dtype))

        if self._qkv_same_embed_dim:
            self.in_proj_weight = made(3 * embed_dim, embed_dim)
            for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight"):
                self.register_parameter(name, None)
        else:
            self.q_proj_weight = made(embed_dim, embed_dim)
            self.k_proj_weight = made(embed_dim, self.kdim)
            self.v_proj_weight = made(embed_dim, self.vdim)
            self.register_parameter("in_proj_weight", None)
        if bias:
            self.in_proj_bias = made(3 * embed_dim)
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, device=device, dtype=dtype)
        self.bias_k = made(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = made(1, 1, embed_dim) if add_bias_kv else None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """(attention, its weights [N, L, S], averaged over the heads unless `average_attn_weights` is False, or None).

        key_padding_mask [N, S] says which keys do not count, attn_mask [L, S] or [N * num_heads, L, S] which do not for
        each query: bools, or floats that are added. `is_causal` says that attn_mask hides what comes later.
        """
        has_floats = any(mask is not None and mask.dtype.is_floating_point for mask in (attn_mask, key_padding_mask))
        padding = canonical_mask(key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query.dtype)
        mask = canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, check_other=False)
        is_native = not has_floats and query is key is value and self._is_native(query)
        return self._attended(
            query, key, value, padding, need_weights, mask, average_attn_weights, is_causal and not is_native, is_native
        )

    def _is_native(self, x: Tensor) -> bool:
        """Whether PyTorch takes its faster kernel for self-attention of x."""
        return (
            x.ndim == 3 and self.in_proj_weight is not None and self.in_proj_bias is not None and not self.training
            and self.num_heads % 2 == 0 and self.batch_first and self.bias_k is None and not self.add_zero_attn
            and not self._awaits_gradient(x)
        )  # fmt: skip

    def _awaits_gradient(self, x: Tensor) -> bool:
        given = (x, self.in_proj_weight, self.in_proj_bias, self.out_proj.weight, self.out_proj.bias)
        return is_grad_enabled() and any(each is not None and each.requires_grad for each in given)

    def _attended(
        self, query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, need_weights: bool,
        mask: Tensor | None, average: bool, is_causal: bool, is_native: bool,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        swaps = self.batch_first and query.ndim == 3
        if swaps:
            query, key, value = _swapped((query, key, value))
        separate: dict[str, Any] = {}
        if not self._qkv_same_embed_dim:
            separate = {
                "use_separate_proj_weight": True, "q_proj_weight": self.q_proj_weight,
                "k_proj_weight": self.k_proj_weight, "v_proj_weight": self.v_proj_weight,
            }  # fmt: skip
        found, weights = multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k,
            self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias,
            training=self.training, key_padding_mask=padding, need_weights=need_weights, attn_mask=mask,
            average_attn_weights=average, is_causal=is_causal, _is_native=is_native, **separate,
        )  # fmt: skip
        return (transpose(found, 1, 0) if swaps else found), weights

    def merge_masks(
        self, attn_mask: Tensor | None, key_padding_mask: Tensor | None, query: Tensor
    ) -> tuple[Tensor | None, int | None]:
        """(one mask [batch, heads, L, L] of both, 2), (the mask of padding, 1) where it is alone, or (None, None)."""
        if attn_mask is None:
            return key_padding_mask, None if key_padding_mask is None else 1
        batch, length, _ = query.shape
        if attn_mask.ndim == 3:
            mask = attn_mask.view(batch, -1, length, length)
        else:
            mask = attn_mask.view(1, 1, length, length).expand(batch, self.num_heads, -1, -1)
        if key_padding_mask is not None:
            mask = mask + key_padding_mask.view(batch, 1, 1, length).expand(-1, self.num_heads, -1, -1)
        return mask, 2


def _swapped(each: Sequence[Tensor]) -> list[Tensor]:
    """All with batch and length swapped; those that are one tensor stay so."""
    found: dict[int, Tensor] = {}
    for x in each:
        if id(x) not in found:
            found[id(x)] = transpose(x, 1, 0)
    return [found[id(x)] for x in each]
