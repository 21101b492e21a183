"""The kernel of every op on numpy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from diptych.ir import Op

from ..kernels import Kernel, merged
from . import contraction, control, elementwise, indexing, linalg, random, reduction, shape, window

KERNELS: dict[Op, Kernel] = merged(
    group.OVERRIDES for group in (elementwise, shape, indexing, reduction, contraction, window, linalg, random, control)
)


@cache
def kernel(op: Op) -> Callable[..., tuple[np.ndarray, ...]]:
    """The op on numpy: `(*arrays, **attributes) -> tuple of arrays`, with exactly the dtypes and shapes of the IR.

    Results may be views of operands or read-only: the caller copies before it writes. numpy's floating-point warnings
    are the caller's to silence.
    """
    run = partial(KERNELS[op], np)
    if op.is_single:
        return lambda *operands, **attributes: (np.asarray(run(*operands, **attributes)),)  # numpy makes scalars of 0-d

    def run_many(*operands: np.ndarray, **attributes: Any) -> tuple[np.ndarray, ...]:
        return tuple(map(np.asarray, run(*operands, **attributes)))

    return run_many
