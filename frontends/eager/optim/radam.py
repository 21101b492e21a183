"""RAdam, rectified Adam (Liu et al., 2020)."""

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
    counted,
    decayed,
    directed,
    direction,
    started,
)  # fmt: skip


@UpdateRule.counting("correction", "rectified")
def _radam(
    b: Builder, settings: Settings, parameter: Value, first: Value, second: Value, gradient: Value
) -> tuple[Value, ...]:
    """Adaptive where `rectified` is a number: sqrt(1 - beta2**t) times the rectification."""
    parameter = decayed(b, settings, parameter)
    gradient = directed(b, settings, parameter, gradient)
    first, second = moments(b, settings, first, second, gradient)
    step = scaled(b, b.div(first, as_operand(b, settings["correction"], first)), settings["rate"])
    if settings["rectified"] is not None:
        deviation = shifted(b, b.sqrt(second), settings["epsilon"])
        step = b.mul(step, b.div(as_operand(b, settings["rectified"], deviation), deviation))
    return b.sub(parameter, step), first, second


class RAdam(UpdatingOptimizer):
    """Adam that adapts its step only where the mean of squares is long enough to be trusted, and then as far as its
    variance allows.

    weight_decay adds that many parameters to the gradient, or where it is decoupled takes lr times as many off the
    parameter first; maximize turns the gradient's sign. `foreach` and `capturable` change nothing. Raises ValueError
    for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
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
        checked_implementation("RAdam", differentiable)
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        state = started(self.state[parameter], parameter, ("exp_avg", "exp_avg_sq"))
        step = counted(state)
        beta1, beta2 = map(float, group["betas"])
        correction = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / correction
        rectified = None
        if length > 5:
            share = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            rectified = (correction * share) ** 0.5
        settings = {
            "rate": float(group["lr"]), "correction": 1 - beta1**step, "rectified": rectified, "share1": 1 - beta1,
            "share2": 1 - beta2, "beta2": beta2, "epsilon": float(group["eps"]), **direction(group),
        }  # fmt: skip
        updates.add(_radam, settings, (parameter, state["exp_avg"], state["exp_avg_sq"], gradient))
