"""Programs as files that jax alone can run: StableHLO, by `jax.export`, in which named dimensions stay open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jax
from diptych.ir import Function, Unsupported, evaluate, ops
from jax import export

from . import forks, lowering, wide_types
from .symbols import NO_BOUNDS, symbols


def exported(
    function: Function, platforms: Sequence[str] | None = None, least: Mapping[str, int] = NO_BOUNDS
) -> export.Exported:
    """The program for these platforms, such as cpu, cuda and tpu; by default the one that jax runs on here. Its
    parameters are those of the function, in order; sizes with names are not below the `least` ones. Raises Unsupported
    for what cannot be exported."""
    _check_alone(function)
    forks.enter()
    with wide_types():
        sizes = symbols(function, least)
        shapes = [tuple(evaluate(dim, sizes) for dim in parameter.shape) for parameter in function.parameters]
        given = [
            jax.ShapeDtypeStruct(shape, parameter.dtype.numpy)
            for shape, parameter in zip(shapes, function.parameters, strict=True)
        ]
        run = jax.jit(lowering.traced(function, sizes))
        return export.export(run, platforms=platforms)(*given)


def _check_alone(function: Function) -> None:
    """Raises Unsupported for calls of Python."""
    for equation in function.every_equation():
        if equation.op is ops.host_call:
            problem = f"export: @{function.name}: host_call runs Python, which files cannot hold"
            raise Unsupported(problem, location=equation.location, hint="what it gives as a parameter")
