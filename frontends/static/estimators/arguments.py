"""The names of a function's arguments, by which an estimator decides what to pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

_BY_NAME = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


def argument_names(function: Callable[..., Any]) -> list[str]:
    """The arguments that a function has a name for, those aside that a partial or a method has bound already."""
    bound: Sequence[str] = ()
    if hasattr(function, "keywords") and hasattr(function, "func"):
        bound = list(function.keywords)
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind in _BY_NAME and each.name not in bound]
