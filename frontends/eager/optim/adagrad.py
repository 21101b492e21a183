"""Adagrad (Duchi, Hazan and Singer, 2011)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import scaled, shifted, square
from diptych.ir import Builder, Value

from ..tensors.creation import full_like
from ..tensors.tensor import Tensor
from .sparse_rows import changed, operands
from .updating import (
    Settings,
    State,
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


@UpdateRule
def _adagrad(b: Builder, settings: Settings, parameter: Value, total: Value, gradient: Value) -> tuple[Value, ...]:
    gradient = directed(b, settings, parameter, gradient)
    total = b.add(total, square(b, gradient))
    towards = b.div(gradient, shifted(b, b.sqrt(total), settings["epsilon"]))
    return b.sub(parameter, scaled(b, towards, settings["rate"])), total


@UpdateRule
def _sparse_adagrad(
    b: Builder, settings: Settings, parameter: Value, total: Value, gradient: Value, at: Value
) -> tuple[Value, ...]:
    there = changed(b, settings, parameter, gradient, at)
    sums = b.add(there.read(b, total), square(b, there.gradient))
    towards = b.div(there.gradient, shifted(b, b.sqrt(sums), settings["epsilon"]))
    moved = b.sub(there.read(b, parameter), scaled(b, towards, settings["rate"]))
    return there.write(b, parameter, moved), there.write(b, total, sums)


class Adagrad(UpdatingOptimizer):
    """p - lr / (1 + (t - 1) * lr_decay) * gradient / (sqrt(s) + eps), with s the sum of the squares of all gradients,
    which starts at initial_accumulator_value.

    weight_decay adds that many parameters to the gradient; maximize turns its sign. `foreach` and `fused` change
    nothing. Raises ValueError for settings out of range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        checked_rate("learning rate", lr)
        checked_rate("lr_decay value", lr_decay)
        checked_rate("weight_decay value", weight_decay)
        checked_rate("initial_accumulator_value value", initial_accumulator_value)
        checked_rate("epsilon value", eps)
        checked_implementation("Adagrad", differentiable, foreach, fused)
        defaults = {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                self._started(parameter)

    def _started(self, parameter: Tensor) -> State:
        state = self.state[parameter]
        if not state:
            start = float(self.defaults["initial_accumulator_value"])
            state["step"] = count_of(0)
            number = complex(start, start) if parameter.dtype.is_complex else start
            state["sum"] = full_like(parameter, number) if start else zeros_of(parameter)
        return state

    def _update(self, parameter: Tensor, gradient: Any, group: dict[str, Any], updates: Updates) -> None:
        state = self._started(parameter)
        step = counted(state)
        rate = float(group["lr"]) / (1 + (step - 1) * float(group["lr_decay"]))
        settings = {"rate": rate, "epsilon": float(group["eps"]), **direction(group)}
        if not gradient.is_sparse:
            updates.add(_adagrad, settings, (parameter, state["sum"], gradient))
        elif group["weight_decay"]:
            raise RuntimeError("weight_decay option is not compatible with sparse gradients")
        elif gradient.held.numel():
            chosen, row = operands(gradient)
            updates.add(_sparse_adagrad, {**settings, **chosen}, (parameter, state["sum"], *row))

    def _update_sparse(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        for parameter in parameters:
            self._update(parameter, parameter.grad, group, updates)
