"""Kernels of `ir/ops/control.py` of jax's own: control flow inside the compiled program."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from diptych.ir import DiptychError, HostFunction, Location, TensorType, ops
from jax import lax
from jax.experimental import io_callback

from ..kernels.control import Nested, run_host
from .failures import leaving


def cond(xp: Any, condition: Any, *operands: Any, on_true: Nested, on_false: Nested) -> tuple[Any, ...]:
    """lax.cond."""
    return tuple(lax.cond(condition, on_true.run, on_false.run, *operands))


def while_loop(
    xp: Any, *operands: Any, condition: Nested, body: Nested, constants: int, bound: int | None
) -> tuple[Any, ...]:
    """lax.while_loop over the state; the constants are closed over."""
    fixed = operands[:constants]
    return tuple(
        lax.while_loop(
            lambda state: condition(*fixed, *state)[0], lambda state: body(*fixed, *state), operands[constants:]
        )
    )


def scan(
    xp: Any, *operands: Any, body: Nested, length: int, constants: int, carries: int, reverse: bool
) -> tuple[Any, ...]:
    """lax.scan."""
    fixed = operands[:constants]
    state, sequences = operands[constants : constants + carries], operands[constants + carries :]

    def step(state: tuple[Any, ...], slices: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        results = body(*fixed, *state, *slices)
        return results[:carries], results[carries:]

    last, stacks = lax.scan(step, state, sequences, length=length, reverse=reverse)
    return (*last, *stacks)


def host_call(
    xp: Any,
    *operands: Any,
    function: HostFunction,
    results: tuple[TensorType, ...],
    location: Location | None = None,
) -> tuple[Any, ...]:
    """An ordered callback: host calls happen in program order, each once. `location` is the user's line."""

    def run(*arrays: Any) -> tuple[np.ndarray, ...]:
        try:
            return run_host(function, results, arrays)
        except DiptychError as error:
            raise leaving(error.located(location)) from None  # jax logs it

    shapes = tuple(jax.ShapeDtypeStruct(type.static_shape(), type.dtype.numpy) for type in results)
    return tuple(io_callback(run, shapes, *operands, ordered=True))


def after(xp: Any, x: Any, first: Any) -> Any:
    """What XLA may neither move nor share across."""
    return lax.optimization_barrier((x, first))[0]


OVERRIDES = {
    ops.cond: cond,
    ops.while_loop: while_loop,
    ops.scan: scan,
    ops.after: after,
    ops.host_call: host_call,
}
