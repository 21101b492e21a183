"""Runs functions without compiling them as a whole, for what runs once or is met for the first time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Function

from .reference.interpreter import evaluate

Stepped = Callable[[Sequence[Any]], Sequence[Any]]


def run_once(function: Function, arguments: Sequence[Any]) -> tuple[np.ndarray, ...]:
    """The results of `function`, which may have named dimensions, one equation after another on numpy.

    No result shows the memory of an argument or of another. Raises DiptychError, also where a size does not fit.
    """
    return owned(evaluate(function, arguments), arguments)


def stepped(function: Function, backend: str) -> Stepped:
    """A small part of a larger program, ready to run on arrays of its parameters' types as soon as the backend allows.

    On numpy results may show memory of arguments and of each other, and numpy's warnings are the caller's to silence.
    """
    if backend == "numpy":
        from .numpy.steps import Steps

        return Steps(function)
    from .compiler import compile

    executable = compile(function, backend=backend)
    return executable if function.names() else executable.run


def owned(results: Sequence[Any], arguments: Sequence[Any]) -> tuple[Any, ...]:
    """The results, copied where they show memory of an argument or of one before, or are not to be written."""
    taken = {id(part) for argument in arguments for part in (argument, getattr(argument, "base", None))}
    taken.discard(id(None))
    found: list[Any] = []
    for result in results:
        if isinstance(result, np.ndarray):
            if not _is_own(result, taken):
                result = result.copy()
            taken.add(id(result))
            taken.add(id(result.base))
            taken.discard(id(None))
        found.append(result)
    return tuple(found)


def _is_own(result: np.ndarray, taken: set[int]) -> bool:
    """Whether nobody else shows the memory of a result, and it is the whole of it, in order."""
    base = result.base
    if not result.flags.carray or id(result) in taken:
        return False
    return base is None or (isinstance(base, np.ndarray) and base.nbytes == result.nbytes and id(base) not in taken)
