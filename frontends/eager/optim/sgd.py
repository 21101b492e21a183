"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import scaled
from diptych.functions.updates import gradient_descent, momentum
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .updating import (
    Settings,
    UpdateRule,
    Updates,
    UpdatingOptimizer,
    checked_implementation,
    checked_rate,
    directed,
    direction,
    zeros_of,
)  # fmt: skip


@UpdateRule
def _descent(b: Builder, settings: Settings, parameter: Value, gradient: Value) -> tuple[Value, ...]:
    return (gradient_descent(b, parameter, directed(b, settings, parameter, gradient), settings["rate"]),)


@UpdateRule
def _first_momentum(b: Builder, settings: Settings, parameter: Value, gradient: Value) -> tuple[Value, ...]:
    """The first step with momentum and dampening, whose sum is the whole gradient: the parameter and the sum."""
    gradient = directed(b, settings, parameter, gradient)
    return gradient_descent(b, parameter, gradient, settings["rate"]), gradient


@UpdateRule
def _momentum(b: Builder, settings: Settings, parameter: Value, total: Value, gradient: Value) -> tuple[Value, ...]:
    gradient = directed(b, settings, parameter, gradient)
    rate, decay, share = settings["rate"], settings["momentum"], settings["share"]
    if share is None:
        return momentum(b, parameter, total, gradient, rate, decay, nesterov=settings["nesterov"])
    following = b.add(scaled(b, total, decay), scaled(b, gradient, share))
    return gradient_descent(b, parameter, following, rate), following


class SGD(UpdatingOptimizer):
    """p - lr * d, where d is the gradient or, with momentum, a decaying sum of gradients.

    The sum starts as the first gradient; each step it is momentum * sum + (1 - dampening) * gradient. With nesterov, d
    is gradient + momentum * sum. weight_decay adds that many parameters to the gradient; maximize turns its sign.
    `foreach` and `fused` change nothing. Raises ValueError for settings out of range.
    """

    is_constant = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("momentum value", momentum)
        checked_rate("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        checked_implementation("SGD", differentiable, foreach, fused)
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update_all(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        settings = self._settings(group)
        updates.foretell(settings, group, self._settings)
        if not group["momentum"]:
            for parameter in parameters:
                updates.add(_descent, settings, (parameter, parameter._meta.grad))
            return
        for parameter in parameters:
            state = self.state[parameter]
            total = state.get("momentum_buffer")
            if total is None and not group["dampening"]:  # so that the first step is as all others
                total = state["momentum_buffer"] = zeros_of(parameter)
            if total is None:
                updates.add(_first_momentum, settings, (parameter, parameter.grad), state, ["momentum_buffer"])
            else:
                updates.add(_momentum, settings, (parameter, total, parameter.grad))

    def _settings(self, group: dict[str, Any]) -> Settings:
        settings = {"rate": float(group["lr"]), **direction(group)}
        if group["momentum"]:
            share = 1 - float(group["dampening"]) if group["dampening"] else None
            settings.update(momentum=float(group["momentum"]), nesterov=bool(group["nesterov"]), share=share)
        return settings

    def _update_sparse(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        decay, share = float(group["momentum"]), 1 - float(group["dampening"])
        for parameter in parameters:
            gradient: Any = -parameter.grad if group["maximize"] else parameter.grad
            if group["weight_decay"]:
                gradient = gradient.add(parameter, alpha=group["weight_decay"])  # which is refused
            if decay:
                state = self.state[parameter]
                total = state.get("momentum_buffer")
                if total is None:
                    total = state["momentum_buffer"] = gradient.clone()
                else:
                    total.mul_(decay).add_(gradient, alpha=share)
                gradient = gradient.add(total, alpha=decay) if group["nesterov"] else total
            parameter.add_(gradient, alpha=-float(group["lr"]))
