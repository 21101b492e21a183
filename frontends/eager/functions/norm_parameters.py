"""What the normalisations share: the dtypes their kernels take, weights and biases."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.functions import normalization
from diptych.ir import Builder, DType, Value, dtypes

from ..dtypes import of_ir
from ..promotion import converted
from ..tensors.creation import ones
from ..tensors.tensor import Tensor
from .operands import not_implemented


def check(name: str, x: Value, parameters: Sequence[Value]) -> DType:
    """The dtype that x is computed in. Raises for dtypes that PyTorch's kernels do not take: f16 and bf16 may have
    parameters of f32, and otherwise all are alike."""
    if not x.dtype.is_float:
        raise not_implemented(name, x)
    wide = normalization.computed_in(x.dtype)
    for each in parameters:
        if each.dtype is x.dtype or each.dtype is wide:
            continue
        if x.dtype is dtypes.f64:
            raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
        raise RuntimeError(f"mixed dtype (CPU): expect parameter to have scalar type of {of_ir(wide).scalar}")
    return wide


def weighted(b: Builder, x: Value, parameters: Sequence[Value], axes: tuple[int, ...]) -> Value:
    """x times the weight plus the bias, as far as there are any; they lie along `axes` of x."""
    weight, bias = (*(converted(b, each, x.dtype) for each in parameters), None, None)[:2]
    return normalization.weighted(b, x, weight, bias, axes)


def parameters_of(channels: int | tuple[int, ...], weight: Tensor | None, bias: Tensor | None) -> tuple[Tensor, ...]:
    """The weight and the bias as far as there are any; a bias alone gets a weight of ones."""
    if weight is None and bias is not None:
        weight = ones(channels, dtype=bias.dtype, device=bias.device)
    return tuple(each for each in (weight, bias) if each is not None)
