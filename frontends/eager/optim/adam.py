"""Adam (Kingma and Ba, 2015), and AdamW (Loshchilov and Hutter, 2019)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import lerp, scaled, square
from diptych.functions.constants import as_operand
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
    decayed,
    directed,
    direction,
    started,
)  # fmt: skip


@UpdateRule.counting("size", "root")
def _adam(
    b: Builder, settings: Settings, parameter: Value, first: Value, second: Value, *rest: Value
) -> tuple[Value, ...]:
    """`rest`: the largest second moment where one is kept; the gradient. `size` is the rate / (1 - beta1**t), `root`
    sqrt(1 - beta2**t)."""
    *largest, gradient = rest
    parameter = decayed(b, settings, parameter)
    gradient = directed(b, settings, parameter, gradient)
    first, second = moments(b, settings, first, second, gradient)
    kept = [b.max(largest[0], second)] if largest else []
    deviation = b.div(b.sqrt(kept[0] if kept else second), as_operand(b, settings["root"], second))
    towards = b.div(first, b.add(deviation, as_operand(b, settings["epsilon"], second)))
    return b.sub(parameter, scaled(b, towards, settings["size"])), first, second, *kept


def moments(b: Builder, settings: Settings, first: Value, second: Value, gradient: Value) -> tuple[Value, Value]:
    """Decaying means of the gradient and of its square. `share1` and `share2` are 1 - beta1 and 1 - beta2."""
    first = lerp(b, first, gradient, settings["share1"])
    fresh = scaled(b, square(b, gradient), settings["share2"])
    return first, b.add(scaled(b, second, settings["beta2"]), fresh)


class Adam(UpdatingOptimizer):
    """p - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps), with m and v decaying means of the gradient
    and of its square; amsgrad takes the largest v so far.

    weight_decay adds that many parameters to the gradient, or where it is decoupled takes lr times as many off the
    parameter first. maximize turns the gradient's sign. `foreach`, `fused` and `capturable` change nothing. Raises
    ValueError for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
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
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        checked_rate("learning rate", lr)
        checked_rate("epsilon value", eps)
        checked_betas(betas)
        checked_rate("weight_decay value", weight_decay)
        if {type(beta) for beta in betas} not in ({float}, {Tensor}):
            raise ValueError("betas must be either both floats or both Tensors")
        for place, beta in enumerate(betas):
            if isinstance(beta, Tensor) and foreach and not capturable:
                raise ValueError(f"betas[{place}] as a Tensor is not supported for capturable=False and foreach=True")
            if isinstance(beta, Tensor) and beta.numel() != 1:
                raise ValueError(f"Tensor betas[{place}] must be 1-element")
        checked_implementation("Adam", differentiable, foreach, fused)
        defaults = {
            "lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize, "foreach": foreach, "capturable": capturable, "differentiable": differentiable,
            "fused": fused, "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update_all(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]
        settings: dict[float, Settings] = {}  # by the number of steps, which may differ
        for parameter in parameters:
            state = started(self.state[parameter], parameter, names)
            step = counted(state)
            if step not in settings:
                settings[step] = self._settings(group, step)
                updates.foretell(settings[step], group, self._settings, step + 1)
            updates.add(_adam, settings[step], (parameter, *[state[name] for name in names], parameter.grad))

    def _update_sparse(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        raise RuntimeError("Adam does not support sparse gradients, please consider SparseAdam instead")

    def _settings(self, group: dict[str, Any], step: float) -> Settings:
        beta1, beta2 = map(float, group["betas"])
        return {
            "size": float(group["lr"]) / (1 - beta1**step), "root": math.sqrt(1 - beta2**step), "beta2": beta2,
            "share1": 1 - beta1, "share2": 1 - beta2, "epsilon": float(group["eps"]), **direction(group),
        }  # fmt: skip


class AdamW(Adam):
    """Adam that takes lr * weight_decay parameters off each parameter before its step."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
