"""Splitting rules of `ir/ops/reduction.py`."""

from __future__ import annotations

from diptych.ir import Equation, ops

from .table import Reasons, Splitter, Splitters, Way


def _reduce(equation: Equation) -> list[Way]:
    """Along the axes that stay."""
    axes = equation.attributes["axes"]
    kept = [axis for axis in range(equation.operands[0].rank) if axis not in axes]
    return [Way((axis,), (place,)) for place, axis in enumerate(kept)]


def _sum(equation: Equation) -> list[Way]:
    """Along the axes that stay, or as a sum of sums."""
    return [*_reduce(equation), *(Way((axis,), (0,), is_partial=True) for axis in equation.attributes["axes"])]


def _arg(equation: Equation) -> list[Way]:
    kept = [axis for axis in range(equation.operands[0].rank) if axis != equation.attributes["axis"]]
    return [Way((axis,), (place,)) for place, axis in enumerate(kept)]


def _along(equation: Equation) -> list[Way]:
    """Along every axis but the one that it goes along."""
    own, operands, results = equation.attributes["axis"], len(equation.operands), len(equation.results)
    return [Way((axis,) * operands, (axis,) * results) for axis in range(equation.operands[0].rank) if axis != own]


def _top_k(equation: Equation) -> list[Way]:
    return [Way((axis,), (axis, axis)) for axis in range(equation.operands[0].rank - 1)]


RULES: Splitters = {
    ops.reduce_sum: Splitter(_sum),
    **dict.fromkeys(
        (ops.reduce_prod, ops.reduce_max, ops.reduce_min, ops.reduce_and, ops.reduce_or), Splitter(_reduce)
    ),
    ops.argmax: Splitter(_arg),
    ops.argmin: Splitter(_arg),
    **dict.fromkeys(
        (ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max, ops.cumulative_min, ops.sort), Splitter(_along)
    ),
    ops.top_k: Splitter(_top_k),
}

REASONS: Reasons = {}
