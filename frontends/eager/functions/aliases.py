"""Other names that PyTorch has for functions."""

from __future__ import annotations

from typing import Any

from ..tapes.callers import renamed
from . import arithmetic, logic, ordering, pointwise

_NAMES: dict[str, Any] = {
    "arccos": pointwise.acos, "arccosh": pointwise.acosh, "arcsin": pointwise.asin, "arcsinh": pointwise.asinh,
    "arctan": pointwise.atan, "arctanh": pointwise.atanh, "arctan2": arithmetic.atan2, "clip": ordering.clamp,
    "divide": arithmetic.div, "fix": ordering.trunc, "greater": logic.gt, "greater_equal": logic.ge, "less": logic.lt,
    "less_equal": logic.le, "multiply": arithmetic.mul, "not_equal": logic.ne, "subtract": arithmetic.sub,
    "true_divide": arithmetic.div,
}  # fmt: skip


def _named(name: str, function: Any) -> Any:
    def called(*arguments: Any, **options: Any) -> Any:
        return function(*arguments, **options)

    called.__doc__ = f"As `{function.__name__}`."
    return renamed(called, name)


globals().update({name: _named(name, function) for name, function in _NAMES.items()})
