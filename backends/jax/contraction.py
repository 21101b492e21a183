"""Kernels of `ir/ops/contraction.py` of jax's own. float16 and bfloat16 add up in float32."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from diptych.ir import TensorType, dtype_of, ops
from diptych.ir.ops.contraction import convolution_layout
from jax import lax

from ..kernels.rounding import HALVES
from .partition import convolved
from .precision import of_products

Ints = tuple[int, ...]


def matmul(
    xp: Any, lhs: Any, rhs: Any, *, lhs_contract: Ints, rhs_contract: Ints, lhs_batch: Ints, rhs_batch: Ints
) -> Any:
    """One dot_general."""
    factors = _Factor(lhs, lhs_contract, lhs_batch), _Factor(rhs, rhs_contract, rhs_batch)
    shape = None
    # Of halves XLA's CPU leaves some of these as no kernel of its own takes them: the result is an error in place of
    # numbers. One of an axis of sums, and one of many or in another order: with both as matrices it has its kernel.
    if lhs.dtype in HALVES and factors[0].sums_once() and not all(each.is_matrix() for each in factors):
        batch = tuple(lhs.shape[axis] for axis in lhs_batch)
        shape = (*batch, *factors[0].free_sizes(), *factors[1].free_sizes())
        factors = factors[0].as_matrix(), factors[1].as_matrix()
    numbers = (factors[0].contract, factors[1].contract), (factors[0].batch, factors[1].batch)
    arrays = (each.array for each in factors)
    result = lax.dot_general(*arrays, numbers, precision=of_products(), preferred_element_type=_sum_type(lhs))
    return result.astype(lhs.dtype) if shape is None else result.astype(lhs.dtype).reshape(shape)


class _Factor(NamedTuple):
    """An operand of a product, with its axes of sums and its axes of products that stand beside each other."""

    array: Any
    contract: Ints
    batch: Ints

    def free(self) -> Ints:
        """The other axes."""
        return tuple(axis for axis in range(self.array.ndim) if axis not in self.contract and axis not in self.batch)

    def free_sizes(self) -> tuple[Any, ...]:
        return tuple(self.array.shape[axis] for axis in self.free())

    def sums_once(self) -> bool:
        """Whether it has one axis of sums, and another one at most."""
        return len(self.contract) == 1 and len(self.free()) <= 1

    def is_matrix(self) -> bool:
        """Whether it is a matrix, or a vector, for each of its products, which come first."""
        return self.sums_once() and self.batch == tuple(range(len(self.batch)))

    def as_matrix(self) -> _Factor:
        """The same with its axes of products first, then the others as one, then the one of sums."""
        if self.is_matrix():
            return self
        places, shape = (*self.batch, *self.free(), *self.contract), self.array.shape
        sizes = *(shape[axis] for axis in self.batch), math.prod(self.free_sizes()), shape[self.contract[0]]
        before = tuple(range(len(self.batch)))
        return _Factor(jnp.transpose(self.array, places).reshape(sizes), (len(before) + 1,), before)


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

    def convolve(x: Any, kernel: Any) -> Any:
        return lax.conv_general_dilated(
            x, kernel, stride, padding, x_dilation, kernel_dilation, numbers, groups, batch_groups,
            precision=of_products(), preferred_element_type=_sum_type(x),
        )  # fmt: skip

    result = convolved(convolve, x, kernel, roles, groups, batch_groups)
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
