"""Rprop, resilient backpropagation (Riedmiller and Braun, 1993)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diptych.functions.constants import as_operand, filled_like
from diptych.ir import Builder, Value

from ..tensors.creation import full_like
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
    zeros_of,
)  # fmt: skip


@UpdateRule
def _rprop(
    b: Builder, settings: Settings, parameter: Value, previous: Value, sizes: Value, gradient: Value
) -> tuple[Value, ...]:
    if settings["maximize"]:
        gradient = b.neg(gradient)
    agreement = b.mul(gradient, previous)
    zero = filled_like(b, 0, agreement)
    turned = b.lt(agreement, zero)
    smaller, larger, least, most = (
        as_operand(b, settings[name], sizes) for name in ("smaller", "larger", "least", "most")
    )
    factor = b.select(turned, smaller, b.select(b.gt(agreement, zero), larger, filled_like(b, 1, agreement)))
    sizes = b.min(b.max(b.mul(sizes, factor), least), most)
    gradient = b.select(turned, zero, gradient)
    return b.sub(parameter, b.mul(b.sign(gradient), sizes)), gradient, sizes


class Rprop(UpdatingOptimizer):
    """p - s * sign(gradient): each element has a step s of its own, which starts at lr, grows by etas[1] while the
    gradient keeps its sign and shrinks by etas[0] where it turned, within step_sizes; there the element rests once.

    maximize turns the gradient's sign. `foreach` and `capturable` change nothing. Raises ValueError for settings out of
    range.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        checked_rate("learning rate", lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        checked_implementation("Rprop", differentiable)
        defaults = {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, defaults)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        state = self.state[parameter]
        if not state:
            start = float(group["lr"])
            state.update(step=count_of(0), prev=zeros_of(parameter))
            state["step_size"] = full_like(gradient, complex(start, start) if parameter.dtype.is_complex else start)
        counted(state)
        (smaller, larger), (least, most) = (map(float, group[name]) for name in ("etas", "step_sizes"))
        settings = {
            "smaller": smaller, "larger": larger, "least": least, "most": most, "maximize": bool(group["maximize"]),
        }  # fmt: skip
        updates.add(_rprop, settings, (parameter, state["prev"], state["step_size"], gradient))
