"""Losses that ask for a margin between what is right and what is wrong."""

from __future__ import annotations

from typing import Any

from diptych.functions import activations, arithmetic, reductions
from diptych.functions.broadcasting import broadcast_together
from diptych.functions.constants import filled_like
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import full_precision
from ..dtypes import of_ir
from ..promotion import promoted
from ..tapes.mode import is_grad_enabled
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .distances import in_floats, positive_part
from .losses import checked_reduction, known, reduced
from .operands import tensors

# -- operations: what is written as equations ----


@operation
def _margin_ranking_loss(b: Builder, x: Value, y: Value, target: Value, margin: float, reduction: str) -> Value:
    x, y, target = promoted(b, x, y, target, default=None)
    each = in_floats(b, arithmetic.mul(b, b.neg(target), arithmetic.sub(b, x, y)))
    return reduced(b, positive_part(b, arithmetic.shifted(b, each, margin)), reduction)


@operation
def _hinge_embedding_loss(b: Builder, x: Value, target: Value, margin: float, reduction: str) -> Value:
    x, target = broadcast_together(b, *promoted(b, x, target, default=None))
    x, target = in_floats(b, x), in_floats(b, target)
    zero = filled_like(b, 0, x)
    apart = positive_part(b, b.sub(filled_like(b, margin, x), x))
    apart = b.select(b.ne(target, filled_like(b, 1, target)), apart, zero)
    alike = b.select(b.ne(target, filled_like(b, -1, target)), x, zero)
    return reduced(b, b.add(apart, alike), reduction)


@operation
def _soft_margin_loss(b: Builder, x: Value, target: Value, reduction: str) -> Value:
    x, target = broadcast_together(b, *promoted(b, x, target, default=None))
    if not x.dtype.is_float:
        name = of_ir(x.dtype).scalar
        raise RuntimeError(f"result type Float can't be cast to the desired output type {name}")
    wrong = b.neg(b.mul(target, x))
    return reduced(b, b.graft(b.log1p(b.exp(wrong)), activations.softplus(b, wrong)), reduction)


@operation
def _multilabel_soft_margin_loss(b: Builder, x: Value, target: Value, *rest: Any) -> Value:
    """`rest`: a weight, if any, and the reduction."""
    *weights, reduction = rest
    logs, others = activations.log_sigmoid(b, x), activations.log_sigmoid(b, b.neg(x))
    logs, others, target, *weights = promoted(b, logs, others, target, *weights, default=None)
    wrong = arithmetic.sub(b, filled_like(b, 1, target), target)
    each = b.neg(b.add(arithmetic.mul(b, target, logs), arithmetic.mul(b, wrong, others)))
    for weight in weights:
        each = arithmetic.mul(b, each, weight)
    classes = x.shape[-1]
    return reduced(b, arithmetic.scaled(b, reductions.sum(b, each, each.rank - 1), 1 / int(classes)), reduction)


@operation
def _multi_margin_loss(b: Builder, x: Value, target: Value, *rest: Any) -> Value:
    """`rest`: weights of the classes, if any, the power, the margin and the reduction."""
    *weights, power, margin, reduction = rest
    is_single = not target.rank
    if x.rank <= 1:
        x = b.reshape(x, shape=(1, x.shape[0] if x.rank else 1))
    rows, classes = x.type.static_shape()
    target = b.reshape(target, shape=(rows,))
    numbers = b.iota(shape=(rows,), axis=0, dtype=dtypes.i64)
    right = b.gather(x, numbers, target, axes=(0, 1))
    far = positive_part(b, arithmetic.shifted(b, b.sub(x, b.broadcast(right, shape=x.shape, axes=(0,))), margin))
    if power == 2:
        far = b.mul(far, far)
    places = b.iota(shape=x.shape, axis=1, dtype=dtypes.i64)
    is_right = b.eq(places, b.broadcast(target, shape=x.shape, axes=(0,)))
    each = reductions.sum(b, b.select(is_right, filled_like(b, 0, far), far), 1)
    for weight in weights:
        each = b.mul(each, b.gather(weight, target, axes=(0,)))
    each = arithmetic.scaled(b, each, 1 / classes)
    return reduced(b, b.reshape(each, shape=()) if is_single else each, reduction)


