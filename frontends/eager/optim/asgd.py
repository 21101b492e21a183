"""Averaged stochastic gradient descent (Polyak and Juditsky, 1992)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import lerp, scaled
from diptych.functions.updates import gradient_descent
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .updating import (
    Settings,
    UpdateRule,
    Updates,
    UpdatingOptimizer,
    checked_implementation,
    checked_rate,
    count_of,
    counted,
    directed,
    direction,
    zeros_of,
)  # fmt: skip


@UpdateRule.counting("rate", "decay", "mu")
def _asgd(b: Builder, settings: Settings, parameter: Value, average: Value, gradient: Value) -> tuple[Value, ...]:
    gradient = directed(b, settings, parameter, gradient)
    parameter = gradient_descent(b, scaled(b, parameter, settings["decay"]), gradient, settings["rate"])
    share = settings["mu"]
    return parameter, parameter if share is None else lerp(b, average, parameter, share)


class ASGD(UpdatingOptimizer):
    """p * (1 - lambd * eta) - eta * gradient, with eta = lr / (1 + lambd * lr * t)**alpha; from step t0 on the state's
    `ax` is the mean of all parameters since.

    weight_decay adds that many parameters to the gradient; maximize turns its sign. `foreach` and `capturable` change
    nothing. Raises ValueError for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("weight_decay value", weight_decay)
        checked_implementation("ASGD", differentiable)
        defaults = {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        state, rate = self.state[parameter], float(group["lr"])
        if not state:
            state.update(step=count_of(0), eta=count_of(rate), mu=count_of(1), ax=zeros_of(parameter))
        step = counted(state)
        decay, eta, mu = float(group["lambd"]), float(state["eta"]), float(state["mu"])
        settings = {"rate": eta, "decay": 1 - decay * eta, "mu": None if mu == 1 else mu, **direction(group)}
        updates.add(_asgd, settings, (parameter, state["ax"], gradient))
        state["eta"] = count_of(rate / (1 + decay * rate * step) ** float(group["alpha"]))
        state["mu"] = count_of(1 / max(1, step - float(group["t0"])))
