"""Cross entropy of probabilities: of one answer, yes or no, each."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.functions import activations, arithmetic, losses
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value

from ..calling.autocasting import full_precision
from ..dtypes import of_ir
from ..promotion import promoted
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .losses import checked_reduction, known, reduced
from .operands import tensors

EDGE = float(np.float32(1e-12))  # PyTorch's, which it writes in 32 bits


@operation
def _binary_cross_entropy(b: Builder, x: Value, y: Value, *rest: Any) -> Value:
    """Where x is so near to 0 or 1 that x * (1 - x) is below EDGE, logarithms are kept at -100 or above, and the
    gradient is that of PyTorch, (x - y) / EDGE, rather than infinite."""
    *weights, reduction = rest
    if y.dtype is not x.dtype:
        raise RuntimeError(f"Found dtype {of_ir(y.dtype).scalar} but expected {of_ir(x.dtype).scalar}")
    one, limit = filled_like(b, 1, x), filled_like(b, EDGE, x)
    is_inside = b.ge(b.mul(x, b.sub(one, x)), limit)
    inner = b.select(is_inside, x, filled_like(b, 0.5, x))
    within = _binary_entropy(b, b.log(inner), b.log1p(b.neg(inner)), y)
    fixed, floor = b.stop_gradient(x), filled_like(b, -100, x)
    at_edge = _binary_entropy(b, b.max(b.log(fixed), floor), b.max(b.log1p(b.neg(fixed)), floor), y)
    slope = b.stop_gradient(b.div(b.sub(x, y), limit))
    at_edge = b.add(at_edge, b.mul(b.sub(x, fixed), slope))
    each = b.select(is_inside, within, at_edge)
    return reduced(b, _weighted(b, each, weights), reduction)


def _binary_entropy(b: Builder, log_x: Value, log_rest: Value, y: Value) -> Value:
    """-(y * log(x) + (1 - y) * log(1 - x))."""
    return b.neg(b.add(b.mul(y, log_x), b.mul(b.sub(filled_like(b, 1, y), y), log_rest)))


def _weighted(b: Builder, each: Value, weights: list[Value]) -> Value:
    return arithmetic.mul(b, *promoted(b, each, *weights, default=None)) if weights else each


@operation
def _binary_cross_entropy_with_logits(b: Builder, x: Value, y: Value, *rest: Any) -> Value:
    """`rest`: a weight, a weight of the positive answers, whether each of the two is there, the reduction."""
    *given, has_weight, has_positive, reduction = rest
    values = promoted(b, x, y, *given, default=None)
    x, y = values[:2]
    weights = values[2 : 2 + has_weight]
    if not has_positive:
        each = losses.sigmoid_cross_entropy(b, x, y)
    else:
        one = filled_like(b, 1, y)
        rest_of_y = b.sub(one, y)
        factor = b.add(arithmetic.mul(b, arithmetic.shifted(b, values[-1], -1), y), one)
        each = b.add(b.mul(rest_of_y, x), arithmetic.mul(b, factor, activations.softplus(b, b.neg(x))))
    return reduced(b, _weighted(b, each, weights), reduction)


@full_precision
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """-(target * log(input) + (1 - target) * log(1 - input)) for probabilities. Raises ValueError for sizes that
    differ, RuntimeError for dtypes that do, and for what is no probability where the input's values are known."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, y = tensors("binary_cross_entropy", input=input, target=target)
    if x.shape != y.shape:
        raise ValueError(
            f"Using a target size ({y.shape}) that is different to the input size ({x.shape}) is deprecated. Please "
            "ensure they have the same size."
        )
    values = known(x)
    if values is not None and not ((values >= 0) & (values <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    return call(_binary_cross_entropy, (x, y, *(() if weight is None else (weight,))), (chosen,))


@full_precision
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(input), without overflow; `pos_weight` multiplies the part of the target that
    is 1. Raises ValueError for sizes that differ."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, y = tensors("binary_cross_entropy_with_logits", input=input, target=target)
    if x.shape != y.shape:
        raise ValueError(f"Target size ({y.shape}) must be the same as input size ({x.shape})")
    given = tuple(each for each in (weight, pos_weight) if each is not None)
    return call(_binary_cross_entropy_with_logits, (x, y, *given), (weight is not None, pos_weight is not None, chosen))
