"""A function as a Python function of jax arrays, which jax.jit traces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax.numpy as jnp
from diptych.ir import DiptychError, Equation, Function, Unsupported, Value, ops
from jax.errors import InconclusiveDimensionOperation

from ..binding import SPECIALISE, bind_attributes
from ..kernels import Kernel
from ..kernels.control import Nested
from .table import KERNELS

NUMBERS = "--size, or numbers in --input"


def traceable(function: Function) -> Callable[..., tuple[Any, ...]]:
    """`function` of jax arrays, to be traced and called under `wide_types`. Calls and fused groups come out inline.

    Raises Unsupported where a parameter has named dimensions.
    """
    names = sorted(function.names())
    if names:
        problem = f"@{function.name}: dimension {names[0]} is a name but must be a number on backend jax"
        raise Unsupported(problem, hint=SPECIALISE)
    return traced(function, {})


def traced(function: Function, sizes: Mapping[str, Any]) -> Callable[..., tuple[Any, ...]]:
    """The same, with `sizes` for the names of dimensions: numbers, or jax's symbols. Raises Unsupported, with the line,
    where jax cannot do with symbols."""

    def nested(inner: Function) -> Nested:
        return Nested(traced(inner, sizes), inner.parameter_types, inner.result_types)

    def run(*arrays: Any) -> tuple[Any, ...]:
        values: dict[Value, Any] = dict(zip(function.parameters, arrays, strict=True))
        for equation in function.equations:
            operands = [values[operand] for operand in equation.operands]
            try:
                attributes = bind_attributes(equation, sizes, nested)
            except DiptychError as error:
                raise error.located(equation.location) from None
            try:
                results = _kernel(equation)(jnp, *operands, **attributes)
            except (InconclusiveDimensionOperation, TypeError) as error:  # where jax needs a number and finds a name
                if not sizes:
                    raise
                text = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}"
                problem = f"export: @{function.name}: {equation.op.name} needs numbers: {text}"
                raise Unsupported(problem, location=equation.location, hint=NUMBERS) from error
            values.update(zip(equation.results, _tuple(results, equation.op.is_single), strict=True))
        return tuple(values[result] for result in function.results)

    return run


def _kernel(equation: Equation) -> Kernel:
    """The kernel of an equation. Only a host call can fail when the program runs, so it alone is told its line."""
    kernel = KERNELS[equation.op]
    return partial(kernel, location=equation.location) if equation.op is ops.host_call else kernel


def _tuple(results: Any, is_single: bool) -> Sequence[Any]:
    return (results,) if is_single else results
