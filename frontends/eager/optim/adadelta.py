"""Adadelta (Zeiler, 2012)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import scaled, shifted, square
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
def _adadelta(
    b: Builder, settings: Settings, parameter: Value, squares: Value, changes: Value, gradient: Value
) -> tuple[Value, ...]:
    rho, share, epsilon = settings["rho"], settings["share"], settings["epsilon"]
    gradient = directed(b, settings, parameter, gradient)
    squares = b.add(scaled(b, squares, rho), scaled(b, square(b, gradient), share))
    deviations = (b.sqrt(shifted(b, mean, epsilon)) for mean in (changes, squares))
    change = b.mul(b.div(*deviations), gradient)
    changes = b.add(scaled(b, changes, rho), scaled(b, square(b, change), share))
    return b.sub(parameter, scaled(b, change, settings["rate"])), squares, changes


class Adadelta(UpdatingOptimizer):
    """p - lr * sqrt(u + eps) / sqrt(v + eps) * gradient, with v and u means of the squares of gradients and of changes
    that decay by rho.

    weight_decay adds that many parameters to the gradient; maximize turns its sign. `foreach` and `capturable` change
    nothing. Raises ValueError for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        checked_rate("epsilon value", eps)
        checked_rate("weight_decay value", weight_decay)
        checked_implementation("Adadelta", differentiable)
        defaults = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "capturable": capturable, "foreach": foreach, "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        state = started(self.state[parameter], parameter, ("square_avg", "acc_delta"))
        counted(state)
        rho = float(group["rho"])
        settings = {
            "rate": float(group["lr"]), "rho": rho, "share": 1 - rho, "epsilon": float(group["eps"]),
            **direction(group),
        }  # fmt: skip
        updates.add(_adadelta, settings, (parameter, state["square_avg"], state["acc_delta"], gradient))
