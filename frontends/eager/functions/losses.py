"""Losses, with PyTorch's reductions, classes to ignore and weights."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from diptych.functions import activations, arithmetic, losses, reductions
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from ..dtypes import of_ir
from ..operation import Operation, operation
from ..promotion import promoted
from ..recording import call
from ..tensor import Tensor
from .operands import not_implemented, tensors


def _reduced(b: Builder, each: Value, reduction: str) -> Value:
    if reduction == "none":
        return each
    return (reductions.mean if reduction == "mean" else reductions.sum)(b, each)


def checked_reduction(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The reduction: "none", "mean" or "sum", which two older flags may choose instead. Raises ValueError."""
    if size_average is not None or reduce is not None:
        chosen = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{chosen}' instead.", stacklevel=3
        )
        return chosen
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _known(x: Tensor) -> np.ndarray | None:
    """x's values where they have been computed, so that looking at them makes nobody wait."""
    array = x._lazy().array
    return array if isinstance(array, np.ndarray) else None


# -- classes: cross entropy and negative log-likelihood ----


def _classes_last(b: Builder, x: Value) -> Value:
    """[batch, classes, ...] as [batch, ..., classes]."""
    if x.rank <= 2:
        return x
    return b.transpose(x, permutation=(0, *range(2, x.rank), 1))


def _cross_entropy_each(b: Builder, logits: Value, labels: Value) -> Value:
    if not logits.dtype.is_float:
        raise not_implemented("log_softmax", logits)
    return losses.sparse_softmax_cross_entropy(b, logits, labels)


def _nll_each(b: Builder, logs: Value, labels: Value) -> Value:
    picked = b.select(losses.class_mask(b, logs, labels), logs, filled_like(b, 0, logs))
    return b.neg(reductions.sum(b, picked, -1))


def _of_classes(name: str, formula: Any) -> Operation:
    def write(b: Builder, x: Value, target: Value, *rest: Any) -> Value:
        """Targets are class numbers; those equal to `ignored` count for nothing, None says that there are none."""
        *weights, ignored, smoothing, reduction = rest
        x = _classes_last(b, x)
        if target.dtype is not dtypes.i64:
            target = b.cast(target, dtype=dtypes.i64)
        if ignored is None and not weights and not smoothing:
            return _reduced(b, formula(b, x, target), reduction)
        is_counted, labels = None, target
        if ignored is not None:
            is_counted = b.ne(target, filled_like(b, ignored, target))
            labels = b.select(is_counted, target, filled_like(b, 0, target))
        each = formula(b, x, labels)
        counts = None  # what each label adds to the number that a mean divides by
        if weights:
            counts = b.gather(_class_weights(weights[0], x), labels, axes=(0,))
            each = b.mul(each, counts)
        if smoothing:
            each = arithmetic.add(
                b,
                arithmetic.scaled(b, each, 1 - smoothing),
                arithmetic.scaled(b, _spread_over_classes(b, x, weights), smoothing / int(x.shape[-1])),
            )
        if is_counted is not None:
            zero = filled_like(b, 0, each)
            each = b.select(is_counted, each, zero)
            counts = b.select(is_counted, filled_like(b, 1, each) if counts is None else counts, zero)
        if counts is None or reduction != "mean":
            return _reduced(b, each, reduction)
        return b.div(reductions.sum(b, each), reductions.sum(b, counts))

    write.__name__ = name
    return operation(write)


def _class_weights(weight: Value, x: Value) -> Value:
    """The weights, which must be one a class. Raises RuntimeError."""
    if weight.shape != (x.shape[-1],):
        raise RuntimeError(
            f"weight tensor should be defined either for all {x.shape[-1]} classes or no classes but got weight tensor "
            f"of shape: {list(weight.shape)}"
        )
    if weight.dtype is not x.dtype:
        names = of_ir(x.dtype).scalar, of_ir(weight.dtype).scalar
        raise RuntimeError(f"expected scalar type {names[0]} but found {names[1]}")
    return weight