@operation
def _multilabel_margin_loss(b: Builder, x: Value, target: Value, reduction: str) -> Value:
    """Right classes stand in front of the first negative number in target; each is compared with each wrong class."""
    is_single = x.rank <= 1
    if is_single:
        x, target = (b.reshape(each, shape=(1, each.shape[0] if each.rank else 1)) for each in (x, target))
    if target.dtype is not dtypes.i64:
        target = b.cast(target, dtype=dtypes.i64)
    rows, classes = x.type.static_shape()
    zero = filled_like(b, 0, target)
    ends = b.cast(b.lt(target, zero), dtype=dtypes.i64)
    is_given = b.eq(b.cumulative_sum(ends, axis=1), zero)
    chosen = b.select(is_given, target, zero)
    numbers = b.iota(shape=(rows, classes), axis=0, dtype=dtypes.i64)
    right = b.gather(x, numbers, chosen, axes=(0, 1))
    cube = (rows, classes, classes)  # of each right class and each class
    places = b.iota(shape=cube, axis=2, dtype=dtypes.i64)
    given = b.broadcast(is_given, shape=cube, axes=(0, 1))
    hits = b.bitwise_and(given, b.eq(places, b.broadcast(chosen, shape=cube, axes=(0, 1))))
    is_wrong = b.bitwise_not(reductions.any(b, hits, 1))
    counted = b.bitwise_and(given, b.broadcast(is_wrong, shape=cube, axes=(0, 2)))
    distance = b.sub(b.broadcast(x, shape=cube, axes=(0, 2)), b.broadcast(right, shape=cube, axes=(0, 1)))
    each = positive_part(b, arithmetic.shifted(b, distance, 1))
    each = reductions.sum(b, b.select(counted, each, filled_like(b, 0, each)), (1, 2))
    each = arithmetic.scaled(b, each, 1 / max(classes, 1))
    return reduced(b, b.reshape(each, shape=()) if is_single else each, reduction)


# -- functions: what users call ----


@full_precision
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, -target * (input1 - input2) + margin): target 1 wants input1 to be larger, -1 input2. Raises RuntimeError
    for ranks that differ."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, y, labels = tensors("margin_ranking_loss", input1=input1, input2=input2, target=target)
    if not x.ndim == y.ndim == labels.ndim:
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
            f"{x.shape}, input2: {y.shape}, target: {labels.shape} "
        )
    return call(_margin_ranking_loss, (x, y, labels), (float(margin), chosen))


@full_precision
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """input where target is 1, max(0, margin - input) where it is -1."""
    chosen = checked_reduction(reduction, size_average, reduce)
    pair = tensors("hinge_embedding_loss", input=input, target=target)
    return call(_hinge_embedding_loss, pair, (float(margin), chosen))


@full_precision
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """log(1 + exp(-target * input))."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, labels = tensors("soft_margin_loss", input=input, target=target)
    if labels.requires_grad and is_grad_enabled():
        raise RuntimeError(
            "The function 'soft_margin_loss' is not differentiable with respect to argument 'target'. This input "
            "cannot have requires_grad True."
        )
    return call(_soft_margin_loss, (x, labels), (chosen,))


@full_precision
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The mean over classes of the cross entropy of sigmoid(input) [..., classes] and target."""
    if size_average is None and reduce is None and reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    chosen = checked_reduction(reduction, size_average, reduce)
    x, labels = tensors("multilabel_soft_margin_loss", input=input, target=target)
    if not x.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    return call(_multilabel_soft_margin_loss, (x, labels, *(() if weight is None else (weight,))), (chosen,))


@full_precision
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """sum(max(0, margin - input[target] + input[other])**p) / classes over the other classes, of input [batch, classes]
    or [classes]. Raises ValueError and RuntimeError for what does not fit."""
    chosen = checked_reduction(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    x, classes = tensors("multi_margin_loss", input=input, target=target)
    if x.ndim > 2 or (not x.numel() and not (x.ndim == 2 and x.shape[1])):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(x.shape)}"
        )
    rows, width = (1, x.numel()) if x.ndim <= 1 else x.shape
    if classes.ndim > 1 or classes.numel() != rows:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{rows}], but got {list(classes.shape)}. Input has shape {list(x.shape)}."
        )
    if weight is not None and weight.numel() != width:
        raise RuntimeError(f"inconsistent weight size, expected {width} but got {list(weight.shape)}")
    _check_long(classes)
    values = known(classes)
    if values is not None and ((values < 0) | (values >= width)).any():
        raise RuntimeError("target out of range")
    weights = () if weight is None else (weight,)
    return call(_multi_margin_loss, (x, classes, *weights), (int(p), float(margin), chosen))


def _check_long(target: Tensor) -> None:
    if target.dtype.ir is not dtypes.i64:
        raise RuntimeError(f"expected scalar type Long but found {of_ir(target.dtype.ir).scalar}")


@full_precision
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """sum(max(0, 1 - (input[right] - input[wrong]))) / classes over all right and wrong classes, of input [batch,
    classes] or [classes]; target, shaped as that, holds the numbers of the right classes up to the first -1. Raises
    RuntimeError for what does not fit."""
    chosen = checked_reduction(reduction, size_average, reduce)
    x, labels = tensors("multilabel_margin_loss", input=input, target=target)
    if x.ndim > 2 or (not x.numel() and not (x.ndim == 2 and x.shape[1])):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(x.shape)}"
        )
    if labels.shape != x.shape and not (x.ndim <= 1 and labels.ndim <= 1 and labels.numel() == x.numel()):
        raise RuntimeError(f"inconsistent target size: {list(labels.shape)} for input of size: {list(x.shape)}")
    _check_long(labels)
    values = known(labels)
    if values is not None and ((values < -1) | (values >= (x.shape[-1] if x.ndim else 1))).any():
        raise RuntimeError("argument #2 'target' is out of range")
    return call(_multilabel_margin_loss, (x, labels), (chosen,))
