"""Programs as files that jax alone can run: StableHLO, by `jax.export`, in which named dimensions stay open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
from diptych.ir import Dimension, Function, Unsupported, evaluate
from jax import export

from . import forks, lowering, wide_types


def exported(function: Function, platforms: Sequence[str] | None = None) -> export.Exported:
    """The program for these platforms, such as cpu, cuda and tpu; by default the one that jax runs on here. Its
    parameters are those of the function, in order. Raises Unsupported for what cannot be exported."""
    forks.enter()
    with wide_types():
        sizes = _symbols(function)
        shapes = [tuple(evaluate(dim, sizes) for dim in parameter.shape) for parameter in function.parameters]
        given = [
            jax.ShapeDtypeStruct(shape, parameter.dtype.numpy)
            for shape, parameter in zip(shapes, function.parameters, strict=True)
        ]
        run = jax.jit(lowering.traced(function, sizes))
        return export.export(run, platforms=platforms)(*given)


def _symbols(function: Function) -> dict[str, Any]:
    """jax's own symbols for the names of dimensions. Raises Unsupported for one that no parameter's axis is alone."""
    names = sorted(function.names())
    alone = {str(dim) for parameter in function.parameters for dim in parameter.shape if isinstance(dim, Dimension)}
    for name in names:
        if name not in alone:
            problem = f"export: @{function.name}: dimension {name} is the size of no parameter's axis"
            raise Unsupported(problem, hint=f"--size {name}=32")
    return dict(zip(names, export.symbolic_shape(", ".join(names)), strict=True)) if names else {}
