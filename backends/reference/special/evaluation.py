"""How the formulas are evaluated: in float64, in pieces, by Horner's rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

import numpy as np

Formula = Callable[[np.ndarray], np.ndarray]


def in_double(formula: Formula) -> Formula:
    """`formula` on float64; float32 is widened before and rounded once after. Floating-point warnings stay inside."""

    @wraps(formula)
    def widened(x: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(formula(x.astype(np.float64, copy=False))).astype(x.dtype, copy=False)

    return widened


def piecewise(x: np.ndarray, cases: Sequence[tuple[np.ndarray, Formula | float]], otherwise: Formula) -> np.ndarray:
    """At each element the formula (or number) of the first case whose condition holds, else `otherwise`.

    Each formula sees its own elements only, as a vector, and is not called where there are none.
    """
    result = np.empty_like(x)
    rest = np.ones(x.shape, bool)
    for condition, formula in cases:
        here = condition & rest
        rest &= ~condition
        _fill(result, x, here, formula)
    _fill(result, x, rest, otherwise)
    return result


def _fill(result: np.ndarray, x: np.ndarray, here: np.ndarray, formula: Formula | float) -> None:
    if isinstance(formula, float):
        result[here] = formula
        return
    elements = x[here]
    if not elements.size:
        return
    if elements.size == x.size:
        result[...] = np.reshape(formula(elements), x.shape)
    else:
        result[here] = formula(elements)


def polynomial(x: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """Sum of coefficients[i] * x**i by Horner's rule."""
    result = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result *= x
        result += coefficient
    return result
