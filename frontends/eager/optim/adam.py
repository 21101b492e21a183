"""Adam (Kingma and Ba, 2015)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from diptych.functions import updates
from diptych.ir import Builder, Value

from .. import views
from ..creation import tensor, zeros_like
from ..operation import operation
from ..promotion import Number, converted
from ..recording import call
from ..tensor import Tensor
from .optimizer import Optimizer, checked_rate


@operation
def _adam(
    b: Builder, parameter: Value, first: Value, second: Value, gradient: Value, rate: Number, beta1: Number,
    beta2: Number, correction1: Number, correction2_root: Number, epsilon: Number,
) -> tuple[Value, Value, Value]:  # fmt: skip
    settings = (rate, beta1, beta2, correction1, correction2_root, epsilon)
    rate, beta1, beta2, correction1, correction2_root, epsilon = (converted(b, s, parameter.dtype) for s in settings)
    return updates.adam(
        b, parameter, first, second, gradient, rate=rate, beta1=beta1, beta2=beta2, correction1=correction1,
        correction2_root=correction2_root, epsilon=epsilon,
    )  # fmt: skip


class Adam(Optimizer):
    """p - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps), with m and v decaying means of the gradient
    and of its square. weight_decay adds that many parameters to the gradient."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("epsilon value", eps)
        checked_rate("weight_decay value", weight_decay)
        for place, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {place}: {beta}")
        if amsgrad:
            from diptych.ir import Unsupported

            raise Unsupported("optim.Adam: amsgrad=True is not there yet", hint="amsgrad=False")
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            gradient = gradient.add(parameter, alpha=group["weight_decay"])
        if not state:
            state["step"] = tensor(0.0)
            state["exp_avg"] = zeros_like(parameter)
            state["exp_avg_sq"] = zeros_like(parameter)
        step = state["step"].item() + 1  # made from a number, so that nothing is run to read it
        state["step"] = tensor(step)
        beta1, beta2 = group["betas"]
        settings = (
            float(group["lr"]), float(beta1), float(beta2), 1 - beta1**step, math.sqrt(1 - beta2**step),
            float(group["eps"]),
        )  # fmt: skip
        fresh = call(_adam, (parameter, state["exp_avg"], state["exp_avg_sq"], gradient, *settings))
        for target, value in zip((parameter, state["exp_avg"], state["exp_avg_sq"]), fresh, strict=True):
            views.write(target, value)
