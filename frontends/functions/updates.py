"""Formulas of optimizers: what a parameter and its slots become after one step.

Rates and decays are Python numbers or scalar values of the parameter's dtype.
"""

from __future__ import annotations

from diptych.ir import Builder, Value

from .arithmetic import lerp, scaled, square
from .constants import Number, as_operand, scalar

Rate = Number | Value


def complement(b: Builder, rate: Rate, like: Value) -> Rate:
    """1 - rate: a number of a number, a scalar of a scalar."""
    return b.sub(scalar(b, 1, like.dtype), rate) if isinstance(rate, Value) else 1 - rate


def gradient_descent(b: Builder, parameter: Value, gradient: Value, rate: Rate) -> Value:
    """parameter - rate * gradient."""
    return b.sub(parameter, scaled(b, gradient, rate))


def momentum(
    b: Builder,
    parameter: Value,
    accumulator: Value,
    gradient: Value,
    rate: Rate,
    decay: Rate,
    *,
    nesterov: bool = False,
    dampening: Rate | None = None,
) -> tuple[Value, Value]:
    """(parameter, accumulator) after one step: accumulator * decay + (1 - dampening) * gradient, then one step of
    `rate` along it, or with `nesterov` along gradient + decay * accumulator.

    Both frameworks' form: TensorFlow's Nesterov step, rate * gradient + rate * decay * accumulator, is the same one.
    """
    fresh = gradient if dampening is None else scaled(b, gradient, complement(b, dampening, gradient))
    accumulator = b.add(scaled(b, accumulator, decay), fresh)
    direction = b.add(gradient, scaled(b, accumulator, decay)) if nesterov else accumulator
    return gradient_descent(b, parameter, direction, rate), accumulator


def adam_moments(
    b: Builder, first: Value, second: Value, gradient: Value, beta1: Rate, beta2: Rate
) -> tuple[Value, Value]:
    """Decaying means of the gradient and of its square (Kingma and Ba, "Adam", 2015)."""
    first = lerp(b, first, gradient, complement(b, beta1, gradient))
    second = lerp(b, second, square(b, gradient), complement(b, beta2, gradient))
    return first, second


def adam_epsilon_hat(
    b: Builder,
    parameter: Value,
    first: Value,
    second: Value,
    gradient: Value,
    *,
    rate: Rate,
    beta1: Rate,
    beta2: Rate,
    beta1_power: Value,
    beta2_power: Value,
    epsilon: Rate,
    nesterov: bool = False,
) -> tuple[Value, Value, Value]:
    """(parameter, first, second) after one step in TensorFlow's form, the paper's "epsilon hat":
    parameter - rate * sqrt(1 - beta2**t) / (1 - beta1**t) * first / (sqrt(second) + epsilon)."""
    first, second = adam_moments(b, first, second, gradient, beta1, beta2)
    one = scalar(b, 1, parameter.dtype)
    correction = b.div(b.sqrt(b.sub(one, beta2_power)), b.sub(one, beta1_power))
    step = scaled(b, correction, rate)
    direction = first
    if nesterov:
        direction = b.add(scaled(b, first, beta1), scaled(b, gradient, complement(b, beta1, gradient)))
    scale = b.add(b.sqrt(second), as_operand(b, epsilon, second))
    return b.sub(parameter, b.div(scaled(b, direction, step), scale)), first, second


def adam(
    b: Builder,
    parameter: Value,
    first: Value,
    second: Value,
    gradient: Value,
    *,
    rate: Rate,
    beta1: Rate,
    beta2: Rate,
    correction1: Rate,
    correction2_root: Rate,
    epsilon: Rate,
) -> tuple[Value, Value, Value]:
    """(parameter, first, second) after one step in PyTorch's form, with correction1 = 1 - beta1**t and
    correction2_root = sqrt(1 - beta2**t): parameter - rate / correction1 * first / (sqrt(second) / correction2_root +
    epsilon)."""
    first = lerp(b, first, gradient, complement(b, beta1, gradient))
    fresh = scaled(b, square(b, gradient), complement(b, beta2, gradient))
    second = b.add(scaled(b, second, beta2), fresh)
    root = b.div(b.sqrt(second), as_operand(b, correction2_root, second))
    scale = b.add(root, as_operand(b, epsilon, root))
    if isinstance(rate, Value) or isinstance(correction1, Value):
        over = b.div(_scalar(b, rate, parameter), _scalar(b, correction1, parameter))
    else:
        over = rate / correction1
    return b.sub(parameter, scaled(b, b.div(first, scale), over)), first, second


def _scalar(b: Builder, rate: Rate, like: Value) -> Value:
    return rate if isinstance(rate, Value) else scalar(b, rate, like.dtype)
