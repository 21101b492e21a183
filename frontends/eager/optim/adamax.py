"""Adamax, the form of Adam with the largest norm (Kingma and Ba, 2015)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import lerp, scaled, shifted
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .updating import (
    Settings,
    UpdateRule,
    Updates,
    UpdatingOptimizer,
    checked_betas,
    checked_implementation,
    checked_rate,
    counted,
    directed,
    direction,
    started,
)  # fmt: skip


@UpdateRule.counting("rate")
def _adamax(
    b: Builder, settings: Settings, parameter: Value, first: Value, norm: Value, gradient: Value
) -> tuple[Value, ...]:
    gradient = directed(b, settings, parameter, gradient)
    first = lerp(b, first, gradient, settings["share1"])
    norm = b.max(scaled(b, norm, settings["beta2"]), shifted(b, b.abs(gradient), settings["epsilon"]))
    return b.sub(parameter, scaled(b, b.div(first, norm), settings["rate"])), first, norm


class Adamax(UpdatingOptimizer):
    """p - lr / (1 - beta1**t) * m / u, with m a decaying mean of the gradient and u the largest of beta2 * u and
    |gradient| + eps.

    weight_decay adds that many parameters to the gradient; maximize turns its sign. `foreach` and `capturable` change
    nothing. Raises ValueError for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("epsilon value", eps)
        checked_betas(betas)
        checked_rate("weight_decay value", weight_decay)
        checked_implementation("Adamax", differentiable)
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        state = started(self.state[parameter], parameter, ("exp_avg", "exp_inf"))
        step = counted(state)
        beta1, beta2 = map(float, group["betas"])
        settings = {
            "rate": float(group["lr"]) / (1 - beta1**step), "share1": 1 - beta1, "beta2": beta2,
            "epsilon": float(group["eps"]), **direction(group),
        }  # fmt: skip
        updates.add(_adamax, settings, (parameter, state["exp_avg"], state["exp_inf"], gradient))
