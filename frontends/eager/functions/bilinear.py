"""Bilinear maps."""

from __future__ import annotations

import math
from typing import Any

from diptych.functions import arithmetic
from diptych.ir import Builder, Value

from ..dtypes import of_ir
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import tensors


@operation
def _bilinear(b: Builder, x: Value, y: Value, weight: Value, *rest: Any) -> Value:
    """x [..., left], y [..., right], weight [out, left, right]: one product for the left, then one for each example."""
    if not x.dtype is y.dtype is weight.dtype:
        names = ", ".join(
            f"{label}: {of_ir(each.dtype).native}" for label, each in (("input1", x), ("input2", y), ("weight", weight))
        )
        raise RuntimeError(f"All tensors must have the same dtype, got {names}")
    lead = tuple(x.shape[:-1])
    examples = math.prod(x.type.static_shape()[:-1])
    flat = [b.reshape(each, shape=(examples, each.shape[-1])) for each in (x, y)]
    part = b.matmul(flat[0], weight, lhs_contract=(1,), rhs_contract=(1,))  # [examples, out, right]
    found = b.matmul(part, flat[1], lhs_contract=(2,), rhs_contract=(1,), lhs_batch=(0,), rhs_batch=(0,))
    found = b.reshape(found, shape=(*lead, weight.shape[0]))
    return arithmetic.add(b, found, rest[0]) if rest else found


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input1 [..., left] times weight [out, left, right] times input2 [..., right], + bias [out]. Raises RuntimeError
    for sizes and dtypes that do not fit."""
    x, y, table = tensors("bilinear", input1=input1, input2=input2, weight=weight)
    if x.ndim != y.ndim:
        raise RuntimeError(f"bilinear(): input dimensions do not match: got {x.ndim} and {y.ndim}")
    for axis in range(x.ndim - 1):
        if x.shape[axis] != y.shape[axis]:
            raise RuntimeError(
                f"bilinear(): input batch dimensions do not match at dim {axis}: got {x.shape[axis]} and "
                f"{y.shape[axis]}"
            )
    for number, (each, axis) in enumerate(((x, 1), (y, 2)), 1):
        if each.shape[-1] != table.shape[axis]:
            raise RuntimeError(
                f"bilinear(): input{number} size does not match weight size: got {each.shape[-1]} but expected "
                f"{table.shape[axis]}"
            )
    if bias is not None and bias.shape[0] != table.shape[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias.shape[0]} but expected {table.shape[0]}"
        )
    return call(_bilinear, (x, y, table, *(() if bias is None else (bias,))))
