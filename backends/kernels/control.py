"""Kernels of `ir/ops/control.py` that numpy and jax share: nested functions come as callables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.ir import DiptychError, HostFunction, TensorType, ops

from .described import described


@dataclass(frozen=True, slots=True)
class Nested:
    """A function of an equation, callable on arrays, and its types with numbers for dimensions."""

    run: Callable[..., tuple[Any, ...]]
    parameter_types: tuple[TensorType, ...]
    result_types: tuple[TensorType, ...]

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        return self.run(*arrays)


def run_host(function: HostFunction, results: Sequence[TensorType], arrays: Sequence[Any]) -> tuple[np.ndarray, ...]:
    """What the Python callable returns for copies of `arrays`, checked against the types `results`.

    It may return one array where it has one result, and anything where it has none. Raises DiptychError, also for what
    it raises itself.
    """
    if function.function is None:
        hint = "a program read from text names its host functions only: set HostFunction.function first"
        raise DiptychError(f"host_call: function {function.name} is not loaded but must be a callable", hint=hint)
    try:
        returned = function.function(*(np.array(array) for array in arrays))
    except DiptychError:
        raise
    except Exception as error:  # the user's code may raise anything
        raise DiptychError(f"host_call: {type(error).__name__}: {error}") from error
    if not results:
        return ()
    found = tuple(returned) if isinstance(returned, (tuple, list)) else (returned,)
    if len(found) != len(results):
        raise DiptychError(f"host_call: {function.name} returned {len(found)} arrays but must return {len(results)}")
    outputs: list[np.ndarray] = []
    for number, (value, wanted) in enumerate(zip(found, results, strict=True)):
        array = np.asarray(value)
        if described(array) != str(wanted):
            problem = f"result {number} of {function.name} is {described(array)} but must be {wanted}"
            raise DiptychError(f"host_call: {problem}")
        outputs.append(array.astype(wanted.dtype.numpy, copy=False))  # native byte order
    return tuple(outputs)


def parallel(
    xp: Any,
    *operands: Any,
    body: Nested,
    parts: int,
    operand_axes: tuple[int, ...],
    result_axes: tuple[int, ...],
    last: Nested | None = None,
) -> tuple[Any, ...]:
    """One part after another."""
    found: list[tuple[Any, ...]] = []
    for number in range(parts):
        run = last if last is not None and number == parts - 1 else body
        seen = [
            x if axis == -1 else _part(x, axis, number * first.shape[axis], mine.shape[axis])
            for x, axis, first, mine in zip(
                operands, operand_axes, body.parameter_types, run.parameter_types, strict=True
            )
        ]
        found.append(run(*seen))
    return tuple(xp.concatenate(each, axis) for each, axis in zip(zip(*found, strict=True), result_axes, strict=True))


def _part(x: Any, axis: int, start: Any, size: Any) -> Any:
    return x[(slice(None),) * axis + (slice(start, start + size),)]


KERNELS = {
    ops.call: lambda xp, *operands, body: body(*operands),
    ops.fused: lambda xp, *operands, body: body(*operands),
    ops.parallel: parallel,
    ops.stop_gradient: lambda xp, x: x,
    ops.graft: lambda xp, x, history: x,
    ops.after: lambda xp, x, first: x,
    ops.custom_gradient: lambda xp, *operands, body, gradient: body(*operands),
}
