"""Adam for sparse gradients: moments and parameters change where the gradient has elements."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from diptych.functions.arithmetic import scaled, square
from diptych.functions.constants import as_operand
from diptych.ir import Builder, Value

from ..tensors.tensor import Tensor
from .sparse_rows import changed, operands
from .updating import Settings, UpdateRule, Updates, UpdatingOptimizer, zeros_of


@UpdateRule.counting("size")
def _sparse_adam(
    b: Builder, settings: Settings, parameter: Value, first: Value, second: Value, gradient: Value, at: Value
) -> tuple[Value, ...]:
    there = changed(b, settings, parameter, gradient, at)
    mean, deviation = there.read(b, first), there.read(b, second)
    towards = b.add(mean, scaled(b, b.sub(there.gradient, mean), settings["share1"]))
    size = b.add(deviation, scaled(b, b.sub(square(b, there.gradient), deviation), settings["share2"]))
    step = b.div(towards, b.add(b.sqrt(size), as_operand(b, settings["epsilon"], size)))
    moved = b.sub(there.read(b, parameter), scaled(b, step, settings["size"]))
    return there.write(b, parameter, moved), there.write(b, first, towards), there.write(b, second, size)


class SparseAdam(UpdatingOptimizer):
    """Adam (Kingma and Ba, 2015) that leaves all as it is where a sparse gradient has no element. maximize turns the
    gradient's sign. Raises ValueError for settings out of range, and for parameters that are sparse or complex."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr > 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps > 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for place, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {place}: {beta}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        for kind, wanted, test in (
            ("Sparse", "requires dense parameter tensors", lambda each: each.is_sparse),
            ("Complex", "does not support complex parameters", lambda each: each.is_complex()),
        ):
            found = [
                [number, place]
                for number, group in enumerate(self.param_groups)
                for place, each in enumerate(group["params"])
                if test(each)
            ]
            if found:
                raise ValueError(f"{kind} params at indices {found}: SparseAdam {wanted}")

    def _update_sparse(self, parameters: list[Tensor], group: dict[str, Any], updates: Updates) -> None:
        for parameter in parameters:
            self._update(parameter, parameter.grad, group, updates)

    def _update(self, parameter: Tensor, gradient: Any, group: dict[str, Any], updates: Updates) -> None:
        if not gradient.is_sparse:
            raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
        state = self.state[parameter]
        if not state:
            state["step"] = 0
            state["exp_avg"], state["exp_avg_sq"] = zeros_of(parameter), zeros_of(parameter)
        state["step"] += 1
        if not gradient.held.numel():
            return
        chosen, row = operands(gradient)
        beta1, beta2 = map(float, group["betas"])
        step = state["step"]
        settings = {
            "size": float(group["lr"]) * math.sqrt(1 - beta2**step) / (1 - beta1**step), "share1": 1 - beta1,
            "share2": 1 - beta2, "epsilon": float(group["eps"]), "maximize": bool(group.get("maximize", False)),
            **chosen,
        }  # fmt: skip
        updates.add(_sparse_adam, settings, (parameter, state["exp_avg"], state["exp_avg_sq"], *row))
