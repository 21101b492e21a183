"""Kernels of `ir/ops/contraction.py` of jax's own. float16 and bfloat16 add up in float32."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from diptych.ir import TensorType, dtype_of, ops
from diptych.ir.ops.contraction import convolution_layout
from jax import lax

from ..kernels.rounding import HALVES
from .precision import of_products

Ints = tuple[int, ...]


def matmul(
    xp: Any, lhs: Any, rhs: Any, *, lhs_contract: Ints, rhs_contract: Ints, lhs_batch: Ints, rhs_batch: Ints
) -> Any:
    """One dot_general."""
    numbers = ((lhs_contract, rhs_contract), (lhs_batch, rhs_batch))
    result = lax.dot_general(lhs, rhs, numbers, precision=of_products(), preferred_element_type=_sum_type(lhs))
    return result.astype(lhs.dtype)


def convolution(
    xp: Any,
    x: Any,
    kernel: Any,
    *,
    layout: str,
    stride: Ints,
    padding: tuple[tuple[int, int], ...],
    x_dilation: Ints,
    kernel_dilation: Ints,
    groups: int,
    batch_groups: int,
) -> Any:
    """One conv_general_dilated, with at least one spatial axis: without any, older XLA mistakes the groups."""
    roles = convolution_layout(layout)
    numbers = lax.ConvDimensionNumbers(roles.x, roles.kernel, roles.result)
    if not stride:
        x, kernel = x[..., None], kernel[..., None]
        numbers = lax.ConvDimensionNumbers((*roles.x, 2), (*roles.kernel, 2), (*roles.result, 2))
        stride, padding, x_dilation, kernel_dilation = (1,), ((0, 0),), (1,), (1,)
    result = lax.conv_general_dilated(
        x,
        kernel,
        stride,
        padding,
        x_dilation,
        kernel_dilation,
        numbers,
        groups,
        batch_groups,
        precision=of_products(),
        preferred_element_type=_sum_type(x),
    )
    return (result if roles.spatial_rank else result[..., 0]).astype(x.dtype)


def convolution_or_zeros(xp: Any, x: Any, kernel: Any, **attributes: Any) -> Any:
    """Sums of nothing, which XLA refuses, are 0. Sizes that have names are of 1 or more, as jax has them."""
    if not all(isinstance(size, int) for size in (*x.shape, *kernel.shape)):
        return convolution(xp, x, kernel, **attributes)
    types = [TensorType(dtype_of(operand.dtype), operand.shape) for operand in (x, kernel)]
    shape = ops.convolution.infer(types, attributes)[0].static_shape()
    if x.size and kernel.size and 0 not in shape:
        return convolution(xp, x, kernel, **attributes)
    return jnp.zeros(shape, x.dtype)


def _sum_type(x: Any) -> Any:
    return np.float32 if x.dtype in HALVES else x.dtype


OVERRIDES = {
    ops.matmul: matmul,
    ops.convolution: convolution_or_zeros,
}
