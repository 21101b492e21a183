"""Adam (Kingma and Ba, 2015)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from diptych.functions.arithmetic import lerp, scaled, square
from diptych.functions.constants import as_operand
from diptych.ir import Builder, Unsupported, Value

from .. import views
from ..creation import zeros_like
from ..data import from_array
from ..operation import operation
from ..promotion import converted
from ..recording import call
from ..tensor import Tensor
from .optimizer import Optimizer, checked_implementation, checked_rate, complement


@operation
def _adam(b: Builder, parameter: Value, first: Value, second: Value, *rest: Any) -> tuple[Value, ...]:
    """`rest`: the largest second moment where one is kept; the gradient; numbers: the step's size, rate / (1 -
    beta1**t), beta1, beta2, sqrt(1 - beta2**t), epsilon. The result has the parameter and its moments."""
    *largest, gradient, size, beta1, beta2, correction_root, epsilon = rest
    size, decay, root, epsilon = (
        converted(b, each, parameter.dtype) for each in (size, beta2, correction_root, epsilon)
    )
    first = lerp(b, first, gradient, complement(b, beta1, gradient))
    fresh = scaled(b, square(b, gradient), complement(b, beta2, gradient))
    second = b.add(scaled(b, second, decay), fresh)
    moments = [first, second]
    if largest:
        moments.append(b.max(largest[0], second))
    deviation = b.div(b.sqrt(moments[-1]), as_operand(b, root, second))
    direction = b.div(first, b.add(deviation, as_operand(b, epsilon, second)))
    return b.sub(parameter, scaled(b, direction, size)), *moments


class Adam(Optimizer):
    """p - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps), with m and v decaying means of the gradient
    and of its square; amsgrad takes the largest v so far.

    weight_decay adds that many parameters to the gradient, or where it is decoupled takes lr times as many off the
    parameter first. maximize turns the gradient's sign. `foreach` and `fused` change nothing. Raises ValueError for
    settings out of range, Unsupported for complex parameters.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("epsilon value", eps)
        for place, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {place}: {beta}")
        checked_rate("weight_decay value", weight_decay)
        checked_implementation("Adam", foreach, fused, differentiable, capturable)
        defaults = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize, "foreach": foreach, "capturable": capturable, "differentiable": differentiable,
            "fused": fused, "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        if parameter.dtype.ir.is_complex:
            raise Unsupported("optim.Adam: complex parameters are not there", hint="optim.SGD")
        if group["maximize"]:
            gradient = -gradient
        rate, decay = float(group["lr"]), group["weight_decay"]
        if decay and group["decoupled_weight_decay"]:
            views.write(parameter, parameter * (1 - rate * decay))
        elif decay:
            gradient = gradient.add(parameter, alpha=decay)
        state = self._state_of(parameter, bool(group["amsgrad"]))
        step = state["step"].item() + 1  # made from a number, so that nothing is run to read it
        state["step"] = from_array(np.array(step, np.float32))
        beta1, beta2 = map(float, group["betas"])
        settings = (rate / (1 - beta1**step), beta1, beta2, math.sqrt(1 - beta2**step), float(group["eps"]))
        names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]
        targets = [parameter, *(state[name] for name in names)]
        fresh = call(_adam, (*targets, gradient, *settings))
        for target, value in zip(targets, fresh, strict=True):
            views.write(target, value)

    def _state_of(self, parameter: Tensor, amsgrad: bool) -> dict[str, Any]:
        state = self.state[parameter]
        if not state:
            state["step"] = from_array(np.array(0, np.float32))
            state["exp_avg"] = zeros_like(parameter)
            state["exp_avg_sq"] = zeros_like(parameter)
            if amsgrad:
                state["max_exp_avg_sq"] = zeros_like(parameter)
        return state
