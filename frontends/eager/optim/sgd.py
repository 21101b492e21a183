"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions import updates
from diptych.functions.arithmetic import scaled
from diptych.ir import Builder, Value

from .. import views
from ..operation import operation
from ..promotion import Number, converted
from ..recording import call
from ..tensor import Tensor
from .optimizer import Optimizer, checked_implementation, checked_rate, complement


@operation
def _descent(b: Builder, parameter: Value, gradient: Value, rate: Number) -> Value:
    return updates.gradient_descent(b, parameter, gradient, converted(b, rate, parameter.dtype))


@operation
def _momentum(
    b: Builder, parameter: Value, buffer: Value, gradient: Value, rate: Number, decay: Number, dampening: Number,
    nesterov: bool, damped: bool,
) -> tuple[Value, Value]:  # fmt: skip
    settings = [converted(b, each, parameter.dtype) for each in (rate, decay)]
    if not damped:
        return updates.momentum(b, parameter, buffer, gradient, *settings, nesterov=nesterov)
    following = b.add(scaled(b, buffer, settings[1]), scaled(b, gradient, complement(b, dampening, gradient)))
    return updates.gradient_descent(b, parameter, following, settings[0]), following


class SGD(Optimizer):
    """p - lr * d, where d is the gradient or, with momentum, a decaying sum of gradients.

    The sum starts as the first gradient; each step it is momentum * sum + (1 - dampening) * gradient. With nesterov, d
    is gradient + momentum * sum. weight_decay adds that many parameters to the gradient; maximize turns its sign.
    `foreach` and `fused` change nothing. Raises ValueError for settings out of range.
    """

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
        checked_implementation("SGD", foreach, fused, differentiable)
        defaults = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient.add(parameter, alpha=group["weight_decay"])
        rate, decay = float(group["lr"]), float(group["momentum"])
        if not decay:
            views.write(parameter, call(_descent, (parameter, gradient, rate)))
            return
        state = self.state[parameter]
        buffer = state.get("momentum_buffer")
        if buffer is None:
            state["momentum_buffer"] = buffer = gradient.clone().detach()
            direction = gradient + buffer * decay if group["nesterov"] else buffer
            views.write(parameter, call(_descent, (parameter, direction, rate)))
            return
        dampening = float(group["dampening"])
        fresh, following = call(
            _momentum, (parameter, buffer, gradient, rate, decay, dampening), (bool(group["nesterov"]), dampening != 0)
        )
        views.write(parameter, fresh)
        views.write(buffer, following)
