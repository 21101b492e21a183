"""Runs a tensor function on arrays: builds its equations, and evaluates them with the reference interpreter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Builder, Function, TensorType, Value, dtype_of
from diptych.passes.autodiff import value_and_gradient

Array = np.ndarray


def built(f: Callable[..., Any], *arrays: Any, **options: Any) -> tuple[Function, list[Array]]:
    """f(b, *values, **options) as a function of the arrays' types, and the arrays."""
    given = [np.asarray(array) for array in arrays]
    b = Builder("f", share=False)
    values = [b.parameter(TensorType(dtype_of(array.dtype), array.shape)) for array in given]
    results = f(b, *values, **options)
    return b.finish([results] if isinstance(results, Value) else results), given


def run(f: Callable[..., Any], *arrays: Any, **options: Any) -> Any:
    """The result of f(b, *values, **options) on arrays; a tuple where it has several."""
    function, given = built(f, *arrays, **options)
    found = evaluate(function, given)
    return found[0] if len(found) == 1 else found


def gradient(f: Callable[..., Any], *arrays: Any, place: int = 0, **options: Any) -> Array:
    """The gradient of the sum of f(b, *values, **options) with respect to the array in `place`."""

    def total(b: Builder, *values: Value) -> Value:
        result = f(b, *values, **options)
        return b.reduce_sum(result, axes=tuple(range(result.rank)))

    function, given = built(total, *arrays)
    return evaluate(value_and_gradient(function, [place]), given)[1]


def f32(*numbers: Any) -> Array:
    """A float32 array."""
    return np.array(numbers, dtype=np.float32)


def f64(*numbers: Any) -> Array:
    """A float64 array."""
    return np.array(numbers, dtype=np.float64)