def _spread_over_classes(b: Builder, logits: Value, weights: list[Value]) -> Value:
    """-sum(weight * log(softmax(logits))) over the classes."""
    logs = activations.log_softmax(b, logits)
    if weights:
        logs = arithmetic.mul(b, logs, weights[0])
    return b.neg(reductions.sum(b, logs, -1))


_cross_entropy_of_classes = _of_classes("cross_entropy_loss", _cross_entropy_each)
_nll = _of_classes("nll_loss", _nll_each)


@operation
def _cross_entropy_of_probabilities(b: Builder, x: Value, target: Value, *rest: Any) -> Value:
    """Targets are probabilities of the classes. A mean divides by the number of examples, whatever the weights."""
    *weights, smoothing, reduction = rest
    if not x.dtype.is_float:
        raise not_implemented("log_softmax", x)
    logits, target = (_classes_last(b, each) for each in promoted(b, x, target, default=None))
    classes = int(logits.shape[-1])
    if smoothing:
        target = arithmetic.shifted(b, arithmetic.scaled(b, target, 1 - smoothing), smoothing / classes)
    if weights:
        (weight,) = weights
        if weight.shape != (classes,):
            raise RuntimeError(
                f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got "
                f"weight tensor of shape: {list(weight.shape)}"
            )
        target = arithmetic.mul(b, target, weight)
    return _reduced(b, losses.expected_cross_entropy(b, logits, target), reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log(softmax(input))[target] for input [batch, classes, ...] or [classes] and class numbers [batch, ...], or
    the expectation of that for a target of probabilities shaped as input. Raises IndexError for a class that is not
    there, where the target's values are known already."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, classes = tensors("cross_entropy_loss", input=input, target=target)
    weights = () if weight is None else (weight,)
    if label_smoothing and not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    if x.shape == classes.shape:
        if not classes.dtype.ir.is_float:
            raise RuntimeError(
                f"Expected floating point type for target with class probabilities, got {classes.dtype.scalar}"
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return call(_cross_entropy_of_probabilities, (x, classes, *weights), (float(label_smoothing), chosen))
    ignored = _checked_classes(x, classes, ignore_index)
    return call(_cross_entropy_of_classes, (x, classes, *weights), (ignored, float(label_smoothing), chosen))


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """-input[target] for log-probabilities [batch, classes, ...] or [classes] and class numbers [batch, ...]."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, classes = tensors("nll_loss", input=input, target=target)
    ignored = _checked_classes(x, classes, ignore_index)
    return call(_nll, (x, classes, *(() if weight is None else (weight,))), (ignored, 0.0, chosen))


def _checked_classes(x: Tensor, target: Tensor, ignore_index: int) -> int | None:
    """The class to ignore, None where the target is known not to have it. Raises ValueError, RuntimeError and
    IndexError for a target that does not fit."""
    if not x.ndim:
        raise RuntimeError("Expected 1 or more dimensions (got 0)")
    if x.ndim > 1 and (not target.ndim or x.shape[0] != target.shape[0]):
        found = target.shape[0] if target.ndim else 0
        raise ValueError(f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({found}).")
    if x.ndim <= 2 and target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if x.ndim > 2 and target.shape != (x.shape[0], *x.shape[2:]):
        raise RuntimeError(f"Expected target size {[x.shape[0], *x.shape[2:]]}, got {list(target.shape)}")
    if target.dtype.ir not in (dtypes.i64, dtypes.u8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar}")
    values = _known(target)
    if values is None:
        return ignore_index
    classes = x.shape[0 if x.ndim == 1 else 1]
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if 0 <= low and high < classes and not (0 <= ignore_index < classes):
        return None
    wrong = values[((values < 0) | (values >= classes)) & (values != ignore_index)]
    if wrong.size:
        raise IndexError(f"Target {wrong.flat[0]} is out of bounds.")
    return ignore_index


# -- distances ----


def _paired(name: str, formula: Any) -> Operation:
    def write(b: Builder, x: Value, y: Value, reduction: str) -> Value:
        x, y = broadcast_together(b, *promoted(b, x, y, default=None))
        if not x.dtype.is_differentiable:
            raise not_implemented(name, x)
        return _reduced(b, formula(b, x, y), reduction)

    write.__name__ = name
    return operation(write)


_mse, _l1 = _paired("mse_loss", losses.squared_error), _paired("l1_loss", losses.absolute_error)


@operation
def _smooth_l1(b: Builder, x: Value, y: Value, beta: float, reduction: str) -> Value:
    x, y = broadcast_together(b, *promoted(b, x, y, default=None))
    if not x.dtype.is_float:
        raise not_implemented("smooth_l1_loss", x)
    each = losses.huber(b, x, y, beta)
    return _reduced(b, each if beta == 1 else arithmetic.scaled(b, each, 1 / beta), reduction)


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(input - target)**2. Raises Unsupported for weights."""
    _refuse_weight("mse_loss", weight)
    chosen = checked_reduction(reduction, size_average, reduce)
    return call(_mse, tensors("mse_loss", input=input, target=target), (chosen,))


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|input - target|. Raises Unsupported for weights."""
    _refuse_weight("l1_loss", weight)
    chosen = checked_reduction(reduction, size_average, reduce)
    return call(_l1, tensors("l1_loss", input=input, target=target), (chosen,))


def _refuse_weight(name: str, weight: Tensor | None) -> None:
    if weight is not None:
        from diptych.ir import Unsupported

        raise Unsupported(f"{name}(): weight is not there", hint="reduction='none', times the weights")


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Half the squared error over beta up to `beta` away, |error| - beta / 2 beyond. Raises RuntimeError for beta below
    0."""
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    chosen = checked_reduction(reduction, size_average, reduce)
    pair = tensors("smooth_l1_loss", input=input, target=target)
    return call(_smooth_l1, pair, (float(beta), chosen)) if beta else call(_l1, pair, (chosen,))


# -- probabilities ----


EDGE = float(np.float32(1e-12))  # PyTorch's, which it writes in 32 bits


@operation
def _bce(b: Builder, x: Value, y: Value, *rest: Any) -> Value:
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
    return _reduced(b, _weighted(b, each, weights), reduction)


def _binary_entropy(b: Builder, log_x: Value, log_rest: Value, y: Value) -> Value:
    """-(y * log(x) + (1 - y) * log(1 - x))."""
    return b.neg(b.add(b.mul(y, log_x), b.mul(b.sub(filled_like(b, 1, y), y), log_rest)))


def _weighted(b: Builder, each: Value, weights: list[Value]) -> Value:
    return arithmetic.mul(b, *promoted(b, each, *weights, default=None)) if weights else each


@operation
def _bce_with_logits(b: Builder, x: Value, y: Value, *rest: Any) -> Value:
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
    return _reduced(b, _weighted(b, each, weights), reduction)


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """-(target * log(input) + (1 - target) * log(1 - input)) for probabilities. Raises ValueError for sizes that differ,
    RuntimeError for dtypes that do, and for what is no probability where the input's values are known already."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, y = tensors("binary_cross_entropy", input=input, target=target)
    if x.shape != y.shape:
        raise ValueError(
            f"Using a target size ({y.shape}) that is different to the input size ({x.shape}) is deprecated. Please "
            "ensure they have the same size."
        )
    values = _known(x)
    if values is not None and not ((values >= 0) & (values <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    return call(_bce, (x, y, *(() if weight is None else (weight,))), (chosen,))


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(input), without overflow; `pos_weight` multiplies the part of the target that is
    1. Raises ValueError for sizes that differ."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, y = tensors("binary_cross_entropy_with_logits", input=input, target=target)
    if x.shape != y.shape:
        raise ValueError(f"Target size ({y.shape}) must be the same as input size ({x.shape})")
    given = tuple(each for each in (weight, pos_weight) if each is not None)
    return call(_bce_with_logits, (x, y, *given), (weight is not None, pos_weight is not None, chosen))
