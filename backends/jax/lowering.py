"""A function as a Python function of jax arrays, which jax.jit traces."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from typing import Any

import jax.numpy as jnp
from diptych.ir import DiptychError, Equation, Function, Op, Unsupported, Value, ops
from jax import lax
from jax.errors import InconclusiveDimensionOperation

from ..binding import SPECIALISE, bind_attributes
from ..kernels import Kernel
from ..kernels.control import Nested
from .indexing import OVERLAPPING
from .overlaps import overlapping
from .table import KERNELS

NUMBERS = "--size, or numbers in --input"
LOOPS = (ops.scan, ops.while_loop)  # whose functions stay by themselves


def traceable(function: Function) -> Callable[..., tuple[Any, ...]]:
    """`function` of jax arrays, to be traced and called under `wide_types`. Calls and fused groups come out inline.

    Raises Unsupported where a parameter has named dimensions.
    """
    names = sorted(function.names())
    if names:
        problem = f"@{function.name}: dimension {names[0]} is a name but must be a number on backend jax"
        raise Unsupported(problem, hint=SPECIALISE)
    return traced(function, {})


def traced(function: Function, sizes: Mapping[str, Any], *, is_inline: bool = False) -> Callable[..., tuple[Any, ...]]:
    """The same, with `sizes` for the names of dimensions: numbers, or jax's symbols; `is_inline` where it becomes a
    part of the program around it. Raises Unsupported, with the line, where jax cannot do with symbols."""
    overlaps = overlapping(function, is_inline=is_inline)

    def nested(op: Op, inner: Function) -> Nested:
        run = traced(inner, sizes, is_inline=op not in LOOPS)
        return Nested(run, inner.parameter_types, inner.result_types)

    def run(*arrays: Any) -> tuple[Any, ...]:
        values: dict[Value, Any] = dict(zip(function.parameters, arrays, strict=True))
        for equation in function.equations:
            operands = [values[operand] for operand in equation.operands]
            try:
                attributes = bind_attributes(equation, sizes, partial(nested, equation.op))
            except DiptychError as error:
                raise error.located(equation.location) from None
            try:
                results = _kernel(equation, overlaps)(jnp, *operands, **attributes)
            except (InconclusiveDimensionOperation, TypeError) as error:  # where jax needs a number and finds a name
                if not sizes:
                    raise
                text = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}"
                problem = f"export: @{function.name}: {equation.op.name} needs numbers: {text}"
                raise Unsupported(problem, location=equation.location, hint=NUMBERS) from error
            values.update(zip(equation.results, _tuple(results, equation.op.is_single), strict=True))
        return tuple(values[result] for result in function.results)

    return run


def _kernel(equation: Equation, overlaps: Container[Value]) -> Kernel:
    """The kernel of an equation. Only a host call can fail when the program runs, so it alone is told its line."""
    if equation.op in OVERLAPPING and equation.results[0] in overlaps:
        return _on_cpu(OVERLAPPING[equation.op], KERNELS[equation.op])
    kernel = KERNELS[equation.op]
    return partial(kernel, location=equation.location) if equation.op is ops.host_call else kernel


def _on_cpu(own: Kernel, other: Kernel) -> Kernel:
    """`own` where the program is compiled for a CPU, else `other`."""

    def kernel(xp: Any, *operands: Any, **attributes: Any) -> Any:
        return lax.platform_dependent(
            *operands, cpu=partial(own, xp, **attributes), default=partial(other, xp, **attributes)
        )

    return kernel


def _tuple(results: Any, is_single: bool) -> Sequence[Any]:
    return (results,) if is_single else results
