"""Kernels of `ir/ops/control.py` of numpy's own: Python's control flow."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import HostFunction, TensorType, ops

from ..kernels.control import Nested, run_host


def cond(
    xp: Any, condition: np.ndarray, *operands: np.ndarray, on_true: Nested, on_false: Nested
) -> tuple[np.ndarray, ...]:
    """Runs one branch."""
    return on_true(*operands) if condition else on_false(*operands)


def while_loop(
    xp: Any, *operands: np.ndarray, condition: Nested, body: Nested, constants: int, bound: int | None
) -> tuple[np.ndarray, ...]:
    """`bound` changes no number."""
    fixed, state = operands[:constants], operands[constants:]
    while condition(*fixed, *state)[0]:
        state = body(*fixed, *state)
    return state


def scan(
    xp: Any, *operands: np.ndarray, body: Nested, length: int, constants: int, carries: int, reverse: bool
) -> tuple[np.ndarray, ...]:
    """Outputs are written into their stacks as they come."""
    fixed = operands[:constants]
    state = operands[constants : constants + carries]
    sequences = operands[constants + carries :]
    stacks = [np.empty((length, *type.static_shape()), type.dtype.numpy) for type in body.result_types[carries:]]
    for place in reversed(range(length)) if reverse else range(length):
        results = body(*fixed, *state, *(np.asarray(sequence[place]) for sequence in sequences))
        state = results[:carries]
        for stack, output in zip(stacks, results[carries:], strict=True):
            stack[place] = output
    return (*state, *stacks)


def host_call(
    xp: Any, *operands: np.ndarray, function: HostFunction, results: tuple[TensorType, ...]
) -> tuple[np.ndarray, ...]:
    """Calls it, here and now."""
    return run_host(function, results, operands)


OVERRIDES = {
    ops.cond: cond,
    ops.while_loop: while_loop,
    ops.scan: scan,
    ops.host_call: host_call,
}
