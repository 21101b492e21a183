"""Checks gradients of functions against finite differences in float64.

The convention for complex values: with L = Re(sum(conj(weight) * result)), a change dx of an operand changes L by
Re(sum(conj(cotangent) * dx)).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Constant, DType, Function, TensorType, Value, dtypes, verify
from diptych.passes.autodiff import pullback
from diptych.passes.replay import replay

STEP = 1e-4  # with a stencil of fourth order: errors of about STEP**4 times the fifth derivative, and 1e-16 / STEP


def widened(function: Function) -> Function:
    """`function` with every float as f64 and every complex as c128, nested functions and constants included."""

    def dtype(old: DType) -> DType:
        return dtypes.f64 if old.is_float else dtypes.c128 if old.is_complex else old

    def typed(old: TensorType) -> TensorType:
        return old.with_dtype(dtype(old.dtype))

    def attribute(kind: str, value: Any) -> Any:
        if kind == "dtype":
            return dtype(value)
        if kind == "constant":
            return Constant(value.array, dtype(value.type.dtype))
        return tuple(map(typed, value)) if kind == "types" else value

    return replay(function, share=False, attribute=attribute, parameter=lambda v: Value(typed(v.type), v.name))


def widened_array(array: np.ndarray) -> np.ndarray:
    """The array as float64 or complex128 where it is a float or complex."""
    if array.dtype.kind in "biu":
        return array
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def arrays_for(function: Function, values: Sequence[Any]) -> list[np.ndarray]:
    """`values` as arrays of the parameters' dtypes."""
    return [np.asarray(v, p.dtype.numpy) for p, v in zip(function.parameters, values, strict=True)]


def pulled_back(function: Function, *values: Any) -> list[Any]:
    """The cotangents that the pullback of `function` gives, as lists: `values` are its operands, then the cotangents
    of its results, ones where they are left out."""
    backward = pullback(function)
    if len(values) == len(function.parameters):
        results = evaluate(function, arrays_for(function, values))
        values = (*values, *(np.ones_like(result) for result in results if result.dtype.kind in "fc"))
    return [result.tolist() for result in evaluate(backward, arrays_for(backward, values))]


def check_gradients(
    function: Function,
    arguments: Sequence[Any],
    *,
    order: int = 2,
    tolerance: float = 1e-7,
    seed: int = 0,
    step: float = STEP,
) -> None:
    """Compares the pullback of `function` with finite differences along a random direction, at `arguments`; then, up to
    `order`, the pullback of that pullback, which covers derivatives by operands and by cotangents alike."""
    random = np.random.default_rng(seed)
    current, values = function, arrays_for(function, arguments)
    for level in range(1, order + 1):
        backward = pullback(current)
        verify(backward)
        weights = [_random(random, result.type, values, current) for result in _differentiable(current.results)]
        _compare(current, backward, values, weights, random, tolerance, step, level)
        current, values = backward, [*values, *weights]


def _compare(
    function: Function,
    backward: Function,
    values: list[np.ndarray],
    weights: list[np.ndarray],
    random: np.random.Generator,
    tolerance: float,
    step: float,
    level: int,
) -> None:
    places = [place for place, value in enumerate(function.parameters) if value.dtype.is_differentiable]
    cotangents = evaluate(backward, [*values, *weights])
    assert len(cotangents) == len(places)
    moves = {place: _like(random, values[place]) for place in places}

    def loss(distance: float) -> float:
        moved = [value + distance * moves[place] if place in moves else value for place, value in enumerate(values)]
        results = evaluate(function, moved)
        kept = [result for result in results if result.dtype.kind in "fc"]
        return sum(_inner(weight, result) for weight, result in zip(weights, kept, strict=True))

    difference = (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)
    parts = [_inner(cotangent, moves[place]) for place, cotangent in zip(places, cotangents, strict=True)]
    scale = 1 + sum(float(np.abs(cotangent).sum()) for cotangent in cotangents)
    assert np.isfinite(difference), f"order {level}: the finite difference is {difference}"
    error = abs(sum(parts) - difference)
    assert error <= tolerance * scale, f"order {level}: the gradient says {sum(parts)}, differences {difference}"


def _differentiable(values: Sequence[Value]) -> list[Value]:
    return [value for value in values if value.dtype.is_differentiable]


def _inner(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.real(np.sum(np.conj(left) * right)))


def _random(
    random: np.random.Generator, type: TensorType, values: Sequence[np.ndarray], function: Function
) -> np.ndarray:
    """A random array of `type`, whose named dimensions have the sizes that `values` give."""
    from diptych.backends.binding import bind_arguments, bind_type

    sizes = bind_arguments(function, values)[1]
    shape = bind_type(type, sizes).static_shape()
    return _like(random, np.empty(shape, type.dtype.numpy))


def _like(random: np.random.Generator, array: np.ndarray) -> np.ndarray:
    real = random.standard_normal(array.shape)
    if array.dtype.kind == "c":
        return real + 1j * random.standard_normal(array.shape)
    return np.asarray(real)
