"""RMSprop (Hinton, Srivastava and Swersky, lecture notes of 2012; centered: Graves, 2013)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import lerp, scaled, shifted, square
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .updating import (
    Settings,
    UpdateRule,
    Updates,
    UpdatingOptimizer,
    checked_implementation,
    checked_rate,
    counted,
    directed,
    direction,
    started,
)  # fmt: skip


@UpdateRule
def _rmsprop(b: Builder, settings: Settings, parameter: Value, squares: Value, *rest: Value) -> tuple[Value, ...]:
    """`rest`: the momentum's sum and the mean of gradients, where they are kept; the gradient."""
    *kept, gradient = rest
    gradient = directed(b, settings, parameter, gradient)
    share = settings["share"]
    squares = b.add(scaled(b, squares, settings["alpha"]), scaled(b, square(b, gradient), share))
    written, variance = [squares], squares
    if settings["centered"]:
        mean = lerp(b, kept[-1], gradient, share)
        variance = b.sub(squares, square(b, mean))
        kept[-1] = mean
    towards = b.div(gradient, shifted(b, b.sqrt(variance), settings["epsilon"]))
    if settings["momentum"] is not None:
        towards = kept[0] = b.add(scaled(b, kept[0], settings["momentum"]), towards)
    return b.sub(parameter, scaled(b, towards, settings["rate"])), *written, *kept


class RMSprop(UpdatingOptimizer):
    """p - lr * gradient / (sqrt(v) + eps), with v a mean of the gradient's square that decays by alpha, or where it is
    centered of its variance. With momentum the quotients are summed up, decaying.

    weight_decay adds that many parameters to the gradient; maximize turns its sign. `foreach` and `capturable` change
    nothing. Raises ValueError for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("epsilon value", eps)
        checked_rate("momentum value", momentum)
        checked_rate("weight_decay value", weight_decay)
        checked_rate("alpha value", alpha)
        checked_implementation("RMSprop", differentiable)
        defaults = {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered,
            "weight_decay": weight_decay, "capturable": capturable, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        momentum, alpha = float(group["momentum"]), float(group["alpha"])
        names = ["square_avg"]
        if momentum > 0:
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        state = started(self.state[parameter], parameter, names)
        counted(state)
        settings = {
            "rate": float(group["lr"]), "alpha": alpha, "share": 1 - alpha, "epsilon": float(group["eps"]),
            "momentum": momentum if momentum > 0 else None, "centered": bool(group["centered"]), **direction(group),
        }  # fmt: skip
        updates.add(_rmsprop, settings, (parameter, *(state[name] for name in names), gradient))
