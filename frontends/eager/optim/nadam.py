"""NAdam, Adam with Nesterov momentum (Dozat, 2016)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import scaled, shifted
from diptych.functions.constants import as_operand
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .adam import moments
from .updating import (
    Settings,
    UpdateRule,
    Updates,
    UpdatingOptimizer,
    checked_betas,
    checked_implementation,
    checked_rate,
    count_of,
    counted,
    decayed,
    directed,
    direction,
    zeros_of,
)  # fmt: skip


@UpdateRule.counting("rate", "following", "correction")
def _nadam(
    b: Builder, settings: Settings, parameter: Value, first: Value, second: Value, gradient: Value
) -> tuple[Value, ...]:
    parameter = decayed(b, settings, parameter)
    gradient = directed(b, settings, parameter, gradient)
    first, second = moments(b, settings, first, second, gradient)
    corrected = b.div(second, as_operand(b, settings["correction"], second))
    deviation = shifted(b, b.sqrt(corrected), settings["epsilon"])
    parameter = b.sub(parameter, scaled(b, b.div(gradient, deviation), settings["rate"]))
    return b.sub(parameter, scaled(b, b.div(first, deviation), settings["following"])), first, second


class NAdam(UpdatingOptimizer):
    """Adam whose step looks ahead: along the gradient and the mean that the next step will have, weighted by momenta
    that grow as mu = beta1 * (1 - 0.96**(t * momentum_decay) / 2).

    weight_decay adds that many parameters to the gradient, or where it is decoupled takes lr times as many off the
    parameter first; maximize turns the gradient's sign. `foreach` and `capturable` change nothing. Raises ValueError
    for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("epsilon value", eps)
        checked_betas(betas)
        checked_rate("weight_decay value", weight_decay)
        checked_rate("momentum_decay value", momentum_decay)
        checked_implementation("NAdam", differentiable)
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        state = self.state[parameter]
        if not state:
            state.update(step=count_of(0), mu_product=count_of(1))
            state.update(exp_avg=zeros_of(parameter), exp_avg_sq=zeros_of(parameter))
        step = counted(state)
        rate, decay = float(group["lr"]), float(group["momentum_decay"])
        beta1, beta2 = map(float, group["betas"])
        mu, following = (beta1 * (1 - 0.5 * 0.96 ** (place * decay)) for place in (step, step + 1))
        state["mu_product"] = count_of(float(state["mu_product"]) * float(count_of(mu)))  # as tensors multiply
        product = float(state["mu_product"])
        settings = {
            "rate": rate * (1 - mu) / (1 - product), "following": rate * following / (1 - product * following),
            "correction": 1 - beta2**step, "share1": 1 - beta1, "share2": 1 - beta2, "beta2": beta2,
            "epsilon": float(group["eps"]), **direction(group),
        }  # fmt: skip
        updates.add(_nadam, settings, (parameter, state["exp_avg"], state["exp_avg_sq"], gradient))
