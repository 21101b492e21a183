"""Adafactor (Shazeer and Stern, 2018): second moments of matrices as the product of a column and a row."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import ml_dtypes
from diptych.functions.arithmetic import div, lerp, maximum, mul, scaled, square
from diptych.functions.constants import scalar
from diptych.functions.reductions import mean, norm
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .updating import Settings, State, UpdateRule, Updates, UpdatingOptimizer, count_of, counted, zeros_of


@UpdateRule.counting("share", "rate", "kept")
def _of_matrices(
    b: Builder, settings: Settings, parameter: Value, row: Value, column: Value, gradient: Value
) -> tuple[Value, ...]:
    """`row` and `column` are means of the gradient's square along the last axis and along the one before."""
    gradient = b.neg(gradient) if settings["maximize"] else gradient
    squares = square(b, gradient)
    row = lerp(b, row, mean(b, squares, -1, keepdims=True), settings["share"])
    column = lerp(b, column, mean(b, squares, -2, keepdims=True), settings["share"])
    whole = maximum(b, mean(b, row, -2, keepdims=True), settings["least"])
    return _moved(b, settings, parameter, gradient, div(b, mul(b, row, column), whole)), row, column


@UpdateRule.counting("share", "rate", "kept")
def _of_vectors(
    b: Builder, settings: Settings, parameter: Value, variance: Value, gradient: Value
) -> tuple[Value, ...]:
    gradient = b.neg(gradient) if settings["maximize"] else gradient
    variance = lerp(b, variance, square(b, gradient), settings["share"])
    return _moved(b, settings, parameter, gradient, variance), variance


def _moved(b: Builder, settings: Settings, parameter: Value, gradient: Value, variance: Value) -> Value:
    """The parameter after a step whose size is a share of the parameter's own."""
    root = math.sqrt(math.prod(parameter.type.static_shape()))
    size = scaled(b, maximum(b, _root_mean_square(b, parameter, root), settings["smallest"]), settings["rate"])
    if settings["kept"] is not None:
        parameter = scaled(b, parameter, settings["kept"])
    towards = mul(b, b.rsqrt(maximum(b, variance, settings["least_square"])), gradient)
    excess = div(b, _root_mean_square(b, towards, root), settings["threshold"])
    size = div(b, size, maximum(b, excess, scalar(b, 1, excess.dtype)))
    return b.sub(parameter, scaled(b, towards, size))


def _root_mean_square(b: Builder, x: Value, root: float) -> Value:
    return div(b, norm(b, x), scalar(b, root, x.dtype))


class Adafactor(UpdatingOptimizer):
    """p - s * gradient / sqrt(v), with v a mean of the gradient's square that decays by 1 - t**beta2_decay, kept of
    matrices as its means along rows and columns.

    The step s is min(lr, 1 / sqrt(t)) times the root mean square of the parameter, at least eps[1], divided by how much
    that of gradient / sqrt(v) exceeds d. eps[0] is the least v's root, None the dtype's own. lr * weight_decay
    parameters are taken off before; maximize turns the gradient's sign; `foreach` changes nothing. Raises ValueError
    for settings out of range, RuntimeError for complex parameters.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay,
            "foreach": foreach, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        if parameter.dtype.is_complex:
            raise RuntimeError("Adafactor does not support complex parameters")
        state = self.state[parameter]
        if not state:
            _start(state, gradient)
        step = counted(state)
        rate, decay = float(group["lr"]), float(group["weight_decay"])
        least = group["eps"][0]
        least = float(ml_dtypes.finfo(parameter.dtype.ir.numpy).eps) if least is None else float(least)
        settings = {
            "share": step ** float(group["beta2_decay"]), "rate": min(rate, 1 / step**0.5), "least": least,
            "least_square": least * least, "smallest": float(group["eps"][1]), "threshold": float(group["d"]),
            "kept": 1 - rate * decay if decay else None, "maximize": bool(group["maximize"]),
        }  # fmt: skip
        if gradient.ndim > 1:
            updates.add(_of_matrices, settings, (parameter, state["row_var"], state["col_var"], gradient))
        else:
            updates.add(_of_vectors, settings, (parameter, state["variance"], gradient))


def _start(state: State, gradient: Tensor) -> None:
    """The state before the first step."""
    state["step"] = count_of(0)
    if gradient.ndim > 1:
        *before, rows, columns = gradient.shape
        state["row_var"] = zeros_of(gradient, (*before, rows, 1))
        state["col_var"] = zeros_of(gradient, (*before, 1, columns))
    else:
        state["variance"] = zeros_of(gradient)
