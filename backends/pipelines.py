"""Which passes each backend runs, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import Op
from diptych.passes.library import library
from diptych.passes.manager import Pass

from .numpy.rates import MACHINE
from .reference.table import kernel
from .settings import thread_count


def _evaluate(op: Op, arrays: Sequence[np.ndarray], attributes: Mapping[str, Any]) -> tuple[np.ndarray, ...]:
    with np.errstate(all="ignore"):
        return kernel(op)(*arrays, **attributes)


PASSES = library(_evaluate, MACHINE, thread_count)

# What only differentiation needs goes first: no gradient is taken of a function that is being compiled.
_SIMPLE = ("simplify", "trim")
# What rounds and steps of recurrences do one by one, though nothing waits for it.
_GATHERING = ("gather_rounds", "gather_products", "widen", "turn_matrices")

PIPELINES: dict[str, tuple[str, ...]] = {
    "reference": (),
    "numpy": ("erase_marks", *_SIMPLE, *_GATHERING, "channels_last", "split", "fuse", "recompute"),
    "jax": ("erase_gradient_marks", *_SIMPLE),  # XLA fuses
}


# They weigh what takes how long, or how much: dimensions must be numbers, as they are in all that is compiled.
WEIGHING = frozenset(("gather_products", "split", "recompute"))


def pipeline(backend: str, *, fast_math: bool = False) -> tuple[Pass, ...]:
    """The passes of a backend, in order; with `fast_math`, rules that are not exact are applied as well."""
    names = ("fast_math" if name == "simplify" and fast_math else name for name in PIPELINES[backend])
    return tuple(PASSES[name] for name in names)
