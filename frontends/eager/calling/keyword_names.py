"""The names that numpy has for arguments, by which PyTorch's functions take them as well."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..tapes.callers import renamed

NUMPY = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
OF_AXES = ("axis", "keepdims")

# Functions that PyTorch has written in Python, which take their own names alone.
_OWN_NAMES_ALONE = frozenset(("istft", "lu", "norm", "split", "stft", "unique", "unique_consecutive"))


def with_numpy_names(
    name: str, function: Callable[..., Any], names: tuple[str, ...] = tuple(NUMPY)
) -> Callable[..., Any]:
    """The function, which takes its arguments by numpy's names too, those among `names`. Raises TypeError for an
    argument given twice."""
    parameters = _parameters(function)
    known = {each: NUMPY[each] for each in names if NUMPY[each] in parameters and each not in parameters}
    if name in _OWN_NAMES_ALONE or not known:
        return function

    @functools.wraps(function)
    def called(*arguments: Any, **options: Any) -> Any:
        for each in known.keys() & options.keys() if options else ():
            own = known[each]
            if own in options:
                raise TypeError(f"{name}() got multiple values for argument '{own}'")
            options[own] = options.pop(each)
        return function(*arguments, **options)

    called.numpy_names = tuple(known)
    return renamed(called, name)


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's arguments."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return () if code is None else code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
