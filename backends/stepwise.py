"""Runs a function without compiling it, for sizes that come once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Function

from .reference.interpreter import evaluate


def run_once(function: Function, arguments: Sequence[Any]) -> tuple[np.ndarray, ...]:
    """The results of `function`, which may have named dimensions, one equation after another on numpy.

    No result shows the memory of an argument or of another. Raises DiptychError, also where a size does not fit.
    """
    taken = {id(part) for argument in arguments for part in (argument, getattr(argument, "base", None))}
    taken.discard(id(None))
    owned: list[np.ndarray] = []
    for result in evaluate(function, arguments):
        if result.base is not None or not result.flags.writeable or id(result) in taken:
            result = result.copy()
        taken.add(id(result))
        owned.append(result)
    return tuple(owned)
