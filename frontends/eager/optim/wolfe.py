"""A line search for steps that meet Wolfe's strong conditions (Nocedal and Wright, "Numerical Optimization", 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..tensors.tensor import Tensor

_DECREASE, _CURVATURE = 1e-4, 0.9
_LEAST_CHANGE = 1e-9


class _Point(NamedTuple):
    """A step's size, the loss there, its gradient, and its slope along the direction."""

    size: Any
    loss: float
    gradient: Tensor
    slope: Any


Evaluate = Callable[[Any], tuple[float, Tensor]]


def strong_wolfe(
    evaluate: Evaluate, size: Any, along: Tensor, loss: float, gradient: Tensor, slope: Any, *, most_evaluations: int
) -> tuple[float, Tensor, Any, int]:
    """(loss, gradient, size, evaluations) of a step along a direction, from a first `size`, with at most
    `most_evaluations` after the first one. `evaluate(size)` gives loss and gradient after such a step."""

    def tried(size: Any) -> _Point:
        found, its_gradient = evaluate(size)
        return _Point(size, found, its_gradient, its_gradient.dot(along))

    def is_too_high(point: _Point) -> bool:
        return bool(point.loss > loss + _DECREASE * point.size * slope)

    def is_flat(point: _Point) -> bool:
        return bool(abs(point.slope) <= -_CURVATURE * slope)

    start = _Point(0, loss, gradient.clone(), slope)
    before, point, count = start, tried(size), 0
    bracket: list[_Point] | None = None
    while count < most_evaluations:
        if is_too_high(point) or (count > 1 and point.loss >= before.loss):
            bracket = [before, point]
        elif is_flat(point):
            return point.loss, point.gradient, point.size, count + 1
        elif point.slope >= 0:
            bracket = [before, point]
        if bracket is not None:
            break
        least = point.size + 0.01 * (point.size - before.size)
        before, point = point, tried(_interpolated(before, point, (least, point.size * 10)))
        count += 1
    if bracket is None:
        bracket = [start, point]

    longest = along.abs().max()
    was_stuck = False
    low, high = (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)
    while count < most_evaluations:
        sizes = [each.size for each in bracket]
        if abs(sizes[1] - sizes[0]) * longest < _LEAST_CHANGE:
            break
        size = _interpolated(*bracket)
        margin = 0.1 * (max(sizes) - min(sizes))
        if min(max(sizes) - size, size - min(sizes)) >= margin:
            was_stuck = False
        elif was_stuck or size >= max(sizes) or size <= min(sizes):
            is_near_top = abs(size - max(sizes)) < abs(size - min(sizes))
            size = max(sizes) - margin if is_near_top else min(sizes) + margin
            was_stuck = False
        else:
            was_stuck = True
        point = tried(size)
        count += 1
        if is_too_high(point) or point.loss >= bracket[low].loss:
            bracket[high] = point
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
            continue
        is_done = is_flat(point)
        if not is_done and point.slope * (bracket[high].size - bracket[low].size) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = point
        if is_done:
            break
    best = bracket[low]
    return best.loss, best.gradient, best.size, count + 1


def _interpolated(first: _Point, second: _Point, bounds: tuple[Any, Any] | None = None) -> Any:
    """Where the cubic through two points with their slopes is least, within `bounds` or between the points."""
    if bounds is None:
        bounds = (first.size, second.size) if first.size <= second.size else (second.size, first.size)
    mean = first.slope + second.slope - 3 * (first.loss - second.loss) / (first.size - second.size)
    square = mean**2 - first.slope * second.slope
    if not square >= 0:
        return (bounds[0] + bounds[1]) / 2.0
    root = square.sqrt()
    left, right = (first, second) if first.size <= second.size else (second, first)
    least = right.size - (right.size - left.size) * (
        (right.slope + root - mean) / (right.slope - left.slope + 2 * root)
    )
    return min(max(least, bounds[0]), bounds[1])
