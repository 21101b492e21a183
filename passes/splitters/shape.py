"""Splitting rules of `ir/ops/shape.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Equation, ops

from .table import WHOLE, Reasons, Share, Splitter, Splitters, Way, shorter


def _broadcast(equation: Equation) -> list[Way]:
    axes = equation.attributes["axes"]
    return [Way((axes.index(axis) if axis in axes else WHOLE,), (axis,)) for axis in range(equation.results[0].rank)]


def _smaller_shape(equation: Equation, axis: int, share: Share) -> dict[str, Any]:
    return {**equation.attributes, "shape": shorter(equation.attributes["shape"], axis, share)}


def _reshape(equation: Equation) -> list[Way]:
    before, after = (value.type.static_shape() for value in (equation.operands[0], equation.results[0]))
    return [Way((old,), (new,)) for old, new in leading_pairs(before, after)]


def leading_pairs(before: Sequence[int], after: Sequence[int]) -> list[tuple[int, int]]:
    """Axes of two shapes of as many elements that are cut alike: the first of each run of axes that become one another.

    [12, 64, 128] and [768, 128]: 0 and 0 (12 * 64 is 768), 2 and 1.
    """
    pairs: list[tuple[int, int]] = []
    if 0 in before:
        return pairs
    old = new = 0
    while old < len(before) and new < len(after):
        if before[old] == 1 or after[new] == 1:
            old, new = old + (before[old] == 1), new + (after[new] == 1)
            continue
        pairs.append((old, new))
        left, right = before[old], after[new]
        old, new = old + 1, new + 1
        while left != right:
            if left < right:
                left, old = left * before[old], old + 1
            else:
                right, new = right * after[new], new + 1
    return pairs


def _transpose(equation: Equation) -> list[Way]:
    return [Way((old,), (new,)) for new, old in enumerate(equation.attributes["permutation"])]


def _slice(equation: Equation) -> list[Way]:
    """Along the axes that it takes whole."""
    attributes, shape = equation.attributes, equation.operands[0].shape
    places = enumerate(zip(attributes["start"], attributes["limit"], attributes["stride"], shape, strict=True))
    return [Way((axis,), (axis,)) for axis, place in places if place == (0, place[3], 1, place[3])]


def _smaller_limit(equation: Equation, axis: int, share: Share) -> dict[str, Any]:
    return {**equation.attributes, "limit": shorter(equation.attributes["limit"], axis, share)}


def _pad(equation: Equation) -> list[Way]:
    """Along the axes without padding."""
    places = enumerate(zip(*(equation.attributes[name] for name in ("low", "high", "interior")), strict=True))
    return [Way((axis, WHOLE), (axis,)) for axis, place in places if place == (0, 0, 0)]


def _concatenate(equation: Equation) -> list[Way]:
    own, count = equation.attributes["axis"], len(equation.operands)
    return [Way((axis,) * count, (axis,)) for axis in range(equation.results[0].rank) if axis != own]


def _reverse(equation: Equation) -> list[Way]:
    axes = equation.attributes["axes"]
    return [Way((axis,), (axis,)) for axis in range(equation.results[0].rank) if axis not in axes]


RULES: Splitters = {
    ops.broadcast: Splitter(_broadcast, _smaller_shape),
    ops.reshape: Splitter(_reshape, _smaller_shape),
    ops.transpose: Splitter(_transpose),
    ops.slice: Splitter(_slice, _smaller_limit),
    ops.pad: Splitter(_pad),
    ops.concatenate: Splitter(_concatenate),
    ops.reverse: Splitter(_reverse),
}

REASONS: Reasons = dict.fromkeys((ops.constant, ops.iota, ops.dimension), "it has no operand to take part of")
