"""What goes along an axis: reductions and orders, in which rows that are none are neutral or last, and what sees the
rows before alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from diptych.ir import Equation, Op, ops

from .rows import Made, Rows, Rule, joined, ragged

Neutral = Callable[[np.dtype[Any]], complex]


def lowest(dtype: np.dtype[Any]) -> Any:
    return False if dtype.kind == "b" else np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _highest(dtype: np.dtype[Any]) -> Any:
    return True if dtype.kind == "b" else np.iinfo(dtype).max if dtype.kind in "iu" else np.inf


# What changes nothing where it is among what is reduced, of a dtype.
_NEUTRAL: dict[Op, Neutral] = {
    ops.reduce_sum: lambda dtype: 0,
    ops.reduce_prod: lambda dtype: 1,
    ops.reduce_max: lowest,
    ops.reduce_min: _highest,
    ops.reduce_and: lambda dtype: True,
    ops.reduce_or: lambda dtype: False,
    ops.argmax: lowest,
    ops.argmin: _highest,
}

_NEUTRAL_ON_THE_WAY: dict[Op, Neutral] = {
    ops.cumulative_sum: lambda dtype: 0,
    ops.cumulative_prod: lambda dtype: 1,
    ops.cumulative_max: lowest,
    ops.cumulative_min: _highest,
}


def _reduced(neutral: Neutral, rows: Rows, equation: Equation) -> Made:
    (operand,), attributes = equation.operands, equation.attributes
    axes = attributes["axes"] if "axes" in attributes else (attributes["axis"],)
    along = [axis for axis in ragged(operand) if axis in axes]
    if "axis" in attributes:
        for axis in along:  # the result is a place
            rows.in_order(equation, operand, axis)
    value = rows.masked(operand, rows.values[operand], along, neutral(operand.dtype.numpy))
    kept = tuple([each for axis, each in enumerate(rows.axes[operand]) if axis not in axes])
    return rows.as_it_is(equation, [value]), [kept for _ in equation.results]


def _sorted(rows: Rows, equation: Equation) -> Made:
    """Rows that are none come last: they are nan, or the highest, and the order of what is the same is kept."""
    axis, operands = equation.attributes["axis"], rows.operands(equation)
    lies = list(rows.axes[equation.operands[0]])
    if axis in ragged(equation.operands[0]):
        for operand in equation.operands:
            lies[axis] = rows.in_order(equation, operand, axis)
        for place, key in enumerate(equation.operands[: equation.attributes["keys"]]):
            last = np.nan if key.dtype.is_float else _highest(key.dtype.numpy)
            operands[place] = rows.masked(key, operands[place], (axis,), last)
    for operand in equation.operands[1:]:
        others = [None if own == axis else each for own, each in enumerate(rows.axes[operand])]
        lies = list(joined(equation, tuple(lies), tuple(others)))
    return rows.as_it_is(equation, operands), [tuple(lies) for _ in equation.results]


def _largest(rows: Rows, equation: Equation) -> Made:
    """The largest of the last axis, and their places."""
    (operand,) = equation.operands
    value, last = rows.values[operand], operand.rank - 1
    if last in ragged(operand):
        rows.in_order(equation, operand, last)
        value = rows.masked(operand, value, (last,), lowest(operand.dtype.numpy))
    kept = (*rows.axes[operand][:last], None)
    return rows.as_it_is(equation, [value]), [kept, kept]


def _cumulative(neutral: Neutral, rows: Rows, equation: Equation) -> Made:
    (operand,), own = equation.operands, equation.attributes["axis"]
    found, value = list(rows.axes[operand]), rows.values[operand]
    if own in ragged(operand):
        found[own] = rows.in_order(equation, operand, own)
        if equation.attributes["reverse"]:
            value = rows.masked(operand, value, (own,), neutral(operand.dtype.numpy))
    return rows.as_it_is(equation, [value]), [tuple(found) for _ in equation.results]


PADDED: dict[Op, Rule] = {
    **{op: partial(_reduced, neutral) for op, neutral in _NEUTRAL.items()},
    ops.top_k: _largest,
    ops.sort: _sorted,
    **{op: partial(_cumulative, neutral) for op, neutral in _NEUTRAL_ON_THE_WAY.items()},
}
