"""Splitting rules of `ir/ops/window.py`."""

from __future__ import annotations

from diptych.ir import Equation, ops

from .table import Reasons, Splitter, Splitters, Way


def _windows(equation: Equation) -> list[Way]:
    """Along the axes where every element is a window of its own."""
    attributes, count = equation.attributes, len(equation.operands)
    places = enumerate(zip(attributes["window"], attributes["stride"], attributes["padding"], strict=True))
    return [Way((axis,) * count, (axis,)) for axis, place in places if place == (1, 1, (0, 0))]


RULES: Splitters = dict.fromkeys(
    (ops.window_sum, ops.window_max, ops.window_gather, ops.window_scatter), Splitter(_windows)
)

REASONS: Reasons = {}
