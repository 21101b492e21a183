"""Learning rates that fall with the global step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32, int64
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.conditions import cond
from ..operations.random import random_normal
from ..operations.selection import where


def _floor(x: Any) -> Tensor:
    """x rounded down."""
    return apply("Floor", [x])


def _log(x: Any) -> Tensor:
    """The natural logarithm."""
    return apply("Log", [x])


class _Rate:
    """The first rate as a tensor, numbers in its dtype, and the name of the result."""

    def __init__(self, learning_rate: Any, scope: str) -> None:
        self.first = convert_to_tensor(learning_rate, name="initial_learning_rate")
        self.scope = scope

    def cast(self, *numbers: Any) -> list[Tensor]:
        """Numbers as tensors of the rate's dtype."""
        return [cast(number, self.first.dtype) for number in numbers]

    def times(self, factor: Tensor) -> Tensor:
        """The rate, as the operation that bears the name."""
        return apply("Mul", [self.first, factor], name=self.scope)


@contextmanager
def _rate(learning_rate: Any, global_step: Any, name: str | None, default: str) -> Iterator[_Rate]:
    if global_step is None:
        raise ValueError(f"global_step is required for {default}.")
    with name_scope(name, default, []) as scope:
        yield _Rate(learning_rate, scope)


@export("train.exponential_decay")
def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * decay_rate ** (global_step / decay_steps), the power rounded down with `staircase`."""
    with _rate(learning_rate, global_step, name, "ExponentialDecay") as rate:
        steps, base, step = rate.cast(decay_steps, decay_rate, global_step)
        power = step / steps
        return rate.times(base ** (_floor(power) if staircase else power))


@export("train.natural_exp_decay")
def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * exp(-decay_rate * global_step / decay_steps), the fraction rounded down with `staircase`."""
    base = apply("Exp", [-convert_to_tensor(decay_rate)])
    return exponential_decay(learning_rate, global_step, decay_steps, base, staircase, name)


@export("train.inverse_time_decay")
def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate / (1 + decay_rate * global_step / decay_steps), the fraction rounded down with `staircase`."""
    with _rate(learning_rate, global_step, name, "InverseTimeDecay") as rate:
        steps, slope, step = rate.cast(decay_steps, decay_rate, global_step)
        fraction = step / steps
        return apply(
            "RealDiv", [rate.first, 1 + slope * (_floor(fraction) if staircase else fraction)], name=rate.scope
        )


@export("train.polynomial_decay")
def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Tensor:
    """(learning_rate - end_learning_rate) * (1 - global_step / decay_steps) ** power + end_learning_rate.

    After decay_steps the rate stays, or with `cycle` it goes on to the next multiple of them.
    """
    with _rate(learning_rate, global_step, name, "PolynomialDecay") as rate:
        end, exponent, step, steps = rate.cast(end_learning_rate, power, global_step, decay_steps)
        if cycle:
            steps = steps * where(apply("Equal", [step, 0]), *rate.cast(1), apply("Ceil", [step / steps]))
        else:
            step = apply("Minimum", [step, steps])
        return apply("Add", [(rate.first - end) * (1 - step / steps) ** exponent, end], name=rate.scope)


@export("train.piecewise_constant", "train.piecewise_constant_decay")
def piecewise_constant(x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None) -> Tensor:
    """values[0] for x <= boundaries[0], values[i] for x <= boundaries[i], and the last value beyond. Raises
    ValueError."""
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    place = convert_to_tensor(x)
    kind = place.dtype.base_dtype
    limits = [convert_to_tensor(each) for each in boundaries]
    for number, limit in enumerate(limits):
        if limit.dtype.base_dtype is int32 and kind is int64:
            limits[number] = cast(limit, kind)
        elif limit.dtype.base_dtype is not kind:
            raise ValueError(f"Boundaries ({limit.dtype.base_dtype}) must have the same dtype as x ({kind}).")
    rates = [convert_to_tensor(each) for each in values]
    for rate in rates[1:]:
        if rate.dtype.base_dtype is not rates[0].dtype.base_dtype:
            raise ValueError(
                "Values must have elements all with the same dtype "
                f"({rates[0].dtype.base_dtype} vs {rate.dtype.base_dtype})."
            )
    with name_scope(name, "PiecewiseConstant", []):
        found = rates[-1]
        for limit, rate in zip(reversed(limits), reversed(rates[:-1]), strict=True):
            found = where(apply("LessEqual", [place, limit]), rate, found)
        return found


@export("train.cosine_decay")
def cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, alpha: Any = 0.0, name: str | None = None
) -> Tensor:
    """learning_rate * ((1 - alpha) * (1 + cos(pi * global_step / decay_steps)) / 2 + alpha), up to decay_steps."""
    with _rate(learning_rate, global_step, name, "CosineDecay") as rate:
        steps, step = rate.cast(decay_steps, global_step)
        return rate.first * ((1 - alpha) * _cosine(apply("Minimum", [step, steps]) / steps) + alpha)


def _cosine(fraction: Any) -> Any:
    """From 1 to 0 where the fraction goes from 0 to 1."""
    return 0.5 * (1.0 + apply("Cos", [math.pi * fraction]))


@export("train.cosine_decay_restarts")
def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: Any = 2.0,
    m_mul: Any = 1.0,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Tensor:
    """cosine_decay that begins again after first_decay_steps, after t_mul times as many, and so on, each time from
    m_mul times the height (Loshchilov and Hutter, "SGDR", 2017)."""
    with _rate(learning_rate, global_step, name, "SGDRDecay") as rate:
        steps, low, longer, lower, step = rate.cast(first_decay_steps, alpha, t_mul, m_mul, global_step)
        completed = step / steps

        def even() -> list[Tensor]:
            restarts = _floor(completed)
            return [restarts, completed - restarts]

        def geometric() -> list[Tensor]:
            restarts = _floor(_log(1.0 - completed * (1.0 - longer)) / _log(longer))
            passed = (1.0 - longer**restarts) / (1.0 - longer)
            return [restarts, (completed - passed) / longer**restarts]

        restarts, fraction = cond(apply("Equal", [longer, 1.0]), even, geometric)
        return rate.times((1 - low) * (lower**restarts * _cosine(fraction)) + low)


@export("train.linear_cosine_decay")
def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    """learning_rate * ((alpha + 1 - t) * (1 + cos(2 pi num_periods t)) / 2 + beta), t = global_step / decay_steps up to
    1 (Bello et al., "Neural optimizer search", 2017)."""
    with _rate(learning_rate, global_step, name, "LinearCosineDecay") as rate:
        steps, periods, low, least, step = rate.cast(decay_steps, num_periods, alpha, beta, global_step)
        step = apply("Minimum", [step, steps])
        return rate.times((low + (steps - step) / steps) * _cosine(2.0 * periods * (step / steps)) + least)


@export("train.noisy_linear_cosine_decay")
def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: Any = 1.0,
    variance_decay: Any = 0.55,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    """The same with normal noise on its linear part, of variance initial_variance / (1 + global_step) **
    variance_decay."""
    with _rate(learning_rate, global_step, name, "NoisyLinearCosineDecay") as rate:
        steps, spread, fall, periods = rate.cast(decay_steps, initial_variance, variance_decay, num_periods)
        low, least, step = rate.cast(alpha, beta, global_step)
        step = apply("Minimum", [step, steps])
        noise = random_normal(step.shape, stddev=apply("Sqrt", [spread / (1.0 + step) ** fall]), dtype=step.dtype)
        linear = (steps - step) / steps + noise
        return rate.times((low + linear) * _cosine(2.0 * periods * (step / steps)) + least)
