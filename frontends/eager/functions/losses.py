"""Losses: distances between an input and a target, and how PyTorch's losses are reduced."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from diptych.functions import arithmetic, losses, reductions
from diptych.functions.broadcasting import broadcast_together
from diptych.ir import Builder, Value

from ..calling.autocasting import full_precision
from ..promotion import promoted
from ..tapes.operation import Operation, operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import not_implemented, tensors
from .ordering import magnitude


def reduced(b: Builder, each: Value, reduction: str) -> Value:
    """The mean or sum of all elements, or themselves."""
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


def known(x: Tensor) -> np.ndarray | None:
    """x's values where they have been computed, so that looking at them makes nobody wait."""
    lazy = x._lazy()
    if isinstance(lazy.array, np.ndarray):
        return lazy.array
    return lazy.copy[1] if lazy.copy is not None and lazy.copy[0] is lazy.array else None


def _paired(name: str, formula: Any) -> Operation:
    def write(b: Builder, x: Value, y: Value, reduction: str) -> Value:
        x, y = broadcast_together(b, *promoted(b, x, y, default=None))
        if not x.dtype.is_differentiable:
            raise not_implemented(name, x)
        return reduced(b, formula(b, x, y), reduction)

    write.__name__ = name
    return operation(write)


_mse = _paired("mse_loss", losses.squared_error)
_l1 = _paired("l1_loss", lambda b, x, y: magnitude(b, b.sub(x, y)))


@operation
def _smooth_l1_loss(b: Builder, x: Value, y: Value, beta: float, reduction: str) -> Value:
    x, y = broadcast_together(b, *promoted(b, x, y, default=None))
    if not x.dtype.is_float:
        raise not_implemented("smooth_l1_loss", x)
    each = losses.huber(b, x, y, beta)
    return reduced(b, each if beta == 1 else arithmetic.scaled(b, each, 1 / beta), reduction)


@operation
def _huber_loss(b: Builder, x: Value, y: Value, delta: float, reduction: str) -> Value:
    x, y = broadcast_together(b, *promoted(b, x, y, default=None))
    if not x.dtype.is_float:
        raise not_implemented("huber_cpu", x)
    return reduced(b, losses.huber(b, x, y, delta), reduction)


@operation
def _reduced_product(b: Builder, each: Value, weight: Value, reduction: str, by_weight: bool) -> Value:
    """The sum of each * weight, or its mean, which divides by the weights' sum where `by_weight`, or the products."""
    product = arithmetic.mul(b, *promoted(b, each, weight, default=None))
    if reduction == "mean" and by_weight:
        return arithmetic.div(b, reductions.sum(b, product), reductions.sum(b, weight))
    return reduced(b, product, reduction)


@full_precision
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """(input - target)**2, times `weight`, whose sum a mean divides by. Raises ValueError for a weight of another
    size."""
    if weight is not None:
        return _weighted(_mse, "mse_loss", input, target, weight, size_average, reduce, reduction)
    chosen = checked_reduction(reduction, size_average, reduce)
    return call(_mse, _pair("mse_loss", input, target), (chosen,))


@full_precision
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|input - target|, times `weight`, whose sum a mean divides by. Raises ValueError for a weight of another size."""
    if weight is not None:
        return _weighted(_l1, "l1_loss", input, target, weight, size_average, reduce, reduction)
    chosen = checked_reduction(reduction, size_average, reduce)
    return call(_l1, _pair("l1_loss", input, target), (chosen,))


@full_precision
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """Half the squared error up to `delta` away, delta * (|error| - delta / 2) beyond, times `weight`. Raises
    RuntimeError for delta that is not positive, ValueError for a weight of another size."""
    if weight is None:
        checked_reduction(reduction)
    x, y = _pair("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if weight is None:
        return call(_huber_loss, (x, y), (float(delta), reduction))
    _check_weight(x, weight)
    each = call(_huber_loss, (x, y), (float(delta), "none"))
    return call(_reduced_product, (each, weight), (_checked_weighted(reduction), False))


def _pair(name: str, input: Tensor, target: Tensor) -> tuple[Tensor, ...]:
    """Input and target. Warns where their sizes differ."""
    x, y = tensors(name, input=input, target=target)
    if x.shape != y.shape:
        warnings.warn(
            f"Using a target size ({y.shape}) that is different to the input size ({x.shape}). This will likely lead "
            "to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )
    return x, y


def _weighted(
    op: Operation, name: str, input: Tensor, target: Tensor, weight: Tensor, size_average: bool | None,
    reduce: bool | None, reduction: str,
) -> Tensor:  # fmt: skip
    x, y = _pair(name, input, target)
    if size_average is not None or reduce is not None:
        reduction = checked_reduction(reduction, size_average, reduce)
    _check_weight(x, weight)
    each = call(op, (x, y), ("none",))
    return call(_reduced_product, (each, weight), (_checked_weighted(reduction), True))


def _check_weight(x: Tensor, weight: Tensor) -> None:
    if weight.shape != x.shape:
        raise ValueError("Weights and input must have the same size.")


def _checked_weighted(reduction: str) -> str:
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")
    return reduction


@full_precision
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
    pair = _pair("smooth_l1_loss", input, target)
    return call(_smooth_l1_loss, pair, (float(beta), chosen)) if beta else call(_l1, pair, (chosen,))
