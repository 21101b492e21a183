"""Muon (Jordan et al., 2024): momentum made orthogonal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from diptych.functions.arithmetic import div, lerp, maximum, scaled
from diptych.functions.products import matmul
from diptych.functions.reductions import norm
from diptych.ir import Builder, Value, dtypes

from ..tensors.tensor import Tensor
from .updating import Settings, UpdateRule, Updates, UpdatingOptimizer, zeros_of

_MOST_ITERATIONS = 100


@UpdateRule
def _muon(b: Builder, settings: Settings, parameter: Value, total: Value, gradient: Value) -> tuple[Value, ...]:
    total = lerp(b, total, gradient, settings["share"])
    along = lerp(b, gradient, total, settings["momentum"]) if settings["nesterov"] else total
    (iterations,) = settings["iterations"]  # a choice, not a number that the program computes with
    along = _orthogonal(b, along, settings["coefficients"], iterations, settings["epsilon"])
    parameter = scaled(b, parameter, settings["kept"])
    along = b.cast(along, dtype=parameter.dtype)
    return b.sub(parameter, scaled(b, along, settings["rate"])), total


def _orthogonal(b: Builder, x: Value, coefficients: Sequence[float], iterations: int, epsilon: Value) -> Value:
    """About the nearest matrix whose rows or columns are orthonormal, in bfloat16: a quintic polynomial applied to all
    singular values, `iterations` times (Newton and Schulz)."""
    first, second, third = coefficients
    rows, columns = x.type.static_shape()
    x = b.cast(x, dtype=dtypes.bf16)
    if rows > columns:
        x = b.transpose(x, permutation=(1, 0))
    size = b.cast(norm(b, b.cast(x, dtype=dtypes.f32)), dtype=dtypes.bf16)
    x = div(b, x, maximum(b, size, b.cast(epsilon, dtype=dtypes.bf16)))
    for _ in range(iterations):
        gram = _product(b, x, x, transposed=True)
        change = _combined(b, gram, second, _product(b, gram, gram), third)
        x = _combined(b, x, first, _product(b, change, x), 1)
    return b.transpose(x, permutation=(1, 0)) if rows > columns else x


def _product(b: Builder, left: Value, right: Value, *, transposed: bool = False) -> Value:
    """The product of matrices in bfloat16, summed up in single precision and left there."""
    wide = (b.cast(each, dtype=dtypes.f32) for each in (left, right))
    found = matmul(b, *wide, transpose_rhs=transposed)
    return b.cast(found, dtype=dtypes.bf16) if transposed else found


def _combined(b: Builder, x: Value, weight: float, product: Value, share: float) -> Value:
    wide = b.add(scaled(b, b.cast(x, dtype=dtypes.f32), weight), scaled(b, product, share))
    return b.cast(wide, dtype=dtypes.bf16)


class Muon(UpdatingOptimizer):
    """p * (1 - lr * weight_decay) - lr * o, for matrices: o is momentum with its singular values brought to about 1 by
    `ns_steps` iterations with `ns_coefficients`.

    adjust_lr_fn scales lr to the shape: "original" (None too) by sqrt(max(1, rows / columns)), "match_rms_adamw" by
    0.2 * sqrt(max(rows, columns)). Raises ValueError for settings out of range and parameters that are no matrices,
    RuntimeError for complex ones.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not momentum >= 0.0:
            raise ValueError(f"momentum should be >= 0 but is: {momentum}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight decay should be >= 0 but is: {weight_decay}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn,
        }  # fmt: skip
        super().__init__(params, defaults)
        for parameter in (each for group in self.param_groups for each in group["params"]):
            if parameter.ndim != 2:
                raise ValueError(
                    f"Muon only supports 2D parameters whereas we found a parameter with size: {parameter.size()}"
                )

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any], updates: Updates) -> None:
        if parameter.dtype.is_complex:
            raise RuntimeError("Muon does not support complex parameters")
        if group["ns_steps"] >= _MOST_ITERATIONS:
            raise ValueError("Number of steps must be less than 100 for computational efficiency")
        if len(group["ns_coefficients"]) != 3:
            raise ValueError("Coefficients must be a tuple of exactly 3 values")
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = zeros_of(gradient)
        rate, momentum = float(group["lr"]), float(group["momentum"])
        settings = {
            "rate": rate * _adjustment(group["adjust_lr_fn"], *parameter.shape), "momentum": momentum,
            "share": 1 - momentum, "kept": 1 - rate * float(group["weight_decay"]), "epsilon": float(group["eps"]),
            "nesterov": bool(group["nesterov"]), "iterations": (int(group["ns_steps"]),),
            "coefficients": tuple(map(float, group["ns_coefficients"])),
        }  # fmt: skip
        updates.add(_muon, settings, (parameter, state["momentum_buffer"], gradient))


def _adjustment(name: str | None, rows: int, columns: int) -> float:
    if name == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1, rows / columns))
