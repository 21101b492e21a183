"""Runs functions without compiling them, for sizes that come once; and makes results nobody else's."""

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
    return owned(evaluate(function, arguments), arguments)


def owned(results: Sequence[np.ndarray], arguments: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """The results, copied where they show memory of an argument or of one before, or are not to be written."""
    taken = {id(part) for argument in arguments for part in (argument, getattr(argument, "base", None))}
    taken.discard(id(None))
    found: list[np.ndarray] = []
    for result in results:
        if not _is_own(result, taken):
            result = result.copy()
        found.append(result)
        taken.add(id(result))
        if result.base is not None:
            taken.add(id(result.base))
    return tuple(found)


def _is_own(result: np.ndarray, taken: set[int]) -> bool:
    """Whether nobody else shows the memory of a result, and it is the whole of it, in order."""
    base = result.base
    if not result.flags.carray or id(result) in taken:
        return False
    return base is None or (isinstance(base, np.ndarray) and base.nbytes == result.nbytes and id(base) not in taken)
