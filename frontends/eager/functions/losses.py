"""Losses, with PyTorch's reductions."""

from __future__ import annotations

from typing import Any

from diptych.functions import arithmetic, losses, reductions
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from ..operation import operation
from ..promotion import promoted
from ..recording import call
from ..tensor import Tensor


def _reduced(b: Builder, each: Value, reduction: str) -> Value:
    if reduction == "none":
        return each
    return (reductions.mean if reduction == "mean" else reductions.sum)(b, each)


def _checked(reduction: str) -> str:
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _classes_last(b: Builder, x: Value) -> Value:
    """[batch, classes, ...] as [batch, ..., classes]."""
    if x.rank <= 2:
        return x
    return b.transpose(x, permutation=(0, *range(2, x.rank), 1))


@operation
def _cross_entropy_of_classes(b: Builder, logits: Value, target: Value, *rest: Any) -> Value:
    """Targets are class numbers; those equal to `ignored` count for nothing."""
    *weights, ignored, smoothing, reduction = rest
    logits = _classes_last(b, logits)
    if ignored is None and not weights and not smoothing:
        return _reduced(b, losses.sparse_softmax_cross_entropy(b, logits, target), reduction)
    counts = None
    labels = target
    if ignored is not None:
        is_counted = b.ne(target, filled_like(b, ignored, target))
        labels = b.select(is_counted, target, filled_like(b, 0, target))
        counts = b.cast(is_counted, dtype=logits.dtype)
    each = losses.sparse_softmax_cross_entropy(b, logits, labels)
    if smoothing:
        from diptych.functions import activations

        logs = activations.log_softmax(b, logits)
        even = b.neg(reductions.mean(b, logs, -1))
        each = arithmetic.lerp(b, each, even, smoothing)
    if weights:
        own = b.gather(weights[0], labels, axes=(0,))
        counts = own if counts is None else b.mul(counts, own)
    if counts is None:
        return _reduced(b, each, reduction)
    each = b.mul(each, counts)
    if reduction != "mean":
        return _reduced(b, each, reduction)
    return b.div(reductions.sum(b, each), reductions.sum(b, counts))


@operation
def _cross_entropy_of_probabilities(
    b: Builder, logits: Value, target: Value, smoothing: float, reduction: str
) -> Value:
    """Targets are probabilities of the classes."""
    logits, target = _classes_last(b, logits), _classes_last(b, target)
    if smoothing:
        classes = logits.shape[-1]
        target = arithmetic.shifted(b, arithmetic.scaled(b, target, 1 - smoothing), smoothing / int(classes))
    return _reduced(b, losses.expected_cross_entropy(b, logits, target), reduction)


@operation
def _nll(b: Builder, logs: Value, target: Value, reduction: str) -> Value:
    logs = _classes_last(b, logs)
    mask = losses.class_mask(b, logs, target)
    picked = reductions.sum(b, b.select(mask, logs, filled_like(b, 0, logs)), -1)
    return _reduced(b, b.neg(picked), reduction)


def _paired(name: str, formula: Any) -> Any:
    def write(b: Builder, x: Value, y: Value, reduction: str) -> Value:
        x, y = broadcast_together(b, *promoted(b, x, y, default=None))
        return _reduced(b, formula(b, x, y), reduction)

    write.__name__ = name
    return operation(write)


_mse, _l1 = _paired("mse_loss", losses.squared_error), _paired("l1_loss", losses.absolute_error)
_bce_with_logits = _paired("binary_cross_entropy_with_logits", losses.sigmoid_cross_entropy)
_huber = _paired("smooth_l1_loss", losses.huber)


@operation
def _bce(b: Builder, x: Value, y: Value, reduction: str) -> Value:
    """Logarithms are kept at -100 or above, as PyTorch keeps them."""
    floor = filled_like(b, -100, x)
    one = filled_like(b, 1, x)
    log_x, log_rest = b.max(b.log(x), floor), b.max(b.log1p(b.neg(x)), floor)
    return _reduced(b, b.neg(b.add(b.mul(y, log_x), b.mul(b.sub(one, y), log_rest))), reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log(softmax(input))[target] for input [batch, classes, ...] or [classes] and class numbers [batch, ...], or
    the expectation of that for a target of probabilities shaped as input."""
    reduction = _checked(reduction)
    if target.dtype.ir.is_float:
        if input.shape != target.shape:
            raise RuntimeError(f"Expected floating point type for target with class probabilities, got {target.dtype}")
        logits, probabilities = (input, target) if weight is None else (input, target * weight)
        return call(_cross_entropy_of_probabilities, (logits, probabilities), (label_smoothing, reduction))
    if input.ndim > 1 and input.shape[0] != target.shape[0]:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    if target.dtype.ir not in (dtypes.i64, dtypes.u8):
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.name.capitalize()}")
    ignored = None if ignore_index == -100 and _never_negative(target) else ignore_index
    operands = (input, target) if weight is None else (input, target, weight)
    return call(_cross_entropy_of_classes, operands, (ignored, label_smoothing, reduction))


def _never_negative(target: Tensor) -> bool:
    """Whether no target can be the default ignore_index, -100, as far as can be told without waiting for its value."""
    import numpy as np

    array = target._lazy().array
    return isinstance(array, np.ndarray) and not (array.size and int(array.min()) < 0)


def nll_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """-input[target] for log-probabilities [batch, classes, ...] and class numbers [batch, ...]."""
    return call(_nll, (input, target), (_checked(reduction),))


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(input - target)**2."""
    return call(_mse, (input, target), (_checked(reduction),))


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """|input - target|."""
    return call(_l1, (input, target), (_checked(reduction),))


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Half the squared error up to 1 away, linear beyond."""
    return call(_huber, (input, target), (_checked(reduction),))


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Cross entropy of sigmoid(input) and target, without overflow."""
    return call(_bce_with_logits, (input, target), (_checked(reduction),))


def binary_cross_entropy(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Cross entropy of probabilities."""
    return call(_bce, (input, target), (_checked(reduction),))
