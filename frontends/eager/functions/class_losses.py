"""Cross entropy and negative log-likelihood of classes, with classes to ignore, weights and label smoothing."""

from __future__ import annotations

from typing import Any

from diptych.functions import activations, arithmetic, losses, reductions
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision
from ..dtypes import of_ir
from ..promotion import promoted
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .losses import checked_reduction, known, reduced
from .operands import not_implemented, tensors


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
            return reduced(b, formula(b, x, target), reduction)
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
            return reduced(b, each, reduction)
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


_cross_entropy_of_classes = _of_classes("cross_entropy_of_classes", _cross_entropy_each)
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
                f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but "
                f"got weight tensor of shape: {list(weight.shape)}"
            )
        target = arithmetic.mul(b, target, weight)
    return reduced(b, losses.expected_cross_entropy(b, logits, target), reduction)


@full_precision
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


@full_precision
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
    values = known(target)
    if values is None:
        return ignore_index
    classes = x.shape[0 if x.ndim == 1 else 1]
    # one pass over them: read as unsigned, negative ones are the largest
    largest = int(values.view(f"u{values.itemsize}").max()) if values.size else 0
    if largest < max(classes, 1) and not (0 <= ignore_index < classes):
        return None
    wrong = values[((values < 0) | (values >= classes)) & (values != ignore_index)]
    if wrong.size:
        raise IndexError(f"Target {wrong.flat[0]} is out of bounds.")
    return ignore_index
