"""Splitting rules of `ir/ops/indexing.py`."""

from __future__ import annotations

from typing import Any

from diptych.ir import Equation, ops

from .table import WHOLE, Reasons, Share, Splitter, Splitters, Way, shorter


def _gather(equation: Equation) -> list[Way]:
    """Along the indices' axes, or those of x that are not indexed."""
    x, *indices = equation.operands
    count, rank = len(indices), indices[0].rank
    rest = [axis for axis in range(x.rank) if axis not in equation.attributes["axes"]]
    ways = [Way((WHOLE, *(axis,) * count), (axis,)) for axis in range(rank)]
    return [*ways, *(Way((axis, *(WHOLE,) * count), (rank + place,)) for place, axis in enumerate(rest))]


def _scatter(equation: Equation) -> list[Way]:
    """Along the axes of x that are not indexed; as a sum over the updates where x is zeros, which the pass knows."""
    x, _, *indices = equation.operands
    count, rank = len(indices), indices[0].rank
    rest = [axis for axis in range(x.rank) if axis not in equation.attributes["axes"]]
    ways = [Way((axis, rank + place, *(WHOLE,) * count), (axis,)) for place, axis in enumerate(rest)]
    if equation.attributes["combine"] == "add":
        ways.extend(Way((WHOLE, *(axis,) * (count + 1)), (0,), is_partial=True) for axis in range(rank))
    return ways


def _dynamic_slice(equation: Equation) -> list[Way]:
    """Along the axes that it takes whole."""
    x, *starts = equation.operands
    sizes = equation.attributes["sizes"]
    whole = (WHOLE,) * len(starts)
    return [Way((axis, *whole), (axis,)) for axis, size in enumerate(x.shape) if sizes[axis] == size]


def _smaller_sizes(equation: Equation, axis: int, share: Share) -> dict[str, Any]:
    return {**equation.attributes, "sizes": shorter(equation.attributes["sizes"], axis, share)}


def _dynamic_update_slice(equation: Equation) -> list[Way]:
    x, update, *starts = equation.operands
    whole = (WHOLE,) * len(starts)
    return [Way((axis, axis, *whole), (axis,)) for axis, size in enumerate(x.shape) if update.shape[axis] == size]


RULES: Splitters = {
    ops.gather: Splitter(_gather),
    ops.scatter: Splitter(_scatter),
    ops.dynamic_slice: Splitter(_dynamic_slice, _smaller_sizes),
    ops.dynamic_update_slice: Splitter(_dynamic_update_slice),
}

REASONS: Reasons = {}
